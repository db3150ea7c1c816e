"""Find passages by their words: BM25 over stemmed words, with numbers and identifiers such as 340B kept whole."""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encodings import safe_text
from index.postings import Postings, PostingsWriter
from index.rerank import inverse_frequency

# A word, with the points, hyphens and strokes inside it: 482.22, 340B, COVID-19, fee-for-service, CMO's
_TOKEN = re.compile(r"[^\W_]+(?:[.,/'’-][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_COUNTS = "words.json"
# Lucene's list: short, so that "who" and "how" still count.
_STOPWORDS = frozenset(
    """a an and are as at be but by for if in into is it no not of on or such that the their then there these they
    this to was will with""".split()
)

MAX_QUERY_WORDS = 400


def words(text: str) -> list[str]:
    """The words of a text, lower case, unstemmed, in order.

    What holds a digit stays whole and gives its longer parts besides; other compounds give their parts.

    >>> words("The CMO's 482.22 and COVID-19")
    ['the', 'cmo', '482.22', '482', '22', 'and', 'covid-19', 'covid', '19']
    """
    found: list[str] = []
    for match in _TOKEN.finditer(safe_text(text).lower()):
        whole = match.group()
        parts = [part for part in _PART.findall(whole) if len(part) > 1]
        if any(character.isdigit() for character in whole):
            found += [whole] + [part for part in parts if part != whole]
        else:
            found += parts
    return found


class Analyser:
    """Words to index terms: English stopwords out, the rest stemmed, identifiers left as they are."""

    def __init__(self) -> None:
        import Stemmer

        self._stemmer = Stemmer.Stemmer("english")
        self._lock = threading.Lock()  # a stemmer keeps state between calls

    def terms(self, found: list[str]) -> list[str]:
        """The terms of ``words(text)``, in order."""
        kept = [word for word in found if word not in _STOPWORDS]
        with self._lock:
            return [word if any(c.isdigit() for c in word) else str(self._stemmer.stemWord(word)) for word in kept]


def save_lexical(texts: Iterable[str], folder: Path) -> None:
    """Index the passages' texts (title, headings, body) in order and write the result below ``folder``."""
    analyser, postings = Analyser(), PostingsWriter(folder)
    by_word: Counter[str] = Counter()
    passages = 0
    for text in texts:
        found = words(text)
        by_word.update(set(found))
        postings.add(analyser.terms(found))
        passages += 1
    counts = {"passages": passages, "words": dict(sorted(by_word.items())), "terms": postings.finish()}
    (folder / _COUNTS).write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")


class LexicalIndex:
    """A saved BM25 index, mapped into memory."""

    def __init__(self, folder: Path) -> None:
        counts = json.loads((folder / _COUNTS).read_text(encoding="utf-8"))
        self._passages: int = counts["passages"]
        self._terms: dict[str, int] = counts["terms"]
        self._postings = Postings(folder, self._terms, passages=self._passages)
        self.vocabulary: dict[str, int] = counts["words"]
        self._analyser = Analyser()

    def idf(self, word: str) -> float:
        """How rare a word is: ln(1 + (N - n + .5) / (n + .5)) over passages; a stopword has 0."""
        return max((inverse_frequency(count, self._passages) for count in self.frequencies(word)), default=0.0)

    def frequencies(self, word: str) -> list[int]:
        """For each term of a word, how many passages hold it; empty for a stopword."""
        return [self._terms.get(term, 0) for term in self._analyser.terms(words(word))]

    def query(self, text: str, *, k: int, allowed: NDArray[np.bool_] | None = None) -> list[tuple[int, float]]:
        """The k best passages as (number, BM25 score), best first, ties by number; those that share no word are out.

        ``allowed`` is a (passages,) mask of those that may be returned.
        """
        scores = self._postings.scores(self._analyser.terms(words(text)[:MAX_QUERY_WORDS]))
        found = np.flatnonzero(scores > 0 if allowed is None else (scores > 0) & allowed)
        if len(found) > k:  # sort no more than what can be among the best
            found = found[scores[found] >= np.partition(scores[found], -k)[-k]]
        order = np.lexsort((found, -scores[found]))[:k]
        return [(int(n), float(scores[n])) for n in found[order]]
