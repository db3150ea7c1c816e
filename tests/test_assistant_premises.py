import pytest

from assistant import open_assistant
from assistant.premises import NOT_SAID, NOT_SO_FAR, OTHERWISE, opening, taken_for_granted

SOME = "Some chief medical officers still treat patients."
SAID, UNSAID = (lambda claim: 1.0), (lambda claim: 0.0)


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
    assert opening(question, [SOME], SAID) == NOT_SO_FAR


def test_an_answer_says_first_that_the_sources_deny_what_the_question_takes_for_granted() -> None:
    source = "A hospital should not report automatic suspensions to the data bank."
    assert (
        opening("Since automatic suspensions must be reported to the data bank, by when?", [source], SAID) == OTHERWISE
    )


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
    assert opening(question, [sentence], SAID) == ""


def test_a_later_sentence_that_goes_as_far_as_the_question_keeps_the_answer_plain() -> None:
    question = "Must all chief medical officers treat patients?"
    assert opening(question, [SOME], SAID) == NOT_SO_FAR
    assert opening(question, [SOME, "One source says that all of them must treat patients."], SAID) == ""
    assert opening(question, [SOME, "No source says that all of them must treat patients."], SAID) == NOT_SO_FAR


@pytest.mark.parametrize("word", ["Since", "Because", "Given that", "As"])
def test_what_a_clause_of_its_own_asserts_is_named_where_nothing_found_says_it(word: str) -> None:
    question = f"{word} the board is elected by the patients, who counts the votes?"
    assert opening(question, [SOME], SAID) == ""
    assert opening(question, [SOME], UNSAID) == NOT_SAID.format(claim="the board is elected by the patients")


@pytest.mark.parametrize(
    "question",
    [
        "Since we are a small health center, do we need a chief medical officer?",
        "As a DO with a rural background, what are my chances?",
        "If the board is elected by the patients, who counts the votes?",
        "Why is the board elected by the patients?",
    ],
)
def test_what_the_asker_tells_of_himself_or_only_supposes_is_not_named(question: str) -> None:
    assert opening(question, [SOME], UNSAID) == ""


def test_the_answer_to_a_false_premise_opens_with_the_correction() -> None:
    answer = open_assistant().answer("Since all CMOs have stopped treating patients, who does?")
    assert answer.statements[0].connective == NOT_SAID.format(claim="all CMOs have stopped treating patients")
    assert answer.text.startswith(answer.statements[0].connective)
