from pathlib import Path

import pytest

from assistant import Assistant, Turn, open_assistant
from assistant.asked import Asked, load_asked
from assistant.conversation import standalone_query
from assistant.evidence import rank_evidence, sought, voted_facts
from assistant.questions import asked_parts, read_question, told
from assistant.readings import (
    NEAR_IT,
    NOT_NAMED,
    by_evidence,
    combined_evidence,
    heads,
    searched,
    ways_to_read,
    weighed,
)
from assistant.weights import moved
from eval.tracing import facts_between
from index import build_index


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Who appoints the CMO, and who can dismiss one?", ("Who appoints the CMO?", "who can dismiss one?")),
        ("What are the risks and what can I do?", ("What are the risks?",)),
        ("In 2009, how many CMOs saw patients?", ("In 2009, how many CMOs saw patients?",)),
        ("What does the CMO, who reports to the CEO, do?", ("What does the CMO, who reports to the CEO, do?",)),
        (
            "What do we look for, what do we pay, and who hires?",
            ("What do we look for?", "what do we pay?", "who hires?"),
        ),
        ("Can you tell me what a CMO earns?", ("what a CMO earns?",)),
        (
            "I'd like to know whether I need a degree, and what a CMO earns.",
            ("whether I need a degree?", "what a CMO earns?"),
        ),
        ("I am a hospitalist. Am I ready to be a CMO?", ("Am I ready to be a CMO?",)),
        ("What do the CMO and the CNO share?", ("What do the CMO and the CNO share?",)),
        ("cmo duties", ("cmo duties",)),
        (
            "How should a CMO deal with burnout - how common is it?",
            ("How should a CMO deal with burnout?", "how common is it?"),
        ),
        ("Who is the CMO - the one who leads doctors?", ("Who is the CMO - the one who leads doctors?",)),
    ],
)
def test_a_text_is_split_into_the_questions_that_it_asks(text: str, parts: tuple[str, ...]) -> None:
    assert asked_parts(text) == parts


def test_the_later_parts_of_a_question_are_read_as_follow_ups_where_such_are_known() -> None:
    query = standalone_query("What does an interim CMO do? And how long do they stay?", ())
    [_, (first, one), (second, other)] = ways_to_read(query, str, in_talks=True)
    assert (first, second) == (0, 1)
    assert one.in_talk == ()
    assert other.in_talk == ("What does an interim CMO do: And how long do they stay?", "And how long do they stay?")


def test_the_part_of_a_question_that_the_documents_do_not_answer_is_named() -> None:
    answer = open_assistant().answer("What is a chief wellness officer? And do they report to the CMO?")
    assert answer.status == "answered"
    assert "The documents do not answer “do they report to the CMO?”." in answer.reason
    assert "CWO" in answer.statements[0].text
    assert "79%" not in answer.text  # whom CMOs report to


def test_a_question_is_asked_for_the_kind_of_employer_that_was_chosen() -> None:
    assistant = open_assistant()
    answer = assistant.answer("What does a CMO earn?", setting="health_center")
    assert answer.query == "What does a CMO earn (health center)?"
    assert "health center" in answer.statements[0].text.lower()
    assert assistant.answer("What does a health center CMO earn?", setting="health_center").query.endswith("earn?")
    both = assistant.answer("What does a CMO earn, and who hires one?", setting="health_center")
    assert [("salaries" in s.text, "HRSA" in s.text) for s in both.statements] == [(True, False), (False, True)]


def test_what_is_told_before_a_question_is_known_from_it() -> None:
    assert told("I am a hospitalist. Am I ready to be a CMO?") == "I am a hospitalist."
    assert told("Am I ready to be a CMO?") == ""
    assert told("I chair a committee. I would like to know what a CMO earns.") == "I chair a committee."


def test_each_thing_that_is_asked_has_a_place_in_the_answer_whatever_the_words() -> None:
    question = "What degree should a CMO get? Do CMOs see patients? And how much does a CMO earn?"
    text = open_assistant().answer(question).text
    assert all(word in text for word in ("MBA", "patients", "$"))


def test_each_part_of_a_question_is_read_behind_what_is_told_before_it() -> None:
    query = standalone_query("We're hiring a CMO. What should we look for? And what should we pay?", ())
    ways = ways_to_read(query, str, in_talks=True)
    (pay,) = [form.in_talk for part, form in ways if part == 1 and form.in_talk]
    assert "hiring a CMO" in pay[0]


def read(assistant: Assistant, question: str, *before: str) -> list[tuple[int, str]]:
    query = standalone_query(question, [Turn(role="user", text=text) for text in before])
    return [(part, form.text) for part, form in ways_to_read(query, str)]


def test_a_plain_question_is_read_once(assistant: Assistant) -> None:
    assert read(assistant, "What does a CMO do?") == [(0, "What does a CMO do?")]


