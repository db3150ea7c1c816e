"""Compare one claim sentence with evidence sentences: what of it is there, and what is there otherwise.

The features are read from the text (words weighted by rarity, numbers with their units, names, roles, settings,
negation, hedges, quantifiers, opposites) and from the encoder's token vectors (each claim word to its best evidence
word). The claim is also laid beside the sentence that fits best, word by word: where the two part for a moment and
meet again, a single "must" for "may" shows that no count of shared words would tell.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.alignment import EncodedSentence, matching
from assistant.changes import CLAUSE, Reading, changes, read
from assistant.claims import measures, names, negations, numbers, opposites, roles, settings
from assistant.terms import STOPWORDS, stem, weighted_share

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
    "swapped",
    "moved",
    "foreign",
    "meant",
    "replaced",
    "nearest",
    "said",
)
"""What is compared, in order; see ``compare_sentence``."""
STITCHED = 0.15  # from this gain on, a claim is laid beside two sentences
_JOINT = re.compile(r"[;:]|,? (?:and|but|because|which|who|that|while|with|including|whereas|so) ")

Idf = Callable[[str], float]
Floats = NDArray[np.float32]


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
    beside = [read(text) for text in near]
    found = [reading.known for reading in beside]
    together = frozenset().union(*found)
    typed = read(claim.text)
    matched = matching(claim, closest, typed.known - together)
    own = typed.meaning(matched.meant)
    weight = {term: idf(term) for term in own.terms}
    tables = [_cosines(claim, sentence) for sentence in closest]
    aligned = [_alignment(claim, table, idf) for table in tables]
    fits = [a + weighted_share(weight, read(s.text).known) for a, s in zip(aligned, closest, strict=True)]
    best = max(range(len(closest)), key=lambda n: (fits[n], -n))
    stitched = _stitched(claim.text, own.terms, weight, found)
    quote = closest[best].text
    beside_text = " ".join(near[n] for n in stitched.places) if stitched.gain >= STITCHED else quote
    text = " ".join(near)
    laid = changes(own, read(beside_text))
    foreign = 1.0 - matched.least
    features = {
        "align": _alignment(claim, np.max(tables, axis=0), idf),
        "cover": weighted_share(weight, together),
        "seam": stitched.seam,
        "clause": _weakest_clause(claim.text, weight, found, matched.meant),
        "run": _longest_run(own.terms, together),
        "shared": laid.shared,
        "pairs": _share_of_pairs(typed.terms, beside),
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
        "swapped": laid.swapped,
        "moved": laid.moved,
        "foreign": foreign,
        "meant": weighted_share({term: idf(term) for term in typed.terms}, frozenset(matched.meant)),
        "replaced": foreign * 2.0 * max(0.0, laid.shared - 0.5),  # another thing, in a sentence repeated otherwise
        "nearest": max(float(claim.vector @ sentence.vector) for sentence in closest),
        "said": weighted_share({term: idf(term) for term in typed.terms}, together),  # as "cover", without synonyms
    }
    return tuple(features[name] for name in FEATURES), best


def _cosines(claim: EncodedSentence, sentence: EncodedSentence) -> Floats:
    """Of each claim token, the cosine to its best token in a sentence."""
    if not len(claim.tokens) or not len(sentence.tokens):
        return np.zeros(len(claim.tokens), dtype=np.float32)
    best: Floats = (claim.tokens @ sentence.tokens.T).max(axis=1)
    return best


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


def _weakest_clause(
    text: str, weight: Mapping[str, float], found: Sequence[frozenset[str]], meant: Mapping[str, str]
) -> float:
    """Of the claim's clauses, the one that a single sentence covers least: the share covered, 0..1."""
    clauses = [set(read(part).meaning(meant).terms) & set(weight) for part in CLAUSE.split(text)]
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
