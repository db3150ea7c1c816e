"""All of Chroma: one collection per version of the index, vectors given to it ready made, cosine space.

No embedding function is ever set and no query is ever sent as text: either makes Chroma fall back to a model of its
own, which it would download.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from corpus.documents import SETTINGS, Passage
from corpus.errors import UserError
from index.encodings import Floats, safe_text

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import VectorStore as LangChainVectorStore

BATCH = 5_000  # Chroma takes at most 5,461 records at once
# Chroma's own defaults (16, 100, 100) find a third of the true neighbours among 20,000 random vectors, these .94.
# They are set at creation: a later change has no effect on an open collection.
HNSW = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 400}

HEADERS = "CMO_CHROMA_HEADERS"
"""The variable of the environment that holds the headers for a server; nothing else may hold secrets."""

Metadata = dict[str, str | int | float | bool]


def passage_metadata(passage: Passage, settings: Sequence[str]) -> Metadata:
    """What Chroma keeps of a passage, flat: its document, title, headings, and a true flag per setting it fits."""
    fits = SETTINGS if "any" in settings else settings
    fields: Metadata = {
        "passage_id": passage.passage_id,
        "doc_id": passage.doc_id,
        "title": safe_text(passage.title),
        "headings": safe_text(" > ".join(passage.headings)),
        "start": passage.start,
        "end": passage.end,
    }
    return fields | {f"setting_{setting}": True for setting in fits}


class VectorStore:
    """The collection of one version, in a folder of this process or on a Chroma server.

    A folder has one writing process at a time (two damage it, and an open client never sees what another process
    adds): writers hold the index's lock and fill a new folder; a server may be shared.
    """

    def __init__(self, location: Path | str, name: str, *, headers: dict[str, str] | None = None) -> None:
        """Connect to a folder or to "http://host:port"; ``headers`` go to a server only, such as an authorization.

        Raises UserError where no server answers at that address.
        """
        self.name = name
        self._location = location
        self._client = _client(location, headers or {})
        self._found: Any = None

    @property
    def _collection(self) -> Any:  # noqa: ANN401 - chromadb's type costs its import
        if self._found is None:
            with _reachable(self._location):
                self._found = self._client.get_collection(self.name, embedding_function=None)
        return self._found

    def create(self) -> None:
        """Make the collection, empty."""
        with _reachable(self._location):
            self._found = self._client.create_collection(
                self.name, embedding_function=None, configuration={"hnsw": HNSW}
            )

    def add(self, ids: Sequence[str], vectors: Floats, texts: Sequence[str], metadatas: Sequence[Metadata]) -> None:
        """Add passages with (n, dimension) unit vectors, in batches that Chroma takes."""
        for first in range(0, len(ids), BATCH):
            part = slice(first, first + BATCH)
            with _reachable(self._location):
                self._collection.upsert(
                    ids=list(ids[part]),
                    embeddings=np.ascontiguousarray(vectors[part]),
                    documents=[safe_text(text) for text in texts[part]],
                    metadatas=list(metadatas[part]),
                )

    def query(self, vector: Floats, *, k: int, setting: str | None = None) -> list[tuple[str, float]]:
        """The k nearest passages as (passage id, cosine -1..1), best first, ties by id; ``setting`` keeps what fits."""
        where = {f"setting_{setting}": True} if setting else None
        with _reachable(self._location):
            found = self._collection.query(
                query_embeddings=vector[None, :], n_results=k, where=where, include=["distances"]
            )
        ids, distances = found["ids"][0], (found["distances"] or [[]])[0]
        # Chroma gives cosine distance; outside this file higher is better.
        scored = [(key, 1.0 - float(distance)) for key, distance in zip(ids, distances, strict=True)]
        return sorted(scored, key=lambda item: (-item[1], item[0]))

    def count(self) -> int:
        """How many passages the collection holds."""
        with _reachable(self._location):
            return int(self._collection.count())

    def drop(self) -> None:
        """Delete the collection; nothing happens where there is none."""
        from chromadb.errors import NotFoundError

        with _reachable(self._location):
            try:
                self._client.delete_collection(self.name)
            except NotFoundError:
                return

    def close(self) -> None:
        """Let go of the files or the connection."""
        servers = (self._client._server, self._client._admin_client._server)
        self._client.close()
        if not isinstance(self._location, Path):  # chromadb leaves the sockets of both open
            for server in servers:
                server._session.close()

    def as_vectorstore(self, embeddings: "Embeddings") -> "LangChainVectorStore":
        """The same collection as LangChain's Chroma vector store; ``embeddings`` must be the index's own model."""
        from langchain_chroma import Chroma

        return Chroma(
            client=self._client,
            collection_name=self.name,
            embedding_function=embeddings,
            create_collection_if_not_exists=False,
        )


def _client(location: Path | str, headers: dict[str, str]) -> Any:  # noqa: ANN401 - chromadb's type costs its import
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if isinstance(location, Path):
        return chromadb.PersistentClient(str(location), settings=settings)
    address = urlsplit(location)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise UserError(f"{location!r} is no Chroma address; give one such as http://127.0.0.1:8000")
    secure = address.scheme == "https"
    port = address.port or (443 if secure else 80)
    with _reachable(location):
        return chromadb.HttpClient(address.hostname, port, ssl=secure, headers=headers, settings=settings)


@contextmanager
def _reachable(location: Path | str) -> Iterator[None]:
    """Turn a server that is away, or shuts the door, into a message; errors of a folder are passed on."""
    try:
        yield
    except Exception as error:
        if isinstance(location, Path) or not (message := _refusal(location, error)):
            raise
        raise UserError(message) from error


def _refusal(address: str, error: BaseException) -> str:
    """What a failed request means for the user, "" where it is none of the network's doing."""
    import httpx

    # The client wraps what it meets in errors of its own, some of them bare; what is behind them tells.
    met: BaseException | None = error
    while met is not None:
        status = met.response.status_code if isinstance(met, httpx.HTTPStatusError) else 0
        if status in (401, 403):
            return f"the Chroma server at {address} refuses the request ({status}); set {HEADERS} to what it asks for"
        away = status in (502, 503, 504) or isinstance(met, httpx.TransportError | ConnectionError)
        if away or "Could not connect" in str(met):
            start = f"chroma run --host HOST --port {urlsplit(address).port or 8000} --path DIR"
            return f"no Chroma server answers at {address}; start one: {start}"
        met = met.__cause__ or met.__context__
    return ""
