"""Rank by late interaction: how well each token of the query is met by some token of the passage.

MaxSim (ColBERT, Khattab and Zaharia 2020) with each query token weighted by its inverse document frequency. The score
is a weighted mean of cosines, so it means the same for every query: 1 is a verbatim match, near 0 is unrelated.
"""

import numpy as np
from numpy.typing import NDArray

from index.encodings import Bytes8, Floats, Ints


class PieceFrequencies:
    """Counts, passage by passage, in how many each word-piece id stands."""

    def __init__(self) -> None:
        self.counts = np.zeros(0, dtype=np.int64)  # (largest id + 1,)

    def add(self, pieces: Ints) -> None:
        """Count one passage."""
        distinct = np.unique(pieces)
        if len(distinct) and distinct[-1] >= len(self.counts):
            self.counts = np.append(self.counts, np.zeros(distinct[-1] + 1 - len(self.counts), dtype=np.int64))
        self.counts[distinct] += 1


def inverse_frequency(count: int, of: int) -> float:
    """ln(1 + (N - n + .5) / (n + .5)), as in BM25: positive, largest for what no passage holds."""
    return float(np.log1p((of - count + 0.5) / (count + 0.5)))


def piece_weights(frequencies: NDArray[np.int64], *, passages: int) -> Floats:
    """The inverse document frequency of each word-piece id, and at the end that of an id never seen."""
    counts = np.append(frequencies, 0).astype(np.float64)
    return np.log1p((passages - counts + 0.5) / (counts + 0.5)).astype(np.float32)


def frequencies_of(weights: Floats, *, passages: int) -> NDArray[np.int64]:
    """What `piece_weights` was made of: the number of passages that hold each id, exactly."""
    counts = (passages + 1) / np.exp(weights[:-1].astype(np.float64)) - 0.5
    return np.rint(counts).astype(np.int64)


def query_weights(pieces: Ints, weights: Floats) -> Floats:
    """(query tokens,) weight of each query token; ids beyond the table take its last entry, "never seen"."""
    return np.asarray(weights[np.minimum(pieces, len(weights) - 1)], dtype=np.float32)


def similarities(query: Floats, tokens: Bytes8 | Floats) -> Floats:
    """Cosines of (q, dimension) unit query tokens with (t, dimension) stored tokens: (q, t), -1..1."""
    return np.asarray(query @ tokens.astype(np.float32, copy=False).T / 127.0, dtype=np.float32)


def weighted_maxsim(table: Floats, weights: Floats) -> float:
    """The IDF-weighted mean over the rows of a (q, t) table of each row's largest value: 0..1; 0 where it is empty."""
    if table.size == 0 or weights.sum() <= 0:
        return 0.0
    best = table.max(axis=1)
    return float(np.clip(weights @ best / weights.sum(), 0.0, 1.0))


def maxsim(query: Floats, weights: Floats, tokens: Bytes8) -> float:
    """Late interaction of a query with one passage's stored tokens: 0..1."""
    return weighted_maxsim(similarities(query, tokens), weights)


def span_maxsims(table: Floats, weights: Floats, ranges: list[tuple[int, int]]) -> list[float]:
    """For each range of columns of a (q, t) table, such as a sentence's tokens, its MaxSim: 0..1, in input order."""
    return [weighted_maxsim(table[:, first:last], weights) for first, last in ranges]


def pooled(tokens: Bytes8 | Floats) -> Floats:
    """The mean of stored token vectors at unit length, (dimension,); zeros where there is no token."""
    if not len(tokens):
        return np.zeros(tokens.shape[1], dtype=np.float32)
    mean = tokens.astype(np.float32, copy=False).mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)


def overlapping(spans: Ints, start: int, end: int) -> tuple[int, int]:
    """The range of token rows whose characters lie in start..end; ``spans`` rises and is (t, 2)."""
    first = int(np.searchsorted(spans[:, 1], start, side="right"))
    last = int(np.searchsorted(spans[:, 0], end, side="left"))
    return first, max(first, last)
