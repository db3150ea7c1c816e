"""Lay the words of two sentences beside each other by meaning: which word of a claim stands for which of the evidence.

A word that the evidence has not may be a synonym, or another thing put in its place. It is a synonym where it lies near
a word of the evidence that the claim does not use otherwise, and is neither its opposite nor another name, number,
post or kind of organization.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.claims import names, roles, settings
from assistant.terms import WORD, stem, terms_of, words
from assistant.wordnet import opposites_of, synonyms_of
from index import StoredTokens
from index.encodings import unit_rows
from index.rerank import pooled

Floats = NDArray[np.float32]
NEAR = 0.5  # cosine of two words' vectors from which one may stand for the other
LEAST_LETTERS = 3  # of a stem that is looked for by meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedSentence:
    """A sentence with its vector, of unit length, those of its tokens, and those of its content words."""

    text: str
    vector: Floats
    tokens: Floats  # (tokens, dimension)
    spans: NDArray[np.int32]  # (tokens, 2), characters
    words: Mapping[str, Floats]  # by stem, each of unit length: the mean of its tokens


def encoded_sentence(text: str, vector: Floats, tokens: Floats, spans: NDArray[np.int32]) -> EncodedSentence:
    """A sentence with the vectors of its content words; of a word that stands in it twice the first counts."""
    matches = [(own, match) for match in WORD.finditer(text) if (own := terms_of(match[0]))]
    first = np.searchsorted(spans[:, 0], [match.start() for _, match in matches], side="left")
    last = np.searchsorted(spans[:, 1], [match.end() for _, match in matches], side="right")
    before = np.concatenate([np.zeros((1, tokens.shape[1])), np.cumsum(tokens, axis=0, dtype=np.float64)])
    rows = unit_rows(before[last] - before[np.minimum(first, last)])
    found: dict[str, Floats] = {}
    for (own, _), row, some in zip(matches, rows, first < last, strict=True):
        for term in own if some else ():
            found.setdefault(term, row)
    return EncodedSentence(text=text, vector=vector, tokens=tokens, spans=spans, words=found)


def as_stored(text: str, rows: StoredTokens) -> EncodedSentence:
    """A sentence as an index stores it: nothing is encoded, its vector is the mean of its tokens."""
    tokens = rows.tokens.astype(np.float32) / np.float32(127.0)
    return encoded_sentence(text, pooled(tokens), tokens, rows.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What the words of a claim that the evidence has not stand for there.

    ``meant`` maps their stems to stems of the evidence; ``least`` is the cosine of the one that is matched least, well
    enough or not, and 1 where the evidence has every word or a synonym of it.
    """

    meant: Mapping[str, str]
    least: float


def matching(claim: EncodedSentence, closest: Sequence[EncodedSentence], foreign: frozenset[str]) -> Matching:
    """Match the ``foreign`` words of a claim, by stem, to words of the closest sentences that the claim has not."""
    wanted = [term for term in claim.words if term in foreign and len(term) >= LEAST_LETTERS]
    if not wanted:
        return Matching(meant={}, least=1.0)
    free = [(term, s) for s in closest for term in s.words if term not in claim.words]
    scores = np.zeros((len(wanted), len(free) + 1), dtype=np.float32)  # the last column is a word of no evidence
    if free:
        scores[:, :-1] = np.stack([claim.words[t] for t in wanted]) @ np.stack([s.words[t] for t, s in free]).T
    for row, term in enumerate(wanted):
        for column, (other, sentence) in enumerate(free):
            if other in synonyms_of(term):
                scores[row, column] = 1.0
            elif scores[row, column] >= NEAR and _clash(term, other, claim.text, sentence.text):
                scores[row, column] = 0.0
    least = float(scores.max(axis=1).min())
    meant: dict[str, str] = {}
    for place in np.argsort(-scores, axis=None, kind="stable"):
        row, column = divmod(int(place), scores.shape[1])
        if scores[row, column] < NEAR:
            break
        if wanted[row] not in meant and free[column][0] not in meant.values():
            meant[wanted[row]] = free[column][0]
    return Matching(meant=meant, least=min(1.0, least))


def _clash(one: str, other: str, claim: str, evidence: str) -> bool:
    """Whether two words that are near in meaning can't stand for each other."""
    if other in opposites_of(one) or any(c.isdigit() for c in one + other):
        return True
    if one in names(claim) or other in names(evidence):
        return True
    return any(one in _named(claim, reader) and other in _named(evidence, reader) for reader in (roles, settings))


def _named(text: str, reader: Callable[[str], frozenset[str]]) -> set[str]:
    return {stem(word) for word in words(text) if reader(word)}