def test_the_second_thing_asked_takes_its_subject_from_the_first(assistant: Assistant) -> None:
    readings = read(assistant, "Who appoints the CMO of Northfield, and when must they report?")
    assert [part for part, _ in readings] == [0, 0, 1]
    assert "Northfield" in readings[2][1]


def test_evidence_of_several_parts_has_a_head_for_each(assistant: Assistant) -> None:
    query = standalone_query(
        "When was the first CMO of Northfield Hospital appointed, and what is the safety meeting?", ()
    )
    readings = [
        weighed(
            searched(form, assistant.retriever, assistant.vocabulary, part=part, k=5, setting=None), assistant.retriever
        )
        for part, form in ways_to_read(query, str)
    ]
    assert len(heads(readings)) == 2
    scores = [e.score for e in combined_evidence(readings)]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_passages_that_state_what_known_questions_ask_are_found_whatever_their_words() -> None:
    """No word of the question is in the passage, and a search of its words alone finds others."""
    assistant = open_assistant()
    retriever, vocabulary = assistant.retriever, assistant.vocabulary
    form = read_question("I just got the top doctor job. What now?")
    by_words = {hit.passage.passage_id for hit in retriever.search(vocabulary.expanded(form.search_text), k=2)}
    found = searched(form, retriever, vocabulary, part=0, k=2, setting=None)
    facts, vector = voted_facts(form, retriever), sought(form, retriever)
    assert vector is not None
    encoded = retriever.analyse(vocabulary.expanded(form.search_text))
    near = {hit.passage.passage_id for hit in retriever.near(encoded, vector, k=NEAR_IT)}
    assert len(near) == NEAR_IT
    more = [hit for hit in found.hits if hit.passage.passage_id not in by_words | near]
    assert more
    for hit in more:
        document = assistant.document(hit.passage.doc_id)
        assert set(facts) & set(facts_between(document, hit.passage.start, hit.passage.end))
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
    asked = load_asked()
    nothing = Asked(
        asked.vectors[:0],
        facts=[],
        vital=[],
        words=[],
        denying=[],
        sentence_map=asked.sentence_map,
    )
    unknown = searched(form, retriever, vocabulary, part=0, k=2, setting=None, known=nothing)
    assert {hit.passage.passage_id for hit in unknown.hits} == by_words | near


def test_passages_are_ranked_by_what_their_best_sentence_says_too(assistant: Assistant) -> None:
    [(part, form)] = ways_to_read(standalone_query("When was the first CMO of Northfield Hospital appointed?", ()), str)
    found = weighed(
        searched(form, assistant.retriever, assistant.vocabulary, part=part, k=5, setting=None), assistant.retriever
    )
    ranked = by_evidence(found.hits, found.evidence, limit=3)
    assert ranked[0].passage.passage_id == found.evidence[0].passage.passage_id
    assert [hit.rank for hit in ranked] == [1, 2, 3]
    assert [hit.score for hit in ranked] == sorted((hit.score for hit in ranked), reverse=True)


def test_a_part_that_the_documents_leave_open_is_told(assistant: Assistant) -> None:
    answer = assistant.answer("When did Northfield appoint its first CMO, and how many wombats does the zoo keep?")
    assert "1987" in answer.text
    assert "how many wombats does the zoo keep?" in answer.reason
    assert "appoint" not in answer.reason


@pytest.mark.parametrize(
    ("question", "lowered"),
    [
        ("What is the base salary of Petrakis?", {"posting.md"}),
        ("What is the base salary of Dr. Petrakis's successor?", {"posting.md"}),
        ("What is the base salary at Cedar Hollow?", set()),  # both mention it
        ("What is the base salary of Brown?", set()),  # neither does
        ("What is the base salary?", set()),
    ],
)
def test_a_document_without_the_name_that_is_asked_about_gives_way_to_one_that_has_it(
    tmp_path: Path, question: str, lowered: set[str]
) -> None:
    agreement = "# Agreement\n\nPetrakis joins Cedar Hollow. The base salary is $448,000 a year.\n"
    (tmp_path / "agreement.md").write_text(agreement, encoding="utf-8")
    (tmp_path / "posting.md").write_text("# Post\n\nThe base salary at Cedar Hollow is $355,000.\n", encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    own = open_assistant(index=tmp_path / "index")
    reading = searched(read_question(question), own.retriever, own.vocabulary, part=0, k=6, setting=None)
    before = {e.key: e.score for e in rank_evidence(reading.question, reading.hits, own.retriever)}
    now = {e.key: e.score for e in weighed(reading, own.retriever).evidence}
    assert {doc_id for doc_id, _ in before} == {"agreement.md", "posting.md"}
    for key, score in before.items():
        assert now[key] == pytest.approx(moved(score, NOT_NAMED) if key[0] in lowered else score)
    of_another = weighed(reading, own.retriever, asked="What is the base salary?").evidence
    assert {e.key: e.score for e in of_another} == pytest.approx(before)
