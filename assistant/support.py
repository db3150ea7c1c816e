"""Judge whether evidence supports a claim: to the letter for what is shown, by degrees for a whole response.

A claim is split into sentences, and each is compared with the evidence sentences nearest to it (``comparing.py``). Two
sets of weights read the comparison. The strict one asks whether every detail is there: it gives the label, and is what
the gate goes by. The graded one was fitted to what human readers said of whole responses in other words than the
evidence's, where a detail weighs little and coverage much: it gives the score. ``benchmarks/fit_support.py`` fits both,
and the thresholds, and states the data and their licences.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Protocol

import numpy as np

from assistant.alignment import EncodedSentence, as_stored, encoded_sentence
from assistant.answers import Support
from assistant.changes import read
from assistant.comparing import FEATURES, Idf, compare_sentence
from assistant.terms import terms, words
from assistant.weights import load_weights, probability
from corpus.sentences import sentence_spans
from index import StoredTokens, TextEncoder

GRADED = ("align", "said", "pairs", "nearest")
"""The features that the graded weights read."""
STRICT = tuple(name for name in FEATURES if name != "said")
"""The features that the strict weights read."""
NEAREST = 6  # evidence sentences whose words are looked at
CLOSEST = 2  # of these, the sentences that are encoded: encoding is most of the cost
REMEMBERED = 512  # encoded sentences kept: a draft's statements are held against the same evidence one after another
_MARKER = re.compile(r"\s*(?:[-*•–>#]+\s+|\(?\d{1,2}[.)]\s+)?[*_`#]*")
_MARKUP = re.compile(r"\*\*|__|`|\[(?P<label>[^\]\[\n]{1,300})\]\([^()\s]{0,2000}\)")
_CLASHES = (
    (("negated",), "one of the two negates what the other says"),
    (("opposites",), "a word stands against its opposite"),
    (("roles", "roles_best"), "it speaks of another post"),
    (("settings",), "it speaks of another kind of organization"),
    (("numbers", "measures"), "a number differs"),
    (("exchanged", "swapped"), "a name or number stands in the place of another"),
    (("stronger", "wider", "narrower"), "it asserts more than the evidence"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where a probability becomes a verdict; fitted, see ``data/thresholds.json``."""

    supported: float  # from this strict probability on every detail counts as supported
    close: float  # from this share of words in common on, a clash is a contradiction
    contradicted: float  # the graded probability that a contradicted sentence has at the most


@cache
def load_thresholds() -> Thresholds:
    """The fitted thresholds of the judge."""
    text = (files("assistant") / "data" / "thresholds.json").read_text(encoding="utf-8")
    return Thresholds(**json.loads(text))


Stored = Callable[[int], StoredTokens | None]


class Judge(Protocol):
    """Whatever can tell how far evidence supports a claim."""

    def check(self, claim: str, evidence: Sequence[str]) -> Support:
        """How far the evidence supports a claim of one or more sentences, by degrees; the label is the strict one."""

    def check_statement(self, claim: str, evidence: Sequence[str], *, stored: Stored | None = None) -> Support:
        """Whether every detail of a claim is in the evidence: the score is the strict one, too.

        ``stored`` gives the token vectors of an evidence text by its place, where an index has them: encoding it anew
        would be most of the cost. A judge that reads texts alone does without.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One claim sentence against the evidence: its features, and the evidence sentence that fits best."""

    length: int  # words
    features: tuple[float, ...]
    evidence: int
    quote: str
    verbatim: bool  # the sentence stands in the evidence as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentJudge:
    """The judge that is shipped: fitted weights over aligned words.

    ``encoder`` gives the token vectors, ``idf`` the rarity of a stem, higher for rarer ones.
    """

    encoder: TextEncoder
    idf: Idf
    _known: dict[str, EncodedSentence] = field(default_factory=dict, repr=False, compare=False)

    def check(self, claim: str, evidence: Sequence[str]) -> Support:
        """How far the evidence supports the whole claim.

        Args:
            claim: one or more sentences.
            evidence: texts, judged jointly; [] supports nothing.

        Returns:
            the score, 0 to 1, is the graded one, over all sentences by their length; label, quote and reason are of
            the sentence that the strict weights find least supported.

        """
        return judged(self.compare(claim, evidence)) or nothing(claim)

    def check_statement(self, claim: str, evidence: Sequence[str], *, stored: Stored | None = None) -> Support:
        """Whether every detail of a claim is in the evidence: the verdict on its least supported sentence."""
        verdicts = [strictly_judged(compared) for compared in self.compare(claim, evidence, stored=stored)]
        return min(verdicts, key=lambda verdict: verdict.score, default=nothing(claim))

    def compare(self, claim: str, evidence: Sequence[str], *, stored: Stored | None = None) -> list[Compared]:
        """Each sentence of a claim that says something against the evidence; [] where either is empty."""
        sentences = [_plain(claim[start:end]) for start, end in statements(claim)]
        sentences = [s for s in sentences if terms(s)] or [s for s in [_plain(claim)] if s]
        pool = [(number, text[start:end]) for number, text in enumerate(evidence) for start, end in statements(text)]
        if not pool or not sentences:
            return []
        plain = [_plain(text) for _, text in pool]
        idf = cache(self.idf)  # of one word it is asked for several features
        nearest = [_nearest(sentence, plain, idf) for sentence in sentences]
        closest = dict.fromkeys(place for places in nearest for place in places[:CLOSEST])
        # Vectors that are stored for a text are not those of a part of it, or of what is left without its markup.
        whole = [place for place in closest if stored and plain[place] == evidence[pool[place][0]]]
        kept = {place: rows for place in whole if stored and (rows := stored(pool[place][0]))}
        encoded = self._encoded([*sentences, *(plain[place] for place in closest if place not in kept)])
        beside = {
            place: as_stored(plain[place], kept[place]) if place in kept else encoded[plain[place]] for place in closest
        }
        found = []
        for sentence, places in zip(sentences, nearest, strict=True):
            features, best = compare_sentence(
                encoded[sentence],
                [beside[place] for place in places[:CLOSEST]],
                near=[plain[place] for place in places],
                idf=idf,
            )
            number, quote = pool[places[best]]
            verbatim = any(_bare(plain[place]) == _bare(sentence) for place in places)
            found.append(
                Compared(
                    length=max(1, len(words(sentence))),
                    features=features,
                    evidence=number,
                    quote=quote,
                    verbatim=verbatim,
                )
            )
        return found

    def _encoded(self, sentences: Sequence[str]) -> dict[str, EncodedSentence]:
        known = {text: self._known[text] for text in sentences if text in self._known}
        new = [text for text in dict.fromkeys(sentences) if text not in known]
        rows = self.encoder.encode_passages([("", text) for text in new])
        for n, text in enumerate(new):
            known[text] = encoded_sentence(
                text, rows.vectors[n], rows.tokens[n].astype(np.float32) / 127.0, rows.spans[n]
            )
        if len(self._known) + len(new) > REMEMBERED:
            self._known.clear()
        self._known.update(known)
        return known


