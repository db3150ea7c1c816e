"""Likely sentences that share a fact stand in the order in which a strict reader would have them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant import Assistant, open_assistant
from assistant.evidence import Evidence, rank_evidence
from assistant.ordering import LIKELY, ORDERED, TRAITS, ordered, traits
from assistant.questions import read_question
from assistant.readings import Reading, searched

REPORTS_TO = "Who does the CMO report to?"


@pytest.fixture(scope="module")
def bundled() -> Assistant:
    return open_assistant()


def found(assistant: Assistant, question: str) -> tuple[Reading, list[Evidence]]:
    form = read_question(question)
    reading = searched(form, assistant.retriever, assistant.vocabulary, part=0, k=10, setting=None)
    return reading, rank_evidence(reading.question, reading.hits, assistant.retriever)


def keys(evidence: Sequence[Evidence]) -> set[tuple[str, int]]:
    return {e.key for e in evidence}


def test_sentences_change_places_with_those_that_share_a_fact_and_with_no_others(bundled: Assistant) -> None:
    reading, ranked = found(bundled, REPORTS_TO)
    anew = ordered(reading.question, ranked, bundled.retriever)
    assert [e.score for e in anew] == [e.score for e in ranked]
    assert keys(anew) == keys(ranked)
    assert [e.key for e in anew[ORDERED:]] == [e.key for e in ranked[ORDERED:]]
    moved = [(new, old) for new, old in zip(anew, ranked, strict=True) if new.key != old.key]
    assert all(any(new.facts & e.facts for e in ranked[:ORDERED] if e.key != new.key) for new, _ in moved)


def test_what_names_other_posts_than_asked_about_is_worth_less(bundled: Assistant) -> None:
    reading, ranked = found(bundled, REPORTS_TO)
    likely = [e for e in ranked[:ORDERED] if e.score >= LIKELY]
    rows = traits(reading.question, likely, bundled.retriever)
    assert all(len(row) == len(TRAITS) for row in rows)
    of = {e.sentence.text: dict(zip(TRAITS, row, strict=True)) for e, row in zip(likely, rows, strict=True)}
    both = next(traits for text, traits in of.items() if "63% of vice presidents" in text)
    alone = next(traits for text, traits in of.items() if text.startswith("Most CMOs in a 2009 US survey"))
    assert both["other_posts"] == 1.0
    assert alone["length"] < both["length"]


def test_documents_that_tie_no_facts_keep_their_order(assistant: Assistant) -> None:
    reading, ranked = found(assistant, "What does the chief medical officer of Northfield Hospital do?")
    untied = [replace(e, facts=frozenset[str]()) for e in ranked]
    assert ordered(reading.question, untied, assistant.retriever) == untied


def test_the_direct_sentence_opens_the_answer(bundled: Assistant) -> None:
    answer = bundled.answer("Who does the CMO usually report to in a hospital?")
    assert "79%" in answer.statements[0].text
