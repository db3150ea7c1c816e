"""How well a sentence answers by its words and its place alone: for documents that nobody has prepared.

Where facts are tied to sentences the known questions say most of what there is to say. Elsewhere a sentence is read
beside the question word by word, with what stands above and before it, since it leans on both. The weights,
``data/ranking_plain.json``, are fitted by ``benchmarks/fit_evidence.py``.
"""

import re
from collections.abc import Iterator, Sequence, Set
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from assistant.expected import share_lacking
from assistant.features import headings_above
from assistant.questions import Question
from assistant.terms import term_set
from assistant.unmentioned import names
from index import Hit, Retriever, ScoredSentence, SentenceRow
from index.rerank import query_weights

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
    "lacking",
    "item",
    "short",
    "rules",
    "condition",
    "name_missing",
)
ABOVE, BEFORE = 0.9, 0.85  # what a match counts in the headings above a sentence, and in the sentence before it
WEIGHTIEST = 3  # words of a question, of which the worst match tells what a sentence leaves out
SHORT = 7  # words of a sentence that seldom says anything alone
_YES_NO = re.compile(r"(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|am)\b", re.I)
_RULES = re.compile(
    r"\b(?:may|must|can|cannot|not|no|only|unless|allowed|required|provided|never|shall|yes|except)\b", re.I
)
_IF = re.compile(r"\b(?:if|what happens|unless)\b", re.I)
_IN_CASE = re.compile(r"\b(?:if|where|when|unless|who)\b", re.I)


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
    weights = query_weights(retriever.analyse(question.search_text).pieces, retriever.piece_weights)
    share: Floats = weights / max(float(weights.sum()), 1e-9)
    matches = np.array([s.matches for s in scored], dtype=np.float32).reshape(len(scored), len(weights))
    above, before, passage = _around(scored, matches)
    in_context = np.maximum(np.maximum(matches, ABOVE * above), BEFORE * before)
    weightiest = np.argsort(-weights)[:WEIGHTIEST]
    columns = [
        in_context @ share,
        above @ share,
        before @ share,
        passage @ share,
        matches[:, weightiest].min(axis=1, initial=1.0),
    ]
    by_word = np.stack(columns, axis=1).astype(float).tolist()
    found = {hit.passage.passage_id: hit for hit in hits}
    rows: dict[tuple[str, int], tuple[float, ...]] = {}
    for s, of_words, of_wording in zip(scored, by_word, _by_wording(question, scored), strict=True):
        hit = found[s.row.passage.passage_id]
        *around, worst = of_words
        rows[place(s.row)] = (s.maxsim, s.cosine, *around, hit.score, 1.0 / hit.rank, worst, *of_wording)
    return rows


def place(row: SentenceRow) -> tuple[str, int]:
    """Where a sentence stands, as ``Evidence.key`` tells it."""
    return row.passage.doc_id, row.sentence.start


def _around(scored: Sequence[ScoredSentence], matches: Floats) -> tuple[Floats, Floats, Floats]:
    """For each sentence the best match of each word in the headings above it, the sentence before it, its passage."""
    above, before, passage = np.zeros_like(matches), np.zeros_like(matches), np.zeros_like(matches)
    for _, group in groupby(range(len(scored)), key=lambda n: scored[n].row.passage.passage_id):
        places = list(group)
        passage[places] = matches[places].max(axis=0)
        kinds = [scored[at].row.sentence.kind for at in places]
        for n, (at, headings) in enumerate(zip(places, headings_above(kinds), strict=True)):
            if kinds[n] == "heading":
                continue
            if headings:
                above[at] = matches[[places[m] for m in headings]].max(axis=0)
            if n and kinds[n - 1] != "heading":
                before[at] = matches[places[n - 1]]
    return above, before, passage


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
