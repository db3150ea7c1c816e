"""Logistic models as plain numbers: what ``benchmarks/`` fits and ``data/`` keeps, read where it is asked for."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A logistic model: one coefficient for each name, an intercept, and the mean and scale of each feature."""

    names: tuple[str, ...]
    coefficients: tuple[float, ...]
    intercept: float
    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def log_odds(self, features: Sequence[float]) -> float:
        """The model's log-odds for one row of features in the order of ``names``."""
        return self.intercept + sum(
            weight * (value - mean) / scale
            for weight, value, mean, scale in zip(self.coefficients, features, self.mean, self.scale, strict=True)
        )

    def probability(self, features: Sequence[float]) -> float:
        """The model's probability, 0 to 1, for one row of features in the order of ``names``."""
        return probability(self.log_odds(features))


def probability(log_odds: float) -> float:
    """The probability that has these log-odds, which count no further than 30 from 0."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))


def moved(probability: float, factor: float) -> float:
    """The probability with its odds multiplied by a factor."""
    return probability * factor / (1.0 - probability + probability * factor)


def log_odds(probability: float, *, least: float = 1e-6) -> float:
    """The logarithm of the odds of a probability, which is taken to lie ``least`` away from 0 and 1."""
    kept = min(max(probability, least), 1.0 - least)
    return math.log(kept / (1.0 - kept))


@cache
def load_weights(name: str) -> Weights:
    """The fitted weights ``assistant/data/<name>.json``."""
    data = json.loads((files("assistant") / "data" / f"{name}.json").read_text(encoding="utf-8"))
    return Weights(
        names=tuple(data["names"]),
        coefficients=tuple(data["coefficients"]),
        intercept=data["intercept"],
        mean=tuple(data["mean"]),
        scale=tuple(data["scale"]),
    )
