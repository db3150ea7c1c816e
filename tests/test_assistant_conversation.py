import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import Turn
from assistant.conversation import behind_before, lacks_subject, standalone_query
from assistant.questions import read_question


def asked(*questions: str) -> list[Turn]:
    """A history of these questions, each with an answer that must not be drawn on."""
    turns: list[Turn] = []
    for question in questions:
        turns += [Turn(role="user", text=question), Turn(role="assistant", text="Zebras graze. [1]")]
    return turns


def test_without_a_history_a_question_stands_as_it_is() -> None:
    query = standalone_query("What about it?", [])
    assert (query.text, query.added, query.request) == ("What about it?", "", "answer")


@pytest.mark.parametrize(
    ("before", "question", "needed"),
    [
        ("What does a CMO do in a health plan?", "Why does it matter?", "health plan"),
        ("Which degree does a medical director need?", "And how long does it take?", "medical director"),
        ("How is a CMO paid?", "What about a medical director?", "medical director"),
        ("Who approves hospital bylaws?", "Why?", "bylaws"),
        ("How are a physician's credentials checked?", "How often is that repeated?", "credentials"),
        ("What does a CMO do for patient safety?", "Can you give an example?", "patient safety"),
        ("How many falls were there in the rehab unit?", "was that better than in spring", "falls rehab unit"),
        ("Who must report a warm refrigerator?", "how quickly", "report warm refrigerator"),
    ],
)
def test_a_question_that_leans_on_the_history_takes_its_subject_from_there(
    before: str, question: str, needed: str
) -> None:
    text = standalone_query(question, asked(before)).text.lower()
    assert all(word in text for word in needed.split())


@pytest.mark.parametrize(
    "question",
    [
        "What is EMTALA?",
        "How does the Joint Commission accredit a hospital?",
        "Which acts govern HIPAA?",
        "What does it take to become a medical director?",
        "How hard is it to become a medical director?",
        "Does it make sense for an ACO to employ physicians?",
    ],
)
def test_a_question_that_names_its_own_subject_is_left_as_it_is(question: str) -> None:
    query = standalone_query(question, asked("What does a CMO do in a health plan?"))
    assert query.text == question
    assert query.added == ""


@pytest.mark.parametrize(
    ("said", "request_"),
    [
        ("shorter please", "shorter"),
        ("Tell me more", "longer"),
        ("as bullets", "bullets"),
        ("Which source says that?", "sources"),
        ("Those figures are old. Anything newer?", "newer"),
        ("that's from 2009, is there a more recent survey?", "newer"),
        ("do you have newer data than 2016?", "newer"),
    ],
)
def test_a_wish_about_the_last_answer_asks_the_last_question_again(said: str, request_: str) -> None:
    query = standalone_query(said, asked("What does a CMO do?"))
    assert (query.text, query.request) == ("What does a CMO do?", request_)


def test_what_was_spoken_of_is_one_side_of_what_it_is_compared_with() -> None:
    turns = asked("What does a CMO do in a biotech startup?", "And in a big pharma company?")
    text = standalone_query("How is that different from what a hospital CMO does?", turns).text
    compared = read_question(text).compared
    assert len(compared) == 2
    assert "pharma" in compared[0]
    assert "hospital CMO" in compared[1]


@pytest.mark.parametrize(
    "text", ["What is the latest figure on burnout?", "Is a newer hospital better?", "And in 2009?"]
)
def test_a_question_with_a_subject_of_its_own_is_no_wish_for_newer_figures(text: str) -> None:
    assert standalone_query(text, asked("What does a CMO earn?")).request == "answer"


def test_what_the_assistant_said_adds_nothing_to_a_question() -> None:
    query = standalone_query("And why is that?", asked("What does a CMO do?", "Who pays them?"))
    assert "zebra" not in f"{query.text} {query.others}".lower()


def test_a_follow_up_is_read_with_the_topic_before_it_and_with_what_the_conversation_is_about() -> None:
    query = standalone_query(
        "Do most of them get a bonus?", asked("How much does a VPMA earn?", "How much at a health plan?")
    )
    assert any("VPMA" in other for other in query.others)
    assert any("health plan" in other for other in query.others)


@pytest.mark.parametrize(("text", "lacks"), [("When should they hire one?", True), ("Who evaluates the CMO?", False)])
def test_a_question_that_names_a_post_has_a_subject_however_short(text: str, lacks: bool) -> None:
    assert lacks_subject(text) is lacks


def test_a_first_question_has_one_reading() -> None:
    assert standalone_query("How much does a VPMA earn?", ()).others == ()


def test_a_chain_of_follow_ups_keeps_its_subject() -> None:
    history = asked("What does a medical director do?", "Why?", "And how long does it take?")
    assert "medical director" in standalone_query("And who decides it?", history).text.lower()


