"""What a sentence asserts beyond its words: numbers, names, roles, settings, negation, strength and width.

Each reader gives a small set or level, so that two sentences can be compared on exactly one of these at a time.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.terms import stem, words
from assistant.wordnet import opposites_of

_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "hundred": "100",
    "half": "1/2",
    "twice": "2",
    "once": "1",
}
_SPELLED = re.compile(rf"\b(?:{'|'.join(word for word, value in _NUMBER_WORDS.items() if value.isdigit())})\b", re.I)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MEASURED = re.compile(rf"(?<![\w.])\d+(?:[.,]\d+)*|\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.I)
_NEGATION = re.compile(
    r"\b(?:not|no(?! (?:fewer|less|more|later) than)|never|neither|nor|none|"
    r"nothing|nobody|without|cannot|lacks?|lacking|fails? to|rather than|instead of|"
    r"except|unable|hardly|rarely|seldom)\b|n't\b",
    re.I,
)
_PREFIXED = re.compile(r"\b(?:un|non-?|in|im|ir|dis)(?=[a-z]{4,})", re.I)
_STRENGTH: tuple[tuple[int, re.Pattern[str]], ...] = (
    (
        4,
        re.compile(
            r"\b(?:must|shall|always|require[sd]?|required|requirement|mandatory|certainly|definitely|"
            r"guarantees?|has to|have to|needs?)\b",
            re.I,
        ),
    ),
    (
        2,
        re.compile(
            r"\b(?:typically|usually|generally|normally|commonly|mostly|often|frequently|tends?|should|"
            r"likely|expected|probably|primarily)\b",
            re.I,
        ),
    ),
    (
        1,
        re.compile(
            r"\b(?:may|might|can|could|sometimes|occasionally|possibly|perhaps|potentially|some|"
            r"arguably)\b",
            re.I,
        ),
    ),
)
_WIDTH: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(r"\b(?:hardly any|(?<!a )few|neither|none|no)\b", re.I)),
    (
        5,
        re.compile(
            r"\b(?:(?<!almost )(?<!nearly )(?<!not )all|every|each|always|entire|entirely|whole|only|"
            r"solely|exclusively|any|everyone|both|limited to|no others?)\b",
            re.I,
        ),
    ),
    (4, re.compile(r"\b(?:most|majority|nearly all|almost all|mostly)\b", re.I)),
    (3, re.compile(r"\b(?:many|several|numerous|various|a number of)\b", re.I)),
    (2, re.compile(r"\b(?:some|a few|certain|one|sometimes|not all)\b", re.I)),
)
_ROLE = re.compile(
    r"\b(?:chief (?:[a-z]+[ -]){1,4}officers?|chief executives?|chiefs? of staff|medical directors?|"
    r"vice[- ]presidents?|department chairs?|"
    r"(?:surgeon|inspector)s? general|chief nurses?|board of directors|governing (?:body|board)|boards?|"
    r"CMOs?|CEOs?|COOs?|CFOs?|CNOs?|CMIOs?|CIOs?|CQOs?|VPMAs?|CCOs?|CWOs?|DIOs?|CHROs?|"
    r"physicians?|doctors?|surgeons?|nurses?|administrators?|managers?|directors?|executives?|"
    r"pharmacists?|sponsors?|patients?)\b",
    re.I,
)
_ROLE_NAMES = {
    "chief medical officer": "cmo",
    "chief executive officer": "ceo",
    "chief executive": "ceo",
    "chief operating officer": "coo",
    "chief financial officer": "cfo",
    "chief nursing officer": "cno",
    "chief nurse": "cno",
    "chief nurse executive": "cno",
    "chief medical information officer": "cmio",
    "chief information officer": "cio",
    "chief quality officer": "cqo",
    "chief clinical officer": "cco",
    "chief wellness officer": "cwo",
    "doctor": "physician",
    "governing body": "board",
    "governing board": "board",
    "board of directors": "board",
    "vice president": "vp",
    "vice-president": "vp",
}
_ORGANIZATIONS = (
    r"hospitals?|health centers?|FQHCs?|federally qualified health centers?|clinics?|health plans?|insurers?|payers?|"
    r"pharmac\w+ compan\w+|drug compan\w+|biotechs?|health systems?|nursing homes?|start-?ups?|"
    r"government agenc(?:y|ies)"
)
_ORGANIZATION = re.compile(rf"\b({_ORGANIZATIONS})\b", re.I)
_SETTING = re.compile(
    rf"\b({_ORGANIZATIONS}|veterans|VA|NHS|England|"
    r"Medicare|Medicaid|HRSA|Joint Commission|FDA|CMS|states?|federal|private|public|rural|urban|academic)\b",
    re.I,
)


@lru_cache(maxsize=8192)
def numbers(text: str) -> frozenset[str]:
    """The numbers a sentence gives, in figures: "five to 10 years" gives 5 and 10; thousands marks are left out."""
    found = {number.replace(",", "").rstrip(".") for number in _NUMBER.findall(text)}
    return frozenset(found | {_NUMBER_WORDS[word.lower()] for word in words(text) if word.lower() in _NUMBER_WORDS})


_UNIT = re.compile(
    r"(?:[ -]?(?:to|or|and|–|-)[ -]?[$]?(?:\d[\d.,]*|[a-z]+))?[ -]?"
    r"(%|percentage points?|percent|thousand|million|billion|years?|months?|weeks?|days?|hours?|minutes?|beds?)",
    re.I,
)
_LEAST = re.compile(
    r"\b(?:at least|more than|no fewer than|no less than|over|above|after|exceed\w*|minimum(?: of)?)[ $]*$", re.I
)
_MOST = re.compile(
    r"\b(?:at most|(?<!no )(?:fewer|less) than|no more than|up to|under|below|within|maximum(?: of)?)[ $]*$", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number with the unit behind it, "" where there is none, and the bound before it: 1 at least, -1 at most."""

    number: str
    unit: str
    bound: int

    def agrees(self, other: "Measure") -> bool:
        """Whether the two may say the same: no other number, no other unit, no opposite bound."""
        same_unit = not self.unit or not other.unit or self.unit == other.unit
        return self.number == other.number and same_unit and self.bound * other.bound >= 0


