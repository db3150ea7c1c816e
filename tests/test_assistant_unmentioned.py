import pytest

from assistant import Assistant
from assistant.unmentioned import names, unmentioned


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("How much does a CMO earn in Texas or New York?", ("Texas", "New York")),
        ("Which drugs does the FDA approve?", ("FDA",)),
        ("NPDB reporting", ("NPDB",)),
        ("difference of CMO CNO CMIO", ("CNO", "CMIO")),
        ("What does the NEJM Catalyst article say?", ("NEJM Catalyst",)),
        ("I'm a hospitalist. Do I need an MBA?", ("MBA",)),
        ("What Does A Chief Medical Officer Do?", ()),
        ("WHAT DOES A CMO EARN", ()),
        ("what does the cmo earn in texas", ()),
        ("What is the CMO paid at Larkspur Valley Hospital?", ("Larkspur Valley Hospital",)),
        ("Does a CMO with an MD need an MBA?", ("MBA",)),
        ("Is the Joint Commission's standard still in force?", ("Joint Commission's",)),
        ("What did Dr. Hale say to Mr. Ito?", ("Hale", "Ito")),
    ],
)
def test_names_are_acronyms_and_capitals_inside_a_sentence(question: str, found: tuple[str, ...]) -> None:
    assert names(question) == found


def test_a_name_that_a_document_cited_begins_with_is_mentioned(assistant: Assistant) -> None:
    answer = assistant.answer("Who appoints the CMO?")
    asked = "Who appoints the CMO at Larkspur Valley?"
    assert unmentioned(asked, answer.statements, {}) == ("Larkspur Valley",)
    assert unmentioned(asked, answer.statements, {}, ["Staff of Larkspur Valley"]) == ()