@pytest.mark.parametrize("said", ["What about chief nursing officers?", "No, I meant chief nursing officers."])
def test_the_same_question_of_another_post_takes_the_post_in_its_place(said: str) -> None:
    query = standalone_query(said, asked("How much do CMOs earn?"))
    assert query.text == "How much do chief nursing officers earn?"
    assert query.others == ()


def test_people_that_a_question_may_be_about_take_nobodys_place() -> None:
    query = standalone_query("What about nurses?", asked("What does a CMO do about burnout?"))
    assert query.text == "What does a CMO do about burnout, nurses?"


@pytest.mark.parametrize("question", ["Which one is paid more?", "And which of the two is paid more?"])
def test_which_of_two_names_the_two(question: str) -> None:
    query = standalone_query(question, asked("How does a CMO differ from a medical director?"))
    assert query.text == "Which is paid more, CMO or medical director?"


@pytest.mark.parametrize(
    ("phrase", "merged"),
    [
        ("at a community health center?", "How much does a CMO earn, at a community health center?"),
        ("by law?", "How much does a CMO earn, by law?"),
        ("Always?", "How much does a CMO earn, Always?"),
        ("only in the first year?", "How much does a CMO earn, only in the first year?"),
    ],
)
def test_a_phrase_without_a_verb_varies_the_question_before(phrase: str, merged: str) -> None:
    assert standalone_query(phrase, asked("How much does a CMO earn?")).text == merged


def test_a_place_takes_that_of_the_phrase_before() -> None:
    history = asked("How much does a CMO earn?", "at a community health center?")
    assert (
        standalone_query("No, I meant in a drug company", history).text
        == "How much does a CMO earn, in a drug company?"
    )


def test_a_name_takes_the_place_of_a_name_behind_the_same_word() -> None:
    before = "Why did waits go up at Sallow Green?"
    assert standalone_query("and at Fenwick Road?", asked(before)).text == "Why did waits go up at Fenwick Road?"
    assert standalone_query("And in 2024?", asked("Who was CMO in 2023?")).text == "Who was CMO in 2024?"
    assert "Sallow Green" in standalone_query("And in spring?", asked(before)).text
    assert "Sallow Green" in standalone_query("And for Dr. Lee?", asked(before)).text


def test_a_phrase_takes_the_place_of_the_last_phrase_behind_the_same_word() -> None:
    asked_of = standalone_query("And to the Joint Commission?", asked("Was the event reported to the state?"))
    assert asked_of.text == "Was the event reported to the Joint Commission?"
    turns = asked("What is the base pay for family medicine?", "What about obstetrics?")
    assert standalone_query("and for part-timers?", turns).text == "What is the base pay for part-timers?"
    kept = standalone_query("and for safety?", asked("Who is responsible for quality in a hospital?")).text
    assert kept == "Who is responsible for quality in a hospital, for safety?"


@pytest.mark.parametrize("text", ["and at a hospital?", "and for the CMO of a hospital?"])
def test_a_follow_up_that_leaves_no_doubt_is_read_alone(text: str) -> None:
    query = standalone_query(text, asked("Who hires the CMO of an FQHC?"))
    assert (query.together, query.others, query.leans) == ("", (), True)
    assert "FQHC" not in query.text
    assert "hospital" in query.text
    assert standalone_query("and why?", asked("Who hires the CMO of an FQHC?")).together


def test_known_questions_of_talks_are_stored_behind_the_turn_before_however_sure_their_form_is() -> None:
    history = asked("Who hires the CMO of an FQHC?")
    unsure = "and why?"
    assert behind_before(unsure, history) == standalone_query(unsure, history).together
    assert behind_before("and of a hospital?", history) == "Who hires the CMO of an FQHC: and of a hospital?"
    assert behind_before("and of a hospital?", []) == ""


def test_a_pronoun_behind_a_dash_stands_for_what_stands_before_it() -> None:
    text = "How should a CMO deal with physician burnout - how common is it?"
    assert standalone_query(text, asked("What is a CMIO?")).text == text


def test_a_phrase_after_a_follow_up_keeps_what_that_leant_on() -> None:
    history = asked("What is a health plan's medical director?", "Does he need a license?")
    assert "medical director need a license" in standalone_query("in every state?", history).text


def test_it_that_stands_for_nothing_takes_nothing_from_the_history() -> None:
    query = standalone_query("Is it true that nurses report to the CNO?", asked("What is EMTALA?"))
    assert (query.text, query.added) == ("Is it true that nurses report to the CNO?", "")


def test_another_side_of_the_matter_keeps_its_subject() -> None:
    query = standalone_query("What about bonuses?", asked("Who appoints the medical director?"))
    assert query.text == "What about bonuses (medical director)?"


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=4))
def test_any_text_after_any_history_gives_a_query(question: str, before: list[str]) -> None:
    standalone_query(question, asked(*before))
