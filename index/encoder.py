"""Encode passages and queries: one vector per text for the first search, one per token for the fine ranking."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.adapter import Adapter
from index.embeddings import DEFAULT_CACHE, DEFAULT_MODEL, DEFAULT_WEIGHTS, Backend, OnnxBackend, States, open_backend
from index.encodings import Encoded, ModelIdentity, QueryEncoding, quantised, safe_text

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

MAX_QUERY_CHARACTERS = 4_000  # far above what a model takes; bounds the tokeniser's work on a pasted book
BATCH = 16


class Encoder:
    """Text to vectors, one per text and one per token; loads its model when first asked to encode.

    The default model is let through to 512 tokens (sentence-transformers would stop at 256), so the tail of a
    long passage is not lost in silence; other models keep their own limit.
    """

    def __init__(
        self, model: str = DEFAULT_MODEL, *, cache: Path | None = None, adapter: Adapter | None = None
    ) -> None:
        self.name = model
        self._adapter = adapter
        self._cache = (cache or DEFAULT_CACHE).expanduser()
        self._lock = threading.RLock()
        self._opened: Backend | None = None

    @property
    def _backend(self) -> Backend:
        with self._lock:
            if self._opened is None:
                self._opened = open_backend(self.name, self._cache, adapter=self._adapter)
            return self._opened

    def identity(self) -> ModelIdentity:
        """The model's name, weights and dimension; the default model's are known without loading it."""
        if self.name == DEFAULT_MODEL:
            changed = f"+{self._adapter.sha256}" if self._adapter else ""
            return ModelIdentity(name=self.name, sha256=DEFAULT_WEIGHTS + changed, dimension=OnnxBackend.dimension)
        return ModelIdentity(name=self.name, sha256=self._backend.weights, dimension=self._backend.dimension)

    def adapted(self, adapter: Adapter) -> "Encoder":
        """The same model with an adapter, an encoder of its own: its vectors are no index's."""
        return Encoder(self.name, cache=self._cache, adapter=adapter)

    def encode_passages(self, passages: list[tuple[str, str]]) -> Encoded:
        """Encode (prefix, body) pairs, in batches of texts of like length; special and prefix tokens are dropped."""
        prompt = self._backend.prompts.get("document", "")
        prefixes = [safe_text(prompt + prefix) for prefix, _ in passages]
        texts = [prefix + safe_text(body) for prefix, (_, body) in zip(prefixes, passages, strict=True)]
        order = sorted(range(len(texts)), key=lambda n: (len(texts[n]), n))
        states: dict[int, States] = {}
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            found = self._backend.run([texts[n] for n in batch])
            states |= {n: _body(s, len(prefixes[n])) for n, s in zip(batch, found, strict=True)}
        rows = [states[n] for n in range(len(texts))]
        dimension = self._backend.dimension
        return Encoded(
            vectors=np.array([row.vector for row in rows], dtype=np.float32).reshape(len(rows), dimension),
            tokens=tuple(quantised(row.tokens) for row in rows),
            spans=tuple(row.spans for row in rows),
            pieces=tuple(row.pieces for row in rows),
        )

    def encode_query(self, text: str) -> QueryEncoding:
        """Encode one query; what goes beyond the model's longest input is cut, any unicode is safe."""
        text = safe_text(text[:MAX_QUERY_CHARACTERS])
        prompt = self._backend.prompts.get("query", "")
        row = _body(self._backend.run([prompt + text])[0], len(prompt))
        return QueryEncoding(text=text, vector=row.vector, tokens=row.tokens, pieces=row.pieces, spans=row.spans)

    def as_langchain(self) -> "Embeddings":
        """The pooled vectors as LangChain ``Embeddings``."""
        from index.adapters import EncoderEmbeddings

        return EncoderEmbeddings(self)


def _body(states: States, prefix: int) -> States:
    keep = states.spans[:, 0] >= prefix
    spans = states.spans[keep] - np.int32(prefix)
    return States(vector=states.vector, tokens=states.tokens[keep], pieces=states.pieces[keep], spans=spans)
