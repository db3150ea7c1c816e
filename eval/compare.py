"""Which of two runs is better, question by question: a paired bootstrap."""

from collections.abc import Mapping, Sequence

from eval.examples import Example
from eval.intervals import mean_interval
from eval.measures import MEASURES
from eval.predictions import Prediction
from eval.report import Table

_LOWER_IS_BETTER = frozenset({"false_refusal_rate", "false_answer_rate"})
_NEITHER = frozenset({"words"})


def compared(
    examples: Sequence[Example],
    before: Mapping[str, Prediction],
    after: Mapping[str, Prediction],
) -> Table:
    """Each measure's means over the questions that both runs define, and the mean difference with its 95 % interval.

    The verdict is "better" or "worse" only where the interval leaves out zero. Koehn, EMNLP 2004.
    """
    rows = []
    for name in MEASURES:
        pairs = _pairs(name, examples, before, after)
        if pairs:
            rows.append(_row(name, pairs))
    return Table(
        title="B against A, on the same questions",
        header=("measure", "A", "B", "B - A [95 %]", "n", "verdict"),
        rows=tuple(rows),
    )


def verdict(name: str, interval: tuple[float, float] | None) -> str:
    """What an interval of differences says: better, worse, changed (where neither way is better) or unclear.

    >>> verdict("mrr", (0.01, 0.2)), verdict("false_refusal_rate", (0.01, 0.2)), verdict("mrr", (-0.1, 0.2))
    ('better', 'worse', 'unclear')
    """
    if interval is None or interval[0] <= 0 <= interval[1]:
        return "unclear"
    if name in _NEITHER:
        return "changed"
    return "better" if (interval[0] > 0) != (name in _LOWER_IS_BETTER) else "worse"


def _pairs(
    name: str,
    examples: Sequence[Example],
    before: Mapping[str, Prediction],
    after: Mapping[str, Prediction],
) -> list[tuple[float, float]]:
    pairs = []
    for example in examples:
        old, new = before.get(example.id), after.get(example.id)
        if old is None or new is None or old.error is not None or new.error is not None:
            continue
        if not old.question == new.question == example.question:
            continue  # another set of examples may use the same ids
        first, second = MEASURES[name](example, old), MEASURES[name](example, new)
        if first is not None and second is not None:
            pairs.append((first, second))
    return pairs


def _row(name: str, pairs: Sequence[tuple[float, float]]) -> tuple[str, ...]:
    gaps = [second - first for first, second in pairs]
    interval = mean_interval(gaps)
    bounds = f" [{interval[0]:+.3f}, {interval[1]:+.3f}]" if interval else ""
    means = [sum(values) / len(pairs) for values in zip(*pairs, strict=True)]
    gap = f"{sum(gaps) / len(gaps):+.3f}{bounds}"
    return (name, f"{means[0]:.3f}", f"{means[1]:.3f}", gap, str(len(pairs)), verdict(name, interval))
