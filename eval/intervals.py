"""How far a figure could be off by the choice of questions: percentile bootstrap, always with the same seed.

The turns of one conversation are alike, so conversations are drawn whole (a cluster bootstrap); a question asked alone
is a group of its own.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

RESAMPLES = 2000
_SEED = 20261
_Z = 1.959963984540054  # of 95 % on both sides


def group_of(example_id: str) -> str:
    """What is drawn as one: the id up to its first dot.

    >>> group_of("conv-03.2")
    'conv-03'
    """
    return example_id.partition(".")[0]


def mean_interval(values: Sequence[float], groups: Sequence[str] | None = None) -> tuple[float, float] | None:
    """The 95 % interval of a mean; None below two groups. Efron, Annals of Statistics 7(1), 1979.

    ``groups`` names the group of each value, in parallel; None where each value stands alone.

    >>> mean_interval([0.5, 0.5, 0.5])
    (0.5, 0.5)
    >>> low, high = mean_interval([0.0, 1.0] * 50)
    >>> 0.38 < low < 0.42 and 0.58 < high < 0.62
    True
    >>> mean_interval([0.0, 1.0], ["a", "a"]) is None
    True
    """
    members = _members(groups or [str(place) for place in range(len(values))])
    if len(members) < 2:
        return None
    sums = np.asarray([sum(values[place] for place in places) for places in members], dtype=float)
    counts = np.asarray([len(places) for places in members], dtype=float)
    drawn = np.random.default_rng(_SEED).integers(len(members), size=(RESAMPLES, len(members)))
    return _middle(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))


def share_interval(count: int, n: int) -> tuple[float, float] | None:
    """The 95 % interval of a share, ``count`` of ``n`` that each stand alone; None over none. Wilson, JASA 22, 1927.

    Unlike a bootstrap it keeps a width where all or none are counted.

    >>> low, high = share_interval(2, 105)
    >>> round(low, 3), round(high, 3)
    (0.005, 0.067)
    >>> share_interval(0, 0) is None
    True
    """
    if not n:
        return None
    share, square = count / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def statistic_interval(
    groups: Sequence[str], statistic: Callable[[Sequence[int]], float | None]
) -> tuple[float, float] | None:
    """The 95 % interval of a figure of a whole set; ``statistic`` gets the places of the questions drawn anew.

    ``groups`` names the group of each question. None below two groups, or where the figure is undefined for more than
    half of the draws.

    >>> statistic_interval(["a", "b", "c"], lambda places: 1.0)
    (1.0, 1.0)
    """
    members = _members(groups)
    if len(members) < 2:
        return None
    rng = np.random.default_rng(_SEED)
    draws = (
        statistic([place for group in rng.integers(len(members), size=len(members)) for place in members[group]])
        for _ in range(RESAMPLES // 4)
    )
    defined = [value for value in draws if value is not None]
    return _middle(np.asarray(defined)) if len(defined) > RESAMPLES // 8 else None


def _members(groups: Sequence[str]) -> list[list[int]]:
    """The places of each group, groups in order of first sight."""
    members: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, []).append(place)
    return list(members.values())


def _middle(means: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> tuple[float, float]:
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
