"""Turn a follow-up into a question that stands alone, from the history and without a model.

A wrong merge is worse than none: the history is drawn on only where the form of the question asks for it (a pronoun
without an antecedent, an ellipsis, a correction, a request about the answer itself) and only its subject is taken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answers import Turn
from assistant.questions import read_question
from assistant.terms import STOPWORDS, terms, words

Request = Literal["answer", "shorter", "longer", "bullets", "sources"]

_GREETING = re.compile(r"^(?:thanks?(?: you)?|thank you|great|ok(?:ay)?|i see|got it|interesting|hi|hello|hey)\b[\s,.!]*", re.I)
_CORRECTION = re.compile(
    r"^(?:no|nope|sorry|oops|excuse me|actually|wait)\b[\s,.!:;-]+(?:(?:but|i)\s+)*(?:(?:i\s+)?(?:meant?|was asking about|am asking about)\s+)?"
    r"|^i\s+meant?\s+",
    re.I,
)
_ELLIPSIS = re.compile(
    r"^(?:and|but|or|so)?\s*(?:what|how)\s+about\s+|^(?:and|but|or)\s+(?=(?:in|at|for|with|of|on|from|as|the|an?|by|under|to)\b)|"
    r"^(?:and|same(?: question)?)\s+(?:for|in|at|with|of)\s+",
    re.I,
)
_BARE = re.compile(
    r"^(?:and\s+|but\s+|so\s+)?(?:why|how|when|where|who|which(?: ones?)?|how so|why so|why not|why is that|how come|"
    r"for example|such as|like what|examples?|really|is that so|how much|how many|how long|how often|by whom|since when)\W*$",
    re.I,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|she|him|his|her|hers|this|that|these|those|ones?|there|both|either|"
    r"neither|the former|the latter|same|such|the other|others?|another|each|instead|the first|the second)\b",
    re.I,
)
_PRONOUN_WITH_NOUN = re.compile(r"\b(?:this|that|these|those|such|both|same|either|neither|another|each|other)\s+(?!is\b|are\b|was\b|be\b|do\b)"
                                r"[a-z]{4,}|\bis there\b|\bare there\b|\bthere (?:is|are|was|were)\b|\bthat\s+(?=\w+s?\b)", re.I)
_CONNECTED = re.compile(r"^(?:and|but|so|then|or|also)\b", re.I)
_REQUESTS: tuple[tuple[Request, re.Pattern[str]], ...] = (
    ("sources", re.compile(r"\b(?:which|what)\s+(?:source|article|document|passage)s?\s+(?:say|said|state|is that|does|do)|"
                           r"\bwhere (?:does|did) (?:it|that|this) (?:say|come from)|\bwho says (?:so|that|this)\b|"
                           r"\b(?:show|give|cite|name)\b.{0,20}\bsources?\b|^(?:your )?sources?\W*$|\bsays who\b", re.I)),
    ("bullets", re.compile(r"\b(?:as|in|with)\s+(?:a\s+)?(?:bullets?|bullet points?|list form)\b|^(?:bullets?|list it|list them|make (?:it|that) a list)\b", re.I)),
    ("shorter", re.compile(r"^(?:please\s+|can you\s+|could you\s+)?(?:(?:make|say) (?:it|that) )?(?:shorter|briefer|in short|briefly|shorten(?: (?:it|that))?|"
                           r"summari[sz]e(?: (?:it|that|this))?|tl;?dr|in (?:one|a) (?:sentence|line|nutshell)|too long)\b", re.I)),
    ("longer", re.compile(r"^(?:please\s+|can you\s+|could you\s+)?(?:say more|tell me more|more(?: details?| please| on (?:it|that|this))?|go on|continue|elaborate(?: on (?:it|that|this))?|"
                          r"expand(?: on (?:it|that|this))?|in more detail|what else|anything else|explain (?:it |that |this )?(?:further|more|in more detail))\W*$", re.I)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question made to stand alone.

    ``text`` is what is searched and shown; ``added`` the subject that was taken from the history, "" where nothing
    was; ``request`` is "answer", or what the user wants done to the last answer.
    """

    text: str
    added: str
    request: Request


def standalone_query(question: str, history: Sequence[Turn]) -> Query:
    """Make a question stand alone; without a history it stands as it is.

    Args:
        question: as typed.
        history: the turns so far, oldest first, of both roles.
    """
    asked = [turn.text for turn in history if turn.role == "user" and turn.text.strip()]
    text = " ".join(question.split())
    if not asked:
        return Query(text=text, added="", request="answer")
    stripped = _GREETING.sub("", text) or text
    for request, pattern in _REQUESTS:
        if pattern.search(stripped) and len(words(stripped)) <= 12:
            return Query(text=_last_standalone(asked), added="", request=request)
    if not _leans_on_history(stripped):
        return Query(text=text, added="", request="answer")
    return _merged(stripped, _last_standalone(asked))


def _last_standalone(asked: Sequence[str]) -> str:
    """The last question of the user made stand-alone in its turn, so that a chain of follow-ups keeps its subject."""
    text = ""
    for question in asked[-6:]:
        stripped = _GREETING.sub("", " ".join(question.split()))
        if not terms(stripped) and not _BARE.match(stripped):
            continue
        if any(pattern.search(stripped) and len(words(stripped)) <= 12 for _, pattern in _REQUESTS):
            continue
        text = _merged(stripped, text).text if text and _leans_on_history(stripped) else stripped
    return text or asked[-1]


def _leans_on_history(text: str) -> bool:
    own = terms(text)
    if _CORRECTION.match(text) or _ELLIPSIS.match(text) or _BARE.match(text) or not own:
        return True
    if _CONNECTED.match(text) and len(own) <= 6:
        return True
    free = _PRONOUN_WITH_NOUN.sub(" ", text)
    if (match := _PRONOUN.search(free)) and not _has_antecedent(free[: match.start()]):
        return True
    return len(own) <= 2 and len(words(text)) <= 4 and text.rstrip().endswith("?") and not read_question(text).compared


def _has_antecedent(before: str) -> bool:
    """Whether the words before a pronoun name something that it can stand for: two content words or more."""
    return len(terms(before)) >= 2


def _merged(text: str, previous: str) -> Query:
    corrected = _CORRECTION.sub("", text, count=1)
    if corrected != text and terms(corrected):
        return _replaced(corrected, previous)
    if ellipsis := _ELLIPSIS.match(text):
        rest = text[ellipsis.end() :]
        return _replaced(rest, previous)
    subject = _subject(previous, without=set(terms(text)))
    merged = f"{text.rstrip('?!. ')} ({subject})?" if subject else text
    return Query(text=merged, added=subject, request="answer")


def _replaced(rest: str, previous: str) -> Query:
    """The previous question with the new phrase beside it: what it replaces can't be told without understanding."""
    rest = rest.strip(" ?.!")
    if len(terms(rest)) >= 4 and re.match(r"(?:what|who|how|why|when|where|which|is|are|do|does|can|must)\b", rest, re.I):
        return Query(text=rest + "?", added="", request="answer")
    base = previous.strip(" ?.!")
    return Query(text=f"{base}, {rest}?", added=base, request="answer")


def _subject(previous: str, *, without: set[str]) -> str:
    """The content words of the previous question, in order, less those that the follow-up has itself."""
    kept = [
        word
        for word in words(previous)
        if word.lower() not in STOPWORDS and (found := terms(word)) and not set(found) <= without
    ]
    return " ".join(dict.fromkeys(kept[:12]))
