"""Rank the sentences of the passages that were found by how well each answers the question.

Everything here is read from what indexing stored (token vectors, sentences, headings) and from the questions that are
known; nothing is encoded but the question. The weights, ``data/evidence.json``, ``ranking.json`` and
``ranking_asked.json``, are fitted by ``benchmarks/fit_evidence.py``.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from assistant.asked import Nearest, load_asked
from assistant.claims import roles, settings
from assistant.questions import Question
from assistant.ranker import load_ranker, read_once
from assistant.reading import document_of
from assistant.relations import Relation, agrees, asked_relation
from assistant.terms import term_set
from corpus import Passage, Sentence
from index import Hit, Retriever, ScoredSentence
from index.embeddings import DEFAULT_WEIGHTS

Floats = NDArray[np.float32]
FEATURES = (
    "maxsim",
    "cosine",
    "overlap",
    "covered",
    "heading_overlap",
    "heading_maxsim",
    "passage_score",
    "passage_rank",
    "best_in_passage",
    "cue",
    "length",
    "item",
    "first",
    "title_overlap",
    "declared",
    "opens_with_subject",
    "list_part",
    "attributed",
    "party_missing",
)
RIGHT_WAY, WRONG_WAY = (
    2.0,
    0.05,
)  # what the odds are multiplied by where a sentence says the relation asked, or its reverse
OPENS = 3.0  # what they are multiplied by where what is to be defined opens the sentence
OPENING = FEATURES.index("opens_with_subject")
_CUES: Mapping[str, re.Pattern[str]] = {
    "factoid": re.compile(
        r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|several|first|board|chief)\b", re.I
    ),
    "why": re.compile(
        r"\b(?:because|since|reasons?|so that|in order to|due to|lead to|helps?|cause\w*|purpose|crucial)\b", re.I
    ),
    "definition": re.compile(
        r"\b(?:is|are|was) (?:an?|the|one)\b|\bmeans?\b|\bstands? for\b|\brefers? to\b|\bdefine", re.I
    ),
    "how": re.compile(r"\b(?:by|through|using|first|then|steps?|via|process|differ\w*)\b", re.I),
    "comparison": re.compile(
        r"\b(?:while|whereas|differ\w*|unlike|contrast|more|less|both|compared|than|but|rather)\b", re.I
    ),
    "yes_no": re.compile(r"\b(?:not|no|must|may|can|required?|requires|often|usually|typically|both)\b", re.I),
    "list": re.compile(r":$|\b(?:includ\w+|such as|following|and)\b", re.I),
}
_REPORTED = re.compile(
    r"\b(?:says|said|survey|article|blog|reported|according|study|posting|one source|vendor)\b", re.I
)
ABOUT_ITSELF = re.compile(
    r"\bth(?:is|e present) (?:article|corpus|guide|page|section|post|blog|chapter|document)\b", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sentence that may answer the question; ``score`` is the probability, 0 to 1, that it is to the point."""

    sentence: Sentence
    passage: Passage
    score: float
    pair: float  # the ranker's log-odds
    features: tuple[float, ...]  # in the order of FEATURES
    facts: frozenset[str]  # the facts that the document ties to the sentence; empty where it ties none
    tokens: NDArray[np.int8] = field(compare=False, repr=False)  # (tokens, dimension), as the index stores them

    @property
    def key(self) -> tuple[str, int]:
        """Where the sentence stands; also the order of reading within a document."""
        return self.passage.doc_id, self.sentence.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A logistic model: one coefficient for each name, an intercept, and the mean and scale of each feature."""

    names: tuple[str, ...]
    coefficients: tuple[float, ...]
    intercept: float
    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def log_odds(self, features: Sequence[float]) -> float:
        """The model's log-odds for one row of features in the order of ``names``."""
        return self.intercept + sum(
            weight * (value - mean) / scale
            for weight, value, mean, scale in zip(self.coefficients, features, self.mean, self.scale, strict=True)
        )

    def probability(self, features: Sequence[float]) -> float:
        """The model's probability, 0 to 1, for one row of features in the order of ``names``."""
        z = self.log_odds(features)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, z))))


