"""Turn a follow-up into a question that stands alone, from the history and without a model.

A wrong merge is worse than none: the history is drawn on only where the form of the question asks for it (a pronoun
without an antecedent, an ellipsis, a correction, a request about the answer itself) and only its subject is taken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answers import Turn
from assistant.claims import posts, roles
from assistant.questions import read_question
from assistant.terms import STOPWORDS, stem, terms, words

Request = Literal["answer", "shorter", "longer", "bullets", "sources"]

_GREETING = re.compile(
    r"^(?:thanks?(?: you)?|thank you|great|ok(?:ay)?|i see|got it|interesting|hi|hello|hey)\b[\s,.!]*", re.I
)
_CORRECTION = re.compile(
    r"^(?:no|nope|sorry|oops|excuse me|actually|wait)\b[\s,.!:;-]+(?:(?:but|i)\s+)*(?:(?:i\s+)?(?:meant?|"
    r"was asking about|am asking about)\s+)?"
    r"|^i\s+meant?\s+",
    re.I,
)
_ELLIPSIS = re.compile(
    r"^(?:and|but|or|so)?\s*(?:what|how)\s+about\s+|^(?:and|but|or)\s+(?=(?:in|at|for|with|of|on|from|as|"
    r"the|an?|by|under|to)\b)|"
    r"^(?:and|same(?: question)?)\s+(?:for|in|at|with|of)\s+",
    re.I,
)
_BARE = re.compile(
    r"^(?:and\s+|but\s+|so\s+)?(?:why|how|when|where|who|which(?: ones?)?|how so|why so|why not|why is that|how come|"
    r"for example|such as|like what|examples?|really|is that so|how much|how many|how long|how often|by "
    r"whom|since when)\W*$",
    re.I,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|she|him|his|her|hers|this|that|these|those|ones?|there|both|either|"
    r"neither|the former|the latter|same|such|the other|others?|another|each|instead|"
    r"the (?:first|second)(?= one\b| is\b| was\b| do| has\b|\W*$))\b",
    re.I,
)
_PRONOUN_WITH_NOUN = re.compile(
    r"\b(?:this|that|these|those|such|both|same|either|neither|another|each|(?<!the )other)\s+"
    r"(?!is\b|are\b|was\b|be\b|do\b)[a-z]{4,}|\bis there\b|\bare there\b|\bthere (?:is|are|was|were)\b|"
    r"\bthat\s+(?=\w+s?\b)",
    re.I,
)
_NOUN_FIRST = re.compile(
    r"^(?:and|but|so|or|ok(?:ay)?|now)?[\s,]*(?:what|"
    r"how)?\s*(?:about\s+)?(?P<noun>[^,?]{2,60}),\s*(?P<rest>(?:what|who|how|why|when|where|which|is|are|"
    r"do|does|can|must|should)\b.+)$",
    re.I,
)
_ORDINAL = re.compile(r"\bthe (first|former|second|latter)(?: one)?\b", re.I)
_CLAUSE_BREAK = re.compile(
    r"[,;:]|\b(?:and|if|when|because|that|who|which|while|after|before|once|since|but|so|until|unless|where)\b", re.I
)
_PLACE = re.compile(
    r"\b(?:hospital|clinic|insurer|payer|start-?up|FQHC|ACO|(?:health|medical) (?:center|plan|system)|nursing home|"
    r"health care system|(?:drug|pharma\w*|biotech) (?:compan|firm))",
    re.I,
)
_IN_A_PLACE = re.compile(
    r"\s*\b(?:at|in|for|with|of|from)\s+(?:(?!at\b|in\b|for\b|with\b|of\b|from\b|and\b|or\b)[\w-]+\s+){0,4}?"
    rf"(?:{_PLACE.pattern})\w*(?: systems?\b)?|{_PLACE.pattern}\w*\s+(?=CMOs?\b|chief|medical director)",
    re.I,
)
_PERSONAL = frozenset("they them their theirs he she him his her hers".split())
_REPLACEABLE = frozenset("it they them its their".split())
_MYSELF = frozenset(("I", "I'm", "I've", "I'd", "I'll", "I’m", "I’ve", "I’d", "I’ll"))
_POSSESSIVE = re.compile(r"(?:its|their|his|her)", re.I)
_CONNECTED = re.compile(r"^(?:and|but|so|then|or|also)\b", re.I)
_REQUESTS: tuple[tuple[Request, re.Pattern[str]], ...] = (
    (
        "sources",
        re.compile(
            r"\b(?:which|what)\s+(?:source|article|document|passage)s?\s+(?:say|said|state|is that|does|"
            r"do)|"
            r"\bwhere (?:does|did) (?:it|that|this) (?:say|come from)|\bwho says (?:so|that|this)\b|"
            r"\b(?:show|give|cite|name)\b.{0,20}\bsources?\b|^(?:your )?sources?\W*$|\bsays who\b",
            re.I,
        ),
    ),
    (
        "bullets",
        re.compile(
            r"\b(?:as|in|with)\s+(?:a\s+)?(?:bullets?|bullet points?|list form)\b|^(?:bullets?|list it|"
            r"list them|make (?:it|that) a list)\b",
            re.I,
        ),
    ),
    (
        "shorter",
        re.compile(
            r"^(?:please\s+|can you\s+|could you\s+)?(?:(?:make|say) (?:it|that) )?(?:shorter|briefer|in "
            r"short|briefly|shorten(?: (?:it|that))?|"
            r"summari[sz]e(?: (?:it|that|this))?|tl;?dr|in (?:one|a) (?:sentence|line|nutshell)|too "
            r"long)\b",
            re.I,
        ),
    ),
    (
        "longer",
        re.compile(
            r"^(?:please\s+|can you\s+|could you\s+)?(?:say more|tell me more|more(?: details?| please| "
            r"on (?:it|that|this))?|go on|continue|elaborate(?: on (?:it|that|this))?|"
            r"expand(?: on (?:it|that|this))?|in more detail|what else|anything else|explain (?:it |that |"
            r"this )?(?:further|more|in more detail))\W*$",
            re.I,
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question made to stand alone.

    ``text`` is what is searched and shown; ``added`` the subject that was taken from the history, "" where nothing
    was; ``request`` is "answer", or what the user wants done to the last answer. ``others`` are further readings of a
    follow-up, with the topic of the turn before and with what the conversation is about; the evidence weighs them all.
    ``before`` is the question of the turn before, made to stand alone, and ``together`` that and this one in one text;
    "" where there is none, or where the question does not lean on it.
    """

    text: str
    added: str
    request: Request
    others: tuple[str, ...] = ()
    before: str = ""
    together: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One user turn made stand-alone.

    ``base`` is the question that an ellipsis varies; ``topic`` its own content words; ``entity`` the person, post,
    programme or place that the conversation is about, which stays until a turn names another.
    """

    text: str
    base: str
    topic: str
    entity: str


def standalone_query(question: str, history: Sequence[Turn]) -> Query:
    """Make a question stand alone; without a history it stands as it is.

    Args:
        question: as typed.
        history: the turns so far, oldest first, of both roles.

    """
    text = " ".join(question.split())
    before = _last_read([turn.text for turn in history if turn.role == "user" and turn.text.strip()])
    if before is None:
        return Query(text=text, added="", request="answer")
    stripped = _GREETING.sub("", text) or text
    if request := _request(stripped):
        return Query(text=before.text, added="", request=request)
    others = tuple(dict.fromkeys(_with_subject(stripped, subject) for subject in (before.topic, before.entity)))
    if _leans_on_history(stripped):
        merged = _merged(stripped, before)
        added = f"{before.topic} {before.entity}".strip()
        together = f"{before.text.rstrip('?')}: {stripped}"
        return Query(
            text=merged.text, added=added, request="answer", others=others, before=before.text, together=together
        )
    others = tuple(other for other in others if other != stripped)
    return Query(text=text, added="", request="answer", others=others, before=before.text)


def lacks_subject(text: str) -> bool:
    """Whether a question names nothing to look up: no content word, or a pronoun that stands for nothing."""
    text = _GREETING.sub("", text)
    if not _subject(text):
        return True
    return _leans_on_history(text) and not _anchored(text) and len(_subject(text).split()) < 3 and "(" not in text


def _request(text: str) -> Request | None:
    short = len(words(text)) <= 12
    return next((request for request, pattern in _REQUESTS if short and pattern.search(text)), None)


def _last_read(asked: Sequence[str]) -> _Read | None:
    """The last question of the user, made stand-alone in its turn, so that a chain of follow-ups keeps its subject."""
    read: _Read | None = None
    for question in asked[-6:]:
        text = _GREETING.sub("", " ".join(question.split()))
        if _request(text) and read:
            continue
        if read and _leans_on_history(text):
            read = _merged(text, read)
        elif terms(text):
            carried = "" if read is None or _anchored(text) else read.entity
            read = _Read(text=text, base=text, topic=_subject(text), entity=_entity(text) or carried)
    return read


def _leans_on_history(text: str) -> bool:
    """Whether the form of a question asks for something that was said before."""
    own = terms(text)
    if _CORRECTION.match(text) or _ELLIPSIS.match(text) or _BARE.match(text) or not own:
        return True
    if _CONNECTED.match(text) and len(own) <= 6 and not _anchored(text):
        return True
    free = _PRONOUN_WITH_NOUN.sub(lambda match: " " * len(match[0]), text)
    if any(not _has_antecedent(text[: m.start()], m[0]) for m in _PRONOUN.finditer(free)):
        return True
    return len(own) <= 2 and len(words(text)) <= 4 and text.rstrip().endswith("?") and not _anchored(text)


def _has_antecedent(before: str, pronoun: str) -> bool:
    """Whether the words before a pronoun can hold what it stands for.

    A plain pronoun can't stand for a noun of its own clause ("Which areas get priority under it?"); a possessive can.
    """
    if _POSSESSIVE.fullmatch(pronoun):
        return bool(_subject(before))
    breaks = [match.start() for match in _CLAUSE_BREAK.finditer(before)]
    return bool(breaks) and bool(_subject(before[: breaks[-1]]))


def _anchored(text: str) -> bool:
    """Whether a question names something of its own: an acronym, or a name inside the sentence, other than CMO."""
    found = words(text)
    return any(
        (len(word.rstrip("s")) > 1 and word.rstrip("s").isupper())
        or (place > 0 and word[0].isupper() and word not in _MYSELF)
        for place, word in enumerate(found)
        if word.rstrip("s").upper() != "CMO"
    )


def _named(word: str, place: int) -> bool:
    """Whether a word is an acronym, or a name inside a sentence."""
    bare = word.rstrip("s")
    return (len(bare) > 1 and bare.isupper()) or (place > 0 and word[0].isupper() and word not in _MYSELF)


def _merged(text: str, before: _Read) -> _Read:
    corrected = _CORRECTION.sub("", text, count=1)
    if corrected != text and terms(corrected):
        return _varied(corrected, before)
    if noun := _NOUN_FIRST.match(text):
        named = " ".join(w for w in words(noun["noun"]) if w.lower() not in STOPWORDS and w.lower() != "one")
        if named:
            entity = _joined(named, before.entity)
            keep = "" if _anchored(f"the {named}") and " one" not in noun["noun"] else before.entity
            return _Read(
                text=_with_subject(noun["rest"], _joined(named, keep)), base=noun["rest"], topic=named, entity=entity
            )
    if (place := _ORDINAL.search(text)) and (pair := read_question(before.text).compared):
        side = pair[place[1].lower() in ("second", "latter")]
        return _Read(text=_ORDINAL.sub(f"the {side}", text, count=1), base=text, topic=side, entity=side)
    if ellipsis := _ELLIPSIS.match(text):
        return _varied(text[ellipsis.end() :], before)
    person = any(match[0].lower() in _PERSONAL for match in _PRONOUN.finditer(text))
    added = _person(before) if person and before.entity else _joined(before.topic, before.entity)
    return _Read(
        text=_pronoun_replaced(text, added) or _with_subject(text, added),
        base=before.base if _BARE.match(text) else text,
        topic=" ".join(_joined(before.topic, _subject(text)).split()[:4]),  # "it" most often goes on to mean the same
        entity=_entity(text) or before.entity,
    )


def _person(before: _Read) -> str:
    """Whom "they" or "she" stands for: what the conversation is about, with the post where that is an organization."""
    if roles(before.entity) or not (named := roles(before.text)):
        return before.entity
    named_so = (role.upper() if role in ("cmo", "ceo", "cno", "coo", "cfo") else role for role in sorted(named))
    return f"{' '.join(named_so)} of {before.entity}"


def _pronoun_replaced(text: str, subject: str) -> str:
    """The text with its one pronoun replaced by what it stands for; "" where that is not plainly one short phrase."""
    found = [match for match in _PRONOUN.finditer(text) if match[0].lower() in _REPLACEABLE]
    if len(found) != 1 or not 0 < len(subject.split()) <= 4:
        return ""
    match = found[0]
    ending = "'s" if _POSSESSIVE.fullmatch(match[0]) else ""
    return f"{text[: match.start()]}{subject}{ending}{text[match.end() :]}"


def _varied(rest: str, before: _Read) -> _Read:
    """The question before with a new phrase beside it; a phrase that is a question of its own takes the subject."""
    rest = rest.strip(" ?.!")
    if re.match(r"(?:what|who|how|why|when|where|which|is|are|do|does|can|must)\b", rest, re.I):
        text = rest if _anchored(rest) else _with_subject(rest, before.entity or before.topic)
        return _Read(text=text, base=rest, topic=_subject(rest), entity=_entity(rest) or before.entity)
    base = before.base.strip(" ?.!")
    if _PLACE.search(rest) and not read_question(base).compared:
        base = _IN_A_PLACE.sub("", base).strip()
    topic = _joined(rest, " ".join(w for w in before.topic.split() if w not in before.entity.split()))
    return _Read(text=f"{base}, {rest}?", base=before.base, topic=topic, entity=_entity(f"the {rest}") or before.entity)


def _with_subject(text: str, subject: str) -> str:
    own = set(terms(text))
    added = " ".join(word for word in subject.split() if not set(terms(word)) <= own)
    return f"{text.rstrip('?!. ')} ({added})?" if added else text


def _joined(new: str, old: str) -> str:
    """At most six words, the newest first."""
    return " ".join(list(dict.fromkeys([*new.split(), *old.split()]))[:6])


def _entity(text: str) -> str:
    """The names and acronyms of a text, with the posts that it speaks of; CMO itself only where there is no other."""
    found = words(text)
    named = [
        word.removesuffix("'s").removesuffix("’s")
        for place, word in enumerate(found)
        if (len(word.rstrip("s")) > 1 and word.rstrip("s").isupper())
        or (place > 0 and word[0].isupper() and word not in _MYSELF)
    ]
    if compared := read_question(text).compared:
        return " ".join(compared)
    kept = named if all(w.rstrip("s") == "CMO" for w in named) else [w for w in named if w.rstrip("s") != "CMO"]
    return " ".join(dict.fromkeys([*kept, *(w for role in sorted(posts(text)) for w in role.split())][:6]))


def _subject(text: str) -> str:
    """What a question is about: its content words in order, less the verbs and adjectives of any question."""
    kept = [
        word
        for word in words(text)
        if word.lower() not in STOPWORDS and (found := terms(word)) and not set(found) <= _GENERIC
    ]
    return " ".join(dict.fromkeys(kept[:4]))


_GENERIC = frozenset(
    stem(word)
    for word in """need require call do done make take give get have happen leave change become decide choose compare
    include work affect matter use help let keep put show see look find ask answer start begin stop end come go
    went gone common important main first last new old good bad big small high low early late certain specific
    particular general part role number amount question problem reason example case point year time day people one two
    three allow apply involve cover count define determine handle deal relate concern consider seem appear exist
    possible necessary available likely able please also still yet already ever even much enough since ago""".split()
)
"""Stems that say nothing of what a question is about."""
