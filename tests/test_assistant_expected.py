import pytest

from assistant.expected import asks_why, expected, gives, gives_reason


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What does a CMO earn?", "money"),
        ("How long do CMOs stay?", "duration"),
        ("How often is the review done?", "duration"),
        ("When did the role appear?", "date"),
        ("How many hospitals have one?", "count"),
        ("What share of CMOs see patients?", "share"),
        ("Who appoints the CMO?", None),
        ("What does a CMO do?", None),
    ],
)
def test_a_question_asks_for_a_kind_of_value(question: str, value: str | None) -> None:
    assert expected(question) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("money", "The median was $343,334."),
        ("duration", "It is done every six months."),
        ("date", "The post dates from 1987."),
        ("count", "Three clinics have one."),
        ("share", "About 27% did."),
    ],
)
def test_a_text_gives_a_value_of_its_kind_and_no_other_text_does(value: str, text: str) -> None:
    assert gives(value, text)  # type: ignore[arg-type]
    assert not gives(value, "The chief medical officer leads the medical staff.")  # type: ignore[arg-type]


@pytest.mark.parametrize("question", ["why?", "How come they leave?", "What is the reason?", "and what for?"])
def test_a_why_in_whatever_words_asks_for_a_reason(question: str) -> None:
    assert asks_why(question)
    assert not asks_why("Who appoints the CMO, and when?")


def test_a_reason_is_told_by_its_words() -> None:
    assert gives_reason("It is done so that the clinical and the administrative side pull in one direction.")
    assert gives_reason("Boards want one because rules are many.")
    assert not gives_reason("The CMO reports to the CEO.")
