from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant import Assistant, open_assistant
from assistant.composing import WORDS, DraftStatement, compose
from assistant.evidence import Evidence
from assistant.questions import read_question
from assistant.together import reading_only
from index import Retriever, SentenceRow, build_index


def evidence_of(assistant: Assistant, doc_id: str, *words: str) -> list[Evidence]:
    """The sentences of a document that hold these words, the first words best."""
    rows = [
        row
        for passage in assistant.retriever.passages(doc_id)
        for row in assistant.retriever.sentences(passage.passage_id)
        if row.sentence.kind != "heading"
    ]
    found = [next(row for row in rows if word in row.sentence.text) for word in words]
    return [scored(row, 1.0 - place / 100) for place, row in enumerate(found)]


def scored(row: SentenceRow, score: float) -> Evidence:
    """A sentence as evidence; composing reads its score and nothing else that ranking found."""
    return Evidence(
        sentence=row.sentence,
        passage=row.passage,
        score=score,
        pair=0.0,
        features=(),
        akin=0.0,
        facts=frozenset(),
        tokens=np.zeros((0, 4), dtype=np.int8),
    )


def composed(assistant: Assistant, question: str, *words: str, length: float = 1.0) -> list[DraftStatement]:
    evidence = evidence_of(assistant, "handbook.md", *words)
    return compose(read_question(question), evidence, assistant.retriever, length=length)


def test_from_no_evidence_nothing_is_composed(assistant: Assistant) -> None:
    assert compose(read_question("Why?"), [], assistant.retriever) == []


def test_the_best_sentence_opens_the_answer_word_for_word(assistant: Assistant) -> None:
    first, *_ = composed(assistant, "When was the first CMO appointed?", "1987", "delegate")
    assert first.text == first.quotes[0].sentence.text
    assert "1987" in first.text


def test_a_lead_in_brings_its_items_along(assistant: Assistant) -> None:
    statements = composed(assistant, "What does the safety meeting review?", "The meeting reviews")
    assert [statement.layout for statement in statements] == ["lead", "item", "item", "item"]
    assert [statement.text for statement in statements[1:]] == [
        "falls of patients in the wards",
        "wrong doses of medicines",
        "infections after surgery",
    ]


def test_an_item_that_is_asked_for_alone_runs_on_from_its_lead_in_and_cites_both(assistant: Assistant) -> None:
    (statement,) = composed(assistant, "Does the safety meeting review falls?", "falls of patients")
    lead, item = (quote.sentence.text for quote in statement.quotes)
    assert statement.layout == "prose"
    assert statement.text == f"{lead} {item}" == "The meeting reviews: falls of patients in the wards"
    (shown,) = assistant.gate.check([statement], statement.quotes).statements
    assert (shown.verdict, len(shown.citations)) == ("quoted", 2)


