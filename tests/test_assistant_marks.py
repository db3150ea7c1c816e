"""Marks of an answer, for any statements: they count up as read, and each leads to the quote it stood for."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.answers import Citation, Statement
from assistant.grounding import as_text, numbered
from corpus import Passage

PASSAGES = [
    Passage(passage_id=f"d{n}#0", doc_id=f"d{n}", title="D", text="t" * 40, headings=(), start=0, end=40, page=None)
    for n in range(3)
]


def citation(passage: Passage, start: int, marker: int) -> Citation:
    return Citation(
        marker=marker, passage=passage, quote="ttttt", start=start, end=start + 5, publisher=None, url=None, date=None,
        settings=("any",), sources=(),
    )  # fmt: skip


CITATIONS = st.builds(citation, st.sampled_from(PASSAGES), st.integers(0, 5), st.integers(-3, 99))
STATEMENTS = st.builds(
    lambda n, citations, layout: Statement(
        text=f"Sentence {n}.", citations=tuple(citations), verdict="quoted", support=1.0, layout=layout, connective=""
    ),
    st.integers(0, 9),
    st.lists(CITATIONS, max_size=5),
    st.sampled_from(["prose", "lead", "item"]),
)


def place(cited: Citation) -> tuple[str, int, int]:
    return cited.passage.doc_id, cited.start, cited.end


@given(st.lists(STATEMENTS, max_size=8))
def test_marks_count_up_as_read_and_each_keeps_its_quote(statements: list[Statement]) -> None:
    marked, citations = numbered(statements)
    assert [cited.marker for cited in citations] == list(range(1, len(citations) + 1))
    assert len({place(cited) for cited in citations}) == len(citations)
    seen = 0
    for before, after in zip(statements, marked, strict=True):
        assert {place(c) for c in before.citations} == {place(c) for c in after.citations}
        assert before.text == after.text
        markers = [c.marker for c in after.citations]
        assert markers == sorted(set(markers))
        assert all(citations[c.marker - 1] == c for c in after.citations)
        new = [marker for marker in markers if marker > seen]
        assert new == list(range(seen + 1, seen + 1 + len(new)))
        seen += len(new)
    assert seen == len(citations)


@given(st.lists(STATEMENTS, max_size=8))
def test_numbering_twice_changes_nothing_and_every_mark_is_in_the_text(statements: list[Statement]) -> None:
    marked, citations = numbered(statements)
    assert numbered(marked) == (marked, citations)
    text = as_text(marked)
    assert all(f"[{cited.marker}]" in text for cited in citations)
