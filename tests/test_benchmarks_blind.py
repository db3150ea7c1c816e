import re

import pytest

from assistant import Turn, open_assistant
from benchmarks.blind import FOLLOW_UPS, QUESTIONS, Blind, ask, figures, of_talks, read_blind, turns, worst
from corpus import bundled_articles


def blind(text: str, *vital: str, also: str = "", history: tuple[Turn, ...] = (), alone: str = "") -> Blind:
    facts = frozenset(vital) | ({also} if also else set())
    return Blind(text=text, history=history, alone=alone, facts=facts, vital=frozenset(vital))


def test_every_fact_of_the_blind_questions_is_stated_in_an_article() -> None:
    articles = "\n".join(path.read_text(encoding="utf-8") for path in bundled_articles().rglob("*.md"))
    stated = {name for comment in re.findall(r"<!--(.*?)-->", articles) for name in comment.split()}
    for one in [*read_blind(QUESTIONS), *read_blind(FOLLOW_UPS)]:
        assert one.vital <= one.facts <= stated, one.text
        assert bool(one.vital) == bool(one.facts), one.text


def test_every_blind_follow_up_has_its_history_and_the_same_question_asked_alone() -> None:
    assert all(one.history and one.alone for one in read_blind(FOLLOW_UPS))
    assert not any(one.history or one.alone for one in read_blind(QUESTIONS))


def test_the_follow_ups_of_talks_come_behind_the_turns_and_answers_before_them() -> None:
    halves = {half: list(of_talks(half=half)) for half in ("known", "dev", "held")}
    assert all(len(rows) > 300 for rows in halves.values())
    for row in (row for rows in halves.values() for row in rows):
        roles = [turn.role for turn in turns(row)]
        assert roles in (["user", "assistant"] * n for n in (1, 2, 3))
        assert row["standalone"]
        assert bool(row["vital"]) == bool(row["facts"])
    asked = {row["standalone"] for row in halves["known"]}
    assert not asked & {row["standalone"] for half in ("dev", "held") for row in halves[half]}


def test_an_answer_is_measured_by_the_facts_that_its_quotes_are_tied_to() -> None:
    assistant = open_assistant()
    asked = ask(assistant, blind("Does a CMO need an MBA?", "N001", "E999"))
    assert asked.answered
    assert asked.vital == pytest.approx(0.5)
    assert 1.0 in asked.to_the_point
    refused = ask(assistant, blind("Who won the football match?", "N001"))
    assert (refused.answered, refused.vital) == (False, 0.0)


def test_the_figures_tell_both_kinds_of_error() -> None:
    assistant = open_assistant()
    answered = ask(assistant, blind("Does a CMO need an MBA?", "N001"))
    missed = ask(assistant, blind("Who won the football match?", "N001"))
    guessed = ask(assistant, blind("Does a CMO need an MBA, he asked?"))
    lines = figures([answered, missed, guessed]).splitlines()
    told = {line[:38].strip(): line[38:43] for line in lines}
    assert told["vital facts in the answer"] == "0.500"
    assert told["answerable, refused"] == "0.500"
    assert told["not answerable, answered"] == "1.000"
    assert "football" in worst([answered, missed, guessed], 3)


def test_a_follow_up_can_be_asked_alone() -> None:
    follow_up = blind(
        "Do they need one?",
        "N001",
        history=(Turn(role="user", text="What do CMOs study?"),),
        alone="Does a CMO need an MBA?",
    )
    assert ask(open_assistant(), follow_up, alone=True).answer.question == follow_up.alone
