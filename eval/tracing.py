"""Tie an answer back to the facts of the corpus, and judge its citations: from an Answer to a Prediction.

A document says by its attributions which facts each of its sentences states. A citation touches the facts whose
sentences its span overlaps; a passage holds those whose sentences overlap it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from assistant.answers import Answer, Citation, Statement, Support, Turn
from corpus.documents import Document, Passage
from corpus.splitting import split
from eval.citations import word_for_word
from eval.predictions import Cited, Found, Prediction, Shown, given
from index.hits import Hit

DEPTH = 10
"""How many passages are written down for the retrieval measures."""

Judge = Callable[[str, Sequence[str]], Support]
"""How far texts support a claim: (claim, evidence) to Support."""


class Subject(Protocol):
    """What is evaluated: the part of the assistant's interface that an evaluation needs."""

    def answer(self, question: str, *, history: Sequence[Turn] = ..., setting: str | None = ...) -> Answer:
        """Answer one question."""

    def search(self, query: str, *, k: int = ...) -> list[Hit]:
        """The passages nearest to a query, best first."""

    def document(self, doc_id: str) -> Document:
        """A whole document."""


class Ties:
    """Which passages of a corpus hold which facts; a passage also goes by its own id, for corpora without facts."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._passages: dict[str, set[str]] = {}
        self.attributed = False  # whether the corpus ties any sentence to facts
        for document in documents:
            self.attributed = self.attributed or bool(document.attributions)
            for passage in split(document):
                for key in (passage.passage_id, *facts_between(document, passage.start, passage.end)):
                    self._passages.setdefault(key, set()).add(passage.passage_id)

    def relevant(self, evidence: Mapping[str, int]) -> dict[str, int]:
        """The passages that the evidence names itself or by their facts, each with its highest grade."""
        grades: dict[str, int] = {}
        for fact_id, grade in evidence.items():
            for passage_id in self._passages.get(fact_id, ()):
                grades[passage_id] = max(grades.get(passage_id, 0), grade)
        return dict(sorted(grades.items()))


def facts_between(document: Document, start: int, end: int) -> tuple[str, ...]:
    """The facts of every attribution that overlaps a span of the document, each once, in text order."""
    return tuple(dict.fromkeys(i for a in document.attributed(start, end) for i in a.fact_ids))


def traced(
    answer: Answer,
    *,
    example_id: str,
    question: str,
    history: Sequence[Turn],
    evidence: Mapping[str, int],
    subject: Subject,
    ties: Ties,
    judge: Judge,
    seconds: float,
) -> Prediction:
    """The prediction that an answer amounts to. Judges each statement against its quotes, so it takes some time."""
    cited = tuple(dict.fromkeys(c.passage.text for s in answer.statements for c in s.citations))
    return Prediction(
        id=example_id,
        question=question,
        given=given(question, history),
        query=answer.query,
        status=answer.status,
        text=answer.text,
        shown=tuple(_shown(s, passages=cited, subject=subject, judge=judge) for s in answer.statements),
        found=tuple(_found(answer, subject)),
        relevant=ties.relevant(evidence),
        answerability=answer.answerability,
        seconds=seconds,
        attributed=ties.attributed,
        error=None,
        answer=answer.to_dict(),
    )


def _found(answer: Answer, subject: Subject) -> Iterable[Found]:
    """The passages that the answer drew on, filled up to DEPTH by a search for the same query."""
    scores: dict[str, tuple[Passage, float]] = {}
    for hit in (*answer.hits, *subject.search(answer.query, k=DEPTH)):
        scores.setdefault(hit.passage.passage_id, (hit.passage, hit.score))
    for passage_id, (passage, score) in list(scores.items())[: max(DEPTH, len(answer.hits))]:
        facts = facts_between(subject.document(passage.doc_id), passage.start, passage.end)
        yield Found(passage_id=passage_id, score=score, facts=facts)


def _shown(statement: Statement, *, passages: Sequence[str], subject: Subject, judge: Judge) -> Shown:
    quotes = [c.quote for c in statement.citations]
    facts = [i for c in statement.citations for i in facts_between(subject.document(c.passage.doc_id), c.start, c.end)]
    supported = is_supported(statement.text, quotes, judge)
    return Shown(
        text=statement.text,
        facts=tuple(dict.fromkeys(facts)),
        cited=tuple(
            _cited(statement, place, supported=supported, subject=subject, judge=judge) for place in range(len(quotes))
        ),
        supported=supported,
        faithful=supported or is_supported(statement.text, passages, judge),
    )


def _cited(statement: Statement, place: int, *, supported: bool, subject: Subject, judge: Judge) -> Cited:
    citation = statement.citations[place]
    others = [c.quote for c in statement.citations if c is not citation]
    supports = supported if not others else is_supported(statement.text, [citation.quote], judge)
    return Cited(
        passage_id=citation.passage.passage_id,
        quote=citation.quote,
        verbatim=_is_verbatim(citation, subject.document(citation.passage.doc_id)),
        supports=supports,
        needed=supported and not supports and not is_supported(statement.text, others, judge),
    )


def _is_verbatim(citation: Citation, document: Document) -> bool:
    return bool(citation.quote) and document.text[citation.start : citation.end] == citation.quote


def is_supported(claim: str, evidence: Sequence[str], judge: Judge) -> bool:
    """Whether the texts support the claim; one that stands in them word for word needs no judge."""
    return word_for_word(claim, evidence) or (bool(evidence) and judge(claim, list(evidence)).label == "supported")
