"""The index as LangChain sees it: an ``Embeddings`` and a ``BaseRetriever``. Imported late: it costs a second."""

from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever

from index.encodings import TextEncoder

if TYPE_CHECKING:
    from index.hits import Hit

BATCH = 64


class EncoderEmbeddings(Embeddings):
    """The pooled vectors of an encoder."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Returns: a unit vector for each text, in input order."""
        rows: list[list[float]] = []
        for first in range(0, len(texts), BATCH):
            batch = [("", text) for text in texts[first : first + BATCH]]
            rows += self._encoder.encode_passages(batch).vectors.tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """Returns: the unit vector of a query."""
        return [float(value) for value in self._encoder.encode_query(text).vector]


class PassageRetriever(BaseRetriever):
    """The hybrid search as a LangChain retriever: best passage first."""

    searcher: Any  # an index.search.Retriever; pydantic cannot check a type that imports this module late
    k: int = 8
    setting: str | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[LangChainDocument]:
        hits: list[Hit] = self.searcher.search(query, k=self.k if k is None else k, setting=self.setting)
        return [as_langchain_document(hit) for hit in hits]


def as_langchain_document(hit: "Hit") -> LangChainDocument:
    """A hit as a LangChain document: the passage's text, and in the metadata its id, title, place and score."""
    passage = hit.passage
    metadata = {
        "passage_id": passage.passage_id,
        "doc_id": passage.doc_id,
        "title": passage.title,
        "headings": list(passage.headings),
        "start": passage.start,
        "end": passage.end,
        "page": passage.page,
        "rank": hit.rank,
        "score": hit.score,
    }
    return LangChainDocument(id=passage.passage_id, page_content=passage.text, metadata=metadata)
