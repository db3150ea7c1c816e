"""What became of a question, and where each thing that its answer lacks was lost."""

from collections.abc import Mapping, Sequence
from typing import Literal

from eval.examples import Example, Nugget
from eval.nuggets import finding
from eval.predictions import Prediction
from eval.refusals import held_back

Outcome = Literal["complete", "partial", "empty", "false refusal", "held back", "false answer", "failed"]
Fate = Literal["confirmed", "traced", "worded", "not chosen", "refused", "not found"]

SAID: tuple[Fate, ...] = ("confirmed", "traced")
"""The fates that ``vital_recall`` counts."""


def outcome(example: Example, prediction: Prediction | None) -> Outcome:
    """What became of a question, in one word or two: complete has every vital nugget, empty has none of them.

    >>> from eval.predictions import failed
    >>> plain = Example(id="q", kind="single", type="why", topic="", audience="any", history=(), standalone=None,
    ...     question="Why?", answerable=True, nuggets=(), evidence={}, note="")
    >>> outcome(plain, failed("q", "Why?", "boom"))
    'failed'
    """
    if prediction is None or prediction.error is not None:
        return "failed"
    if not example.answerable:
        return "held back" if held_back(example, prediction) else "false answer"
    if not prediction.answered:
        return "false refusal"
    said = [fate(n, prediction) in SAID for n in example.vital]
    return "complete" if all(said) else "partial" if any(said) else "empty"


def fate(nugget: Nugget, prediction: Prediction) -> Fate:
    """How a nugget fared; one that isn't said was lost to a refusal, to the search, or to the choice of sentences.

    A nugget of a corpus without facts can't be told to have been found, and counts as not chosen.
    """
    found = finding(nugget, prediction.shown, attributed=prediction.attributed)
    if found != "missing":
        return found
    facts = set(nugget.facts)
    if prediction.attributed and facts and all(facts.isdisjoint(passage.facts) for passage in prediction.found):
        return "not found"
    return "not chosen" if prediction.answered else "refused"


def fates(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> dict[Fate, int]:
    """How many vital nuggets of a set fared each way; those of failed questions are left out."""
    counts: dict[Fate, int] = {}
    for example in examples:
        if (prediction := predictions.get(example.id)) is not None and prediction.error is None:
            for nugget in example.vital:
                how = fate(nugget, prediction)
                counts[how] = counts.get(how, 0) + 1
    return counts
