"""Compare one claim sentence with evidence sentences: what of it is there, and what is there otherwise.

The features are read from the text (words weighted by rarity, numbers with their units, names, roles, settings,
negation, hedges, quantifiers, opposites) and from the encoder's token vectors (each claim word to its best evidence
word). The claim is also laid beside the sentence that fits best, word by word: where the two part for a moment and
meet again, a single "must" for "may" shows that no count of shared words would tell.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.claims import in_short, measures, names, negations, numbers, opposites, roles, settings, strength, width
from assistant.evidence import weighted_share
from assistant.terms import STOPWORDS, stem, terms, words

FEATURES = (
    "align",
    "cover",
    "seam",
    "clause",
    "run",
    "shared",
    "pairs",
    "numbers",
    "numbers_best",
    "numbers_apart",
    "measures",
    "names",
    "roles",
    "roles_best",
    "settings",
    "settings_best",
    "negation",
    "negated",
    "opposites",
    "exchanged",
    "opening",
    "stronger",
    "wider",
    "narrower",
    "nearest",
)
"""What is compared, in order; see ``Comparison``."""
SHORT = 4  # words; a longer stretch that only one of two sentences has is a clause of its own, not a change of wording
STITCHED = 0.15  # from this gain on, a claim is laid beside two sentences
LEAST_LETTERS = 4  # of a word that is looked for by meaning
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CLAUSE = re.compile(r"[,;:()–—]| (?:and|or|but|because|which|who|that|while|with|including|especially|whereas|so) ")
_JOINT = re.compile(r"[;:]|,? (?:and|but|because|which|who|that|while|with|including|whereas|so) ")

Idf = Callable[[str], float]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedSentence:
    """A sentence with its vector, of unit length, and those of its tokens."""

    text: str
    vector: Floats
    tokens: Floats  # (tokens, dimension)
    spans: NDArray[np.int32]  # (tokens, 2), characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A sentence read once: its words as stems, in order, and which of them carry meaning."""

    stems: tuple[str, ...]
    words: tuple[str, ...]
    terms: tuple[str, ...]
    known: frozenset[str]
    pairs: frozenset[frozenset[str]]  # content words that stand next to each other, two or three apart


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """The sentence as ``compare_sentence`` wants it."""
    text = in_short(text)
    lower = tuple(word.lower() for word in words(text))
    found = tuple(terms(text))
    near = {frozenset(pair) for gap in (1, 2, 3) for pair in zip(found, found[gap:], strict=False)}
    return Reading(
        stems=tuple(stem(word) for word in lower),
        words=lower,
        terms=found,
        known=frozenset(found),
        pairs=frozenset(near),
    )


