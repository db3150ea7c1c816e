"""The words that carry a text's meaning, as stems: what counts as "the same word" everywhere in the assistant."""

import re
from collections.abc import Mapping, Set
from functools import lru_cache

import Stemmer

WORD = re.compile(r"[^\W_]+(?:[.,&/'’-][^\W_]+)*", re.UNICODE)
"""One word, as everything in the assistant counts words."""
_PLURAL_ACRONYM = re.compile(r"[A-Z]{2,}s")
_stemmer = Stemmer.Stemmer("english")

STOPWORDS = frozenset(
    """a about above after again all also am an and any are aren't as at be because been being between both but by can
    cannot could did do does doing don't down during each either else etc ever few for from further get give
    given had has have having he her here hers herself him himself his how i i'd i'll i'm i've if in into is
    isn't it it's its itself just let's like may me might more most much must my myself neither no nor not of
    off on once only or other ought our ours ourselves out over own per please really same shall she should so
    some such tell than that that's the their theirs them themselves then there there's these they they're this
    those through to too under until up upon us very want was we were what what's when where where's whether
    which while who who's whom whose why will with would yes you your yours yourself mean means meant exactly
    actually know say says said vs versus difference differences differ differs different compare compared list
    name explain describe define definition someone somebody anyone people person thing things way ways kind
    kinds sort sorts type types many often long really usually typically generally we're we've we'd we'll you're
    you've you'd you'll they've they'd they'll he's she's he'd she'd he'll she'll who've who'd haven't hasn't hadn't
    wasn't weren't didn't doesn't can't couldn't won't wouldn't shouldn't mustn't""".split()
)
"""Words that say nothing of the subject; a question made only of these has no subject of its own."""


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of one word, lower case; identifiers with digits stay as they are."""
    word = word.replace("’", "'").removesuffix("'s")
    if _PLURAL_ACRONYM.fullmatch(word):
        word = word[:-1]
    word = word.lower()
    if any(character.isdigit() for character in word):
        return word
    stemmed: str = _stemmer.stemWord(word)
    return stemmed


def words(text: str) -> list[str]:
    """The words of a text in order, as written; "482.22" and "COVID-19" are one word each."""
    return WORD.findall(text)


def terms(text: str) -> list[str]:
    """The stems of the content words of a text, in order; compounds with a hyphen or slash count as their parts."""
    return [term for word in words(text) for term in terms_of(word)]


@lru_cache(maxsize=16_384)
def term_set(text: str) -> frozenset[str]:
    """The distinct ``terms`` of a text; remembered, for the same sentences are found for one question after another."""
    return frozenset(terms(text))


@lru_cache(maxsize=65536)
def terms_of(word: str) -> tuple[str, ...]:
    """The stems of one word as it is written: none of a word that carries no meaning, several of a compound."""
    lower = word.lower().replace("’", "'")
    if lower in STOPWORDS or lower.removesuffix("'s") in STOPWORDS:
        return ()
    if any(character.isdigit() for character in lower):
        return (lower,)
    return tuple(stem(part) for part in re.split(r"[-/&.,]", word) if part and part.lower() not in STOPWORDS)


def weighted_share(weight: Mapping[str, float], found: Set[str]) -> float:
    """The share, 0 to 1, of the weighed words that are found; 0 where nothing is weighed."""
    total = sum(weight.values())
    return sum(value for term, value in weight.items() if term in found) / total if total else 0.0
