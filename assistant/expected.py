"""What kind of value a question asks for (money, a share, a time …) or that it asks for a reason; what gives one."""

import re
from collections.abc import Mapping
from typing import Literal

Value = Literal["money", "share", "duration", "date", "count"]

_COUNTED = r"(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|several|a few|every|each)"
_TIME = r"(?:year|month|week|day|hour|minute)s?"
_ASKED: Mapping[Value, str] = {
    "money": r"\b(?:salar\w+|pay|paid|earn(?:s|ed|ings)?|compensation|costs?|bonus\w*)\b|"
    r"\bhow much (?:money|do(?:es)? .* (?:make|earn|cost|pay))\b",
    "share": r"\b(?:percent\w*|what (?:share|proportion|fraction)|how (?:common|likely)|rate)\b",
    "duration": rf"\btenure\b|\bhow (?:long|often|soon|frequently)\b|\bhow many {_TIME}\b",
    "date": r"\b(?:when|(?:what|which|since what) year)\b",
    "count": r"\bhow many\b|\bnumber of\b",
}
_GIVEN: Mapping[Value, str] = {
    "money": r"[$£€]\s?\d|\d[\d,.]*\s?(?:dollars|million|billion)|\d\s?(?:%|percent)",
    "share": r"\d\s?%|percent|\b(?:half|thirds?|quarters?|majority|most|one in|out of|ratio)\b",
    "duration": rf"\b{_COUNTED}\b[\w -]{{0,20}}\b{_TIME}\b|"
    r"\b(?:yearly|annual\w*|monthly|quarterly|ongoing|once|twice)\b",
    "date": r"\b(?:1[89]|20)\d\d\b|\byears ago\b|\bcentury\b|\bdecades?\b|\b(?:before|after|until|within)\b",
    "count": rf"\b{_COUNTED}\b|\b(?:dozen|many|no)\b",
}

_WHY = re.compile(
    r"\bwhy\b|\bhow come\b|\bwhat for\b|\bwhat (?:is|are|was|were)(?: \w+){0,2} (?:reasons?|purpose|rationale)\b", re.I
)
_REASON = re.compile(
    r"\b(?:because|why|reasons?|rationale|purposes?|aim(?:s|ed)?|so that|so as to|in order to|meant to|due to|thus|"
    r"there(?:by|fore)|to (?:avoid|ensure|improve|keep|prevent|protect)|for (?:fear|lack|want) of|as a result|"
    r"results? (?:from|in)|leads? to|led to|driv(?:es?|en|ing)|drove|help|"
    r"(?:allow|caus|enabl|ensur|help|improv|lower|protect|rais|reduc)(?:e?s|e?d|ing))\b",
    re.I,
)


def expected(question: str) -> Value | None:
    """The kind of value that a question asks for, None where it asks for none."""
    return next((value for value, pattern in _ASKED.items() if re.search(pattern, question, re.I)), None)


def asks_why(question: str) -> bool:
    """Whether a question asks for a reason or a purpose."""
    return bool(_WHY.search(question))


def gives_reason(text: str) -> bool:
    """Whether a text holds a word by which reasons, purposes or effects are told."""
    return bool(_REASON.search(text))


def gives(value: Value, text: str) -> bool:
    """Whether a text holds a value of that kind."""
    return bool(re.search(_GIVEN[value], text, re.I))