@cache
def load_weights(name: str) -> Weights:
    """The fitted weights ``assistant/data/<name>.json``."""
    data = json.loads((files("assistant") / "data" / f"{name}.json").read_text(encoding="utf-8"))
    return Weights(
        names=tuple(data["names"]),
        coefficients=tuple(data["coefficients"]),
        intercept=data["intercept"],
        mean=tuple(data["mean"]),
        scale=tuple(data["scale"]),
    )


def rank_evidence(question: Question, hits: Sequence[Hit], retriever: Retriever) -> list[Evidence]:
    """The sentences, lead-ins and list items of the passages found, best first; ties by place in the corpus."""
    found = sentence_features(question, hits, retriever)
    read = _read(question, [sentence for sentence, _ in found], retriever)
    facts = [_facts(sentence, retriever) for sentence, _ in found]
    known = nearest_asked(question, facts, [sentence.tokens for sentence, _ in found], retriever)
    relation, defining = asked_relation(question.text), question.type == "definition"
    ranked = [
        Evidence(
            sentence=scored.row.sentence,
            passage=scored.row.passage,
            score=_moved(
                whole_score(features, pair, (alike, share), tied=bool(stated)),
                _direction(relation, scored.row.sentence.text) * (OPENS if defining and features[OPENING] else 1.0),
            ),
            pair=pair,
            features=features,
            facts=stated,
            tokens=scored.tokens,
        )
        for (scored, features), pair, stated, alike, share in zip(
            found, read, facts, known.alike, known.share, strict=True
        )
    ]
    return sorted(ranked, key=lambda evidence: (-evidence.score, evidence.key))


def whole_score(features: Sequence[float], pair: float, known: tuple[float, float], *, tied: bool) -> float:
    """The probability, 0 to 1, that a sentence is to the point.

    Args:
        features: in the order of FEATURES.
        pair: the ranker's log-odds.
        known: what the known texts say of it: ``alike`` and ``share`` of ``Nearest``.
        tied: whether its document ties facts to it, so that they say it with certainty.

    """
    quick = load_weights("evidence").log_odds(features)
    return load_weights("ranking_asked" if tied else "ranking").probability((quick, pair, *known))


def _direction(relation: Relation | None, text: str) -> float:
    """What the odds of a sentence are multiplied by for saying the relation that the question asks, or its reverse."""
    said = agrees(relation, text) if relation else None
    return 1.0 if said is None else RIGHT_WAY if said else WRONG_WAY


def _moved(probability: float, factor: float) -> float:
    """The probability with its odds multiplied by a factor."""
    odds = probability / (1.0 - probability) * factor
    return odds / (1.0 + odds)


def nearest_asked(
    question: Question,
    facts: Sequence[frozenset[str]],
    tokens: Sequence[NDArray[np.int8]],
    retriever: Retriever,
    *,
    without: str = "",
) -> Nearest:
    """What the known texts say of a question and of sentences with these facts and token vectors.

    Nothing where there are no sentences, or where another embedding model made the vectors.
    """
    vector = retriever.analyse(question.text).vector
    if not facts or retriever.manifest.model.sha256 != DEFAULT_WEIGHTS:
        return Nearest(alike=(0.0,) * len(facts), share=(0.0,) * len(facts))
    return load_asked().nearest(vector, facts, np.array([pooled(rows) for rows in tokens]), without=without)


def pooled(tokens: NDArray[np.int8]) -> Floats:
    """The mean of a sentence's token vectors, of length 1; zeros for a sentence without tokens."""
    total = tokens.astype(np.float32).sum(axis=0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), dtype=np.float32)


def _facts(scored: ScoredSentence, retriever: Retriever) -> frozenset[str]:
    """The facts that the document ties to a sentence."""
    sentence = scored.row.sentence
    return frozenset(
        fact
        for tie in document_of(retriever, scored.row.passage.doc_id).attributions
        if tie.start < sentence.end and sentence.start < tie.end
        for fact in tie.fact_ids
    )


