"""Two sentences laid beside each other, word by word: where they part for a moment and meet again, what changed there.

A single "must" for "may" shows in such a place, where no count of shared words would tell.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache

from assistant.claims import in_short, negations, numbers, roles, settings, strength, width
from assistant.terms import stem, terms, words

SHORT = 4  # words; a longer stretch that only one of two sentences has is a clause of its own, not a change of wording
MOST_JOINTS = 5  # places at which a claim is turned round
CLAUSE = re.compile(r"[,;:()–—]| (?:and|or|but|because|which|who|that|while|with|including|especially|whereas|so) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A sentence read once: its words as stems, in order, and which of them carry meaning."""

    stems: tuple[str, ...]
    words: tuple[str, ...]
    terms: tuple[str, ...]
    known: frozenset[str]
    pairs: frozenset[frozenset[str]]  # content words that stand next to each other, two or three apart
    joints: tuple[int, ...]  # the words that begin a clause, but for the first

    def meaning(self, meant: Mapping[str, str]) -> "Reading":
        """The same with some stems put for others: a claim in the words of its evidence."""
        if not meant:
            return self
        found = tuple(meant.get(term, term) for term in self.terms)
        return replace(
            self,
            stems=tuple(meant.get(term, term) for term in self.stems),
            terms=found,
            known=frozenset(found),
            pairs=frozenset(frozenset(meant.get(term, term) for term in pair) for pair in self.pairs),
        )


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """The sentence as ``compare_sentence`` wants it."""
    text = in_short(text)
    lower = tuple(word.lower() for word in words(text))
    found = tuple(terms(text))
    near = {frozenset(pair) for gap in (1, 2, 3) for pair in zip(found, found[gap:], strict=False)}
    joints = dict.fromkeys(len(words(text[: match.end()])) for match in CLAUSE.finditer(text))
    joints = {place: None for place in joints if 0 < place < len(lower)}
    return Reading(
        stems=tuple(stem(word) for word in lower),
        words=lower,
        terms=found,
        known=frozenset(found),
        pairs=frozenset(near),
        joints=tuple(joints)[:MOST_JOINTS],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs in the places where two sentences part and meet again.

    A difference in a place counts under its own name where the whole sentences differ so too. Where they don't, it is
    likely that only the order is another, and it counts as ``moved``, or as ``swapped`` where posts, kinds of
    organization or numbers stand in each other's place.
    """

    shared: float  # the share of the claim's words that stand in both in the same order
    opening: float  # 1 where they begin with different content words: the same said of something else
    negated: float  # in how many places only one of the two negates
    exchanged: float  # in how many places they name different posts, kinds of organization or numbers
    stronger: float  # in how many places the claim asserts more strongly
    wider: float  # in how many places it holds for more
    narrower: float
    swapped: float
    moved: float


def changes(claim: Reading, quote: Reading) -> Changes:
    """Lay a claim beside a quote, word by word; of the orders in which its clauses may stand, as it fits best."""
    orders = [_turned(claim, joint) for joint in (0, *claim.joints)]
    laid = [SequenceMatcher(None, order.stems, quote.stems, autojunk=False) for order in orders]
    sizes = [sum(block.size for block in matcher.get_matching_blocks()) for matcher in laid]
    best = max(range(len(orders)), key=lambda n: (sizes[n], -n))
    found = _counted(orders[best], quote, laid[best])
    return replace(found, shared=sizes[best] / len(claim.stems) if claim.stems else 0.0)


def _turned(claim: Reading, joint: int) -> Reading:
    """The claim with what stands before a joint of its clauses put behind the rest."""
    stems, own = claim.stems[joint:] + claim.stems[:joint], claim.words[joint:] + claim.words[:joint]
    return replace(claim, stems=stems, words=own)


def _counted(claim: Reading, quote: Reading, matcher: "SequenceMatcher[str]") -> Changes:
    whole, other = " ".join(claim.words), " ".join(quote.words)
    count = dict.fromkeys(("negated", "exchanged", "stronger", "wider", "narrower", "swapped", "moved"), 0)
    opening = 0
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal" or (max(b - a, d - c) > SHORT and not (b - a and d - c)):
            continue
        here, there = " ".join(claim.words[a:b]), " ".join(quote.words[c:d])
        if a == 0 and terms(there):
            opening = int(any(term not in quote.known for term in claim.stems[a:b] if term in claim.known))
        for name, differs in _DIFFERENCES:
            if differs(here, there):
                count[name if differs(whole, other) else "moved"] += 1
        for reader in (roles, settings, numbers):
            one, two = reader(here), reader(there)
            if one and two and not one & two:
                count["swapped" if one <= reader(other) else "exchanged"] += 1
    return Changes(shared=0.0, opening=float(opening), **{name: min(2.0, n) for name, n in count.items()})


_DIFFERENCES: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("negated", lambda here, there: negations(here) % 2 != negations(there) % 2),
    ("stronger", lambda here, there: strength(here) > strength(there)),
    ("wider", lambda here, there: width(here) > width(there)),
    ("narrower", lambda here, there: 0 < width(here) < width(there)),
)
