import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.questions import QUESTION_WORDS, asked_parts, question_word, read_question, readable


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Why do CMOs need a license?", "why"),
        ("What is the purpose of peer review?", "why"),
        ("How many CMOs are women?", "factoid"),
        ("How long does it take to become a CMO?", "factoid"),
        ("How does a CMO lead physicians?", "how"),
        ("Define credentialing", "definition"),
        ("What is a chief medical officer?", "definition"),
        ("What is HCAHPS?", "definition"),
        ("What does a chief medical officer do?", "list"),
        ("What are the duties of a CMO?", "list"),
        ("Which certifications help a CMO?", "list"),
        ("List the settings that CMOs work in", "list"),
        ("Does a CMO see patients?", "yes_no"),
        ("Can a nurse be a CMO?", "yes_no"),
        ("Hi, can you tell me why CMOs leave?", "why"),
        ("Who appoints the CMO?", "factoid"),
    ],
)
def test_the_form_of_a_question_tells_what_kind_of_answer_it_wants(text: str, kind: str) -> None:
    assert read_question(text).type == kind


@pytest.mark.parametrize(
    "text",
    [
        "What is the difference between a CMO and a medical director?",
        "Compare a CMO with a medical director",
        "How is a CMO different from a medical director?",
        "CMO vs medical director",
        "What distinguishes a CMO from a medical director?",
        "Is a CMO the same as a medical director?",
    ],
)
def test_a_comparison_names_its_two_sides(text: str) -> None:
    question = read_question(text)
    assert question.type == "comparison"
    assert question.compared is not None
    assert [side.lower() for side in question.compared] == ["cmo", "medical director"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Who appoints the CMO?", "who"),
        ("To whom does she report?", "who"),
        ("how much does a CMO earn", "how much"),
        ("I am a surgeon. When can I apply?", "when"),
        ("Must a CMO be a physician?", "may"),
        ("CMO pay", ""),
    ],
)
def test_a_question_asks_with_a_word(text: str, word: str) -> None:
    assert question_word(text) == word
    assert word in QUESTION_WORDS


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("I am an ICU doctor, how do I become a CMO?", "how do I become a CMO?"),
        ("I work in HR. How much does a CMO earn?", "How much does a CMO earn?"),
        ("My HR department asks which qualifications a CMO needs.", "which qualifications a CMO needs?"),
        ("We are an FQHC: does HRSA want a CMO?", "does HRSA want a CMO?"),
        ("I'm a nurse, who does the CMO report to?", "who does the CMO report to?"),
        ("My wife, a doctor, was named CMO. What should she read?", "What should she read?"),
        ("What should I, as a new CMO, do first?", "What should I, as a new CMO, do first?"),
        ("Does our CMO, who reports to the CEO, need a raise?", "Does our CMO, who reports to the CEO, need a raise?"),
    ],
)
def test_what_an_asker_tells_of_himself_is_no_part_of_what_he_asks(text: str, asked: str) -> None:
    assert asked_parts(text) == (asked,)


def test_a_thing_is_not_compared_with_itself() -> None:
    assert read_question("What is the difference between a CMO and a CMO?").compared == ()


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("What is the difference between a CMO and a CEO?", ("CMO", "CEO")),
        ("what's the difference between a CMO, a CNO and a CMIO", ("CMO", "CNO", "CMIO")),
        ("CMO vs CNO vs. CMIO", ("CMO", "CNO", "CMIO")),
        ("difference CMO CNO CMIO", ("CMO", "CNO", "CMIO")),
        ("Compare CMO and CEO", ("CMO", "CEO")),
        ("What does a pharma CMO do compared to a hospital one?", ("pharma CMO do", "hospital CMO")),
        ("the difference between a hospital CMO and one at a health plan", ("hospital CMO", "CMO at a health plan")),
        ("CMIO vs CMO - who does what?", ("CMIO", "CMO")),
        ("difference in pay CMO CNO", ()),
        ("Compare the CMO, who leads the many doctors, with the CNO", ("CMO, who leads the many doctors", "CNO")),
    ],
)
def test_what_is_compared_are_two_things_or_more(text: str, sides: tuple[str, ...]) -> None:
    assert read_question(text).compared == sides


def test_a_verb_that_stands_for_a_noun_gives_that_noun_to_the_search() -> None:
    question = read_question("What does a chief medical officer do?")
    assert question.text == "What does a chief medical officer do?"
    assert "responsibilities" in question.search_text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  what\tis\n a CMO? ", "what is a CMO?"),
        ("\0what\x07 is a CMO", "what is a CMO"),
        ("medi\u00adcal\u200b direc\u200dtor", "medical director"),
        ("\u202eCMO\u202c", "CMO"),
        ("lone \ud800 surrogate", "lone ? surrogate"),
        ("cafe\u0301", "caf\u00e9"),
        ("主任医师是什么？", "主任医师是什么？"),
        ("\x00\x01\u200b", ""),
    ],
)
def test_what_cannot_be_searched_for_is_taken_out_of_a_question(typed: str, read: str) -> None:
    assert readable(typed) == read


@given(st.text(st.characters(), max_size=200))
def test_any_text_can_be_read_and_reading_it_again_changes_nothing(text: str) -> None:
    once = readable(text)
    assert readable(once) == once
    once.encode("utf-8")
    read_question(once)
