from itertools import groupby

import pytest

from assistant import open_assistant
from assistant.evidence import Evidence, by_sentence, nearest_asked, rank_evidence, spelled_out, whole_score
from assistant.questions import read_question

QUESTION = "What share of CMO posts is full-time?"


def test_a_sentence_yields_to_one_of_its_document_that_tells_the_same_facts_in_nearer_words() -> None:
    retriever = open_assistant().retriever
    question = read_question(QUESTION)
    ranked = rank_evidence(question, retriever.search(question.search_text, k=10), retriever)
    known = by_sentence(nearest_asked(question, [e.facts for e in ranked], [e.tokens for e in ranked], retriever))
    alone = {e.key: whole_score(e.features, e.pair, k, tied=bool(e.facts)) for e, k in zip(ranked, known, strict=True)}

    def same(e: Evidence) -> tuple[str, list[str]]:
        return e.passage.doc_id, sorted(e.facts)

    groups = [list(group) for _, group in groupby(sorted((e for e in ranked if e.facts), key=same), key=same)]
    several = [group for group in groups if len(group) > 1]
    assert several
    for group in several:
        kept = [e for e in group if e.score == pytest.approx(alone[e.key])]
        assert len(kept) == 1
        assert all(e.score < alone[e.key] for e in group if e not in kept)
    assert all(e.score == pytest.approx(alone[e.key]) for group in groups if len(group) == 1 for e in group)


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("What is QAPI?", "quality assessment and performance improvement (QAPI)"),
        ("what does HCAHPS stand for", "Hospital Consumer Assessment of Healthcare Providers and Systems (HCAHPS)"),
        ("AHRQ?", "Agency for Healthcare Research and Quality (AHRQ)"),
    ],
)
def test_a_question_about_letters_is_answered_by_what_they_stand_for(question: str, spelled: str) -> None:
    answer = open_assistant().answer(question)
    assert answer.status == "answered"
    assert spelled in answer.statements[0].text


def test_a_question_about_something_of_what_letters_name_is_none_about_the_letters() -> None:
    assistant = open_assistant()
    evidence = rank_evidence(read_question("What is OPPE?"), assistant.search("What is OPPE?"), assistant.retriever)
    assert spelled_out(read_question("What is OPPE?"), evidence, assistant.retriever)
    assert not spelled_out(read_question("What is OPPE's budget?"), evidence, assistant.retriever)
    assert not spelled_out(read_question("What is ZQXW?"), evidence, assistant.retriever)


def test_the_part_of_a_fact_that_is_asked_for_opens_the_answer() -> None:
    answer = open_assistant().answer(QUESTION)
    assert answer.statements[0].text.startswith("Full-time posts made up about 85%")
