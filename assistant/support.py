"""Judge whether evidence supports a claim: alignment of words and of what is asserted, weighed by fitted weights.

A claim is split into sentences; each is held against the evidence sentences nearest to it. The features are read from
the text (words weighted by rarity, numbers, names, roles, settings, negation, hedges, quantifiers, opposites) and from
the token vectors of the encoder (each claim word to its best evidence word). ``benchmarks/fit_support.py`` fits the
weights and states the data and their licences.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.answers import Support
from assistant.claims import names, negations, numbers, opposites, roles, settings, strength, width
from assistant.evidence import load_weights, weighted_share
from assistant.terms import STOPWORDS, stem, terms, words
from corpus.sentences import sentence_spans
from index.encodings import TextEncoder

FEATURES = (
    "align",
    "align_low",
    "cover",
    "cover_best",
    "cover_low",
    "rouge",
    "pairs",
    "numbers",
    "names",
    "roles",
    "roles_best",
    "settings",
    "negation",
    "opposites",
    "strength",
    "width",
    "length",
    "nearest",
)
NEAREST = 6  # evidence sentences that are looked at closely
SUPPORTED = 0.65  # from this probability on a claim counts as supported: a false sentence costs more than a lost one

Idf = Callable[[str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One claim sentence against the evidence: its features, and the evidence sentence that decided."""

    features: tuple[float, ...]
    evidence: int
    quote: str


def check_support(claim: str, evidence: Sequence[str], *, encoder: TextEncoder, idf: Idf) -> Support:
    """How far the evidence supports the whole claim: the weakest of its sentences decides the label.

    Args:
        claim: one or more sentences.
        evidence: texts; [] supports nothing.
        encoder: gives the token vectors.
        idf: rarity of a stem, higher for rarer ones.

    Returns:
        the score, 0 to 1, is the mean over the claim's sentences weighted by length; label, quote and reason are of
        the sentence with the lowest score.

    """
    sentences = [claim[start:end] for start, end in sentence_spans(claim)]
    sentences = [sentence for sentence in sentences if terms(sentence)] or [claim]
    if not any(text.strip() for text in evidence) or not claim.strip():
        return Support(score=0.0, label="unsupported", evidence=None, quote="", reason="no evidence was given")
    results = [
        _judged(c, s) for c, s in zip(compare(sentences, evidence, encoder=encoder, idf=idf), sentences, strict=True)
    ]
    sizes = [len(words(sentence)) for sentence in sentences]
    score = sum(r.score * n for r, n in zip(results, sizes, strict=True)) / max(1, sum(sizes))
    worst = min(results, key=lambda r: r.score)
    return Support(score=score, label=worst.label, evidence=worst.evidence, quote=worst.quote, reason=worst.reason)


def compare(claims: Sequence[str], evidence: Sequence[str], *, encoder: TextEncoder, idf: Idf) -> list[Compared]:
    """Each claim sentence against the evidence, all encoded in one batch."""
    pool = [
        (number, text[start:end])
        for number, text in enumerate(evidence)
        for start, end in sentence_spans(text)
        if text[start:end].strip()
    ]
    nearest = [_nearest(claim, pool, idf) for claim in claims]
    needed = sorted({place for places in nearest for place in places})
    encoded = encoder.encode_passages([("", c) for c in claims] + [("", pool[place][1]) for place in needed])
    rows = [tokens.astype(np.float32) / 127.0 for tokens in encoded.tokens]
    row_of = {place: rows[len(claims) + n] for n, place in enumerate(needed)}
    vector_of = {place: encoded.vectors[len(claims) + n] for n, place in enumerate(needed)}
    return [
        _compared(
            claim,
            [(place, *pool[place], row_of[place], vector_of[place]) for place in places],
            rows[n],
            encoded.spans[n],
            encoded.vectors[n],
            idf,
        )
        for n, (claim, places) in enumerate(zip(claims, nearest, strict=True))
    ]


def _nearest(claim: str, pool: Sequence[tuple[int, str]], idf: Idf) -> list[int]:
    own = {term: idf(term) for term in terms(claim)}
    scores = [
        sum(weight for term, weight in own.items() if term in found) for found in (set(terms(t)) for _, t in pool)
    ]
    return sorted(range(len(pool)), key=lambda place: (-scores[place], place))[:NEAREST]