def test_a_line_with_a_subject_of_its_own_stands_without_its_lead_in(tmp_path: Path) -> None:
    lines = "- Compliance: a CMO sees to the rules.\n- Pay: about 20% of all.\n"
    text = f"# Duties\n\nDuties include the following:\n\n{lines}"
    (tmp_path / "duties.md").write_text(text, encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    with_duties = open_assistant(index=tmp_path / "index")
    (own,) = compose(
        read_question("Who sees to the rules?"),
        evidence_of(with_duties, "duties.md", "Compliance"),
        with_duties.retriever,
    )
    assert own.text == "Compliance: a CMO sees to the rules."
    (leaning,) = compose(
        read_question("What is the share of pay?"), evidence_of(with_duties, "duties.md", "Pay"), with_duties.retriever
    )
    assert leaning.text == "Duties include the following: Pay: about 20% of all."


def test_a_field_of_two_words_is_shown_and_another_sentence_of_two_is_not(tmp_path: Path) -> None:
    (tmp_path / "post.md").write_text("# Post\n\n**Owner:** CMO\n**Grade:** 9\n\nAgreed, Ann.\n", encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    with_post = open_assistant(index=tmp_path / "index")
    found = evidence_of(with_post, "post.md", "Agreed", "Owner")
    assert [s.text for s in compose(read_question("Who owns it?"), found, with_post.retriever)] == ["Owner: CMO"]


def test_a_reply_of_two_words_is_shown_with_its_question(tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text("# Talk\n\n## What comes first?\n\nThe inbox.\n", encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    with_talk = open_assistant(index=tmp_path / "index")
    found = evidence_of(with_talk, "talk.md", "inbox")
    (shown,) = compose(read_question("What is the first project?"), found, with_talk.retriever)
    assert shown.text == "[What comes first?] The inbox."


def test_a_sentence_that_leans_on_the_one_before_comes_after_it_even_as_the_best(tmp_path: Path) -> None:
    text = "# Calls\n\nYou take no call in the first month. After that primary care takes one week in nine.\n"
    (tmp_path / "calls.md").write_text(text, encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    with_calls = open_assistant(index=tmp_path / "index")
    first, then = evidence_of(with_calls, "calls.md", "no call", "After that")
    question = read_question("How often is primary care on call?")
    for best in ([first, then], [then, first]):
        shown = compose(question, best, with_calls.retriever)
        assert [s.text[:8] for s in shown] == ["You take", "After th"]


def test_a_wider_sentence_on_another_kind_of_organization_does_not_stand_for_a_narrower_one() -> None:
    asked = "What does a hospital CMO focus on?"
    assert "FQHC" not in open_assistant().answer(asked).statements[0].text
    compared = open_assistant().answer("What does a pharma CMO do compared to a hospital one?")
    assert any("A hospital CMO is" in s.text for s in compared.statements)
    assert any("drug compan" in s.text.lower() for s in compared.statements)


def test_a_heading_leads_to_the_list_below_it_but_for_one_that_asks(tmp_path: Path) -> None:
    text = "# Post\n\n## Preferred\n\n- a degree\n- Spanish\n\n## Who hires?\n\n- The board hires a CMO.\n- It signs.\n"
    (tmp_path / "post.md").write_text(text, encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    with_post = open_assistant(index=tmp_path / "index")

    def shown(question: str, words: str) -> list[tuple[str, str]]:
        found = evidence_of(with_post, "post.md", words)
        return [(s.text, s.layout) for s in compose(read_question(question), found, with_post.retriever)]

    assert shown("Is a degree required?", "degree") == [("Preferred", "lead"), ("a degree", "item")]
    whole = [("Preferred", "lead"), ("a degree", "item"), ("Spanish", "item")]
    assert shown("List what is preferred", "degree") == whole
    assert shown("List the languages", "Spanish") == [whole[0], whole[2]]
    assert shown("Who hires a CMO?", "board") == [("The board hires a CMO.", "prose")]


def test_some_lines_of_a_list_with_subjects_of_their_own_need_no_lead_in_and_the_whole_list_has_it(
    tmp_path: Path,
) -> None:
    lines = "- Rules: a CMO sees to the rules.\n- Staff: a CMO leads the staff.\n- Care: a CMO looks after care.\n"
    (tmp_path / "duties.md").write_text(f"# Duties\n\nDuties include the following:\n\n{lines}", encoding="utf-8")
    build_index(tmp_path, index=tmp_path / "index")
    with_duties = open_assistant(index=tmp_path / "index")
    rules, staff = evidence_of(with_duties, "duties.md", "Rules", "Staff")
    some = compose(read_question("Who leads the staff and sees to the rules?"), [rules, staff], with_duties.retriever)
    assert [(s.text, s.layout) for s in some] == [
        ("Rules: a CMO sees to the rules.", "item"),
        ("Staff: a CMO leads the staff.", "item"),
    ]
    whole = compose(read_question("List the duties of a CMO"), [rules, staff], with_duties.retriever)
    assert [s.layout for s in whole] == ["lead", "item", "item", "item"]


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("How does the pay of CMOs in hospitals compare with health centers?", "$"),
        ("How does the CMO's job compare with the COO's?", "COO"),  # and not a posting for somebody's job
    ],
)
def test_a_side_of_a_comparison_that_is_hardly_to_the_point_does_not_open_the_answer(
    question: str, opening: str
) -> None:
    assert opening in open_assistant().answer(question).statements[0].text


def test_who_is_asked_about_is_not_missing_from_what_tells_a_fact() -> None:
    answer = open_assistant().answer("What is the salary of a hospital CEO?")
    assert any("CEOs" in statement.text for statement in answer.statements)


def test_where_no_list_is_asked_for_a_lead_in_stands_for_the_lines_that_answer(assistant: Assistant) -> None:
    question = read_question("Does the safety meeting review falls?")
    lead, item = evidence_of(assistant, "handbook.md", "The meeting reviews", "falls of patients")
    (statement,) = compose(question, [replace(lead, score=0.95), item], assistant.retriever)
    assert statement.text == f"{lead.sentence.text} {item.sentence.text}"
    weak = replace(item, score=0.1)  # no line is to the point, but the list is
    assert len(compose(question, [replace(lead, score=0.95), weak], assistant.retriever)) == 4


def test_lines_that_a_sentence_of_prose_tells_too_are_left_out(assistant: Assistant) -> None:
    question = read_question("When was the first CMO appointed?")
    prose, item = evidence_of(assistant, "handbook.md", "1987", "falls of patients")
    facts = frozenset({"F1"})
    evidence = [replace(prose, facts=facts | {"F2"}), replace(item, facts=facts, score=0.85)]
    assert [s.text for s in compose(question, evidence, assistant.retriever)] == [prose.sentence.text]


def test_an_item_brings_the_whole_list_along_where_a_list_is_asked_for(assistant: Assistant) -> None:
    statements = composed(assistant, "Which things does the safety meeting review?", "falls of patients")
    assert [statement.layout for statement in statements] == ["lead", "item", "item", "item"]


def test_a_sentence_is_composed_once(assistant: Assistant) -> None:
    statements = composed(assistant, "When was the CMO appointed?", "1987", "1987", "1987")
    assert len(statements) == 1


def test_a_pronoun_is_told_what_it_stands_for_with_words_of_the_document(assistant: Assistant) -> None:
    (statement,) = composed(assistant, "How long is the safety meeting?", "45 minutes")
    plain = statement.quotes[0].sentence.text
    assert statement.text == plain or (
        statement.text.startswith("It [") and statement.text.endswith(plain.removeprefix("It"))
    )


@pytest.mark.parametrize("question", ["What does a CMO do?", "Does a CMO need a license?", "Why is a CMO needed?"])
def test_an_answer_begins_no_sentence_when_its_words_are_used_up(assistant: Assistant, question: str) -> None:
    form = read_question(question)
    rows = [
        row
        for passage in assistant.retriever.passages("role/what-is-a-chief-medical-officer.md")
        for row in assistant.retriever.sentences(passage.passage_id)
        if row.sentence.kind == "prose"
    ]
    evidence = [scored(row, 0.9) for row in rows]
    sizes = {}
    for length in (0.4, 1.0, 2.0):
        statements = compose(form, evidence, assistant.retriever, length=length)
        sizes[length] = sum(len(statement.text.split()) for statement in statements)
        assert sizes[length] - len(statements[-1].text.split()) <= WORDS[form.type] * length + 20  # added subjects
    assert sizes[0.4] <= sizes[1.0] <= sizes[2.0]


def test_a_sentence_whose_facts_are_all_stated_already_is_not_said_again(assistant: Assistant) -> None:
    first, second = evidence_of(assistant, "handbook.md", "1987", "delegate")
    first, second = (replace(e, facts=frozenset({"F1"})) for e in (first, second))
    statements = compose(read_question("When was the first CMO appointed?"), [first, second], assistant.retriever)
    assert [statement.text for statement in statements] == [first.sentence.text]


def test_a_sentence_gives_way_to_one_that_states_its_facts_and_more(assistant: Assistant) -> None:
    first, second = evidence_of(assistant, "handbook.md", "1987", "delegate")
    question = read_question("Who reviews complaints?")
    narrow, wide = replace(first, facts=frozenset({"F1"})), replace(second, facts=frozenset({"F1", "F2"}), score=0.8)
    assert [s.text for s in compose(question, [narrow, wide], assistant.retriever)] == [second.sentence.text]
    in_its_words = read_question("When was the first CMO appointed?")
    assert len(compose(in_its_words, [narrow, wide], assistant.retriever)) == 2
    beside_it = replace(wide, score=0.1)
    assert [s.text for s in compose(question, [narrow, beside_it], assistant.retriever)] == [first.sentence.text]


def test_what_nobody_asks_is_not_told_with_what_was_told(assistant: Assistant) -> None:
    first, second = evidence_of(assistant, "handbook.md", "1987", "delegate")
    question = read_question("Who reviews complaints?")
    told = replace(first, facts=frozenset({"F1"}), votes={"F1": 1.0})
    wide = replace(second, facts=frozenset({"F1", "F2"}))

    def shown(*votes: float) -> list[str]:
        evidence = [told, replace(wide, votes=dict(zip(("F1", "F2"), votes, strict=False)))]
        return [s.text for s in compose(question, evidence, assistant.retriever)]

    assert shown(1.0, 0.05) == [first.sentence.text]
    assert shown(1.0, 0.5) == [second.sentence.text]  # in its place
    assert shown() == [second.sentence.text]  # nothing tells what is asked


def test_the_less_a_fact_is_asked_for_the_likelier_its_sentence_has_to_be(assistant: Assistant) -> None:
    first, second = evidence_of(assistant, "handbook.md", "1987", "delegate")
    question = read_question("When was the first CMO appointed?")
    told = replace(first, facts=frozenset({"F1"}), votes={"F1": 1.0})

    def shown(score: float, vote: float) -> int:
        other = replace(second, facts=frozenset({"F2"}), votes={"F2": vote}, score=score)
        return len(compose(question, [told, other], assistant.retriever))

    assert (shown(0.5, 1.0), shown(0.5, 0.0)) == (2, 1)
    assert shown(0.99, 0.0) == 2


def test_each_thing_that_a_question_asks_gets_its_sentence(assistant: Assistant) -> None:
    first, second = evidence_of(assistant, "handbook.md", "1987", "delegate")
    weak = replace(second, score=0.1)
    question = read_question("When was the first CMO appointed, and who reviews complaints?")
    alone = compose(question, [first, weak], assistant.retriever)
    both = compose(question, [first, weak], assistant.retriever, heads=[first, weak])
    assert [s.text for s in alone] == [first.sentence.text]
    assert [s.text for s in both] == [first.sentence.text, weak.sentence.text]


TWO_LISTS = """# Rules of the wards

## What the meeting reviews

The meeting reviews the following:

- falls of patients in the wards
- wrong doses of medicines

## What visitors bring

- flowers without soil
- quiet toys for children
"""


def test_a_list_ends_where_the_next_heading_stands(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "rules.md").write_text(TWO_LISTS, encoding="utf-8")
    build_index(tmp_path, index=tmp_path / ".index")
    with Retriever.open(tmp_path / ".index") as opened:
        alone = reading_only(assistant, opened)
        evidence = evidence_of(alone, "rules.md", "The meeting reviews")
        statements = compose(read_question("What does the meeting review?"), evidence, opened)
    assert [s.text for s in statements[1:]] == ["falls of patients in the wards", "wrong doses of medicines"]
