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


_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"\bwho(?:m|se)?\b", re.I),
        re.compile(
            r"\b(?:Dr|Mr|Mrs|Ms|Prof|Rev)\.? [A-Z]|\b[A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][a-z]+\b|"
            r"\b(?:C[A-Z]Os?|(?i:chief|director|manager|officer|president|board|committee|chair|council|nurse|physician)s?)\b"
        ),
    ),
    (
        re.compile(r"\bwhere\b", re.I),
        re.compile(
            r"\b(?:at|in|on|near|to) (?:the )?[A-Z]|\b(?i:room|floor|street|building|office|hall|campus|clinic)\b"
        ),
    ),
    (
        re.compile(r"\bwhen\b|\bwh(?:at|ich) (?:date|day|time)\b", re.I),
        re.compile(
            r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|"
            r"\b(?:19|20)\d\d\b|\b\d{1,2}(?::\d\d)? ?[ap]\.?m\b"
        ),
    ),
    (re.compile(r"\bhow (?:much|far|big|old)\b", re.I), re.compile(r"\d")),
)
"""What asks for a person, a place, a day or a measure, and what gives one; only by how it is written."""


def share_lacking(question: str, text: str) -> float:
    """The share, 0 to 1, of the kinds of things a question asks for (a person, a reason …) that a text has none of."""
    lacking = [not given.search(text) for asks, given in _KINDS if asks.search(question)]
    if (value := expected(question)) is not None and value != "date":
        lacking.append(not gives(value, text))
    if asks_why(question):
        lacking.append(not gives_reason(text))
    return sum(lacking) / len(lacking) if lacking else 0.0


def asks_why(question: str) -> bool:
    """Whether a question asks for a reason or a purpose."""
    return bool(_WHY.search(question))


def gives_reason(text: str) -> bool:
    """Whether a text holds a word by which reasons, purposes or effects are told."""
    return bool(_REASON.search(text))


def gives(value: Value, text: str) -> bool:
    """Whether a text holds a value of that kind."""
    return bool(re.search(_GIVEN[value], text, re.I))
