"""What a question is about: its own content words, and the names, acronyms and posts in it."""

import re

from assistant.claims import posts, replaced_roles, roles
from assistant.questions import read_question
from assistant.terms import STOPWORDS, stem, terms, words

_PEOPLE = frozenset("physician nurse surgeon administrator manager patient pharmacist executive sponsor".split())
"""Whom a question may be about as well as whom it is asked of: "What about nurses?" may mean either."""
_ARTICLE = re.compile(r"^(?:an?|the|about|for)\s+", re.I)
_MYSELF = frozenset(("I", "I'm", "I've", "I'd", "I'll", "I’m", "I’ve", "I’d", "I’ll"))
GENERIC = frozenset(
    stem(word)
    for word in """need require call do done make take give get have happen leave change become decide choose compare
    include work affect matter use help let keep put show see look find ask answer start begin stop end come go
    went gone common important main first last new old good bad big small high low early late certain specific
    particular general part role number amount question problem reason example case point year time day people one two
    three allow apply involve cover count define determine handle deal relate concern consider seem appear exist
    possible necessary available likely able contain mention state spend hold
    please also still yet already ever even much enough since ago""".split()
)
"""Stems that say nothing of what a question is about."""


def subject_of(text: str) -> str:
    """What a question is about: its content words in order, less the verbs and adjectives of any question."""
    kept = [
        word
        for word in words(text)
        if word.lower() not in STOPWORDS and (found := terms(word)) and not set(found) <= GENERIC
    ]
    return " ".join(dict.fromkeys(kept[:4]))


def entity_of(text: str) -> str:
    """The names and acronyms of a text, with the posts that it speaks of; CMO itself only where there is no other."""
    named = [
        word.removesuffix("'s").removesuffix("’s") for place, word in enumerate(words(text)) if _named(word, place)
    ]
    if compared := read_question(text).compared:
        return " ".join(compared)
    kept = named if all(w.rstrip("s") == "CMO" for w in named) else [w for w in named if w.rstrip("s") != "CMO"]
    return " ".join(dict.fromkeys([*kept, *(w for role in sorted(posts(text)) for w in role.split())][:6]))


def with_other_post(text: str, post: str) -> str:
    """A question about one post, asked of another; "" where it names not just one, or ``post`` says more than a name.

    "How much does a CMO earn" and "the chief nurse" give "How much does a chief nurse earn".
    """
    if len(roles(text)) != 1 or not roles(post) - _PEOPLE or terms(replaced_roles(post, "")):
        return ""
    return replaced_roles(text, _ARTICLE.sub("", post))


def anchored(text: str) -> bool:
    """Whether a question names something of its own: an acronym, or a name inside the sentence, other than CMO."""
    return any(_named(word, place) for place, word in enumerate(words(text)) if word.rstrip("s").upper() != "CMO")


def _named(word: str, place: int) -> bool:
    """Whether a word is an acronym, or a name inside a sentence."""
    bare = word.rstrip("s")
    return (len(bare) > 1 and bare.isupper()) or (place > 0 and word[0].isupper() and word not in _MYSELF)
