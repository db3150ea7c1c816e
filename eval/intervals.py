"""How far a figure could be off by the choice of questions: percentile bootstrap, always with the same seed."""

from collections.abc import Callable, Sequence

import numpy as np

RESAMPLES = 2000
_SEED = 20261


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % interval of a mean; None below two values. Efron, Annals of Statistics 7(1), 1979.

    >>> mean_interval([0.5, 0.5, 0.5])
    (0.5, 0.5)
    >>> low, high = mean_interval([0.0, 1.0] * 50)
    >>> 0.38 < low < 0.42 and 0.58 < high < 0.62
    True
    """
    if len(values) < 2:
        return None
    drawn = np.random.default_rng(_SEED).integers(len(values), size=(RESAMPLES, len(values)))
    return _middle(np.asarray(values, dtype=float)[drawn].mean(axis=1))


def statistic_interval(count: int, statistic: Callable[[Sequence[int]], float | None]) -> tuple[float, float] | None:
    """The 95 % interval of a figure of a whole set; ``statistic`` gets the places of ``count`` questions drawn anew.

    None below two questions, or where the figure is undefined for more than half of the draws.

    >>> statistic_interval(3, lambda places: 1.0)
    (1.0, 1.0)
    """
    if count < 2:
        return None
    rng = np.random.default_rng(_SEED)
    draws = (statistic(rng.integers(count, size=count).tolist()) for _ in range(RESAMPLES // 4))
    defined = [value for value in draws if value is not None]
    return _middle(np.asarray(defined)) if len(defined) > RESAMPLES // 8 else None


def _middle(means: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> tuple[float, float]:
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
