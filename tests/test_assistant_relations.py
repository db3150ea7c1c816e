import pytest

from assistant.relations import agrees, asked_relation


@pytest.mark.parametrize(
    ("question", "sentence", "said"),
    [
        ("Who does the CMO report to?", "In 2009, 79% of CMOs reported to the CEO.", True),
        ("Who does the CMO report to?", "17% of VPMAs reported to a CMO.", False),
        ("To whom does a chief medical officer report?", "A CMO reports to the board.", True),
        ("Who reports to the CMO?", "17% of VPMAs reported to a CMO.", True),
        ("Who reports to the CMO?", "The CMO reports to the CEO.", False),
        ("Who does the CMO usually report to in a hospital?", "17% of VPMAs reported to a CMO.", False),
        ("Who normally reports to the CMO at a health center?", "The CMO reports to the CEO.", False),
        ("Who reports to the CMO (quality hospital)?", "The CMO reports to the CEO.", False),
        ("Who reports to the CMO?", "Reporting. The CMO goes to the CEO.", None),
        ("Who reports to the CMO?", "Reporting. The CMO reports to the CEO.", False),
        ("Who stands in for the CMO?", "The chief of staff stands in for the CMO.", True),
        ("Who appoints the CMO?", "The CMO is appointed by the board.", True),
        ("Who appoints the CMO?", "The CMO appoints the heads of departments.", False),
        ("Who appoints the CMO?", "The CMO leads the medical staff.", None),
        ("Who appoints the CMO?", "The board appoints its members.", None),
        ("Why does the CMO report to the CNO?", "17% of VPMAs reported to a CMO.", False),
        ("Does the chief medical officer usually report to the CEO?", "A CMO reports to the CEO.", True),
        ("Which committees does the CMO chair?", "The CMO chairs the peer review committee.", True),
        ("Who does the CMO report to?", "The CMO decides within three days whether the report is closed.", None),
    ],
)
def test_the_direction_of_a_relation_is_told(question: str, sentence: str, said: bool | None) -> None:
    relation = asked_relation(question)
    assert relation is not None
    assert agrees(relation, sentence) is said


@pytest.mark.parametrize(
    ("question", "said"),
    [("Who does the CMO report to?", True), ("Who does the CNO report to?", None), ("Who reports to the CMO?", False)],
)
def test_a_field_that_begins_with_its_verb_is_about_whom_its_document_is(question: str, said: bool | None) -> None:
    relation = asked_relation(question)
    assert relation is not None
    assert agrees(relation, "Reports to: the CEO", "Alder Health: Chief Medical Officer (CMO)") is said


@pytest.mark.parametrize(
    "question", ["What does a CMO do?", "What does a CMO do in a hospital?", "cmo duties", "", "Why do CMOs leave?"]
)
def test_other_questions_ask_for_no_relation(question: str) -> None:
    assert asked_relation(question) is None
