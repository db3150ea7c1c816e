"""Search an index: by meaning and by words, both lists fused, the best of them ranked by late interaction."""

import threading
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.documents import SETTINGS, Document, Passage, Sentence
from corpus.errors import UserError
from index.catalog import DocumentEntry, SentenceRow
from index.encoder import MAX_QUERY_CHARACTERS, Encoder
from index.encodings import Floats, QueryEncoding, StoredTokens, TextEncoder, safe_text
from index.exact import nearest
from index.fusion import Scored, fuse
from index.hits import Hit
from index.manifest import NAME, Manifest, load_manifest, rebuild
from index.ranking import ScoredSentence, reranked, scored_sentences
from index.versions import OpenVersion

if TYPE_CHECKING:
    from langchain_core.vectorstores import VectorStore as LangChainVectorStore

    from index.adapters import PassageRetriever

CANDIDATES = 50  # over-fetch: fusion can only promote what some ranker returned
RERANKED = 20


class Retriever:
    """Reads one index; opens each part on first use, and may be shared by threads."""

    def __init__(
        self, index: Path, manifest: Manifest, encoder: TextEncoder, *, headers: dict[str, str] | None = None
    ) -> None:
        self._index = index
        self._headers = headers
        self._encoder = encoder
        self._lock = threading.RLock()
        self._retired: list[OpenVersion] = []
        self._stamp = _stamp(index)
        self._manifest = manifest
        self._live = OpenVersion(index, manifest.version, headers=headers)
        self._encoded = lru_cache(maxsize=256)(encoder.encode_query)
        self._allowed: dict[tuple[str, str], NDArray[np.bool_]] = {}

    @classmethod
    def open(
        cls,
        index: Path | str,
        *,
        embeddings: TextEncoder | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> "Retriever":
        """Open the live version of an index; without ``embeddings``, with the model that it was built with.

        Raises UserError where there is no usable index, or it was built with another model; the message names the
        command.
        """
        folder = Path(index).absolute()
        manifest = load_manifest(folder)
        encoder = Encoder(embeddings or manifest.model.name) if isinstance(embeddings, str | None) else embeddings
        _check_name(folder, manifest, encoder)
        return cls(folder, manifest, encoder, headers=headers)

    @property
    def version(self) -> str:
        """The version of the index that answers."""
        return self._live.name

    @property
    def manifest(self) -> Manifest:
        """What the index holds and how it was made."""
        return self._manifest

    @property
    def encoder(self) -> TextEncoder:
        """The embedding model of queries; what is to be searched beside this index needs the same."""
        return self._encoder

    @property
    def vocabulary(self) -> dict[str, int]:
        """Each word of the corpus, lower case and unstemmed, with the number of passages that hold it."""
        return self._live.lexical.vocabulary

    @property
    def acronyms(self) -> dict[str, str]:
        """What each acronym of the corpus stands for, as the first document to explain it has it."""
        return self._live.catalog.acronyms()

    def idf(self, word: str) -> float:
        """How rare a word is in the corpus, by its stem: 0 for a stopword, largest for one never seen."""
        return self._live.lexical.idf(word)

    def frequencies(self, word: str) -> list[int]:
        """For each index term of a word, how many passages hold it; empty for a stopword."""
        return self._live.lexical.frequencies(word)

    @property
    def piece_weights(self) -> Floats:
        """The inverse document frequency of each word-piece id, and at the end that of an id never seen."""
        return self._live.weights

    def search(self, query: str, *, k: int = 10, setting: str | None = None) -> list[Hit]:
        """The k best passages, best first, ties by id; scores are 0..1 and mean the same for every query.

        ``setting`` keeps the documents that name it or ``any``. A blank query finds nothing; a long one is cut.

        Raises UserError where the setting is unknown, or the Chroma server does not answer.
        """
        if setting is not None and setting not in SETTINGS:
            raise UserError(f"setting {setting!r} is unknown; one of {', '.join(SETTINGS)}")
        query = safe_text(query[:MAX_QUERY_CHARACTERS])
        return self.ranked(self.analyse(query), k=k, setting=setting) if query.strip() and k > 0 else []

    def ranked(
        self, query: QueryEncoding, *, k: int, setting: str | None = None, weights: Floats | None = None
    ) -> list[Hit]:
        """``search`` for an analysed query; ``weights`` are the ``piece_weights`` of a corpus that holds this one."""
        live = self._live
        fused = self._candidates(live, query, max(CANDIDATES, k), setting)
        best = [key for key, _ in fused[: max(RERANKED, k)]]
        return reranked(live, query, best, live.weights if weights is None else weights)[:k]

    @property
    def ties_facts(self) -> bool:
        """Whether some document ties facts to its sentences, as the bundled articles do."""
        return self._live.catalog.ties_facts

    def stating(
        self,
        query: QueryEncoding,
        facts: Collection[str],
        *,
        setting: str | None = None,
        weights: Floats | None = None,
    ) -> list[Hit]:
        """The passages that state one of some facts, as their documents tie them, ordered as in ``ranked``."""
        live = self._live
        allowed = self._mask(live, setting) if setting else None
        found = [
            row.passage.passage_id for row in live.catalog.stating(facts) if allowed is None or allowed[row.number]
        ]
        return reranked(live, query, found, live.weights if weights is None else weights)

    def near(
        self,
        query: QueryEncoding,
        vector: Floats,
        *,
        k: int,
        setting: str | None = None,
        weights: Floats | None = None,
    ) -> list[Hit]:
        """The k passages nearest to a (dimension,) vector of unit length, ordered as in ``ranked`` by the query."""
        live = self._live
        found = [key for key, _ in self._by_meaning(live, vector, k, setting)]
        return reranked(live, query, found, live.weights if weights is None else weights)

    def _candidates(self, live: OpenVersion, query: QueryEncoding, k: int, setting: str | None) -> list[Scored]:
        allowed = self._mask(live, setting) if setting else None
        lexical = _with_ids(live, live.lexical.query(query.text, k=k, allowed=allowed))
        return fuse(self._by_meaning(live, query.vector, k, setting), lexical)

    def _by_meaning(self, live: OpenVersion, vector: Floats, k: int, setting: str | None) -> list[Scored]:
        if live.compared is None:
            return live.store.query(vector, k=k, setting=setting)
        allowed = self._mask(live, setting) if setting else None
        return _with_ids(live, nearest(live.compared, vector, k=k, allowed=allowed))

    def _mask(self, live: OpenVersion, setting: str) -> NDArray[np.bool_]:
        key = (live.name, setting)
        if key not in self._allowed:
            self._allowed[key] = live.allowed(setting)
        return self._allowed[key]

    def analyse(self, query: str) -> QueryEncoding:
        """The query as vectors; remembered, so the steps after the search can ask again for nothing."""
        encoding = self._encoded(safe_text(query[:MAX_QUERY_CHARACTERS]))
        if self._encoder.identity() != self._manifest.model:
            raise UserError(
                f"{self._index} was built with other weights of {self._manifest.model.name!r}. "
                f"Run: {rebuild(self._index, self._manifest.corpus)}"
            )
        return encoding

    def sentences(self, passage: Hit | str) -> list[SentenceRow]:
        """The sentences of a hit, or of a passage by id, in text order; empty for an unknown id."""
        return self._live.catalog.sentences(passage if isinstance(passage, str) else passage.passage.passage_id)

    def sentence_scores(
        self, query: QueryEncoding, passage_ids: Sequence[str], *, weights: Floats | None = None
    ) -> list[ScoredSentence]:
        """Each sentence of the passages beside the query, in the order given; unknown ids are left out.

        Reads stored token vectors only: nothing is encoded. ``weights`` is that of ``ranked``.
        """
        live = self._live
        return scored_sentences(live, query, passage_ids, live.weights if weights is None else weights)

    def sentence_tokens(self, passage: Passage, sentence: Sentence) -> StoredTokens | None:
        """The token vectors of a sentence of a passage, mapped from disk.

        None where the index has no such passage (any more), or the sentence lies beyond what the model takes.
        """
        live = self._live
        row = live.catalog.passage(passage.passage_id)
        return live.sentence_tokens(row, sentence) if row is not None and row.passage == passage else None

    def is_brought(self, doc_id: str) -> bool:
        """Whether a document was brought along beside the index's own."""
        return False

    def document(self, doc_id: str) -> Document | None:
        """The whole document of that id, or None."""
        return self._live.catalog.document(doc_id)

    def documents(self) -> list[DocumentEntry]:
        """Every document without its text, by id."""
        return self._live.catalog.documents()

    def passages(self, doc_id: str) -> list[Passage]:
        """The passages of a document in text order; empty for an unknown id."""
        return [row.passage for row in self._live.catalog.passages(doc_id)]

    def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, or None."""
        row = self._live.catalog.passage(passage_id)
        return row.passage if row else None

    def reload_if_changed(self) -> bool:
        """Take up a version that has been built since; costs a look at one file's date. True where it did.

        Call it between questions: ids and offsets of one version need not exist in the next.

        Raises UserError where the new manifest is damaged, or names another model.
        """
        with self._lock:
            stamp = _stamp(self._index)
            if stamp == self._stamp:
                return False
            manifest = load_manifest(self._index)
            _check_name(self._index, manifest, self._encoder)
            self._stamp, self._manifest = stamp, manifest
            if manifest.version == self._live.name:
                return False
            # Another thread may be reading the version just left, so only the one before it is closed.
            for version in self._retired:
                version.close()
            self._retired = [self._live]
            self._live = OpenVersion(self._index, manifest.version, headers=self._headers)
            self._allowed = {}
            return True

    def close(self) -> None:
        """Close every file; the retriever is of no use afterwards."""
        with self._lock:
            for version in (*self._retired, self._live):
                version.close()

    def __enter__(self) -> "Retriever":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def as_retriever(self, *, k: int = 8, setting: str | None = None) -> "PassageRetriever":
        """The search as a LangChain retriever."""
        from index.adapters import PassageRetriever

        return PassageRetriever(searcher=self, k=k, setting=setting)

    def as_vectorstore(self) -> "LangChainVectorStore":
        """The index's vectors as LangChain's Chroma vector store, for searches by meaning alone; do not write to it."""
        from index.adapters import EncoderEmbeddings

        return self._live.store.as_vectorstore(EncoderEmbeddings(self._encoder))


def _with_ids(live: OpenVersion, found: Sequence[tuple[int, float]]) -> list[Scored]:
    ids = live.catalog.ids([number for number, _ in found])
    return [(ids[number], score) for number, score in found]


def _stamp(index: Path) -> tuple[int, int, int] | None:
    try:
        stat = (index / NAME).stat()
    except OSError:  # gone: loading it will say so
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _check_name(index: Path, manifest: Manifest, encoder: TextEncoder) -> None:
    if manifest.model.name != encoder.name:
        raise UserError(
            f"{index} was built with {manifest.model.name!r}, settings ask for {encoder.name!r}. "
            f"Run: {rebuild(index, manifest.corpus)}"
        )
