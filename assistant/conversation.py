"""Turn a follow-up into a question that stands alone, from the history and without a model.

A wrong merge is worse than none: the history is drawn on only where the form of the question asks for it (a pronoun
without an antecedent, an ellipsis, a correction, a request about the answer itself) and only its subject is taken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answers import Turn
from assistant.claims import roles
from assistant.followups import (
    BARE,
    COMPARED,
    CONNECTED,
    CORRECTION,
    ELLIPSIS,
    FRAGMENT,
    GREETING,
    POINTING,
    POSSESSIVE,
    PRONOUN,
    Request,
    is_fragment,
    leans_on_history,
    request_of,
)
from assistant.questions import read_question
from assistant.subjects import anchored, entity_of, subject_of, with_other_post
from assistant.terms import STOPWORDS, terms, words

_NOUN_FIRST = re.compile(
    r"^(?:and|but|so|or|ok(?:ay)?|now)?[\s,]*(?:what|"
    r"how)?\s*(?:about\s+)?(?P<noun>[^,?]{2,60}),\s*(?P<rest>(?:what|who|how|why|when|where|which|is|are|"
    r"do|does|can|must|should)\b.+)$",
    re.I,
)
_ORDINAL = re.compile(r"\bthe (first|former|second|latter)(?: one)?\b", re.I)
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
_PREPOSITION = r"(?:at|in|for|on|from|by|under|to|with|of)"
_PHRASE = re.compile(
    rf"\b({_PREPOSITION}) (?:(?!{_PREPOSITION}\b|(?:and|or|when|if|that|who|which)\b)\S+ ?){{1,5}}$", re.I
)
_PERSONAL = frozenset("they them their theirs he she him his her hers".split())
_REPLACEABLE = frozenset("it they them its their she he her his him".split())
_WHICH_OF_TWO = re.compile(
    r"(?:which (?:one|of (?:them|those|these|the two)|(?=(?:is|has|does)\b))|who(?= \w+ (?:more|less|\w+er)\b))",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question made to stand alone.

    ``text`` is what is searched and shown; ``added`` the subject that was taken from the history, "" where nothing
    was; ``request`` is "answer", or what the user wants done to the last answer. ``others`` are further readings of a
    follow-up, with the topic of the turn before and with what the conversation is about; the evidence weighs them all.
    ``before`` is the question of the turn before, made to stand alone, ``typed`` this one as it was typed, and
    ``together`` both in one text; "" where there is none, or where the form leaves no doubt what it leans on. ``leans``
    where the form of the question asks for what was said before.
    """

    text: str
    added: str
    request: Request
    others: tuple[str, ...] = ()
    before: str = ""
    typed: str = ""
    together: str = ""
    leans: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One user turn made stand-alone.

    ``base`` is the question that an ellipsis varies; ``topic`` its own content words; ``entity`` the person, post,
    programme or place that the conversation is about, which stays until a turn names another. ``sure`` where the form
    leaves no doubt what the turn leans on, so that no other reading is needed.
    """

    text: str
    base: str
    topic: str
    entity: str
    sure: bool = False


def standalone_query(question: str, history: Sequence[Turn]) -> Query:
    """Make a question stand alone; without a history it stands as it is.

    Args:
        question: as typed.
        history: the turns so far, oldest first, of both roles.

    """
    text = " ".join(question.split())
    asked = [" ".join(turn.text.split()) for turn in history if turn.role == "user" and turn.text.strip()]
    before = _last_read(asked)
    if before is None:
        return Query(text=text, added="", request="answer")
    stripped = GREETING.sub("", text) or text
    if request := request_of(stripped):
        return Query(text=before.text, added="", request=request)
    others = tuple(dict.fromkeys(_with_subject(stripped, subject) for subject in (before.topic, before.entity)))
    query = Query(
        text=text,
        added="",
        request="answer",
        others=tuple(other for other in others if other != stripped),
        before=before.text,
        typed=stripped,
        together=_behind(asked, before.text, stripped),
    )
    if not leans_on_history(stripped):
        return query
    merged = _merged(stripped, before)
    added = f"{before.topic} {before.entity}".strip()
    if merged.sure:
        return replace(query, text=merged.text, added=added, others=(), together="", leans=True)
    return replace(query, text=merged.text, added=added, others=others, leans=True)


def behind_before(question: str, history: Sequence[Turn]) -> str:
    """A question behind the turn before it, in one text as questions of talks are stored, however sure its form is.

    It is "" where there is no turn before, or where the question asks for something to be done to the last answer.
    """
    query = standalone_query(question, history)
    asked = [" ".join(turn.text.split()) for turn in history if turn.role == "user" and turn.text.strip()]
    return _behind(asked, query.before, query.typed) if query.typed else ""


def _behind(asked: Sequence[str], before: str, text: str) -> str:
    """A question behind the one of the turn before, and behind what that turn itself points back to."""
    last = GREETING.sub("", asked[-1])
    further = asked[-2:-1] if POINTING.search(last) or leans_on_history(last) else []
    return ": ".join([*(turn.rstrip("?") for turn in (*further, before)), text])


def lacks_subject(text: str) -> bool:
    """Whether a question names nothing to look up: no content word, or a pronoun that stands for nothing.

    One that names a post can be looked up, however short it is.
    """
    text = GREETING.sub("", text)
    if not subject_of(text):
        return True
    named = roles(text) or anchored(text) or "(" in text
    return not named and leans_on_history(text) and len(subject_of(text).split()) < 3


def _last_read(asked: Sequence[str]) -> _Read | None:
    """The last question of the user, made stand-alone in its turn, so that a chain of follow-ups keeps its subject."""
    read: _Read | None = None
    for question in asked[-6:]:
        text = GREETING.sub("", " ".join(question.split()))
        if request_of(text) and read:
            continue
        if read and leans_on_history(text):
            read = _merged(text, read)
        elif terms(text):
            carried = "" if read is None or anchored(text) else read.entity
            read = _Read(text=text, base=text, topic=subject_of(text), entity=entity_of(text) or carried)
    return read


def _merged(text: str, before: _Read) -> _Read:
    corrected = CORRECTION.sub("", text, count=1)
    if corrected != text and terms(corrected):
        return _varied(corrected, before)
    if noun := _NOUN_FIRST.match(text):
        named = " ".join(w for w in words(noun["noun"]) if w.lower() not in STOPWORDS and w.lower() != "one")
        if named:
            entity = _joined(named, before.entity)
            keep = "" if anchored(f"the {named}") and " one" not in noun["noun"] else before.entity
            return _Read(
                text=_with_subject(noun["rest"], _joined(named, keep)), base=noun["rest"], topic=named, entity=entity
            )
    if other := _of_a_comparison(text, before):
        return other
    if (ellipsis := ELLIPSIS.match(text)) or is_fragment(text):
        return _varied(text[ellipsis.end() if ellipsis else 0 :], before)
    person = any(match[0].lower() in _PERSONAL for match in PRONOUN.finditer(text))
    compared = read_question(before.text).compared
    if compared and person:
        added = " and ".join(compared)
    else:
        added = _person(before) if person and before.entity else _joined(before.topic, before.entity)
    return _Read(
        text=_pronoun_replaced(text, added) or _with_subject(text, added),
        base=before.base if BARE.match(text) else text,
        topic=" ".join(_joined(before.topic, subject_of(text)).split()[:4]),  # "it" most often goes on to mean the same
        entity=entity_of(text) or before.entity,
    )


def _of_a_comparison(text: str, before: _Read) -> _Read | None:
    """A turn that asks of the sides of the comparison before it, or compares what was spoken of with something else."""
    compared = read_question(before.text).compared
    if compared and (place := _ORDINAL.search(text)):
        side = compared[place[1].lower() in ("second", "latter")]
        return _Read(text=_ORDINAL.sub(f"the {side}", text, count=1), base=text, topic=side, entity=side)
    if what := COMPARED.match(text):
        topic = _joined(before.topic, before.entity)
        full = f"{text[: what.start('what')]}{topic}{text[what.end('what') :]}"
        return _Read(text=full, base=full, topic=topic, entity=entity_of(text) or before.entity)
    bare = CONNECTED.sub("", text)
    if compared and (which := _WHICH_OF_TWO.match(bare)):
        both = " ".join(compared)
        rest = f"{bare[which.end() :].strip(' ?')}, {', '.join(compared[:-1])} or {compared[-1]}"
        return _Read(text=f"Which {rest}?", base=text, topic=both, entity=both, sure=True)
    return None


def _person(before: _Read) -> str:
    """Whom "they" or "she" stands for: what the conversation is about, with the post where that is an organization."""
    if roles(before.entity) or not (named := roles(before.text)):
        return before.entity
    named_so = (role.upper() if role in ("cmo", "ceo", "cno", "coo", "cfo") else role for role in sorted(named))
    return f"{' '.join(named_so)} of {before.entity}"


def _pronoun_replaced(text: str, subject: str) -> str:
    """The text with its one pronoun replaced by what it stands for; "" where that is not plainly one short phrase."""
    found = [match for match in PRONOUN.finditer(text) if match[0].lower() in _REPLACEABLE]
    if len(found) != 1 or not 0 < len(subject.split()) <= 4:
        return ""
    match = found[0]
    ending = "'s" if POSSESSIVE.fullmatch(match[0]) else ""
    return f"{text[: match.start()]}{subject}{ending}{text[match.end() :]}"


def _varied(rest: str, before: _Read) -> _Read:
    """The question before with a new phrase beside it; a phrase that is a question of its own takes the subject."""
    rest = rest.strip(" ?.!")
    if re.match(r"(?:what|who|how|why|when|where|which|is|are|do|does|can|must)\b", rest, re.I):
        text = rest if anchored(rest) else _with_subject(rest, before.entity or before.topic)
        return _Read(text=text, base=rest, topic=subject_of(rest), entity=entity_of(rest) or before.entity)
    base = (before.text if leans_on_history(before.base) else before.base).strip(" ?.!")
    if other := with_other_post(base, rest):
        entity = entity_of(f"the {rest}") or rest
        return _Read(text=f"{other}?", base=other, topic=subject_of(other), entity=entity, sure=True)
    if other := _with_other_phrase(base, rest):
        entity = entity_of(other) or before.entity
        return _Read(text=f"{other}?", base=other, topic=subject_of(other), entity=entity, sure=True)
    in_a_place = bool(_PLACE.search(rest)) and not read_question(base).compared
    if in_a_place:
        base = _IN_A_PLACE.sub("", base).strip()
    elif (
        not (roles(rest) or FRAGMENT.match(rest) or anchored(f"the {rest}")) and before.entity and len(terms(rest)) <= 2
    ):
        about = _with_subject(f"What about {rest}", before.entity)
        return _Read(text=about, base=about, topic=subject_of(rest), entity=before.entity)
    named = FRAGMENT.sub("", rest)
    topic = _joined(named, " ".join(w for w in before.topic.split() if w not in before.entity.split()))
    entity = entity_of(f"the {named}") or before.entity
    return _Read(text=f"{base}, {rest}?", base=base, topic=topic, entity=entity, sure=in_a_place)


def _with_other_phrase(base: str, rest: str) -> str:
    """A question that ends in "at Sallow Green" with "at Fenwick Road" in its place; "" where it has no such end."""
    new, old = _PHRASE.fullmatch(rest), _PHRASE.search(base)
    if not new or not old or new[1].lower() != old[1].lower():
        return ""
    return f"{base[: old.start()]}{rest}"


def _with_subject(text: str, subject: str) -> str:
    own = set(terms(text))
    added = " ".join(word for word in subject.split() if not set(terms(word)) <= own)
    return f"{text.rstrip('?!. ')} ({added})?" if added else text


def _joined(new: str, old: str) -> str:
    """At most six words, the newest first, each of them once in whatever form."""
    by_stem: dict[str, str] = {}
    for word in (*new.split(), *old.split()):
        by_stem.setdefault(" ".join(terms(word)) or word, word)
    return " ".join(list(by_stem.values())[:6])
