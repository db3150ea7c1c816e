"""Whether the assistant knows what it doesn't know.

A refusal or a question back withholds an answer. Withholding is right when the corpus is silent, and wrong when it
isn't. These measures are of a whole set of questions, not of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from eval.examples import Example
from eval.predictions import Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalScores:
    """Of withheld answers, the share rightly withheld; of silences, the share withheld; and their harmonic mean."""

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCoverage:
    """The selective-risk curve: ``(coverage, risk)`` points, the most confident questions first, and its area."""

    points: tuple[tuple[float, float], ...]
    aurc: float | None


def held_back(example: Example, prediction: Prediction) -> bool:
    """Whether no answer was given.

    For a question that the corpus is silent on, an answer made only of what its example allows as evidence (the other
    meaning of the letters, a dated figure) counts as held back too: it claims no more than the corpus holds.
    """
    if not prediction.answered:
        return True
    allowed = set(example.evidence)
    return (
        not example.answerable
        and bool(allowed)
        and all(not allowed.isdisjoint(statement.facts) for statement in prediction.shown)
    )


def refusal_scores(withheld: Sequence[bool], answerable: Sequence[bool]) -> RefusalScores:
    """Precision, recall and F1 of withholding, in parallel over questions: each 0 to 1.

    Precision is undefined where nothing was withheld, recall where everything is answerable, F1 where either is.

    >>> refusal_scores([True, True, False, False], [False, True, False, True])
    RefusalScores(precision=0.5, recall=0.5, f1=0.5)
    >>> refusal_scores([False], [True])
    RefusalScores(precision=None, recall=None, f1=None)
    """
    right = sum(w and not a for w, a in zip(withheld, answerable, strict=True))
    silent = len(answerable) - sum(answerable)
    precision = right / sum(withheld) if any(withheld) else None
    recall = right / silent if silent else None
    if precision is None or recall is None:
        return RefusalScores(precision=precision, recall=recall, f1=None)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return RefusalScores(precision=precision, recall=recall, f1=f1)


def rate(flags: Sequence[bool]) -> float | None:
    """Share of true flags: the false refusal rate over answerable questions, the false answer rate over the others.

    0 to 1, undefined over no questions.

    >>> rate([True, False, False, False])
    0.25
    """
    return sum(flags) / len(flags) if flags else None


def risk_coverage(confidence: Sequence[float], loss: Sequence[float]) -> RiskCoverage:
    """Mean loss of the most confident share of the questions, at every coverage, and the area under that curve.

    Loss is 0 to 1 a question: 1 for a question that the corpus is silent on, one minus the vital nugget recall for
    any other. AURC is the mean risk over the curve: 0 to 1, lower is better, undefined over no questions. Tied
    questions share their mean loss, so that the order of a file doesn't count. Geifman and El-Yaniv, arXiv 1705.08500.

    >>> risk_coverage([0.9, 0.1], [0.0, 1.0])
    RiskCoverage(points=((0.5, 0.0), (1.0, 0.5)), aurc=0.25)
    >>> risk_coverage([0.1, 0.9], [0.0, 1.0]).aurc
    0.75
    """
    ranked = sorted(zip(confidence, loss, strict=True), key=lambda pair: -pair[0])
    spread: list[float] = []
    for _, tied in groupby(ranked, key=lambda pair: pair[0]):
        losses = [one for _, one in tied]
        spread += [sum(losses) / len(losses)] * len(losses)
    points, total = [], 0.0
    for count, one in enumerate(spread, start=1):
        total += one
        points.append((count / len(spread), total / count))
    aurc = sum(risk for _, risk in points) / len(points) if points else None
    return RiskCoverage(points=tuple(points), aurc=aurc)
