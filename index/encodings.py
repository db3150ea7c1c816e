"""What an encoder gives back, and what any encoder must offer: values only, nothing heavy to import."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from index.adapter import Adapter

Floats = NDArray[np.float32]
Bytes8 = NDArray[np.int8]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """Which model made the vectors: two indexes may share vectors only where all three are equal."""

    name: str
    sha256: str  # of the weights
    dimension: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """Passages as vectors, in input order; the arrays by token leave out special and prefix tokens."""

    vectors: Floats  # (n, dimension), rows of unit length
    tokens: tuple[Bytes8, ...]  # per passage (tokens, dimension), 127 times the unit vector of each token of the body
    spans: tuple[Ints, ...]  # per passage (tokens, 2), first and last-plus-one character in the body
    pieces: tuple[Ints, ...]  # per passage (tokens,) word-piece ids


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredTokens:
    """The token vectors of a sentence as an index stores them: they saw the whole passage."""

    tokens: Bytes8  # (tokens, dimension), at least one; 127 times the unit vector of each token
    spans: Ints  # (tokens, 2), first and last-plus-one character in the sentence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueryEncoding:
    """A query as vectors; the arrays by token leave out special tokens and may have no rows."""

    text: str  # as it was encoded: cut, made safe
    vector: Floats  # (dimension,) of unit length
    tokens: Floats  # (tokens, dimension), rows of unit length
    pieces: Ints  # (tokens,) word-piece ids
    spans: Ints  # (tokens, 2) character offsets in ``text``


class TextEncoder(Protocol):
    """What building and searching need of an embedding model."""

    def __hash__(self) -> int:
        """One model's vectors are remembered apart from another's."""

    @property
    def name(self) -> str:
        """The model's name, known without loading it."""

    def identity(self) -> ModelIdentity:
        """Name, weights and dimension; may load the model."""

    def encode_passages(self, passages: list[tuple[str, str]]) -> Encoded:
        """Encode (prefix, body) pairs; the prefix gives context and is left out of the token arrays."""

    def encode_query(self, text: str) -> QueryEncoding:
        """Encode one query, cutting what the model cannot take."""

    def adapted(self, adapter: "Adapter") -> "TextEncoder":
        """The same model with its weights changed; ValueError where they are not those that it was fitted for."""


def safe_text(text: str) -> str:
    """The text with each lone surrogate as "?": same length, and encodable as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def quantised(tokens: Floats) -> Bytes8:
    """(tokens, dimension) unit rows as int8, 127 for 1.0: a quarter of the size, retrieval unchanged."""
    return np.asarray(np.rint(tokens * 127.0), dtype=np.int8)


def unit_rows(rows: Floats) -> Floats:
    """The rows scaled to length 1; a row of zeros stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def passage_key(prefix: str, body: str) -> str:
    """What identifies an embedded text: equal keys have equal vectors under one model."""
    joined = f"{safe_text(prefix)}\0{safe_text(body)}"
    return hashlib.sha256(joined.encode("utf-8")).hexdigest()[:32]
