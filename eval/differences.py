"""Whether one run is better than another on the same questions: paired differences with their intervals.

Koehn, Statistical significance tests for machine translation evaluation, EMNLP 2004.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.examples import Example
from eval.intervals import group_of, mean_interval, statistic_interval
from eval.measures import LOWER_IS_BETTER, MEASURES, NEITHER_IS_BETTER, tally
from eval.predictions import Prediction

Verdict = Literal["better", "worse", "changed", "unclear"]
Scores = Mapping[str, Mapping[str, float]]
"""The value of each measure for each question where it is defined: by the measure's name, then by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure before and after over the ``n`` questions that define it in both, and the mean change."""

    name: str
    before: float
    after: float
    change: float
    interval: tuple[float, float] | None
    n: int
    verdict: Verdict


def scores_of(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> Scores:
    """The value of every measure for every question."""
    return {name: tally(measure, examples, predictions).scores for name, measure in MEASURES.items()}


def difference(name: str, before: Mapping[str, float], after: Mapping[str, float]) -> Difference | None:
    """The mean change of one measure over the questions that both runs define; None where there are none.

    >>> change = difference("mrr", {"a": 0.5, "b": 0.0}, {"a": 1.0, "c": 1.0})
    >>> change.change, change.n, change.verdict
    (0.5, 1, 'unclear')
    """
    shared = [i for i in before if i in after]
    if not shared:
        return None
    gaps = [after[i] - before[i] for i in shared]
    interval = mean_interval(gaps, [group_of(i) for i in shared])
    return Difference(
        name=name,
        before=sum(before[i] for i in shared) / len(shared),
        after=sum(after[i] for i in shared) / len(shared),
        change=sum(gaps) / len(gaps),
        interval=interval,
        n=len(shared),
        verdict=verdict(name, interval),
    )


def set_difference(
    name: str,
    ids: Sequence[str],
    before: Callable[[Sequence[int]], float | None],
    after: Callable[[Sequence[int]], float | None],
) -> Difference | None:
    """The change of a figure of a whole set; each function gives it for the questions at some places of ``ids``."""

    def change(places: Sequence[int]) -> float | None:
        old, new = before(places), after(places)
        return None if old is None or new is None else new - old

    everything = range(len(ids))
    old, new = before(everything), after(everything)
    if old is None or new is None:
        return None
    interval = statistic_interval([group_of(i) for i in ids], change)
    return Difference(
        name=name,
        before=old,
        after=new,
        change=new - old,
        interval=interval,
        n=len(ids),
        verdict=verdict(name, interval),
    )


def verdict(name: str, interval: tuple[float, float] | None) -> Verdict:
    """What an interval of differences says: better, worse, changed (where neither way is better) or unclear.

    >>> verdict("mrr", (0.01, 0.2)), verdict("false_refusal_rate", (0.01, 0.2)), verdict("mrr", (-0.1, 0.2))
    ('better', 'worse', 'unclear')
    """
    if interval is None or interval[0] <= 0 <= interval[1]:
        return "unclear"
    if name in NEITHER_IS_BETTER:
        return "changed"
    return "better" if (interval[0] > 0) != (name in LOWER_IS_BETTER) else "worse"
