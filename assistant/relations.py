"""Who does what to whom: whether a sentence says a relation in the direction in which a question asks for it.

"Who does the CMO report to?" and "Who reports to the CMO?" share their words: the order of post and verb parts them.
"""

import re
from dataclasses import dataclass

from assistant.claims import in_short
from assistant.terms import stem, terms, words

_PLACED = r"(?:in|at|within|inside|to|for|with|on|by|under)"
_POST = rf"(?:the\s+|an?\s+|our\s+)?(?P<post>(?:(?!(?:do|{_PLACED})\b)[\w'-]+\s+){{0,4}}?(?!(?:do|{_PLACED})\b)[\w'-]+)"
_HOW_OFTEN = r"(?:(?:usually|typically|normally|generally|commonly|mostly|often|actually|ever)\s+)?"
_VERB = r"(?P<verb>[a-z]{4,})"
_PREPOSITION = rf"(?:\s+{_PLACED}){{0,2}}"
_WHERE = r"(?:\s+(?:in|at|within|inside)\s+[\w' -]{2,40})?\s*\?*$"
_DOING = re.compile(
    rf"\b(?:whom?|(?:what|which)(?:\s+[\w-]+){{0,2}})\s+(?:do|does|did|must|should|can|may|would|will)\s+{_POST}\s+{_HOW_OFTEN}{_VERB}{_PREPOSITION}{_WHERE}",
    re.I,
)
_DONE_TO = re.compile(rf"\bwho\s+{_HOW_OFTEN}{_VERB}{_PREPOSITION}\s+{_POST}{_WHERE}", re.I)
_TO_WHOM = re.compile(
    rf"\b(?:do|does|did|must|should|can|may|would|will)\s+{_POST}\s+{_HOW_OFTEN}(?P<verb>report|answer)\s+(?:directly\s+)?to\b",
    re.I,
)
_ASIDE = re.compile(r"\s*\([^()]*\)")
_HEADED = re.compile(r"^[\w’'&/ -]{1,60}\.\s+(?=[A-Z])")  # "Reporting. The CMO …"
_BEFORE_NOUNS = frozenset("a an the this that these those each every any no of his her its their our your".split())
"""Words after which what looks like the verb is a noun: "the report", "types of reports"."""
_BEING = frozenset("is are was were be been being".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """What a question asks of a post: ``doing`` where the post is to do what the verb says, else it is done to it."""

    post: str  # the stem of its last word, in short: "cmo"
    verb: str  # its stem
    doing: bool
    sought: bool  # whether what stands on its other side is asked for, and not why or when


def asked_relation(question: str) -> Relation | None:
    """The relation that a question asks for, None where it asks for none in so many words."""
    text = in_short(_ASIDE.sub("", question).strip())
    for pattern, doing, sought in ((_DOING, True, True), (_DONE_TO, False, True), (_TO_WHOM, True, False)):
        if (match := pattern.search(text)) and (post := terms(match["post"])):
            return Relation(post=post[-1], verb=stem(match["verb"]), doing=doing, sought=sought)
    return None


def agrees(relation: Relation, sentence: str, about: str = "") -> bool | None:
    """Whether a sentence says the relation in its direction; None where it does not say it at all.

    ``about`` tells whom the sentence is about where it begins with its verb, as fields and lists of duties do
    ("Reports to: …", "Chairs the committee.").
    """
    found = [stem(word) for word in words(in_short(_HEADED.sub("", sentence)))]
    if found[:1] == [relation.verb]:
        found = [*map(stem, words(in_short(about))), *found]
    posts = [place for place, word in enumerate(found) if word == relation.post]
    verbs = [
        n for n, word in enumerate(found) if word == relation.verb and not _BEFORE_NOUNS & set(found[max(0, n - 1) : n])
    ]
    if not posts or not verbs:
        return None
    return any(_said(relation, found, posts, verb) for verb in verbs)


def _said(relation: Relation, found: list[str], posts: list[int], verb: int) -> bool:
    passive = bool(_BEING & set(found[max(0, verb - 2) : verb]))
    before = any(place < verb for place in posts)
    after = any(place > verb for place in posts)
    return before if relation.doing != passive else after
