from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant import Assistant, Turn, open_assistant
from assistant.evidence import Evidence
from assistant.incontext import (
    NO_REASON,
    NO_REASON_AT_ALL,
    OF_THE_LAST,
    SAID_AGAIN,
    asked_again,
    by_what_was_said,
    fresh_first,
    near_the_last,
    newer_than_said,
    topic_before,
)
from assistant.questions import read_question
from assistant.readings import searched, weighed
from assistant.refusing import NOT_ANSWERED, NOT_DRAFTED, NOT_SUPPORTED, SAID_ALL, is_refusal


def evidence_for(assistant: Assistant, question: str) -> Sequence[Evidence]:
    form, searcher = read_question(question), assistant.retriever
    return weighed(searched(form, searcher, assistant.vocabulary, part=0, k=6, setting=None), searcher).evidence


def test_the_documents_that_answered_the_last_turn_come_nearer_and_nothing_is_lost(assistant: Assistant) -> None:
    plain = evidence_for(assistant, "When does it open?")
    last = evidence_for(assistant, "What does a chief medical officer do?")
    moved = near_the_last(plain, last)
    scores = {e.key: e.score for e in plain}
    held = {e.passage.doc_id for e in last[:OF_THE_LAST]}
    assert {e.key for e in moved} == set(scores)
    assert all((e.score > scores[e.key]) == (e.passage.doc_id in held) for e in moved)
    assert [e.score for e in moved] == sorted((e.score for e in moved), reverse=True)


def test_a_sentence_quoted_before_comes_after_a_fresh_one_as_good(assistant: Assistant) -> None:
    found = evidence_for(assistant, "What does the chief medical officer of Northfield Hospital do?")
    assert len(found) > 1
    said = [Turn(role="assistant", text=f"{found[0].sentence.text} [1]")]
    again = fresh_first("Who?", found, said)
    assert next(e for e in again if e.key == found[0].key).score < found[0].score
    assert [e.score for e in again if e.key != found[0].key] == [e.score for e in found[1:]]
    assert fresh_first("Who?", found, [Turn(role="user", text=found[0].sentence.text)]) == list(found)


def test_only_likely_sentences_of_a_later_year_than_was_told_are_newer(assistant: Assistant) -> None:
    found = evidence_for(assistant, "What does the chief medical officer of Northfield Hospital do?")[:3]
    texts = ("It was 14% in 2021.", "It was 12% in 2023.", "It was 9% in 2024.")
    dated = [
        replace(e, sentence=replace(e.sentence, text=text), score=score)
        for e, text, score in zip(found, texts, (0.9, 0.6, 0.2), strict=True)
    ]
    told = [Turn(role="assistant", text="It was 15% in 2019. [1] It was 14% in 2021. [2]")]
    assert newer_than_said(dated, told) == [dated[1]]
    assert newer_than_said(dated, [*told, Turn(role="assistant", text=NOT_ANSWERED)]) == [dated[1]]
    assert newer_than_said(dated, [Turn(role="assistant", text="It was 12% in 2023. [1]")]) == []


def test_a_sentence_that_tells_the_same_facts_again_yields_too_but_a_reason_that_is_asked_for(
    assistant: Assistant,
) -> None:
    quoted, other, reason = (
        replace(e, score=score, facts=frozenset(facts))
        for e, score, facts in zip(
            evidence_for(assistant, "What does the chief medical officer of Northfield Hospital do?"),
            (0.7, 0.8, 0.6),
            (["F1", "F2"], ["F1"], ["F3"]),
            strict=False,
        )
    )
    said = [Turn(role="assistant", text=f"{quoted.sentence.text} [1]")]
    assert fresh_first("What else?", [other, quoted, reason], said)[0].key == reason.key
    told = replace(other, sentence=replace(other.sentence, text="It does so because the law demands it."))
    assert fresh_first("why?", [told, quoted, reason], said)[0].key == told.key