def compare_sentence(
    claim: EncodedSentence,
    closest: Sequence[EncodedSentence],
    *,
    near: Sequence[str],
    idf: Idf,
) -> tuple[tuple[float, ...], int]:
    """The features of a claim sentence in the order of ``FEATURES``, and the place in ``closest`` of what fits best.

    Args:
        claim: one sentence.
        closest: the evidence sentences that share most with it, at least one.
        near: the texts of these and of some more.
        idf: rarity of a stem.

    """
    own = read(claim.text)
    weight = {term: idf(term) for term in own.terms}
    beside = [read(text) for text in near]
    found = [reading.known for reading in beside]
    together = frozenset().union(*found)
    tables = [_cosines(claim, sentence) for sentence in closest]
    aligned = [_alignment(claim, table, idf) for table in tables]
    fits = [a + weighted_share(weight, read(s.text).known) for a, s in zip(aligned, closest, strict=True)]
    best = max(range(len(closest)), key=lambda n: (fits[n], -n))
    stitched = _stitched(claim.text, own.terms, weight, found)
    quote = closest[best].text
    beside_text = " ".join(near[n] for n in stitched.places) if stitched.gain >= STITCHED else quote
    text = " ".join(near)
    laid = changes(own, read(beside_text))
    features = {
        "align": _alignment(claim, np.max(tables, axis=0), idf),
        "cover": weighted_share(weight, together),
        "seam": stitched.seam,
        "clause": _weakest_clause(claim.text, weight, found),
        "run": _longest_run(own.terms, together),
        "shared": laid.shared,
        "pairs": _share_of_pairs(own.terms, beside),
        "numbers": _missing(numbers(claim.text), numbers(text)),
        "numbers_best": _missing(numbers(claim.text), numbers(beside_text)),
        "numbers_apart": _numbers_apart(own.terms, beside),
        "measures": _clashing_measures(claim.text, beside_text),
        "names": _missing(names(claim.text), names(text) | together),
        "roles": _missing(roles(claim.text), roles(text)),
        "roles_best": _missing(roles(claim.text), roles(beside_text)),
        "settings": _missing(settings(claim.text), settings(text)),
        "settings_best": _missing(settings(claim.text), settings(beside_text)),
        "negation": float(negations(claim.text) % 2 != negations(beside_text) % 2),
        "negated": laid.negated,
        "opposites": min(2.0, float(opposites(claim.text, beside_text))),
        "exchanged": laid.exchanged,
        "opening": laid.opening,
        "stronger": laid.stronger,
        "wider": laid.wider,
        "narrower": laid.narrower,
        "nearest": max(float(claim.vector @ sentence.vector) for sentence in closest),
    }
    return tuple(features[name] for name in FEATURES), best


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Two sentences laid beside each other: where they part and meet again, and by what they differ there."""

    shared: float  # the share of the claim's words that stand in both in the same order
    negated: float  # in how many places only one of the two negates
    exchanged: float  # in how many places they name different posts, kinds of organization or numbers
    opening: float  # 1 where they begin with different content words: the same said of something else
    stronger: float  # in how many places the claim asserts more strongly
    wider: float  # in how many places it holds for more
    narrower: float


def changes(claim: Reading, quote: Reading) -> Changes:
    """Lay a claim beside a quote, word by word."""
    matcher = SequenceMatcher(None, claim.stems, quote.stems, autojunk=False)
    shared = negated = exchanged = opening = stronger = wider = narrower = 0
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            shared += b - a
            continue
        if max(b - a, d - c) > SHORT and not (b - a and d - c):
            continue
        here, there = " ".join(claim.words[a:b]), " ".join(quote.words[c:d])
        negated += negations(here) % 2 != negations(there) % 2
        exchanged += any(_exchanged(reader(here), reader(there)) for reader in (roles, settings, numbers))
        if a == 0 and terms(there):
            opening = int(any(term not in quote.known for term in terms(here)))
        stronger += strength(here) > strength(there)
        wider += width(here) > width(there)
        narrower += 0 < width(here) < width(there)
    return Changes(
        shared=shared / len(claim.stems) if claim.stems else 0.0,
        negated=min(2.0, negated),
        exchanged=min(2.0, exchanged),
        opening=float(opening),
        stronger=min(2.0, stronger),
        wider=min(2.0, wider),
        narrower=min(2.0, narrower),
    )


def _exchanged(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and not one & other


def _cosines(claim: EncodedSentence, sentence: EncodedSentence) -> Floats:
    """Of each claim token, the cosine to its best token in a sentence."""
    if not len(claim.tokens) or not len(sentence.tokens):
        return np.zeros(len(claim.tokens), dtype=np.float32)
    best: Floats = (claim.tokens @ sentence.tokens.T).max(axis=1)
    return best


def least_matched(claim: EncodedSentence, closest: Sequence[EncodedSentence], near: Sequence[str]) -> float:
    """Of the claim's content words that the evidence has not, the least best cosine to a word of it; 1 without any.

    A synonym lies near the word that it stands for (about .5 and more), another thing put in its place does not (.3).
    """
    known = frozenset().union(*(read(text).known for text in near))
    best = np.max([_cosines(claim, sentence) for sentence in closest], axis=0)
    found: list[float] = []
    for match in _WORD.finditer(claim.text):
        if len(match[0]) < LEAST_LETTERS or not (own := set(terms(match[0]))) or own <= known:
            continue
        scores = [
            float(c) for (a, b), c in zip(claim.spans, best, strict=True) if a >= match.start() and b <= match.end()
        ]
        found += [max(scores)] if scores else []
    return min(found, default=1.0)


def _alignment(claim: EncodedSentence, best: Floats, idf: Idf) -> float:
    """Mean over the claim's content words of their best cosine, weighted by rarity."""
    by_word: dict[str, list[float]] = {}
    for (start, end), score in zip(claim.spans, best, strict=True):
        word = claim.text[start:end].lower()
        if len(word) > 1 and word not in STOPWORDS:
            by_word.setdefault(stem(word), []).append(float(score))
    if not by_word:
        return 0.0
    scores = {word: sum(values) / len(values) for word, values in by_word.items()}
    weight = {word: idf(word) for word in scores}
    return sum(scores[word] * weight[word] for word in scores) / max(1e-9, sum(weight.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stitched:
    """How a claim is best covered by two sentences, one for its beginning and one for its end."""

    places: tuple[int, int]
    gain: float  # the share of the claim that the second sentence adds: 0..1
    seam: float  # how much of that is lost if the two may only meet where one of the claim's clauses ends


def _stitched(text: str, own: Sequence[str], weight: Mapping[str, float], found: Sequence[frozenset[str]]) -> Stitched:
    total = sum(weight[term] for term in own)
    if not total:
        return Stitched(places=(0, 0), gain=0.0, seam=0.0)
    gains = np.array([[weight[term] if term in known else 0.0 for term in own] for known in found]) / total
    start = np.concatenate([np.zeros((len(found), 1)), np.cumsum(gains, axis=1)], axis=1)
    rest = start[:, -1:] - start
    both = start.max(axis=0) + rest.max(axis=0)
    cut = int(both.argmax())
    alone = float(start[:, -1].max())
    ends = np.cumsum([len(read(part).terms) for part in _JOINT.split(text)])
    between = max((float(both[end]) for end in ends if end < len(both)), default=alone)
    return Stitched(
        places=(int(start[:, cut].argmax()), int(rest[:, cut].argmax())),
        gain=float(both[cut]) - alone,
        seam=max(0.0, float(both[cut]) - max(alone, between)),
    )


def _weakest_clause(text: str, weight: Mapping[str, float], found: Sequence[frozenset[str]]) -> float:
    """Of the claim's clauses, the one that a single sentence covers least: the share covered, 0..1."""
    clauses = [set(read(part).terms) & set(weight) for part in _CLAUSE.split(text)]
    shares = [
        max(weighted_share({term: weight[term] for term in clause}, known) for known in found)
        for clause in clauses
        if len(clause) > 1
    ]
    return min(shares, default=1.0)


def _longest_run(own: Sequence[str], known: frozenset[str]) -> float:
    """The longest stretch of content words that no sentence has: 0 for none, 1 for five or more."""
    longest = current = 0
    for term in own:
        current = 0 if term in known else current + 1
        longest = max(longest, current)
    return min(1.0, longest / 5)


def _missing(wanted: frozenset[str], found: frozenset[str] | set[str]) -> float:
    return len(wanted - found) / len(wanted) if wanted else 0.0


def _share_of_pairs(own: Sequence[str], found: Sequence[Reading]) -> float:
    """The share of the claim's neighbouring content words that are near neighbours in one sentence too."""
    pairs = {frozenset(pair) for pair in pairwise(own) if pair[0] != pair[1]}
    return sum(any(pair in r.pairs for r in found) for pair in pairs) / len(pairs) if pairs else 1.0


def _numbers_apart(own: Sequence[str], found: Sequence[Reading]) -> float:
    """The share of the claim's figures that no sentence has near a word that the claim has beside it."""
    figures = [place for place, term in enumerate(own) if any(character.isdigit() for character in term)]
    if not figures or len(own) < 2:
        return 0.0
    beside = [{frozenset((own[p], other)) for other in own[max(0, p - 2) : p + 3] if other != own[p]} for p in figures]
    return sum(not any(pairs & reading.pairs for reading in found) for pairs in beside) / len(figures)


def _clashing_measures(claim: str, text: str) -> float:
    """The share of the claim's figures that stand in the text, but of another unit or on the other side of a bound."""
    own, given = measures(claim), measures(text)
    clashes = 0
    for measure in own:
        same = [other for other in given if other.number == measure.number]
        clashes += bool(same) and not any(measure.agrees(other) for other in same)
    return clashes / len(own) if own else 0.0
