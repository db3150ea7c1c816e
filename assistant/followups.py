"""The forms of a follow-up: by what signs a question leans on what was said, or wishes for another form of it."""

import re
from typing import Literal

from assistant.subjects import anchored, subject_of
from assistant.terms import terms, words

Request = Literal["answer", "shorter", "longer", "bullets", "sources", "newer"]
"""What a turn wants: an answer, or the last one in another form."""

GREETING = re.compile(
    r"^(?:thanks?(?: you)?|thank you|great|ok(?:ay)?|i see|got it|interesting|hi|hello|hey)\b[\s,.!]*", re.I
)
CORRECTION = re.compile(
    r"^(?:no|nope|sorry|oops|excuse me|actually|wait)\b[\s,.!:;-]+(?:(?:but|i)\s+)*(?:(?:i\s+)?(?:meant?|"
    r"was asking about|am asking about)\s+)?"
    r"|^i\s+meant?\s+",
    re.I,
)
ELLIPSIS = re.compile(
    r"^(?:and|but|or|so)?\s*(?:what|how)\s+about\s+|^(?:and|but|or)\s+(?=(?:in|at|for|with|of|on|from|as|"
    r"the|an?|by|under|to)\b)|"
    r"^(?:and|same(?: question)?)\s+(?:for|in|at|with|of)\s+",
    re.I,
)
FRAGMENT = re.compile(
    r"^(?:(?:always|only|just|even|also|not|mostly|usually)\s+)*(?:(?:in|at|for|with|on|from|by|under|to|as|after|before|"
    r"during|without|outside|inside|within|among|between|per|through)\s+(?:the\s+|an?\s+)?|(?:the|an?)\s+)|"
    r"^(?=(?:always|ever|everywhere|anywhere|mostly|usually|never)\W*$)",
    re.I,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|do|does|did|has|have|had|can|could|may|might|must|should|shall|will|would|need|what|who|whom|"
    r"how|why|when|where|which)\b",
    re.I,
)
_COMPLETE = re.compile(
    r"^(?:what(?:['’]s| is| are)|who(?:['’]s| is| are)) an? \w|"
    r"^(?:is|are|do|does|did|can|should|must|what(?:['’]s| is| are)) (?!the |an? |any |all |some |most |there )"
    r"(?=\w+ \w+\W*$)(?!\w+ (?:like|for|about|then|usually|typically)\b)[a-z]",
    re.I,
)
"""A short question that names what it is about by itself: "What is a CMO?", "Is burnout common?"."""
FRAGMENT_WORDS = 8  # at most
BARE = re.compile(
    r"^(?:and\s+|but\s+|so\s+)?(?:why|how|when|where|who|which(?: ones?)?|how so|why so|why not|why is that|how come|"
    r"for example|such as|like what|examples?|really|is that so|how \w+|by whom|since when)\W*$",
    re.I,
)
PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|she|him|his|her|hers|this|that|these|those|ones?|there|both|either|"
    r"neither|the former|the latter|same|such|the other|others?|another|each|instead|"
    r"the (?:first|second)(?= one\b| is\b| was\b| do| has\b|\W*$))\b",
    re.I,
)
_PRONOUN_WITH_NOUN = re.compile(
    r"\b(?:this|that|these|those|such|both|same|either|neither|another|each|(?<!the )other)\s+"
    r"(?!is\b|are\b|was\b|be\b|do\b|\w+ed\W*$|\w+ than\b)[a-z]{4,}|"
    r"\bis there\b|\bare there\b|\bthere (?:is|are|was|were)\b|"
    r"(?<!\bis )(?<!\bwas )(?<!\bdoes )(?<!\bdid )(?<!\bcan )(?<!\bcould )(?<!\bmust )(?<!\bshould )(?<!\bhas )"
    r"(?<!\bwill )(?<!\bwould )(?<!\w's )\bthat\s+(?=\w+s?\b)|"
    r"\b(?:is|was) it (?:\w+ly )?(?:true|possible|common|normal|usual|typical|legal|allowed|necessary|important|hard|"
    r"difficult|easy|wise|worth|better|best|likely|realistic|ok|okay|too late) (?:that|to|for|if|when)\b|"
    r"\b(?:is|was) it to\b|\b(?:does|did|will|would|can|could|should|might) it (?:\w+ly )?"
    r"(?:cost|take|mean|pay|help|hurt|matter|make sense|require)\b(?: \w+){0,2}? (?:to|if|when|that)\b|"
    r"\bdoes it make sense for\b",
    re.I,
)
POINTING = re.compile(r"\b(?:this|that|these|those|such)\s+[a-z]", re.I)
"""A noun said before, as in "that committee"; or a "that" of another kind."""
COMPARED = re.compile(
    r"^(?:(?:and|so|but)\s+)?how\s+(?:is|are|was|were|do|does|did)\s+(?P<what>that|this|it|these|those|they)\s+"
    r"(?:\w+ly\s+|any\s+)?(?:differ\w*|compar\w*)\b",
    re.I,
)
"""What was spoken of is one side of a comparison: "How is that different from …?"."""
POSSESSIVE = re.compile(r"(?:its|their|his|her)", re.I)
CONNECTED = re.compile(r"^(?:and|but|so|then|or|also)\b[\s,]*", re.I)
_CLAUSE_BREAK = re.compile(
    r"[,;:]|\s[-–—]\s|"
    r"\b(?:and|if|when|because|that|who|which|while|after|before|once|since|but|so|until|unless|where)\b",
    re.I,
)
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
    (
        "newer",
        re.compile(
            r"^(?:[^?]*\b(?:old|older|dated|outdated|(?:19|20)\d\d)\b[^?]{0,20}[.,;!?–-]\s*)?"
            r"(?:(?:ok|okay|but|so|and|well)\b[,\s]*)*"
            r"(?:(?:is|are)\s+there|do\s+(?:you|they)\s+have|have\s+you(?:\s+got)?|what(?:['’]s|\s+is|\s+are)(?:\s+the)?|"
            r"can\s+you\s+(?:find|give|show)(?:\s+me)?|give\s+me|got)?\s*"
            r"(?:anything|something|nothing|any|some|an?|the)?\s*(?:(?:data|figures?|numbers?|statistics|sources?)\s+)?"
            r"(?:newer|newest|latest|(?:more|most)\s+(?:recent|current|up[ -]to[ -]date))\b"
            r"(?:\s+(?:data|figures?|numbers?|ones?|surveys?|sources?|stud(?:y|ies)|statistics|information|available|"
            r"out there|than\s+(?:that|this|those|(?:19|20)\d\d)))*\W*$",
            re.I,
        ),
    ),
)


