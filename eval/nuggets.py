"""Whether an answer says what its asker needs, and little else.

A nugget is traced when a shown statement cites a span that is tied to one of the nugget's facts: the corpus's own
attributions decide, no model and no wording. A fact may be told in several sentences, though, and the one shown may
leave the nugget out; so a nugget is confirmed only when an accepted wording of it is shown too. The truth lies between
the two. A corpus without attributions leaves only the wording, which is weaker, and reports say so.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from Stemmer import Stemmer

from eval.examples import Nugget
from eval.predictions import Shown

Finding = Literal["confirmed", "traced", "worded", "missing"]

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_stemmer = Stemmer("english")


def finding(nugget: Nugget, shown: Sequence[Shown], *, attributed: bool) -> Finding:
    """How a nugget fares: traced to its facts, said in an accepted wording, both ("confirmed"), or missing.

    Without attributions, or without facts of its own, a nugget in an accepted wording is confirmed; one that names
    no accepted wording is confirmed by its facts.

    >>> n = Nugget(text="", importance="vital", facts=("E1",), any_of=("ten years",))
    >>> said = Shown(text="Ten to twelve years.", facts=(), cited=(), supported=True, faithful=True)
    >>> finding(n, [said], attributed=True), finding(n, [said], attributed=False)
    ('worded', 'confirmed')
    """
    worded = any(_words(wording) <= _words(s.text) for wording in nugget.any_of for s in shown)
    if not (attributed and nugget.facts):
        return "confirmed" if worded else "missing"
    if any(not set(nugget.facts).isdisjoint(s.facts) for s in shown):
        return "confirmed" if worded or not nugget.any_of else "traced"
    return "worded" if worded else "missing"


_WORTH: Mapping[str, Mapping[Finding, float]] = {
    "strict": {"confirmed": 1.0, "traced": 1.0, "worded": 0.0, "missing": 0.0},
    "partial": {"confirmed": 1.0, "traced": 1.0, "worded": 0.5, "missing": 0.0},
    "confirmed": {"confirmed": 1.0, "traced": 0.0, "worded": 0.0, "missing": 0.0},
}


def nugget_recall(
    nuggets: Sequence[Nugget],
    shown: Sequence[Shown],
    *,
    attributed: bool,
    credit: Literal["strict", "partial", "confirmed"] = "strict",
) -> float | None:
    """Share of ``nuggets`` that the statements say: 0 to 1, undefined without nuggets, 0 for a refusal.

    "strict" counts what is traced to its facts, "partial" adds half for what is only worded, "confirmed" counts what
    is both. Give the vital nuggets for the headline figure and all of them for completeness. After AutoNuggetizer,
    arXiv 2504.15068, with facts in the place of its model as a judge.

    >>> a = Nugget(text="", importance="vital", facts=("E1",), any_of=("boards",))
    >>> b = Nugget(text="", importance="vital", facts=("E2",), any_of=("trust",))
    >>> said = [Shown(text="Build trust.", facts=("E1",), cited=(), supported=True, faithful=True)]
    >>> nugget_recall([a, b], said, attributed=True)
    0.5
    >>> nugget_recall([a, b], said, attributed=True, credit="partial")
    0.75
    >>> nugget_recall([a, b], said, attributed=True, credit="confirmed")
    0.0
    """
    if not nuggets:
        return None
    return sum(_WORTH[credit][finding(n, shown, attributed=attributed)] for n in nuggets) / len(nuggets)


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


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(_stemmer.stemWords([word.replace(",", "") for word in _WORD.findall(text.lower())]))
