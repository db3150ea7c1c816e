"""All figures of a run: each measure's mean, and what only a whole set of questions shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.examples import Example
from eval.intervals import mean_interval, statistic_interval
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


def figures(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> dict[str, Figure]:
    """Every figure by name, in the order of a report."""
    answers = [(e, p) for e in examples if (p := predictions.get(e.id)) is not None and p.error is None]
    failures = len(examples) - len(answers)
    found = [mean_figure(name, examples, predictions) for name in MEASURES]
    found += [_over_set(name, statistic, answers, failures) for name, statistic in _SET_STATISTICS.items()]
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
        interval=mean_interval(counted.values),
        n=len(counted.values),
        undefined=counted.undefined,
        failed=counted.failed,
    )


def _over_set(
    name: str, statistic: Callable[[Sequence[Pair]], float | None], answers: Sequence[Pair], failures: int
) -> Figure:
    value = statistic(answers)
    interval = None
    if value is not None:
        interval = statistic_interval(len(answers), lambda places: statistic([answers[i] for i in places]))
    return Figure(name=name, value=value, interval=interval, n=len(answers), undefined=0, failed=failures)


def _conversation_gap(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> Figure:
    """Vital recall of follow-ups less that of the same questions asked alone: -1 to 1, 0 when nothing is lost."""
    gaps: list[float] = []
    follow_ups = [e for e in examples if e.standalone]
    for example in follow_ups:
        within, alone = predictions.get(example.id), predictions.get(example.id + ALONE)
        if within is None or alone is None or within.error is not None or alone.error is not None:
            continue
        scores = [nugget_recall(example.vital, p.shown, attributed=p.attributed) for p in (within, alone)]
        if scores[0] is not None and scores[1] is not None:
            gaps.append(scores[0] - scores[1])
    return Figure(
        name="multi_turn_delta",
        value=sum(gaps) / len(gaps) if gaps else None,
        interval=mean_interval(gaps),
        n=len(gaps),
        undefined=len(examples) - len(follow_ups),
        failed=len(follow_ups) - len(gaps),
    )


def losses(answers: Sequence[Pair]) -> list[float]:
    """The loss of each question if it had to be answered: 1 where the corpus is silent, else 1 - vital recall."""
    worth = [nugget_recall(e.vital, p.shown, attributed=p.attributed) if e.answerable else 0.0 for e, p in answers]
    return [1.0 - (value or 0.0) for value in worth]


def _refusals(answers: Sequence[Pair]) -> RefusalScores:
    return refusal_scores([held_back(e, p) for e, p in answers], [e.answerable for e, _ in answers])


def _aurc(answers: Sequence[Pair]) -> float | None:
    return risk_coverage([p.answerability for _, p in answers], losses(answers)).aurc


_SET_STATISTICS: Mapping[str, Callable[[Sequence[Pair]], float | None]] = {
    "refusal_precision": lambda answers: _refusals(answers).precision,
    "refusal_recall": lambda answers: _refusals(answers).recall,
    "refusal_f1": lambda answers: _refusals(answers).f1,
    "aurc": _aurc,
    "seconds_p50": lambda answers: percentile([p.seconds for _, p in answers], 0.5),
    "seconds_p95": lambda answers: percentile([p.seconds for _, p in answers], 0.95),
}
