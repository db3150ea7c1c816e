"""All figures of a run: each measure's mean, and what only a whole set of questions shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.examples import Example
from eval.intervals import group_of, mean_interval, statistic_interval
from eval.measures import MEASURES, percentile, tally
from eval.nuggets import nugget_recall
from eval.predict import ALONE
from eval.predictions import Prediction
from eval.refusals import RefusalScores, held_back, refusal_scores, risk_coverage

Pair = tuple[Example, Prediction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure over a set of questions with its 95 % interval; ``value`` None where it's undefined.

    ``n`` questions went into it; for ``undefined`` more it has no meaning, and ``failed`` gave no answer to measure.
    """

    name: str
    value: float | None
    interval: tuple[float, float] | None
    n: int
    undefined: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A threshold: what a figure must be at least (``above``) or at most."""

    figure: str
    value: float
    above: bool

    def missed(self, overall: Mapping[str, Figure]) -> str | None:
        """What is wrong where the figure misses the limit, None where it keeps it; an undefined one misses any."""
        value = overall[self.figure].value
        if value is None:
            return f"{self.figure} is undefined"
        if (value < self.value) if self.above else (value > self.value):
            return f"{self.figure} is {value:.4f}, {'below' if self.above else 'above'} {self.value}"
        return None


def figures(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> dict[str, Figure]:
    """Every figure by name, in the order of a report."""
    answers = [(e, p) for e in examples if (p := predictions.get(e.id)) is not None and p.error is None]
    failures = len(examples) - len(answers)
    found = [mean_figure(name, examples, predictions) for name in MEASURES]
    found += [_over_set(name, statistic, answers, failures) for name, statistic in SET_STATISTICS.items()]
    found.append(_conversation_gap(examples, predictions))
    return {figure.name: figure for figure in found}


FIGURES: tuple[str, ...] = (
    *MEASURES,
    "refusal_precision",
    "refusal_recall",
    "refusal_f1",
    "aurc",
    "seconds_p50",
    "seconds_p95",
    "multi_turn_delta",
)
"""The names of every figure, for thresholds."""


def mean_figure(name: str, examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> Figure:
    """The mean of one measure of MEASURES over some examples."""
    counted = tally(MEASURES[name], examples, predictions)
    return Figure(
        name=name,
        value=counted.mean,
        interval=mean_interval(list(counted.scores.values()), [group_of(i) for i in counted.scores]),
        n=len(counted.scores),
        undefined=counted.undefined,
        failed=counted.failed,
    )


def _over_set(
    name: str, statistic: Callable[[Sequence[Pair]], float | None], answers: Sequence[Pair], failures: int
) -> Figure:
    value = statistic(answers)
    interval = None
    if value is not None:
        groups = [group_of(e.id) for e, _ in answers]
        interval = statistic_interval(groups, lambda places: statistic([answers[i] for i in places]))
    return Figure(name=name, value=value, interval=interval, n=len(answers), undefined=0, failed=failures)


def _conversation_gap(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> Figure:
    gaps: dict[str, float] = {}
    failures = 0
    for example in examples:
        within, alone = predictions.get(example.id), predictions.get(example.id + ALONE)
        if not example.standalone or not example.vital:
            continue
        if within is None or alone is None or within.error is not None or alone.error is not None:
            failures += 1
        elif (gap := conversation_gap(example, within, alone)) is not None:
            gaps[example.id] = gap
    return Figure(
        name="multi_turn_delta",
        value=sum(gaps.values()) / len(gaps) if gaps else None,
        interval=mean_interval(list(gaps.values()), [group_of(i) for i in gaps]),
        n=len(gaps),
        undefined=len(examples) - len(gaps) - failures,
        failed=failures,
    )


def conversation_gap(example: Example, within: Prediction, alone: Prediction) -> float | None:
    """Vital recall of a follow-up less that of the same question asked alone: -1 to 1, 0 when nothing is lost.

    Undefined without vital nuggets. The mean is reported as ``multi_turn_delta``. After MTRAG's comparison of later
    turns with questions asked first, arXiv 2501.03468.

    >>> from eval.predictions import failed
    >>> plain = Example(id="q.1", kind="multi_turn", type="why", topic="", audience="any", history=(), standalone="?",
    ...     question="Why?", answerable=True, nuggets=(), evidence={}, note="")
    >>> conversation_gap(plain, failed("q.1", "Why?", ""), failed("q.1@alone", "?", "")) is None
    True
    """
    recalls = [nugget_recall(example.vital, p.shown, attributed=p.attributed) for p in (within, alone)]
    return None if recalls[0] is None or recalls[1] is None else recalls[0] - recalls[1]


def losses(answers: Sequence[Pair]) -> list[float]:
    """The loss of each question if it had to be answered: 1 where the corpus is silent, else 1 - vital recall."""
    return [1.0 - (worth(e, p) if e.answerable else 0.0) for e, p in answers]


def worth(example: Example, prediction: Prediction) -> float:
    """What the outcome is worth to its asker: the vital recall, or 1 for holding back where the corpus is silent."""
    if not example.answerable:
        return float(held_back(example, prediction))
    return nugget_recall(example.vital, prediction.shown, attributed=prediction.attributed) or 0.0


def _refusals(answers: Sequence[Pair]) -> RefusalScores:
    return refusal_scores([held_back(e, p) for e, p in answers], [e.answerable for e, _ in answers])


def _aurc(answers: Sequence[Pair]) -> float | None:
    return risk_coverage([p.answerability for _, p in answers], losses(answers)).aurc


SET_STATISTICS: Mapping[str, Callable[[Sequence[Pair]], float | None]] = {
    "refusal_precision": lambda answers: _refusals(answers).precision,
    "refusal_recall": lambda answers: _refusals(answers).recall,
    "refusal_f1": lambda answers: _refusals(answers).f1,
    "aurc": _aurc,
    "seconds_p50": lambda answers: percentile([p.seconds for _, p in answers], 0.5),
    "seconds_p95": lambda answers: percentile([p.seconds for _, p in answers], 0.95),
}
"""Figures that only a whole set of questions has."""
