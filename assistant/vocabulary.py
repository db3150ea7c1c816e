"""What the corpus's own words tell about a question: misspellings, acronyms, and senses that it does not cover."""

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from assistant.terms import STOPWORDS, words
from corpus import bundled_articles
from corpus.acronyms import learn_acronyms
from index import Retriever

MOST_WORDS = 120
"""Words of a text that are looked at for misspellings: each costs a comparison with the whole vocabulary."""

_INFLECTIONS = ("s", "es", "ed", "d", "ing", "ly", "er", "al")


@cache
def _english() -> frozenset[str]:
    """Common English words, lower case, from the list that pyspellchecker ships."""
    packed = (files("spellchecker") / "resources" / "en.json.gz").read_bytes()
    return frozenset(word.lower() for word in json.loads(gzip.decompress(packed)))


@dataclass(slots=True, kw_only=True)
class Vocabulary:
    """The words and acronyms of one version of a corpus.

    ``words`` maps each lower-case word to the number of passages that hold it; ``acronyms`` maps each acronym, as
    written, to the long form that the corpus gives it ("FQHC" -> "federally qualified health center"), and the
    initials of its names that it never uses to these.
    """

    words: Mapping[str, int]
    acronyms: Mapping[str, str]
    version: str  # of the index that they were read from
    _repairs: dict[str, str] = field(default_factory=dict)
    _capitals: dict[str, str] = field(init=False)  # an acronym in lower case, in the singular or plural: as written

    def __post_init__(self) -> None:
        self._capitals = {}
        for acronym in (*_bundled_acronyms(), *self.acronyms):
            for typed in (acronym.lower(), acronym.lower() + "s"):
                self._capitals.setdefault(typed, acronym)

    def renew(self, retriever: Retriever) -> None:
        """Take up the words of another version of the index."""
        read = vocabulary_of(retriever)
        self.words, self.acronyms, self.version, self._repairs = read.words, read.acronyms, read.version, {}
        self._capitals = read._capitals

    def repaired(self, text: str) -> str:
        """The text with misspelt words replaced by the corpus's; a word that is English or the corpus's own stays.

        Acronyms typed in lower case ("fqhc", "cmos") get their capitals, which tells them from words.
        """
        parts = re.split(r"([^\W\d_]+(?:['’][^\W\d_]+)?)", text, maxsplit=MOST_WORDS)
        return "".join(self._repair(part) if place % 2 else part for place, part in enumerate(parts))

    def translated(self, text: str) -> str:
        """The text with each acronym that the corpus never uses as the long form that it does ("FQHC" where it writes
        "federally qualified health center"); what an acronym stands for is known from the bundled articles too.
        """
        translated = text
        for acronym, long_form in {**_bundled_acronyms(), **self.acronyms}.items():
            if acronym not in translated:
                continue
            if acronym.lower() not in self.words and all(self._known(word) for word in long_form.split()):
                translated = re.sub(rf"\b{re.escape(acronym)}(?=s?\b)", long_form, translated)
        return translated

    def in_its_words(self, text: str) -> str:
        """The text spelt as the corpus spells, with the long form of an acronym that it never uses."""
        return self.translated(self.repaired(text))

    def expanded(self, text: str) -> str:
        """The text with the other name of each acronym and long form after it, for retrieval."""
        added: list[str] = []
        lower = f" {' '.join(w.lower() for w in words(text))} "
        typed = {w.removesuffix("'s").removesuffix("’s") for w in words(text)}
        typed |= {w[:-1] for w in typed if w.endswith("s") and w[:-1].isupper()}
        for acronym, long_form in self.acronyms.items():
            written_out = any(f" {long_form.lower()}{plural} " in lower for plural in ("", "s"))
            if acronym in typed and f" {long_form.lower()} " not in lower:
                added.append(long_form)
            elif acronym not in typed and written_out and acronym.lower() in self.words:
                added.append(acronym)
        return f"{text} ({'; '.join(added)})" if added else text

    def unknown(self, text: str) -> list[str]:
        """The content words of a text that the corpus does not have, in any inflection."""
        return [
            word
            for word in words(text)
            if (low := word.lower().removesuffix("'s").removesuffix("’s")) not in STOPWORDS
            and not self._known(low)
            and not all(len(part) == 1 or self._known(part) for part in re.split(r"[-/]", low))  # no index has letters
        ]

    def _repair(self, word: str) -> str:
        low = word.lower()
        if low in self._capitals and not word[0].isupper() and low not in _english():
            return self._capitals[low] + word[len(self._capitals[low]) :].lower()
        if (
            len(low) < 4
            or word.removesuffix("'s").removesuffix("’s").rstrip("s").isupper()
            or self._known(low)
            or self._shortened(low)
            or low in STOPWORDS
            or low.removesuffix("'s") in _english()
        ):
            return word
        if len(self._repairs) > 10_000:  # a long-lived server is asked every word there is
            self._repairs = {}
        if low not in self._repairs:
            self._repairs[low] = self._nearest(low)
        repaired = self._repairs[low]
        if word[0].isupper() and (repaired[0], repaired[-1]) != (low[0], low[-1]):
            return word  # a name: Permanente is not the corpus's "permanent" misspelt, nor Northgate its Southgate
        return word if repaired == low else repaired

    def _known(self, word: str) -> bool:
        return word in self.words or any(
            word + ending in self.words or (word.endswith(ending) and word[: -len(ending)] in self.words)
            for ending in _INFLECTIONS
        )

    def _shortened(self, word: str) -> bool:
        """Whether a word is the beginning of one of the corpus: "tech" is short for technology, not misspelt."""
        return any(known.startswith(word) and len(known) > len(word) + 2 for known in self.words)

    def _nearest(self, word: str) -> str:
        """The corpus word within one edit (two from eight letters on), most frequent first; the word itself if none."""
        limit = 1 if len(word) < 7 else 2
        candidates = [known for known in self.words if abs(len(known) - len(word)) <= limit and known.isalpha()]
        found = process.extract(word, candidates, scorer=DamerauLevenshtein.distance, score_cutoff=limit, limit=20)
        ranked = sorted(found, key=lambda f: (f[1], f[0][0] != word[0], -self.words[f[0]], f[0]))
        return ranked[0][0] if ranked else word


@cache
def _bundled_acronyms() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for path in sorted(bundled_articles().rglob("*.md")):
        found = learn_acronyms(path.read_text(encoding="utf-8")) | found
    return found


def vocabulary_of(retriever: Retriever) -> Vocabulary:
    """The words of an index, and the acronyms that its documents explain."""
    version = retriever.version  # before the reading: what changes meanwhile is taken up at the next question
    return Vocabulary(words=retriever.vocabulary, acronyms=retriever.acronyms, version=version)