def _compared(  # noqa: PLR0917 - what was encoded of one claim sentence, in one place
    claim: str,
    near: Sequence[tuple[int, int, str, NDArray[np.float32], NDArray[np.float32]]],
    rows: NDArray[np.float32],
    spans: NDArray[np.int32],
    vector: NDArray[np.float32],
    idf: Idf,
) -> Compared:
    weight = {term: idf(term) for term in terms(claim)}
    found = [set(terms(text)) for _, _, text, _, _ in near]
    together = set().union(*found)
    per_sentence = [rows @ r.T if len(r) and len(rows) else np.zeros((len(rows), 1)) for _, _, _, r, _ in near]
    aligned = [_word_alignment(claim, spans, m.max(axis=1), idf) for m in per_sentence]
    covered = [weighted_share(weight, f) for f in found]
    merit = [a[0] + c for a, c in zip(aligned, covered, strict=True)]
    best = max(range(len(near)), key=lambda n: (merit[n], -n))
    whole = _word_alignment(claim, spans, np.max([m.max(axis=1) for m in per_sentence], axis=0), idf)
    quote, text = near[best][2], " ".join(t for _, _, t, _, _ in near)
    features = (
        whole[0],
        whole[1],
        weighted_share(weight, together),
        covered[best],
        _lowest({t: float(t in together) for t in weight}, weight),
        _rouge(claim, quote),
        _pairs(claim, [t for _, _, t, _, _ in near]),
        _missing(numbers(claim), numbers(text)),
        _missing(names(claim), names(text) | together),
        _missing(roles(claim), roles(text)),
        _missing(roles(claim), roles(quote)),
        _missing(settings(claim), settings(text)),
        float(negations(claim) % 2 != negations(quote) % 2),
        min(2.0, float(opposites(claim, quote))),
        float(max(0, strength(claim) - strength(quote))),
        float(max(0, width(claim) - width(quote))),
        min(1.0, len(words(claim)) / 40),
        max(float(v @ vector) for _, _, _, _, v in near),
    )
    return Compared(features=features, evidence=near[best][1], quote=quote)


def _word_alignment(claim: str, spans: NDArray[np.int32], best: NDArray[np.floating], idf: Idf) -> tuple[float, float]:
    """Mean over the claim's content words of their best cosine, weighted by rarity; and that of the lowest fifth."""
    by_word: dict[str, list[float]] = {}
    for (start, end), score in zip(spans, best, strict=True):
        word = claim[start:end].lower()
        if len(word) > 1 and word not in STOPWORDS:
            by_word.setdefault(stem(word), []).append(float(score))
    if not by_word:
        return 0.0, 0.0
    scores = {word: float(np.mean(values)) for word, values in by_word.items()}
    weight = {word: idf(word) for word in scores}
    mean = sum(scores[word] * weight[word] for word in scores) / max(1e-9, sum(weight.values()))
    return mean, _lowest(scores, weight)


def _lowest(scores: Mapping[str, float], weight: Mapping[str, float]) -> float:
    """The mean of the lowest fifth of the scores, at least two of them; 0 where there are none."""
    ordered = sorted(scores[word] for word in weight if word in scores)
    low = ordered[: max(2, len(ordered) // 5)]
    return sum(low) / len(low) if low else 0.0


def _missing(wanted: frozenset[str], found: frozenset[str] | set[str]) -> float:
    return len(wanted - found) / len(wanted) if wanted else 0.0


def _rouge(claim: str, quote: str) -> float:
    """Length of the longest common subsequence of words over the claim's length (ROUGE-L recall)."""
    a, b = [w.lower() for w in words(claim)], [w.lower() for w in words(quote)]
    row = [0] * (len(b) + 1)
    for word in a:
        previous = 0
        for column, other in enumerate(b, 1):
            previous, row[column] = row[column], previous + 1 if word == other else max(row[column], row[column - 1])
    return row[-1] / len(a) if a else 0.0


def _pairs(claim: str, evidence: Sequence[str]) -> float:
    """The share of the claim's neighbouring content words that are near neighbours in one evidence sentence too."""
    own = terms(claim)
    pairs = {frozenset(pair) for pair in pairwise(own) if pair[0] != pair[1]}
    found = set()
    for text in evidence:
        there = terms(text)
        for gap in (1, 2, 3):
            found |= {frozenset(pair) for pair in zip(there, there[gap:], strict=False)}
    return len(pairs & found) / len(pairs) if pairs else 1.0


def _judged(compared: Compared, claim: str) -> Support:
    weights = load_weights("support")
    score = weights.probability(compared.features)
    f = dict(zip(FEATURES, compared.features, strict=True))
    if score >= SUPPORTED:
        return Support(
            score=score,
            label="supported",
            evidence=compared.evidence,
            quote=compared.quote,
            reason="every part is in the quote",
        )
    clash = [
        reason
        for name, reason in (
            ("negation", "one of the two negates what the other says"),
            ("opposites", "a word stands against its opposite"),
            ("roles_best", "it speaks of another post"),
            ("numbers", "a number differs"),
        )
        if f[name] > 0
    ]
    close = f["cover_best"] >= 0.6
    label = "contradicted" if clash and close else "unsupported"
    reason = clash[0] if clash else "part of it is not in the evidence"
    return Support(score=score, label=label, evidence=compared.evidence, quote=compared.quote, reason=reason)  # type: ignore[arg-type]
