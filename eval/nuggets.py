"""Whether an answer says what its asker needs, and little else.

A nugget is found when a shown statement cites a span that is tied to one of the nugget's facts: the corpus's own
attributions decide, no model and no wording. A corpus without attributions leaves only the wording: a nugget is then
found when all words of one of its accepted wordings occur in one statement, which is weaker, and reports say so.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from eval.examples import Nugget
from eval.predictions import Shown

Finding = Literal["found", "worded", "missing"]

_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")


def finding(nugget: Nugget, shown: Sequence[Shown], *, attributed: bool) -> Finding:
    """How a nugget fares: "found", "missing", or "worded", said in an accepted wording but not traced to its facts.

    Without attributions (or facts of its own) a nugget in an accepted wording counts as found.

    >>> n = Nugget(text="", importance="vital", facts=("E1",), any_of=("five years",))
    >>> said = Shown(text="Five to ten years.", facts=(), cited=(), supported=True, faithful=True)
    >>> finding(n, [said], attributed=True), finding(n, [said], attributed=False)
    ('worded', 'found')
    """
    traced = attributed and bool(nugget.facts)
    if traced and any(not set(nugget.facts).isdisjoint(s.facts) for s in shown):
        return "found"
    worded = any(_words(wording) <= _words(s.text) for wording in nugget.any_of for s in shown)
    if worded:
        return "worded" if traced else "found"
    return "missing"


def nugget_recall(
    nuggets: Sequence[Nugget],
    shown: Sequence[Shown],
    *,
    attributed: bool,
    partial: bool = False,
) -> float | None:
    """Share of ``nuggets`` that the statements say: 0 to 1, undefined without nuggets, 0 for a refusal.

    Strict (the default) counts what was found; ``partial`` adds half for what is only worded. Give the vital nuggets
    for the headline figure and all of them for completeness. After AutoNuggetizer, arXiv 2504.15068.

    >>> a = Nugget(text="", importance="vital", facts=("E1",), any_of=())
    >>> b = Nugget(text="", importance="vital", facts=("E2",), any_of=("trust",))
    >>> said = Shown(text="Build trust.", facts=("E1",), cited=(), supported=True, faithful=True)
    >>> nugget_recall([a, b], [said], attributed=True)
    0.5
    >>> nugget_recall([a, b], [said], attributed=True, partial=True)
    0.75
    """
    if not nuggets:
        return None
    worth: dict[Finding, float] = {"found": 1.0, "worded": 0.5 if partial else 0.0, "missing": 0.0}
    return sum(worth[finding(n, shown, attributed=attributed)] for n in nuggets) / len(nuggets)


def to_the_point(evidence: Mapping[str, int], shown: Sequence[Shown], *, attributed: bool) -> float | None:
    """Share of the shown statements that are traced to any gold fact: 0 to 1.

    Undefined without statements, without gold facts, and on a corpus without attributions. A statement that is true
    but beside the question counts against it; so does one that the gold set's author didn't think of, so read it as
    a floor. After context precision in RAGChecker, arXiv 2408.08067.

    >>> said = [Shown(text="", facts=(f,), cited=(), supported=True, faithful=True) for f in ("E1", "E9")]
    >>> to_the_point({"E1": 2}, said, attributed=True)
    0.5
    """
    if not (shown and evidence and attributed):
        return None
    return sum(not set(evidence).isdisjoint(s.facts) for s in shown) / len(shown)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.replace(",", "") for word in _WORD.findall(text.lower()))
