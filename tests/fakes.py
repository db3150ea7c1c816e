"""Stand-ins that mean something: small, deterministic, and close where the real thing is close."""

import hashlib
import re

import numpy as np

from index.encodings import (
    Encoded,
    Floats,
    Ints,
    ModelIdentity,
    QueryEncoding,
    quantised,
    safe_text,
    unit_rows,
)
from index.rerank import best_matches, similarities, weighted_means

DIMENSION = 64


class KeywordEncoder:
    """An encoder whose texts are close when they share words: each word has its own random direction.

    ``seen`` lists the bodies that were encoded, so that a test can tell what was taken over instead.
    """

    def __init__(self, name: str = "keywords") -> None:
        self.name = name
        self.seen: list[str] = []

    def identity(self) -> ModelIdentity:
        return ModelIdentity(name=self.name, sha256=hashlib.sha256(self.name.encode()).hexdigest(), dimension=DIMENSION)

    def encode_passages(self, passages: list[tuple[str, str]]) -> Encoded:
        self.seen += [body for _, body in passages]
        rows = [word_vectors(body) for _, body in passages]
        pooled = [text_vector(prefix + body) for prefix, body in passages]
        return Encoded(
            vectors=np.array(pooled, dtype=np.float32).reshape(len(passages), DIMENSION),
            tokens=tuple(quantised(tokens) for tokens, _, _ in rows),
            spans=tuple(spans for _, spans, _ in rows),
            pieces=tuple(pieces for _, _, pieces in rows),
        )

    def encode_query(self, text: str) -> QueryEncoding:
        text = safe_text(text)
        tokens, spans, pieces = word_vectors(text)
        return QueryEncoding(text=text, vector=text_vector(text), tokens=tokens, pieces=pieces, spans=spans)


def word_vectors(text: str) -> tuple[Floats, Ints, Ints]:
    """(words, DIMENSION) directions, (words, 2) offsets and (words,) ids of a text's words."""
    words = list(re.finditer(r"\w+", text.lower()))
    tokens = np.array([_direction(word.group()) for word in words], dtype=np.float32).reshape(len(words), DIMENSION)
    spans = np.array([word.span() for word in words], dtype=np.int32).reshape(len(words), 2)
    return tokens, spans, np.array([_number(word.group()) % 5_000 for word in words], dtype=np.int32)


def text_vector(text: str) -> Floats:
    """The unit mean of a text's words; a fixed direction for a text without any."""
    tokens, _, _ = word_vectors(text)
    return unit_rows(tokens.mean(axis=0, keepdims=True))[0] if len(tokens) else _direction("")


def _number(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big")


def _direction(word: str) -> Floats:
    values = np.random.default_rng(_number(word)).standard_normal((1, DIMENSION)).astype(np.float32)
    return unit_rows(values)[0]


def maxsim(query: np.ndarray, weights: np.ndarray, tokens: np.ndarray) -> float:
    """Late interaction of a query with one text's int8 tokens, by the index's own steps."""
    table = similarities(query, tokens.astype(np.float32))
    return float(weighted_means(best_matches(table, [(0, len(tokens))]), weights)[0])
