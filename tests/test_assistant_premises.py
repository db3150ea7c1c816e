import pytest

from assistant import open_assistant
from assistant.premises import NOT_SO_FAR, OTHERWISE, opening, taken_for_granted

SOME = "Some chief medical officers still treat patients."


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        ("Since every hospital must have a CMO, what is the fine?", "every hospital must have a CMO"),
        ("Why do all CMOs give up practice?", "do all CMOs give up practice"),
        ("Every CMO earns a million dollars, right?", "Every CMO earns a million dollars"),
        ("Is it true that a CMO must be a surgeon?", "a CMO must be a surgeon"),
        ("Who appoints the CMO?", ""),
        ("Since when has the title existed?", ""),
    ],
)
def test_some_forms_of_question_assert_something_before_they_ask(question: str, claim: str) -> None:
    assert taken_for_granted(question) == claim


@pytest.mark.parametrize(
    "question",
    [
        "Why do all chief medical officers treat patients?",
        "Since all chief medical officers treat patients, who covers for them?",
        "Do all chief medical officers treat patients?",
        "All chief medical officers treat patients, correct?",
    ],
)
def test_an_answer_says_first_that_the_sources_claim_less_than_the_question(question: str) -> None:
    assert opening(question, SOME) == NOT_SO_FAR


def test_an_answer_says_first_that_the_sources_deny_what_the_question_takes_for_granted() -> None:
    source = "A hospital should not report automatic suspensions to the data bank."
    assert opening("Since automatic suspensions must be reported to the data bank, by when?", source) == OTHERWISE


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Do some chief medical officers treat patients?", SOME),
        ("Do all chief medical officers treat patients, or only some?", SOME),
        ("Why must a hospital have a medical staff?", "A hospital must have a medical staff."),
        ("Since all chief medical officers can code, which language?", "Some hospitals have a wellness officer."),
        ("Who treats all patients?", SOME),
        ("Why did Congress protect review?", "The law protects review, so that nobody need fear it."),
    ],
)
def test_an_answer_opens_plainly_where_nothing_is_to_be_corrected(question: str, sentence: str) -> None:
    assert opening(question, sentence) == ""


def test_the_answer_to_a_false_premise_opens_with_the_correction() -> None:
    answer = open_assistant().answer("Since all CMOs have stopped treating patients, who does?")
    assert answer.statements[0].connective in {NOT_SO_FAR, OTHERWISE}
    assert answer.text.startswith(answer.statements[0].connective)