def request_of(text: str) -> Request | None:
    """What a short text wants done to the last answer; None where it asks something, or is too long for a wish."""
    short = len(words(text)) <= 12
    return next((request for request, pattern in _REQUESTS if short and pattern.search(text)), None)


def is_fragment(text: str) -> bool:
    """Whether a text is a phrase without a verb, a new side of the last turn: "at a health center?"."""
    if BARE.match(text) or _VERB.search(text):
        return False
    return bool(len(words(text)) <= FRAGMENT_WORDS and text.rstrip().endswith("?") and FRAGMENT.match(text))


def leans_on_history(text: str) -> bool:
    """Whether the form of a question asks for something that was said before."""
    own = terms(text)
    if CORRECTION.match(text) or ELLIPSIS.match(text) or BARE.match(text) or is_fragment(text) or not subject_of(text):
        return True
    if COMPARED.match(text) or (CONNECTED.match(text) and len(own) <= 6 and not anchored(text)):
        return True
    free = _PRONOUN_WITH_NOUN.sub(lambda match: " " * len(match[0]), text)
    if any(not _has_antecedent(text[: m.start()], m[0]) for m in PRONOUN.finditer(free)):
        return True
    short = len(own) <= 2 and len(words(text)) <= 4 and text.rstrip().endswith("?")
    return short and not (anchored(text) or _COMPLETE.match(text))


def _has_antecedent(before: str, pronoun: str) -> bool:
    """Whether the words before a pronoun can hold what it stands for.

    A plain pronoun can't stand for a noun of its own clause ("Which areas get priority under it?"); a possessive can.
    """
    if POSSESSIVE.fullmatch(pronoun):
        return bool(subject_of(before))
    breaks = [match.start() for match in _CLAUSE_BREAK.finditer(before)]
    return bool(breaks) and bool(subject_of(before[: breaks[-1]]))
