import pytest

from assistant.answers import Citation, Statement
from assistant.disagreement import conflicts, disagree
from corpus import Passage, Source

NATIONAL = "The national study found burnout symptoms in 45.2% of physicians in 2023."
OF_MEMBERS = "The survey of members found burnout symptoms in 48.2% of physicians in 2023."


def stated(text: str, *, doc: str = "a.md", source: str | None = None) -> Statement:
    """A statement with a citation whose document, and maybe publication, is named."""
    named = (Source(source_id=source, title=source, publisher=None, url=None, date=None),) if source else ()
    passage = Passage(
        passage_id=f"{doc}#0", doc_id=doc, title="", text=text, headings=(), start=0, end=len(text), page=None
    )
    citation = Citation(
        marker=1,
        passage=passage,
        quote=text,
        start=0,
        end=len(text),
        publisher=None,
        url=None,
        date=None,
        settings=(),
        sources=named,
    )
    return Statement(text=text, citations=(citation,), verdict="quoted", support=1.0, layout="prose", connective="")


def test_two_publications_that_give_another_share_for_the_same_year_disagree_within_one_document() -> None:
    found = conflicts("burnout", [stated(NATIONAL, source="study"), stated(OF_MEMBERS, source="survey")])
    assert [side.text for side in found[0].sides] == [NATIONAL, OF_MEMBERS]


def test_how_far_two_things_are_apart_is_no_amount_of_either() -> None:
    held = "In the 2009 survey of physician executives 55% held a business degree."
    earned = "In the 2009 survey of physician executives those with a business degree earned 10% more."
    assert not disagree(held, earned)


def test_one_publication_does_not_disagree_with_itself() -> None:
    assert conflicts("burnout", [stated(NATIONAL, source="study"), stated(OF_MEMBERS, source="study")]) == ()


def test_documents_that_name_no_publication_are_the_sides_themselves() -> None:
    assert conflicts("burnout", [stated(NATIONAL), stated(OF_MEMBERS, doc="b.md")])
    assert conflicts("burnout", [stated(NATIONAL), stated(OF_MEMBERS)]) == ()


@pytest.mark.parametrize(
    "other",
    [
        "The survey of members found burnout symptoms in 53% of physicians in 2022.",
        "The survey of members found burnout symptoms in 45.2% of physicians in 2023.",
        "A medical director of a dialysis facility works 25 hours a week.",
    ],
)
def test_another_year_the_same_share_or_another_matter_is_no_disagreement(other: str) -> None:
    assert not disagree(NATIONAL, other)
