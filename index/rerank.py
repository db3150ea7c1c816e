"""Rank by late interaction: how well each token of the query is met by some token of the passage.

MaxSim (ColBERT, Khattab and Zaharia 2020) with each query token weighted by its inverse document frequency. The score
is a weighted mean of cosines, so it means the same for every query: 1 is a verbatim match, near 0 is unrelated.
"""

from collections.abc import Sequence

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


def similarities(query: Floats, tokens: Floats) -> Floats:
    """Cosines of (q, dimension) unit query tokens with (t, dimension) stored tokens as floats: (q, t), -1..1."""
    return np.asarray(query @ tokens.T / 127.0, dtype=np.float32)


def best_matches(table: Floats, ranges: Sequence[tuple[int, int]]) -> Floats:
    """For each range of columns of a (q, t) table, such as a sentence's tokens, the largest value of each row.

    Returns (ranges, q), in input order; zeros for a range that is empty.
    """
    found = np.zeros((len(ranges), len(table)), dtype=np.float32)
    filled = [n for n, (first, last) in enumerate(ranges) if first < last]
    if filled and len(table):
        # One call for all ranges: reduceat takes every pair of neighbours, of which every second is a range, and asks
        # for a column behind the last.
        edges = np.array([ranges[n] for n in filled], dtype=np.intp).ravel()
        padded = np.concatenate([table, np.zeros((len(table), 1), dtype=np.float32)], axis=1)
        found[filled] = np.maximum.reduceat(padded, edges, axis=1)[:, ::2].T
    return found


def weighted_means(matches: Floats, weights: Floats) -> Floats:
    """The IDF-weighted mean of each row of (n, q) best matches, which is its MaxSim: 0..1; 0 where nothing weighs."""
    total = weights.sum()
    if total <= 0:
        return np.zeros(len(matches), dtype=np.float32)
    return np.asarray(np.clip(matches @ weights / total, 0.0, 1.0), dtype=np.float32)


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
