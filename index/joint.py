"""Read several indexes as one: each searched by itself, their passages ranked by one measure.

What makes scores comparable is how rare a word is. An index of one document knows little of that, so every part is
ranked with the frequencies of all of them together.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from corpus.documents import Document, Passage, Sentence
from corpus.errors import UserError
from index.catalog import DocumentEntry, SentenceRow
from index.encodings import Floats, QueryEncoding, StoredTokens, TextEncoder
from index.hits import Hit, in_order
from index.manifest import Manifest
from index.ranking import ScoredSentence
from index.rerank import frequencies_of, inverse_frequency, piece_weights
from index.search import Retriever

if TYPE_CHECKING:
    from langchain_core.vectorstores import VectorStore as LangChainVectorStore


class JointRetriever(Retriever):
    """A retriever over the indexes of others, which stay open and in use elsewhere; ``close`` closes none of them.

    A document id that two parts have means the first part's document.
    """

    def __init__(self, parts: Sequence[Retriever]) -> None:
        """Join retrievers; UserError where they were built with different models."""
        models = {part.manifest.model for part in parts}
        if len(models) != 1:
            names = ", ".join(sorted(model.name for model in models)) or "none given"
            raise UserError(f"indexes read as one must be built with one model ({names}). Build them anew with one.")
        self._parts = tuple(parts)
        self._joined: tuple[str, Floats, dict[str, int]] | None = None

    @property
    def version(self) -> str:
        """The versions of all parts."""
        return "+".join(part.version for part in self._parts)

    @property
    def manifest(self) -> Manifest:
        """The first part's manifest; the model that it names is that of all."""
        return self._parts[0].manifest

    @property
    def encoder(self) -> TextEncoder:
        """The embedding model of all parts."""
        return self._parts[0].encoder

    @property
    def vocabulary(self) -> dict[str, int]:
        """Each word of any part, with the number of passages that hold it."""
        return self._together()[2]

    @property
    def acronyms(self) -> dict[str, str]:
        """What each acronym of any part stands for; of several the first part's."""
        return {acronym: long_form for part in reversed(self._parts) for acronym, long_form in part.acronyms.items()}

    @property
    def piece_weights(self) -> Floats:
        """The inverse document frequency of each word-piece id over all parts."""
        return self._together()[1]

    def _together(self) -> tuple[str, Floats, dict[str, int]]:
        joined = self._joined
        if joined is None or joined[0] != self.version:
            joined = (self.version, self._weights(), self._words())
            self._joined = joined  # two threads may both compute it, and find the same
        return joined

    def _weights(self) -> Floats:
        counts = [frequencies_of(part.piece_weights, passages=part.manifest.passages) for part in self._parts]
        total = np.zeros(max(map(len, counts)), dtype=np.int64)
        for count in counts:
            total[: len(count)] += count
        return piece_weights(total, passages=self._passages)

    def _words(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for part in self._parts:
            total.update(part.vocabulary)
        return dict(total)

    @property
    def _passages(self) -> int:
        return sum(part.manifest.passages for part in self._parts)

    def idf(self, word: str) -> float:
        """How rare a word is in all parts together, as in `Retriever.idf`."""
        return max((inverse_frequency(count, self._passages) for count in self.frequencies(word)), default=0.0)

    def frequencies(self, word: str) -> list[int]:
        """For each index term of a word, how many passages of all parts hold it."""
        return [sum(counts) for counts in zip(*(part.frequencies(word) for part in self._parts), strict=True)]

    def ranked(
        self, query: QueryEncoding, *, k: int, setting: str | None = None, weights: Floats | None = None
    ) -> list[Hit]:
        """The best passages of all parts for an analysed query, as in `Retriever.ranked`."""
        weights = self.piece_weights if weights is None else weights
        found = (part.ranked(query, k=k, setting=setting, weights=weights) for part in self._parts)
        return in_order(chain.from_iterable(found))[:k]

    @property
    def ties_facts(self) -> bool:
        """Whether some document of any part ties facts to its sentences."""
        return any(part.ties_facts for part in self._parts)

    def stating(
        self,
        query: QueryEncoding,
        facts: Collection[str],
        *,
        setting: str | None = None,
        weights: Floats | None = None,
    ) -> list[Hit]:
        """The passages of all parts that state one of some facts, as in `Retriever.stating`."""
        weights = self.piece_weights if weights is None else weights
        found = (part.stating(query, facts, setting=setting, weights=weights) for part in self._parts)
        return in_order(chain.from_iterable(found))

    def near(
        self,
        query: QueryEncoding,
        vector: Floats,
        *,
        k: int,
        setting: str | None = None,
        weights: Floats | None = None,
    ) -> list[Hit]:
        """The passages of each part nearest to a vector, as in `Retriever.near`: up to k of each."""
        weights = self.piece_weights if weights is None else weights
        found = (part.near(query, vector, k=k, setting=setting, weights=weights) for part in self._parts)
        return in_order(chain.from_iterable(found))

    def analyse(self, query: str) -> QueryEncoding:
        """The query as vectors, which are the same for all parts."""
        return self._parts[0].analyse(query)

    def sentences(self, passage: Hit | str) -> list[SentenceRow]:
        """The sentences of a passage, as in `Retriever.sentences`."""
        return next((found for part in self._parts if (found := part.sentences(passage))), [])

    def sentence_scores(
        self, query: QueryEncoding, passage_ids: Sequence[str], *, weights: Floats | None = None
    ) -> list[ScoredSentence]:
        """Each sentence of the passages beside the query, as in `Retriever.sentence_scores`."""
        weights = self.piece_weights if weights is None else weights
        found: list[ScoredSentence] = []
        for passage_id in passage_ids:
            scores = (part.sentence_scores(query, [passage_id], weights=weights) for part in self._parts)
            found += next((of_part for of_part in scores if of_part), [])
        return found

    def sentence_tokens(self, passage: Passage, sentence: Sentence) -> StoredTokens | None:
        """The token vectors of a sentence of a passage, as in `Retriever.sentence_tokens`."""
        return next((found for part in self._parts if (found := part.sentence_tokens(passage, sentence))), None)

    def is_brought(self, doc_id: str) -> bool:
        """Whether a document stands beside those of the first part, and not in it."""
        return self._parts[0].document(doc_id) is None

    def document(self, doc_id: str) -> Document | None:
        """The whole document of that id, or None."""
        return next((found for part in self._parts if (found := part.document(doc_id))), None)

    def documents(self) -> list[DocumentEntry]:
        """Every document of every part without its text, by id."""
        entries: dict[str, DocumentEntry] = {}
        for part in self._parts:
            entries = {entry.doc_id: entry for entry in part.documents()} | entries
        return [entries[doc_id] for doc_id in sorted(entries)]

    def passages(self, doc_id: str) -> list[Passage]:
        """The passages of a document in text order; empty for an unknown id."""
        return next((found for part in self._parts if (found := part.passages(doc_id))), [])

    def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, or None."""
        return next((found for part in self._parts if (found := part.passage(passage_id))), None)

    def reload_if_changed(self) -> bool:
        """Take up new versions of the parts; True where there was one."""
        changed = [part.reload_if_changed() for part in self._parts]  # every one of them is to reload
        return any(changed)

    def close(self) -> None:
        """Nothing: the parts belong to who opened them."""

    def as_vectorstore(self) -> "LangChainVectorStore":
        """Refused: LangChain's vector store reads one collection, and these are several."""
        raise UserError("several indexes read as one are no one vector store. Ask each of them, or use as_retriever().")
