"""How well a sentence answers by its words and its place alone: for documents that nobody has prepared.

Where facts are tied to sentences the known questions say most of what there is to say. Elsewhere a sentence is read
beside the question word by word, with what stands above and before it, since it leans on both; titles and headings are
encoded when they are first met. What a sentence is worth by these (``data/ranking_plain.json``) is fitted by
``benchmarks/fit_evidence.py``; its chance among all that were found, when the likeliest were read together with the
question too (``data/probability_plain.json``), by ``benchmarks/fit_reranked.py``.
"""

import math
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from assistant.expected import share_lacking
from assistant.features import headings_above
from assistant.questions import Question
from assistant.terms import term_set
from assistant.unmentioned import names
from assistant.weights import load_weights
from index import Hit, Retriever, ScoredSentence, SentenceRow
from index.encodings import Bytes8, QueryEncoding, TextEncoder
from index.rerank import best_matches, query_weights, similarities

Floats = NDArray[np.float32]
PLAIN = (
    "maxsim",
    "cosine",
    "in_context",
    "headings",
    "before",
    "in_passage",
    "passage_score",
    "passage_rank",
    "worst",
    "anywhere",
    "worst_anywhere",
    "in_section",
    "of_section",
    "lacking",
    "item",
    "short",
    "rules",
    "condition",
    "name_missing",
)
WORTH = (*PLAIN, "akin", "pair_as_ours", "cosine_as_ours", "in_section_as_ours")
"""What ``ranking_plain.json`` weighs; the last ones count as far as a question is like the known ones."""
ABOVE, BEFORE = 0.9, 0.85  # what a match counts in the headings above a sentence, and in the sentence before it
HELD = 0.8  # likeness from which a passage has a word
SEVERAL, SELDOM = 3, 0.2  # passages of a document, and the share of them that may have a word for it to count in full
LESS = 0.9  # what a word loses that all of them have
TOLD = 2.25  # what a factor of the odds counts in what a sentence is worth, by its logarithm
LEAST_AMONG = 4.5  # what five in six questions find more of, among a hundred sentences or so
WEIGHTIEST = 3  # words of a question, of which the worst match tells what a sentence leaves out
SHORT = 7  # words of a sentence that seldom says anything alone
_COSINE, _IN_SECTION = PLAIN.index("cosine"), PLAIN.index("in_section")
_YES_NO = re.compile(r"(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|am)\b", re.I)
_RULES = re.compile(
    r"\b(?:may|must|can|cannot|not|no|only|unless|allowed|required|provided|never|shall|yes|except)\b", re.I
)
_IF = re.compile(r"\b(?:if|what happens|unless)\b", re.I)
_IN_CASE = re.compile(r"\b(?:if|where|when|unless|who)\b", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Where a sentence stands: the title of its document and the heading above it, "" for none."""

    doc_id: str
    title: str
    heading: str


def plain_features(
    question: Question, scored: Sequence[ScoredSentence], hits: Sequence[Hit], retriever: Retriever
) -> dict[tuple[str, int], tuple[float, ...]]:
    """For each sentence, by its place, a row in the order of PLAIN.

    Args:
        question: as it was read.
        scored: the sentences of the passages found, headings among them, passage by passage.
        hits: the passages found, with their scores.
        retriever: weighs the words of the question.

    """
    if not scored:
        return {}
    asked = retriever.analyse(question.search_text)
    weights = query_weights(asked.pieces, retriever.piece_weights)
    share: Floats = weights / max(float(weights.sum()), 1e-9)
    matches = np.array([s.matches for s in scored], dtype=np.float32).reshape(len(scored), len(weights))
    headings = _headings(scored)
    above, before, passage = _around(scored, matches, headings)
    in_context = np.maximum(np.maximum(matches, ABOVE * above), BEFORE * before)
    named, within, order = _by_section(_sections(scored, headings), matches, share, asked, retriever.encoder)
    anywhere = np.maximum(in_context, ABOVE * named)
    weightiest = np.argsort(-weights)[:WEIGHTIEST]
    shares = _shares(scored, matches, share)

    def shared(found: Floats) -> Floats:
        return np.asarray((found * shares).sum(axis=1))

    columns = [
        shared(matches),
        shared(in_context),
        shared(above),
        shared(before),
        shared(passage),
        matches[:, weightiest].min(axis=1, initial=1.0),
        shared(anywhere),
        anywhere[:, weightiest].min(axis=1, initial=1.0),
        shared(np.maximum(within, ABOVE * named)),
        order,
    ]
    by_word = np.stack(columns, axis=1).astype(float).tolist()
    found = {hit.passage.passage_id: hit for hit in hits}
    rows: dict[tuple[str, int], tuple[float, ...]] = {}
    for s, of_words, of_wording in zip(scored, by_word, _by_wording(question, scored), strict=True):
        hit = found[s.row.passage.passage_id]
        own, around, rest = of_words[0], of_words[1:5], of_words[5:]
        rows[place(s.row)] = (own, s.cosine, *around, hit.score, 1.0 / hit.rank, *rest, *of_wording)
    return rows


def worth_row(plain: Sequence[float], *, akin: float, pair: float, ours: float) -> tuple[float, ...]:
    """What tells how well a sentence answers, in the order of WORTH.

    The ranker, which was fitted on questions about chief medical officers, speaks as far as the question is one:
    elsewhere it prefers whatever is strange to it.

    Args:
        plain: in the order of PLAIN.
        akin: how near the sentence lies to the question, as ``Nearest`` has it.
        pair: the ranker's log-odds.
        ours: how far the question is like the known ones, 0 to 1.

    """
    return (*plain, akin, ours * pair, ours * plain[_COSINE], ours * plain[_IN_SECTION])


def worths(rows: Sequence[Sequence[float]], times: Sequence[float] = ()) -> list[float]:
    """How well each sentence answers by its words and its place: log-odds among those of one question.

    Args:
        rows: of every sentence, in the order of WORTH.
        times: what the odds of each are multiplied by for what it says; none for once.

    """
    weights = load_weights("ranking_plain")
    told = zip(rows, times or [1.0] * len(rows), strict=True)
    return [weights.log_odds(row) + TOLD * math.log(factor) for row, factor in told]


def chances(worth: Sequence[float]) -> list[float]:
    """The probability, 0 to 1, that each sentence found for a question is to the point, by what each is worth.

    That alone tells little without what all of them are: of ten equally good ones few answer.
    """
    together = among(worth)
    return [load_weights("probability_plain").probability((own, together)) for own in worth]


def among(worth: Sequence[float]) -> float:
    """What all sentences found are worth together: the logarithm of the sum of the exponentials.

    In a document of a few sentences no less than what is common elsewhere: the best of them need not answer.
    """
    return max(float(np.logaddexp.reduce(worth)), LEAST_AMONG) if worth else LEAST_AMONG


def place(row: SentenceRow) -> tuple[str, int]:
    """Where a sentence stands, as ``Evidence.key`` tells it."""
    return row.passage.doc_id, row.sentence.start


def _shares(scored: Sequence[ScoredSentence], matches: Floats, share: Floats) -> Floats:
    """(sentences, words): what each word of the question counts in each sentence, in all 1.

    It counts less the more of the passages found of a document have it: what all of a document is about tells its
    sentences apart no more.
    """
    shares: Floats = np.tile(share, (len(scored), 1))
    documents: dict[str, dict[str, list[int]]] = {}
    for n, s in enumerate(scored):
        documents.setdefault(s.row.passage.doc_id, {}).setdefault(s.row.passage.passage_id, []).append(n)
    for passages in documents.values():
        if len(passages) >= SEVERAL:
            held = np.mean([matches[places].max(axis=0) >= HELD for places in passages.values()], axis=0)
            own = share * (1.0 - LESS * np.maximum(0.0, (held - SELDOM) / (1.0 - SELDOM)))
            shares[[n for places in passages.values() for n in places]] = own / max(float(own.sum()), 1e-9)
    return shares


def _headings(scored: Sequence[ScoredSentence]) -> list[list[int]]:
    """For each sentence the places of the headings above it, within its passage; none for a heading."""
    found: list[list[int]] = []
    for _, group in groupby(scored, key=lambda s: s.row.passage.passage_id):
        first, kinds = len(found), [s.row.sentence.kind for s in group]
        above_each = headings_above(kinds)
        found += [
            [] if kind == "heading" else [first + n for n in above]
            for kind, above in zip(kinds, above_each, strict=True)
        ]
    return found


def _around(
    scored: Sequence[ScoredSentence], matches: Floats, headings: Sequence[Sequence[int]]
) -> tuple[Floats, Floats, Floats]:
    """For each sentence the best match of each word in the headings above it, the sentence before it, its passage."""
    above, before, passage = np.zeros_like(matches), np.zeros_like(matches), np.zeros_like(matches)
    for _, group in groupby(range(len(scored)), key=lambda n: scored[n].row.passage.passage_id):
        places = list(group)
        passage[places] = matches[places].max(axis=0)
        for n, at in enumerate(places):
            if scored[at].row.sentence.kind == "heading":
                continue
            if headings[at]:
                above[at] = matches[headings[at]].max(axis=0)
            if n and scored[at - 1].row.sentence.kind != "heading":
                before[at] = matches[at - 1]
    return above, before, passage


def _sections(scored: Sequence[ScoredSentence], headings: Sequence[Sequence[int]]) -> list[Section | None]:
    """For each sentence where it stands; None for a heading."""
    found: list[Section | None] = []
    for s, above in zip(scored, headings, strict=True):
        passage = s.row.passage
        within = " > ".join(scored[n].row.sentence.text for n in above)
        heading = within or (passage.headings[-1] if passage.headings else "")
        section = Section(doc_id=passage.doc_id, title=passage.title, heading=heading)
        found.append(None if s.row.sentence.kind == "heading" else section)
    return found


def _named(section: Section, asked: QueryEncoding, encoder: TextEncoder) -> Floats:
    """(words of the question,): the best match of each in the title of the document and in the heading."""
    rows = np.concatenate([_tokens(text, encoder) for text in (section.title, section.heading)]).astype(np.float32)
    return np.asarray(best_matches(similarities(asked.tokens, rows), [(0, len(rows))])[0])


@lru_cache(maxsize=4096)
def _tokens(text: str, encoder: TextEncoder) -> Bytes8:
    """(tokens, dimension) of a title or a heading, as an index stores those of a passage."""
    return encoder.encode_passages([("", text)]).tokens[0]


def _by_section(
    sections: Sequence[Section | None], matches: Floats, share: Floats, asked: QueryEncoding, encoder: TextEncoder
) -> tuple[Floats, Floats, Floats]:
    """For each sentence the best match of each word in its title and heading, and in its section; and its place there.

    The place is 1 for the best sentence of a section, 1/2 for the next, and so on; all are 0 for a heading.
    """
    named, within, order = np.zeros_like(matches), np.zeros_like(matches), np.zeros(len(matches), dtype=np.float32)
    together: dict[Section, list[int]] = {}
    for n, section in enumerate(sections):
        if section:
            together.setdefault(section, []).append(n)
    for section, places in together.items():
        named[places] = _named(section, asked, encoder)
        within[places] = matches[places].max(axis=0)
        best_first = sorted(places, key=lambda n: -float(matches[n] @ share))
        order[best_first] = 1.0 / np.arange(1, len(places) + 1)
    return named, within, order


def _by_wording(question: Question, scored: Sequence[ScoredSentence]) -> Iterator[tuple[float, ...]]:
    """What the wording of question and sentence tells, from ``lacking`` on."""
    asks_rules, asks_case = bool(_YES_NO.match(question.text)), bool(_IF.search(question.text))
    named = [term_set(name) for name in names(question.text)]
    for _, group in groupby(scored, key=lambda s: s.row.passage.passage_id):
        around: Set[str] = frozenset()
        for s in group:
            text, own = s.row.sentence.text, term_set(s.row.sentence.text)
            seen = own | around
            yield (
                share_lacking(question.text, text),
                float(s.row.sentence.kind == "item"),
                float(len(text.split()) < SHORT),
                float(asks_rules and bool(_RULES.search(text))),
                float(asks_case and bool(_IN_CASE.search(text))),
                sum(not name <= seen for name in named) / len(named) if named else 0.0,
            )
            around = own
