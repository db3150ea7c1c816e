"""Questions that are known to be answered, or known not to be, and what the nearest of them say of a new question.

The bundled articles come with questions that people ask of them, each tied to the facts that answer it, or to none
where the articles are silent (``data/asked.npz``, made by ``benchmarks/gather_asked.py``). A sentence that states the
facts of a question much like the one at hand is likely to the point. Other documents have no such questions; there
this has nothing to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Facts = frozenset[str]

NEAREST = 12  # answered questions that have a say
UNLIKE = 0.35  # cosine at which two questions have nothing in common
SHARPNESS = 0.07  # of the softmax over the nearest: a question .07 nearer weighs 2.7 times as much


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """What the known questions say of a new one, all from 0, nothing alike, to 1, the same question.

    ``alike`` and ``share`` have one value for each sentence: the likeness of the nearest question that the sentence
    answers, and the share of the nearest questions that it answers, each by its likeness. ``answered`` and
    ``unanswered`` are the likeness of the nearest question of either kind.
    """

    alike: tuple[float, ...]
    share: tuple[float, ...]
    answered: float
    unanswered: float


class Asked:
    """The known questions; immutable, and safe to share between threads."""

    def __init__(self, vectors: Floats, facts: Sequence[Facts], texts: Sequence[str]) -> None:
        self.vectors, self.facts, self.texts = vectors, tuple(facts), tuple(texts)
        self._answered = np.array([bool(f) for f in facts])

    @property
    def dimension(self) -> int:
        """Of the question vectors."""
        return int(self.vectors.shape[1])

    def nearest(self, question: Floats, stated: Sequence[Facts], *, without: str = "") -> Nearest:
        """What the questions nearest to a new one say of it.

        Args:
            question: (dimension,) of unit length.
            stated: for each sentence the facts that it states.
            without: a question to leave out, by its text; for fitting on these very questions.

        """
        near = np.clip((self.vectors @ question - UNLIKE) / (1.0 - UNLIKE), 0.0, 1.0)
        if without in self.texts:
            near[self.texts.index(without)] = 0.0
        of_answered = np.where(self._answered, near, -1.0)
        best = np.argsort(-of_answered, kind="stable")[:NEAREST]
        weight = np.exp((near[best] - near[best].max(initial=0.0)) * (1.0 - UNLIKE) / SHARPNESS)
        weight /= max(float(weight.sum()), 1e-9)
        of_best = [self.facts[n] for n in best]
        match = np.array([[not facts.isdisjoint(other) for other in of_best] for facts in stated], dtype=np.float32)
        match = match.reshape(len(stated), len(best)) * near[best]
        return Nearest(
            alike=tuple(float(v) for v in match.max(axis=1, initial=0.0)),
            share=tuple(float(v) for v in match @ weight),
            answered=float(of_answered.max(initial=0.0)),
            unanswered=float(np.where(self._answered, 0.0, near).max(initial=0.0)),
        )


@cache
def load_asked() -> Asked:
    """The questions that come with the package."""
    with (files("assistant") / "data" / "asked.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        ends, names = arrays["ends"], [str(fact) for fact in arrays["facts"]]
        starts = [0, *(int(end) for end in ends[:-1])]
        return Asked(
            arrays["vectors"].astype(np.float32) / 127.0,
            [frozenset(names[start:end]) for start, end in zip(starts, ends, strict=True)],
            bytes(arrays["texts"]).decode("utf-8").splitlines(),
        )