@pytest.mark.parametrize(("fresh", "first"), [(0.6, 1), (0.4, 0)])
def test_a_sentence_quoted_before_yields_more_where_a_fresh_one_is_likely(
    assistant: Assistant, fresh: float, first: int
) -> None:
    found = evidence_for(assistant, "What does the chief medical officer of Northfield Hospital do?")
    two = [replace(found[0], score=0.9), replace(found[1], score=fresh)]
    again = fresh_first("Who?", two, [Turn(role="assistant", text=f"{two[0].sentence.text} [1]")])
    assert again[0].key == two[first].key


def odds(probability: float) -> float:
    return probability / (1.0 - probability)


def test_an_answer_is_less_likely_the_more_of_its_best_sentences_were_quoted_before(assistant: Assistant) -> None:
    found = evidence_for(assistant, "What does the chief medical officer of Northfield Hospital do?")
    said = [Turn(role="assistant", text=" ".join(f"{e.sentence.text} [1]" for e in found[:3]))]
    some = [Turn(role="assistant", text=f"{found[1].sentence.text} [1]")]
    likely = [odds(by_what_was_said(0.8, "Who?", found, history)) for history in ([], some, said)]
    assert likely == pytest.approx([4.0, 4.0 * SAID_AGAIN ** (1 / 3), 4.0 * SAID_AGAIN])


def test_the_same_question_once_more_is_known_as_such() -> None:
    asked = [Turn(role="user", text="who leads the medical staff"), Turn(role="user", text="Why?")]
    assert asked_again("Who leads the medical staff?", asked)
    assert not asked_again("Who leads the nurses?", asked)
    assert not asked_again("Why?", asked)  # of something else now
    assert not asked_again("as bullets", [Turn(role="user", text="as bullets")])


def test_a_why_is_less_likely_answered_where_no_best_sentence_tells_a_reason(assistant: Assistant) -> None:
    [bare, *_] = evidence_for(assistant, "When was the first CMO of Northfield Hospital appointed?")
    told = replace(bare, sentence=replace(bare.sentence, text="It was done because two clinics had merged."))
    assert odds(by_what_was_said(0.8, "Why was it done?", [bare], [])) == pytest.approx(4.0 * NO_REASON)
    assert odds(by_what_was_said(0.8, "and why?", [bare], [])) == pytest.approx(4.0 * NO_REASON_AT_ALL)
    assert by_what_was_said(0.8, "Why?", [bare, told], []) == pytest.approx(0.8)
    assert by_what_was_said(0.8, "When?", [bare], []) == pytest.approx(0.8)


def test_the_topic_is_that_of_the_last_answer_which_told_something(assistant: Assistant) -> None:
    told = assistant.answer("When did Northfield Hospital appoint its first chief medical officer?")
    talk = [Turn(role="user", text=told.question), Turn(role="assistant", text=told.text)]
    assert topic_before(talk, assistant.retriever) == "Handbook of Northfield Hospital"
    refused = assistant.answer("Who painted the Mona Lisa?")
    assert is_refusal(refused.text)
    talk += [Turn(role="user", text=refused.question), Turn(role="assistant", text=refused.text)]
    talk += [Turn(role="assistant", text=text) for text in (NOT_DRAFTED, NOT_SUPPORTED)]
    assert topic_before(talk, assistant.retriever) == "Handbook of Northfield Hospital"
    assert topic_before(talk[2:], assistant.retriever) == topic_before([], assistant.retriever) == ""


def test_what_was_all_said_before_is_not_said_again_for_an_answer() -> None:
    assistant = open_assistant()
    first = assistant.answer("What does a California health plan's 2015 document make its CMO responsible for?")
    talk = [Turn(role="user", text=first.question), Turn(role="assistant", text=first.text)]
    answer = assistant.answer("What does delegation oversight mean?", history=talk)
    assert answer.status == "refused"
    assert answer.text in (SAID_ALL, NOT_ANSWERED)


def test_a_refusal_after_a_refusal_does_not_speak_of_what_was_said() -> None:
    assistant, talk = open_assistant(), list[Turn]()
    for question in ("Does the CMO report to the CEO?", "Who painted the Mona Lisa?", "why?"):
        answer = assistant.answer(question, history=talk)
        talk += [Turn(role="user", text=question), Turn(role="assistant", text=answer.text)]
    assert (answer.status, answer.text) == ("refused", NOT_ANSWERED)
    assert assistant.answer("why?", history=talk[:2]).text == SAID_ALL