@lru_cache(maxsize=8192)
def measures(text: str) -> frozenset[Measure]:
    """The numbers of a text, in figures, each with its unit and bound: "at least five to 10 years" gives two."""
    found = set()
    for match in _MEASURED.finditer(text):
        unit = _UNIT.match(text, match.end())
        before = text[max(0, match.start() - 16) : match.start()]
        bound = 1 if _LEAST.search(before) and not _MOST.search(before) else -1 if _MOST.search(before) else 0
        name = unit[1].lower().removesuffix("s") if unit else ""
        number = _NUMBER_WORDS.get(match[0].lower(), match[0].replace(",", "").rstrip("."))
        found.add(Measure(number=number, unit={"%": "percent"}.get(name, name), bound=bound))
    return frozenset(found)


@lru_cache(maxsize=8192)
def names(text: str) -> frozenset[str]:
    """Capitalised words that do not open the sentence, and acronyms, as stems."""
    found = words(text)
    return frozenset(
        stem(word)
        for place, word in enumerate(found)
        if (place > 0 and word[0].isupper()) or (len(word) > 1 and word.rstrip("s").isupper())
    )


@lru_cache(maxsize=8192)
def roles(text: str) -> frozenset[str]:
    """The posts and people that a sentence speaks of, acronym and long form as one."""
    found = set()
    for match in _ROLE.findall(text):
        name = " ".join(match.lower().replace("-", " ").split())
        name = name if name.endswith("ss") or name == "chiefs of staff" else name.removesuffix("s")
        found.add(_ROLE_NAMES.get(name, name))
    return frozenset(found)


def replaced_roles(text: str, by: str) -> str:
    """The text with the posts and people that it names replaced."""
    return _ROLE.sub(lambda _: by, text)


_LONG_FORM = re.compile(
    rf"\b({'|'.join(sorted(_ROLE_NAMES, key=len, reverse=True))})(s?)\b(?: \([A-Z]{{2,5}}s?\))?", re.I
)


_RANGE = re.compile(r"(?<=\d)%?[-–](?=\d+(?:[.,]\d+)*(?:%| percent|\b(?![-–\d])))")


@lru_cache(maxsize=8192)
def in_short(text: str) -> str:
    """The text with posts by their short names, numbers as figures and ranges spelt out: like things read alike."""
    short = _LONG_FORM.sub(lambda match: _ROLE_NAMES[match[1].lower()] + match[2], text)
    short = _RANGE.sub(" to ", short).replace("%", " percent")
    return _SPELLED.sub(lambda match: _NUMBER_WORDS[match[0].lower()], short)


_POST = re.compile(
    r"\b(?:medical director|chief of staff|chief nurse|vice president|department chair|surgeon general)s?\b", re.I
)


def posts(text: str) -> frozenset[str]:
    """The posts that a text names in lower case, in the singular."""
    return frozenset(match.lower().removesuffix("s") for match in _POST.findall(text))


@lru_cache(maxsize=8192)
def settings(text: str) -> frozenset[str]:
    """The kinds of organization, programmes and jurisdictions that a sentence names, as stems."""
    return _stems(_SETTING, text)


def organizations(text: str) -> frozenset[str]:
    """The kinds of organization alone that a sentence names, as stems."""
    return _stems(_ORGANIZATION, text)


def _stems(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(" ".join(stem(word) for word in match.split()) for match in pattern.findall(text))


@lru_cache(maxsize=8192)
def negations(text: str) -> int:
    """How many negating words a sentence has."""
    return len(_NEGATION.findall(text))


def strength(text: str) -> int:
    """How strongly a sentence asserts: 4 must, 3 plainly stated, 2 typically, 1 may."""
    return next((level for level, pattern in _STRENGTH if pattern.search(text)), 3)


def width(text: str) -> int:
    """How widely a sentence asserts: 5 all or only, 4 most, 3 many, 2 some, 1 few or none, 0 with no quantity."""
    return next((level for level, pattern in _WIDTH if pattern.search(text)), 0)


def opposites(one: str, other: str) -> int:
    """How many words of ``one`` stand in ``other`` only as their opposite, by WordNet or by a prefix such as "un-"."""
    first, second = ({stem(word): word.lower() for word in words(text)} for text in (one, other))
    only_first, only_second = first.keys() - second.keys(), second.keys() - first.keys()
    turned = {stem(_PREFIXED.sub("", word)) for word in second.values() if _PREFIXED.match(word)} & only_first
    turned |= {s for s in only_first if _PREFIXED.match(w := first[s]) and stem(_PREFIXED.sub("", w)) in only_second}
    return len(turned | {word for word in only_first if opposites_of(word) & only_second})