def _read(question: Question, sentences: Sequence[ScoredSentence], retriever: Retriever) -> list[float]:
    """The ranker's log-odds; with another embedding model than it was fitted on, it has nothing to say."""
    tokens = retriever.analyse(question.search_text).tokens
    if not ranker_fits(retriever):
        return [0.0] * len(sentences)
    read = [read_once().read(sentence.row, sentence.tokens) for sentence in sentences]
    matches = np.array([s.matches for s in sentences], dtype=np.float32).reshape(len(sentences), len(tokens))
    return [float(score) for score in load_ranker().scores(tokens, read, matches)]


def ranker_fits(retriever: Retriever) -> bool:
    """Whether the index holds the token vectors that the ranker was fitted on."""
    model = retriever.manifest.model
    return model.sha256 == DEFAULT_WEIGHTS and model.dimension == load_ranker().dimension


def sentence_features(
    question: Question, hits: Sequence[Hit], retriever: Retriever
) -> list[tuple[ScoredSentence, tuple[float, ...]]]:
    """The features of every sentence in the passages found (headings give features, they are no evidence)."""
    if not hits:
        return []
    encoded = retriever.analyse(question.search_text)
    scored = retriever.sentence_scores(encoded, [hit.passage.passage_id for hit in hits])
    weight = {term: retriever.idf(term) for term in question.terms}
    parties = _parties(question.text)
    by_id = {hit.passage.passage_id: hit for hit in hits}
    rows: list[tuple[ScoredSentence, tuple[float, ...]]] = []
    for passage_id, group in groupby(scored, key=lambda s: s.row.passage.passage_id):
        of_passage = list(group)
        hit = by_id[passage_id]
        heading = [s for s in of_passage if s.row.sentence.kind == "heading"]
        body = [s for s in of_passage if s.row.sentence.kind != "heading"]
        above = " ".join((hit.passage.title, *hit.passage.headings))
        around = term_set(above)
        title = term_set(hit.passage.title)
        document = document_of(retriever, hit.passage.doc_id)
        declared = max((weighted_share(weight, term_set(q)) for q in document.questions), default=0.0)
        best = max((s.maxsim for s in body), default=0.0)
        for place, s in enumerate(body):
            text = s.row.sentence.text
            if text.endswith("?") or (ABOUT_ITSELF.search(text) and not _facts(s, retriever)):
                continue  # what a text asks, and what it says of itself, answers nothing
            own = term_set(text)
            opening = term_set(" ".join(text.split()[:9]))
            rows.append(
                (
                    s,
                    (
                        s.maxsim,
                        s.cosine,
                        weighted_share(weight, own),
                        weighted_share(weight, own | around),
                        weighted_share(weight, around),
                        max((h.maxsim for h in heading), default=0.0),
                        hit.score,
                        1.0 / hit.rank,
                        s.maxsim - best,
                        float(bool(_CUES[question.type].search(text))),
                        min(1.0, len(text) / 300),
                        float(s.row.sentence.kind == "item"),
                        float(place == 0),
                        weighted_share(weight, title),
                        declared,
                        float(
                            bool(opening)
                            and set(question.terms) <= opening | around
                            and bool(opening & set(question.terms))
                        ),
                        float(question.type == "list" and s.row.sentence.kind != "prose"),
                        float(bool(_REPORTED.search(text))),
                        len(parties - _parties(f"{above}. {text}")) / len(parties) if parties else 0.0,
                    ),
                )
            )
    return rows


def _parties(text: str) -> frozenset[str]:
    """The posts, people and kinds of organization that a text names, less the post that everything here is about."""
    return (roles(text) | settings(text)) - {"cmo"}


def weighted_share(weight: Mapping[str, float], found: Set[str]) -> float:
    """The share, 0 to 1, of the weighed words that are found; 0 where nothing is weighed."""
    total = sum(weight.values())
    return sum(value for term, value in weight.items() if term in found) / total if total else 0.0
