"""Read each sentence beside the question: a small fitted interaction over the token vectors that indexing stored.

Question and sentence tokens are projected into a space where a question lies near what answers it; each question word
is matched to its best sentence word, weighted by a learned importance; the pooled vectors of both are compared as well.
The mix of these is the sentence's log-odds. ``benchmarks/train_ranker.py`` fits ``data/ranker.npz`` and tells the data.
The idea is late interaction (ColBERT, arXiv 2004.12832) with fitted projections over frozen vectors; it costs some
milliseconds a question and encodes nothing.
"""

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SENTENCES_KEPT = 4_096  # some ten kilobytes each
UNREAD = -12.0  # log-odds of a sentence, or for a question, that has no token vectors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadSentence:
    """A sentence as the ranker sees it: nothing of it depends on the question, so it need be made only once."""

    near: Floats  # (tokens, k) unit rows in the fitted space
    weight: Floats  # (tokens,) the share of each token, 1 in all
    pooled: Floats  # (k,) of unit length


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

    def read(self, tokens: NDArray[np.int8]) -> ReadSentence:
        """What the ranker sees of a sentence's (tokens, dimension) rows, at least one, whatever the question."""
        rows: Floats = tokens.astype(np.float32) / np.float32(127.0)
        weight = _softmax(rows @ self._sentence_weight)
        pooled = _unit((self._sentence_pool @ (weight @ rows))[None])[0]
        return ReadSentence(near=_unit(rows @ self._sentence.T), weight=weight, pooled=pooled)

    def scores(self, question: Floats, sentences: Sequence[ReadSentence | None], matches: Floats) -> Floats:
        """Log-odds that each sentence is to the point.

        Args:
            question: (tokens, dimension) unit rows.
            sentences: as ``read`` gives them; None for a sentence without tokens.
            matches: (sentences, question tokens), the cosine of each token with the nearest of the sentence.

        Returns:
            (len(sentences),) in input order; UNREAD for a sentence without tokens.

        """
        found = np.full(len(sentences), UNREAD, dtype=np.float32)
        filled = [n for n, sentence in enumerate(sentences) if sentence is not None]
        if len(question) and filled:
            found[filled] = self._scored(question, [s for s in sentences if s is not None], matches[filled])
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

    def _scored(self, question: Floats, sentences: Sequence[ReadSentence], matches: Floats) -> Floats:
        importance = _softmax(question @ self._question_weight)
        starts = np.cumsum([0, *(len(sentence.near) for sentence in sentences[:-1])])
        near = _unit(question @ self._question.T) @ np.concatenate([sentence.near for sentence in sentences]).T
        learned = importance @ np.maximum.reduceat(near, starts, axis=1)
        wanted = _unit((self._question_pool @ (importance @ question))[None])[0]
        whole = np.stack([sentence.pooled for sentence in sentences]) @ wanted
        weight = np.concatenate([sentence.weight for sentence in sentences])
        reverse = np.add.reduceat(near.max(axis=0) * weight, starts)
        mixed: Floats = np.stack([learned, matches @ importance, whole, reverse], axis=1) @ self._mix + self._bias
        return mixed


class ReadOnce:
    """Sentences as the ranker read them, the newest ``most`` of them; may be shared by threads."""

    def __init__(self, ranker: Ranker, *, most: int = SENTENCES_KEPT) -> None:
        self._ranker, self._most = ranker, most
        self._kept: dict[Hashable, ReadSentence] = {}
        self._lock = threading.Lock()

    def read(self, key: Hashable, tokens: NDArray[np.int8]) -> ReadSentence | None:
        """``Ranker.read`` of a sentence; None where it has no tokens.

        ``key`` holds all that its tokens are made from, the passage's text among it: places mean nothing in the next
        version of an index.
        """
        if not len(tokens):
            return None
        with self._lock:
            if key not in self._kept:
                if len(self._kept) >= self._most:
                    del self._kept[next(iter(self._kept))]  # the oldest
                self._kept[key] = self._ranker.read(tokens)
            return self._kept[key]


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


@cache
def read_once() -> ReadOnce:
    """What the ranker that comes with the package has read in this process."""
    return ReadOnce(load_ranker())
