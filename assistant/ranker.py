"""Read each sentence beside the question: a small fitted interaction over the token vectors that indexing stored.

Question and sentence tokens are projected into a space where a question lies near what answers it; each question word
is matched to its best sentence word, weighted by a learned importance; the pooled vectors of both are compared as well.
The mix of these is the sentence's log-odds. ``benchmarks/train_ranker.py`` fits ``data/ranker.npz`` and tells the data.
The idea is late interaction (ColBERT, arXiv 2004.12832) with fitted projections over frozen vectors; it costs some
milliseconds a question and encodes nothing.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
UNREAD = -12.0  # log-odds of a sentence, or for a question, that has no token vectors


class Ranker:
    """The fitted interaction; immutable, and safe to share between threads."""

    def __init__(self, arrays: dict[str, Floats]) -> None:
        self._question, self._sentence = arrays["question"], arrays["sentence"]  # (k, dimension)
        self._question_weight, self._sentence_weight = arrays["question_weight"], arrays["sentence_weight"]
        self._question_pool, self._sentence_pool = arrays["question_pool"], arrays["sentence_pool"]
        self._mix, self._bias = arrays["mix"], float(arrays["bias"][0])

    @property
    def dimension(self) -> int:
        """Of the token vectors that it was fitted on."""
        return int(self._question.shape[1])

    def scores(self, question: Floats, sentences: Sequence[NDArray[np.int8]]) -> Floats:
        """Log-odds that each sentence is to the point.

        Args:
            question: (tokens, dimension) unit rows.
            sentences: for each a (tokens, dimension) array of int8, 127 times its unit rows.

        Returns:
            (len(sentences),) in input order; UNREAD for a sentence without tokens.

        """
        found = np.full(len(sentences), UNREAD, dtype=np.float32)
        filled = [n for n, rows in enumerate(sentences) if len(rows)]
        if len(question) and filled:
            rows = np.concatenate([sentences[n] for n in filled]).astype(np.float32) / 127.0
            starts = np.cumsum([0, *(len(sentences[n]) for n in filled[:-1])])
            found[filled] = self._scored(question, rows, starts)
        return found

    def coverage(self, question: Floats, sentences: Sequence[NDArray[np.int8]]) -> tuple[float, float, float, float]:
        """How well the words of a question find their match in some sentences together; 0 where either has none.

        Args:
            question: (tokens, dimension) unit rows.
            sentences: as ``scores`` takes them.

        Returns:
            The mean match by learned importance, and the worst match among the more important half of the words: both
            in the fitted space, then both by plain cosine.

        """
        rows = [tokens for tokens in sentences if len(tokens)]
        if not len(question) or not rows:
            return (0.0, 0.0, 0.0, 0.0)
        found: Floats = np.concatenate(rows).astype(np.float32) / np.float32(127.0)
        importance = _softmax(question @ self._question_weight)
        important = importance >= np.median(importance)
        near = (_unit(question @ self._question.T) @ _unit(found @ self._sentence.T).T).max(axis=1)
        plain = (question @ found.T).max(axis=1)
        return (
            float(importance @ near),
            float(near[important].min()),
            float(importance @ plain),
            float(plain[important].min()),
        )

    def _scored(self, question: Floats, rows: Floats, starts: NDArray[np.int64]) -> Floats:
        importance = _softmax(question @ self._question_weight)
        near = _unit(question @ self._question.T) @ _unit(rows @ self._sentence.T).T
        learned = importance @ np.maximum.reduceat(near, starts, axis=1)
        plain = importance @ np.maximum.reduceat(question @ rows.T, starts, axis=1)
        weight = _softmax_within(rows @ self._sentence_weight, starts)
        pooled = np.add.reduceat(rows * weight[:, None], starts, axis=0)
        wanted = _unit((self._question_pool @ (importance @ question))[None])[0]
        whole = _unit(pooled @ self._sentence_pool.T) @ wanted
        reverse = np.add.reduceat(near.max(axis=0) * weight, starts)
        mixed: Floats = np.stack([learned, plain, whole, reverse], axis=1) @ self._mix + self._bias
        return mixed


@cache
def load_ranker() -> Ranker:
    """The fitted ranker that comes with the package."""
    with (files("assistant") / "data" / "ranker.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return Ranker({name: arrays[name].astype(np.float32) for name in arrays.files})


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _softmax(values: Floats) -> Floats:
    raised = np.exp(values - values.max())
    return np.asarray(raised / raised.sum(), dtype=np.float32)


def _softmax_within(values: Floats, starts: NDArray[np.int64]) -> Floats:
    """The softmax within each run of values that begins at one of ``starts``."""
    sizes = np.diff(np.append(starts, len(values)))
    raised = np.exp(values - np.repeat(np.maximum.reduceat(values, starts), sizes))
    return np.asarray(raised / np.repeat(np.add.reduceat(raised, starts), sizes), dtype=np.float32)
