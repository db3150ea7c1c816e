"""Put the likely sentences in the order in which a strict reader would have them.

The known questions tell which facts answer a question. A fact has several parts, and a sentence may tell another one
than is asked for, speak of another post, or be one line of a list. How good an answer each likely sentence is was
graded for 700 questions; the weights, ``data/ordering.json``, are fitted on these by ``benchmarks/fit_ordering.py``.
"""

from collections.abc import Sequence
from dataclasses import replace

from assistant.claims import roles
from assistant.evidence import Evidence, cosines, log_odds_by_words
from assistant.questions import Question
from assistant.weights import load_weights, log_odds
from index import Retriever

ORDERED, LIKELY = 7, 0.15  # sentences that are ordered at most, and the probability that each has at least
TRAITS = ("by_words", "cosine", "other_posts", "posts_missing", "length", "item", "lead_in", "facts")
"""What tells one likely sentence from another, beside its score."""


def ordered(question: Question, evidence: Sequence[Evidence], retriever: Retriever) -> list[Evidence]:
    """The evidence with its likely sentences ranked anew among those that share a fact: they change places and scores.

    Args:
        question: what was asked.
        evidence: ranked, best first.
        retriever: tells the question's vector.

    Returns:
        The same sentences, best first; as they were where some of the likely ones lie in documents that tie no facts.

    """
    likely = [e for e in evidence[:ORDERED] if e.score >= LIKELY]
    anew = list(evidence)
    if not (told := traits(question, likely, retriever)):
        return anew
    weights = load_weights("ordering")
    worth = [log_odds(e.score) + weights.log_odds(row) for e, row in zip(likely, told, strict=True)]
    for places in _sharing_facts(likely):
        best_first = sorted(places, key=lambda place: (-worth[place], likely[place].key))
        for place, taken in zip(places, best_first, strict=True):
            anew[place] = replace(likely[taken], score=likely[place].score)
    return anew


def _sharing_facts(likely: Sequence[Evidence]) -> list[list[int]]:
    """The places, in order, of sentences that share facts with each other, directly or through others of them."""
    groups: list[tuple[frozenset[str], list[int]]] = []
    for place, e in enumerate(likely):
        joined = [group for group in groups if group[0] & e.facts]
        facts = e.facts.union(*(group[0] for group in joined))
        places = sorted([place, *(n for group in joined for n in group[1])])
        groups = [*(group for group in groups if group not in joined), (facts, places)]
    return [places for _, places in groups]


def traits(question: Question, likely: Sequence[Evidence], retriever: Retriever) -> list[tuple[float, ...]]:
    """The TRAITS of each sentence; none where one of them is not of the bundled articles."""
    near = cosines(question, [e.sentence.text for e in likely], retriever)
    posts = roles(question.text)
    rows: list[tuple[float, ...]] = []
    for e, cosine in zip(likely, near, strict=True):
        if cosine is None or not e.facts:
            return []
        own = roles(e.sentence.text)
        rows.append(
            (
                log_odds_by_words(e),
                cosine,
                float(bool(own - posts - {"cmo"})),
                float(len(posts - own)),
                len(e.sentence.text.split()) / 30,
                float(e.sentence.kind == "item"),
                float(e.sentence.kind == "lead"),
                float(len(e.facts)),
            )
        )
    return rows