def _nearest(claim: str, pool: Sequence[str], idf: Idf) -> list[int]:
    own = {term: idf(term) for term in read(claim).terms}
    scores = [sum(own[term] for term in own.keys() & read(text).known) for text in pool]
    return sorted(range(len(pool)), key=lambda place: (-scores[place], place))[:NEAREST]


def statements(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a text as offsets; a line break ends one, and what marks a list item or heading is left out."""
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line.rstrip())
        marker = _MARKER.match(text, start, end)
        yield from sentence_spans(text, marker.end() if marker else start, end)
        start += len(line)


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda match: match["label"] or "", text).strip()


def _bare(text: str) -> str:
    return " ".join(text.split()).rstrip(".").lower()


def nothing(claim: str) -> Support:
    """The verdict where there is no evidence, or no claim."""
    reason = "no evidence was given" if claim.strip() else "the claim is blank"
    return Support(score=0.0, label="unsupported", evidence=None, quote="", reason=reason)


def judged(compared: Sequence[Compared]) -> Support | None:
    """The verdict on a whole claim: graded score, and the label, quote and reason of its least supported sentence.

    None for a claim without sentences.
    """
    if not compared:
        return None
    verdicts = [strictly_judged(c) for c in compared]
    graded = sum(_graded(c, verdict) * c.length for c, verdict in zip(compared, verdicts, strict=True))
    log_odds = graded / sum(c.length for c in compared)
    worst = min(verdicts, key=lambda verdict: verdict.score)
    return replace(worst, score=probability(log_odds))


def strictly_judged(compared: Compared) -> Support:
    """The verdict on one sentence; its score is the probability that every detail is in the evidence."""
    thresholds, weights = load_thresholds(), load_weights("support")
    features = dict(zip(FEATURES, compared.features, strict=True))
    score = 1.0 if compared.verbatim else weights.probability([features[name] for name in STRICT])
    if score >= thresholds.supported:
        label, reason = "supported", "every part is in the quote"
    else:
        clash = next((reason for names, reason in _CLASHES if any(features[name] > 0 for name in names)), "")
        label = "contradicted" if clash and features["shared"] >= thresholds.close else "unsupported"
        reason = clash or "part of it is not in the evidence"
    return Support(score=score, label=label, evidence=compared.evidence, quote=compared.quote, reason=reason)  # type: ignore[arg-type]


def _graded(compared: Compared, verdict: Support) -> float:
    """The log-odds that a reader would call the sentence supported; what contradicts the evidence is held down."""
    features = dict(zip(FEATURES, compared.features, strict=True))
    log_odds = load_weights("faithfulness").log_odds([features[name] for name in GRADED])
    if verdict.label == "contradicted":
        most = load_thresholds().contradicted
        return min(log_odds, math.log(most / (1.0 - most)))
    return log_odds
