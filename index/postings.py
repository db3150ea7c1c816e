"""BM25 scores by term, on disk: written passage by passage, turned round in blocks, mapped into memory to be read.

Lucene's variant (Kamphuis and others, ECIR 2020), each score worked out when the index is built. What is held in memory
while building is the list of terms, one number per passage and one block, however large the corpus is.
"""

import math
from array import array
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from index.encodings import Floats, Ints
from index.rows import RowFile

K1, B = 1.5, 0.75
BLOCK = 1_000_000  # pairs of a term and a passage that are turned round at once
_COUNTS, _PASSAGES, _SCORES = "counts.npy", "postings.npy", "scores.npy"


class PostingsWriter:
    """Takes the terms of each passage in order; ``finish`` writes the postings, ``block`` pairs at a time."""

    def __init__(self, folder: Path, *, block: int = BLOCK) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._block = block
        self._counts = RowFile(folder / _COUNTS, np.int32, 2)
        self._ids: dict[str, int] = {}  # in order of first sight
        self._frequencies = array("q")  # by id, in how many passages
        self._lengths = array("q")  # by passage, in terms
        self._ends = array("q")  # by passage, in rows of the counts

    def add(self, terms: list[str]) -> None:
        """Add the next passage."""
        rows = []
        for term, count in Counter(terms).items():
            number = self._ids.setdefault(term, len(self._ids))
            if number == len(self._frequencies):
                self._frequencies.append(0)
            self._frequencies[number] += 1
            rows.append((number, count))
        self._counts.append(np.array(rows, dtype=np.int32).reshape(-1, 2))
        self._lengths.append(len(terms))
        self._ends.append(self._counts.rows)

    def finish(self) -> dict[str, int]:
        """Write the postings; the terms in order of the alphabet, each with the number of passages that hold it."""
        self._counts.close()
        terms = sorted(self._ids)
        by_id = np.array([self._ids[term] for term in terms], dtype=np.int64)
        frequencies = np.array(self._frequencies, dtype=np.int64)[by_id]
        place = np.empty(len(terms), dtype=np.int64)
        place[by_id] = np.arange(len(terms))
        self._turn_round(place, frequencies)
        (self._folder / _COUNTS).unlink()
        return dict(zip(terms, frequencies.tolist(), strict=True))

    def _turn_round(self, place: NDArray[np.int64], frequencies: NDArray[np.int64]) -> None:
        lengths = np.array(self._lengths, dtype=np.float64)
        ends = np.array(self._ends, dtype=np.int64)
        norms = K1 * ((1 - B) + B * lengths / max(lengths.mean(), 1.0)) if len(lengths) else lengths
        weights = np.array([_weight(int(n), len(lengths)) for n in frequencies], dtype=np.float32)
        counts = np.load(self._folder / _COUNTS, mmap_mode="r")
        passages, scores = (self._file(name, kind, len(counts)) for name, kind in _FILES)
        free = np.cumsum(frequencies) - frequencies  # where the next posting of each term goes
        for first in range(0, len(counts), self._block):
            block = np.asarray(counts[first : first + self._block])
            terms, found = place[block[:, 0]], block[:, 1].astype(np.float64)
            of = np.searchsorted(ends, np.arange(first, first + len(block)), side="right")
            order = np.argsort(terms, kind="stable")
            terms, found, of = terms[order], found[order], of[order]
            target = free[terms] + np.arange(len(terms)) - np.searchsorted(terms, terms)
            passages[target] = of
            scores[target] = weights[terms] * (found / (norms[of] + found))
            free += np.bincount(terms, minlength=len(free))

    def _file(self, name: str, kind: type[np.generic], rows: int) -> NDArray[np.generic]:
        path = self._folder / name
        if rows:
            return npy.open_memmap(path, mode="w+", dtype=kind, shape=(rows,))
        empty = np.zeros(0, dtype=kind)
        np.save(path, empty)
        return empty


_FILES: tuple[tuple[str, type[np.generic]], ...] = ((_PASSAGES, np.int32), (_SCORES, np.float32))


def _weight(frequency: int, passages: int) -> float:
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))


class Postings:
    """Written postings, mapped into memory; ``frequencies`` is what ``PostingsWriter.finish`` gave."""

    def __init__(self, folder: Path, frequencies: dict[str, int], *, passages: int) -> None:
        self._passages: Ints = np.load(folder / _PASSAGES, mmap_mode="r")
        self._scores: Floats = np.load(folder / _SCORES, mmap_mode="r")
        self._ends = np.cumsum(np.fromiter(frequencies.values(), dtype=np.int64, count=len(frequencies)))
        self._places = {term: place for place, term in enumerate(frequencies)}
        self._of = passages
        if len(self._ends) and not self._ends[-1] == len(self._passages) == len(self._scores):
            raise ValueError(f"{folder}: {len(self._scores)} postings, {self._ends[-1]} counted")

    def scores(self, terms: list[str]) -> Floats:
        """(passages,) the BM25 score of each for the terms; one that comes twice counts twice."""
        found = np.zeros(self._of, dtype=np.float32)
        for place in (self._places[term] for term in terms if term in self._places):
            rows = slice(self._ends[place - 1] if place else 0, self._ends[place])
            found[self._passages[rows]] += self._scores[rows]
        return found
