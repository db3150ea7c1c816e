"""The questions that head the sections of the bundled articles, with the facts that these state."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.reading import document_of
from assistant.terms import term_set
from corpus import Document
from eval.tracing import facts_between
from index import Retriever

GOLD = Path(__file__).parent.parent / "eval" / "data" / "gold.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionQuestion:
    """A heading that asks, and the facts of its section; which of them are vital to a short answer it does not tell."""

    text: str
    facts: frozenset[str]


def section_questions(retriever: Retriever) -> list[SectionQuestion]:
    """Those of all articles, in their order, but for the wordings of the gold set, which nothing may know."""
    gold = {frozenset(term_set(json.loads(line)["question"])) for line in GOLD.read_text(encoding="utf-8").splitlines()}
    found: list[SectionQuestion] = []
    for entry in retriever.documents():
        sections: dict[str, set[str]] = {}
        for heading, facts in _told(document_of(retriever, entry.doc_id), retriever):
            if heading.endswith("?") and facts and frozenset(term_set(heading)) not in gold:
                sections.setdefault(heading, set()).update(facts)
        found += [SectionQuestion(text=heading, facts=frozenset(facts)) for heading, facts in sections.items()]
    return found


def _told(document: Document, retriever: Retriever) -> Iterator[tuple[str, frozenset[str]]]:
    """For each sentence the heading above it and the facts that it states."""
    for passage in retriever.passages(document.doc_id):
        for row in retriever.sentences(passage.passage_id):
            s = row.sentence
            if passage.headings and s.kind != "heading":
                yield passage.headings[-1], frozenset(facts_between(document, s.start, s.end))
