"""What is read of each sentence found beside the question, as numbers for the fitted models to weigh."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import groupby

from assistant.claims import roles, settings
from assistant.questions import Question
from assistant.reading import document_of
from assistant.terms import term_set, weighted_share
from corpus.documents import SentenceKind
from index import Hit, Retriever, ScoredSentence

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
Row = tuple[float, ...]
"""The features of one sentence, in the order of FEATURES."""
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
_GREETS = re.compile(r"(?:dear|hello|hi|good (?:morning|afternoon|evening))\b[^:;]{1,60}[,:!]", re.I)
ABOUT_ITSELF = re.compile(
    r"\bth(?:is|e present) (?:article|corpus|guide|page|section|post|blog|chapter|document)\b", re.I
)


def sentence_features(
    question: Question, scored: Sequence[ScoredSentence], hits: Sequence[Hit], retriever: Retriever
) -> list[tuple[ScoredSentence, Row]]:
    """The features of every sentence of the passages found (headings give features, they are no evidence)."""
    weight = {term: retriever.idf(term) for term in question.terms}
    by_id = {hit.passage.passage_id: hit for hit in hits}
    return [
        row
        for passage_id, group in groupby(scored, key=lambda s: s.row.passage.passage_id)
        for row in _of_passage(question, weight, by_id[passage_id], list(group), retriever)
    ]


def _of_passage(
    question: Question,
    weight: Mapping[str, float],
    hit: Hit,
    found: Sequence[ScoredSentence],
    retriever: Retriever,
) -> Iterator[tuple[ScoredSentence, Row]]:
    """The features of one passage's sentences; ``weight`` tells how rare each word of the question is.

    What a text asks or says of itself, and what only greets, is left out: it answers nothing.
    """
    body = [s for s in found if s.row.sentence.kind != "heading"]
    above_each = headings_above([s.row.sentence.kind for s in found])
    sections = {s.row.sentence.start: [found[n] for n in above] for s, above in zip(found, above_each, strict=True)}
    document = document_of(retriever, hit.passage.doc_id)
    declared = max((weighted_share(weight, term_set(q)) for q in document.questions), default=0.0)
    best = max((s.maxsim for s in body), default=0.0)
    asked_of = parties(question.text)
    for place, s in enumerate(body):
        text = s.row.sentence.text
        if _answers_nothing(text) or (ABOUT_ITSELF.search(text) and not facts_of(s, retriever)):
            continue
        own = term_set(text)
        below = sections[s.row.sentence.start]
        above = " ".join((hit.passage.title, *hit.passage.headings, *(h.row.sentence.text for h in below)))
        around = term_set(above)
        yield (
            s,
            (
                s.maxsim,
                s.cosine,
                weighted_share(weight, own),
                weighted_share(weight, own | around),
                weighted_share(weight, around),
                max((h.maxsim for h in below), default=0.0),
                hit.score,
                1.0 / hit.rank,
                s.maxsim - best,
                float(bool(_CUES[question.type].search(text))),
                min(1.0, len(text) / 300),
                float(s.row.sentence.kind == "item"),
                float(place == 0),
                weighted_share(weight, term_set(hit.passage.title)),
                declared,
                float(_opens_with_subject(text, set(question.terms), around)),
                float(question.type == "list" and s.row.sentence.kind != "prose"),
                float(bool(_REPORTED.search(text))),
                len(asked_of - parties(f"{above}. {text}")) / len(asked_of) if asked_of else 0.0,
            ),
        )


def _answers_nothing(text: str) -> bool:
    """Whether a sentence asks, stands all in capitals, or only greets ("Dear Dr. Hale,")."""
    return text.endswith("?") or text.isupper() or bool(_GREETS.fullmatch(text))


def headings_above(kinds: Sequence[SentenceKind]) -> list[list[int]]:
    """For each sentence of a passage, the places of the headings within the passage that it stands below.

    A passage may hold several short sections; the headings right above one another are those of one.
    """
    found: list[list[int]] = []
    headings: list[int] = []
    for place, kind in enumerate(kinds):
        if kind == "heading":
            headings = [*headings, place] if place and kinds[place - 1] == "heading" else [place]
        found.append(headings)
    return found


def _opens_with_subject(text: str, asked: Set[str], around: Set[str]) -> bool:
    """Whether a sentence begins with words asked for, and it and the headings above it hold them all."""
    opening = term_set(" ".join(text.split()[:9]))
    return asked <= opening | around and bool(opening & asked)


def facts_of(scored: ScoredSentence, retriever: Retriever) -> frozenset[str]:
    """The facts that the document ties to a sentence."""
    sentence, document = scored.row.sentence, document_of(retriever, scored.row.passage.doc_id)
    return frozenset(fact for tie in document.attributed(sentence.start, sentence.end) for fact in tie.fact_ids)


def parties(text: str) -> frozenset[str]:
    """The posts, people and kinds of organization that a text names, less the post that everything here is about."""
    return (roles(text) | settings(text)) - {"cmo"}
