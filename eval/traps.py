"""Questions with a trap in them: a premise that doesn't hold, and sources that disagree."""

from eval.examples import Example
from eval.nuggets import finding
from eval.predictions import Prediction


def premise_corrected(example: Example, prediction: Prediction) -> float | None:
    """1 when an answer to a question with a false premise shows a vital nugget, which is what corrects it; else 0.

    0 or 1, undefined for any other kind of question. A refusal corrects nothing and earns 0. After CREPE,
    arXiv 2211.17257, with gold facts in the place of its written corrections.

    >>> from eval.predictions import failed
    >>> plain = Example(id="q", kind="single", type="why", topic="", audience="any", history=(), standalone=None,
    ...     question="Why?", answerable=True, nuggets=(), evidence={}, note="")
    >>> premise_corrected(plain, failed("q", "Why?", "")) is None
    True
    """
    if example.kind != "false_premise" or not example.vital:
        return None
    return float(vital_shown(example, prediction) > 0)


def disagreement_surfaced(example: Example, prediction: Prediction) -> float | None:
    """1 when an answer shows at least two of the sides on which the sources differ (its vital nuggets); else 0.

    0 or 1, undefined where the kind is another or fewer than two sides are vital. One side alone would pass for
    settled. After DRAGged into Conflicts, arXiv 2506.08500.

    >>> from eval.predictions import failed
    >>> plain = Example(id="q", kind="single", type="why", topic="", audience="any", history=(), standalone=None,
    ...     question="Why?", answerable=True, nuggets=(), evidence={}, note="")
    >>> disagreement_surfaced(plain, failed("q", "Why?", "")) is None
    True
    """
    if example.kind != "disagreement" or len(example.vital) < 2:
        return None
    return float(vital_shown(example, prediction) >= 2)


def disagreement_flagged(example: Example, prediction: Prediction) -> float | None:
    """1 when the answer also marks that its sources disagree, so that nobody has to notice it; else 0.

    0 or 1, undefined where ``disagreement_surfaced`` is.

    >>> from eval.predictions import failed
    >>> plain = Example(id="q", kind="single", type="why", topic="", audience="any", history=(), standalone=None,
    ...     question="Why?", answerable=True, nuggets=(), evidence={}, note="")
    >>> disagreement_flagged(plain, failed("q", "Why?", "")) is None
    True
    """
    surfaced = disagreement_surfaced(example, prediction)
    return None if surfaced is None else float(surfaced == 1.0 and bool(prediction.answer.get("conflicts")))


def vital_shown(example: Example, prediction: Prediction) -> int:
    """How many vital nuggets the answer says, counted as ``vital_recall`` does."""
    found = (finding(n, prediction.shown, attributed=prediction.attributed) for n in example.vital)
    return sum(each in ("confirmed", "traced") for each in found)
