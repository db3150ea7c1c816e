"""What a question takes for granted, and whether the sources bear it out: a false premise is corrected first.

"Since every hospital must have a CMO, …" and "Why are all CMOs surgeons?" assert something before they ask. Where the
best sentence found says less than that ("some", "often"), or denies it, the answer opens by saying so; where a clause
asserts something that no passage found says, by saying that.
"""

import re
from collections.abc import Callable, Sequence

from assistant.claims import in_short, negations, strength, width
from assistant.terms import term_set

OTHERWISE = "The sources say otherwise:"
NOT_SO_FAR = "The sources do not go so far:"
NOT_SAID = "No passage found says that {claim}."
UNSAID = 0.25  # support below which what was found does not say a claim
ON_TOPIC = 0.15  # share of a claim's content words that a sentence must have to speak of the same thing
SAME_CLAIM = 0.5  # share from which a sentence that negates where the claim does not, or the reverse, denies it
HEDGED, PARTIAL = 2, (2, 3, 4)  # levels of ``strength`` and ``width`` that fall short of "must" and "all"

_SINCE = r"since|because|given that|now that|seeing that"
_AUXILIARY = r"(?:(?:is|are|was|were|do|does|did|has|have|had|must|should|would|can|may|will)(?:n't|n’t)?)"
_GRANTED = (
    re.compile(rf"^(?:{_SINCE}|as|if)\s+(?P<claim>[^,]{{8,}}),\s+(?=\w)", re.I),
    re.compile(rf"^why\s+(?P<claim>{_AUXILIARY}\s+.+?)\??$", re.I),
    re.compile(
        r"^(?P<claim>.{8,}?),?\s+(?:right|correct|true|is that (?:so|right|true|correct)|"
        r"(?:is|are|does|do|has|have|must|can|was)(?:n't|n’t) (?:it|he|she|they|that))\s*\?$",
        re.I,
    ),
    re.compile(r"^is it (?:really )?(?:true|right|correct|so|a fact)\s+that\s+(?P<claim>.+?)\??$", re.I),
)
_ASSERTED = re.compile(
    rf"^(?:{_SINCE}|as(?=[^,]*\s(?-i:{_AUXILIARY})\s))"
    r"\s+(?P<claim>[^,]{8,}),\s+\w",
    re.I,
)
_ASKED = re.compile(rf"^(?P<claim>{_AUXILIARY}\s+.+?)\??$", re.I)
_ABSOLUTE = re.compile(
    r"\b(?:all(?! right)|every|always|never|only|nobody|none|must|mandatory|compulsory|oblig\w+|requir\w+|by law|"
    r"forbid\w*|forbidden|ban(?:ned|s)|prohibit\w*|illegal|guarante\w+|proven|(?:have|has) to)\b",
    re.I,
)
_MORE_ABSOLUTE = re.compile(rf"{_ABSOLUTE.pattern}|\b(?:any|each|fully|automatically|entirely|needs?)\b", re.I)
_SUBJECT = frozenset({"cmo"})  # what most sentences are about tells none apart
_PERSONAL = re.compile(r"\b(?:I|we|us|my|me|our|you|your|this|that|these|those)\b", re.I)  # no document knows the asker
_CHOICE = re.compile(r"\bor\b|\bat all\b|\bsometimes\b|\bever\b", re.I)


def opening(question: str, sentences: Sequence[str], supported: Callable[[str], float]) -> str:
    """How an answer of some sentences opens: by correcting what the question takes for granted, or with "".

    Args:
        question: as typed.
        sentences: the quotes as they are shown, the one that is to the point most first.
        supported: how far what is found supports a claim, 0 to 1.

    """
    sentence = sentences[0]
    granted = taken_for_granted(question)
    asked = _ASKED.match(question) if not granted else None
    claim = granted or (asked["claim"] if asked and not _CHOICE.search(question) else "")
    if not claim:
        return ""
    own, said = (term_set(in_short(text)) - _SUBJECT for text in (claim, sentence))
    share = len(own & said) / len(own) if own else 0.0
    told = bool(granted) and not question.lower().startswith("why")  # a why-question asserts less than "since …" does
    if told and share >= SAME_CLAIM and negations(claim) % 2 != negations(sentence) % 2:
        return OTHERWISE
    plain = asserted(question)
    if plain and not _PERSONAL.search(plain) and supported(plain) < UNSAID:
        return NOT_SAID.format(claim=plain)
    absolute = (_MORE_ABSOLUTE if told else _ABSOLUTE).search(claim)
    short_of_it = strength(sentence) <= HEDGED or width(sentence) in PARTIAL
    less_said = short_of_it and not any(_goes_so_far(text, claim) for text in sentences)
    return NOT_SO_FAR if share >= ON_TOPIC and absolute and less_said else ""


def asserted(question: str) -> str:
    """What a question says to be so before it asks, in a clause of its own; "" for any other."""
    match = _ASSERTED.match(" ".join(question.split()))
    return match["claim"] if match else ""


def _goes_so_far(sentence: str, claim: str) -> bool:
    """Whether a sentence speaks in terms as absolute as a claim's, and does not deny it."""
    return bool(_MORE_ABSOLUTE.search(sentence)) and negations(sentence) % 2 == negations(claim) % 2


def taken_for_granted(question: str) -> str:
    """The claim that a question rests on, as far as its form tells; "" where it only asks."""
    text = " ".join(question.split())
    return next((match["claim"] for form in _GRANTED if (match := form.match(text))), "")
