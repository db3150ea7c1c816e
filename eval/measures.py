"""The figures of the evaluation by name: which question each applies to, and how they come together over a set.

A figure of one question is a number or None, "undefined here". Over a set the mean is taken where it's defined, and
the undefined and the failed are counted beside it, never folded in as zeros.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.citations import citation_precision, citation_recall, faithfulness, quote_validity
from eval.examples import Example
from eval.nuggets import nugget_recall, to_the_point
from eval.predictions import Prediction
from eval.ranking import evidence_recall, ndcg, recall, reciprocal_rank
from eval.refusals import held_back
from eval.traps import disagreement_flagged, disagreement_surfaced, premise_corrected

Measure = Callable[[Example, Prediction], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One figure over a set: the values by id where it's defined, and how often it wasn't or nothing came."""

    scores: Mapping[str, float]
    undefined: int
    failed: int

    @property
    def mean(self) -> float | None:
        """The mean of the defined values, None over none.

        >>> Tally(scores={"a": 1.0, "b": 0.0}, undefined=3, failed=0).mean
        0.5
        """
        return math.fsum(self.scores.values()) / len(self.scores) if self.scores else None


def words(text: str) -> int:
    """Length of an answer in words, its ``[n]`` marks and list dashes left out; from 0 up, defined for any text.

    >>> words("- Trust the board [1].")
    3
    """
    return sum(any(c.isalnum() for c in word) for word in text.split() if not word.startswith("["))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least ``share`` of all values don't exceed (nearest rank); undefined over none.

    ``share`` is above 0 and at most 1.

    >>> percentile([0.4, 0.1, 0.3, 0.2], 0.5)
    0.2
    >>> percentile([], 0.95) is None
    True
    """
    if not values:
        return None
    return sorted(values)[math.ceil(share * len(values)) - 1]


def tally(measure: Measure, examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> Tally:
    """One measure over the examples; an example without a prediction, or with an error in it, is failed."""
    scores: dict[str, float] = {}
    undefined = failed = 0
    for example in examples:
        prediction = predictions.get(example.id)
        if prediction is None or prediction.error is not None:
            failed += 1
        elif (value := measure(example, prediction)) is None:
            undefined += 1
        else:
            scores[example.id] = value
    return Tally(scores=scores, undefined=undefined, failed=failed)


def _vital(e: Example, p: Prediction) -> float | None:
    return nugget_recall(e.vital, p.shown, attributed=p.attributed)


def _vital_partial(e: Example, p: Prediction) -> float | None:
    return nugget_recall(e.vital, p.shown, attributed=p.attributed, credit="partial")


def _vital_confirmed(e: Example, p: Prediction) -> float | None:
    return nugget_recall(e.vital, p.shown, attributed=p.attributed, credit="confirmed")


def _every(e: Example, p: Prediction) -> float | None:
    return nugget_recall(e.nuggets, p.shown, attributed=p.attributed)


def _every_partial(e: Example, p: Prediction) -> float | None:
    return nugget_recall(e.nuggets, p.shown, attributed=p.attributed, credit="partial")


def _to_the_point(e: Example, p: Prediction) -> float | None:
    return to_the_point(e.evidence, p.shown, attributed=p.attributed) if e.answerable else None


def _recall_at_5(e: Example, p: Prediction) -> float | None:
    return recall(_relevant(e, p), _ranking(p), k=5)


def _recall_at_10(e: Example, p: Prediction) -> float | None:
    return recall(_relevant(e, p), _ranking(p), k=10)


def _ndcg_at_10(e: Example, p: Prediction) -> float | None:
    return ndcg(_relevant(e, p), _ranking(p), k=10)


def _reciprocal_rank(e: Example, p: Prediction) -> float | None:
    return reciprocal_rank(_relevant(e, p), _ranking(p))


def _evidence_at_10(e: Example, p: Prediction) -> float | None:
    return evidence_recall(e.vital, [f.facts for f in p.found], k=10) if p.attributed else None


def _false_refusal(e: Example, p: Prediction) -> float | None:
    return float(held_back(e, p)) if e.answerable else None


def _false_answer(e: Example, p: Prediction) -> float | None:
    return None if e.answerable else float(not held_back(e, p))


def _length(_: Example, p: Prediction) -> float | None:
    return float(words(p.text)) if p.answered else None


def _relevant(e: Example, p: Prediction) -> Mapping[str, int]:
    return p.relevant if e.answerable else {}


def _ranking(p: Prediction) -> list[str]:
    return [f.passage_id for f in p.found]


MEASURES: Mapping[str, Measure] = {
    "vital_recall": _vital,
    "vital_recall_partial": _vital_partial,
    "vital_recall_confirmed": _vital_confirmed,
    "nugget_recall": _every,
    "nugget_recall_partial": _every_partial,
    "to_the_point": _to_the_point,
    "citation_recall": lambda _, p: citation_recall(p.shown),
    "citation_precision": lambda _, p: citation_precision(p.shown),
    "faithfulness": lambda _, p: faithfulness(p.shown),
    "quote_validity": lambda _, p: quote_validity(p.shown),
    "false_refusal_rate": _false_refusal,
    "false_answer_rate": _false_answer,
    "premise_corrected": premise_corrected,
    "disagreement_surfaced": disagreement_surfaced,
    "disagreement_flagged": disagreement_flagged,
    "recall@5": _recall_at_5,
    "recall@10": _recall_at_10,
    "ndcg@10": _ndcg_at_10,
    "mrr": _reciprocal_rank,
    "evidence@10": _evidence_at_10,
    "words": _length,
}
"""Measures of single questions, whose means are reported; those of a whole set are in `eval.summary`."""

LOWER_IS_BETTER = frozenset({"false_refusal_rate", "false_answer_rate", "aurc", "seconds_p50", "seconds_p95"})
NEITHER_IS_BETTER = frozenset({"words"})
JUDGED = ("citation_recall", "citation_precision", "faithfulness")
"""The measures that are only as good as the judge of citations."""
