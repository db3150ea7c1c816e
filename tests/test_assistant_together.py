"""An assistant that reads a second index beside its own: both answer, and nothing leaks back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Assistant, Turn, open_assistant
from assistant.evidence import says_so
from assistant.journey import read_alone
from assistant.together import reading_also, reading_only
from index import Retriever, build_index

OWN = """# Rules of Southgate Clinic

The parking fee for the chief medical officer of Southgate Clinic is 12 dollars a month.

The Southgate Bed Office (SBO) closes at nine in the evening.

The bylaws committee of Southgate is chaired by the vice chief of staff. It meets on the first Tuesday of each month.
"""
FEE = "What is the parking fee for the chief medical officer?"
APPOINTED = "When did Northfield Hospital appoint its first CMO?"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "rules.md").write_text(OWN, encoding="utf-8")
    build_index(folder, index=folder / ".index")
    with Retriever.open(folder / ".index") as opened:
        yield opened


def test_a_question_is_answered_from_whichever_index_knows(assistant: Assistant, own: Retriever) -> None:
    both = reading_also(assistant, own)
    assert both.answer(FEE).citations[0].quote.endswith("12 dollars a month.")
    assert "1987" in both.answer(APPOINTED).text
    assert both.document("rules.md").title == "Rules of Southgate Clinic"


def test_what_the_second_index_holds_stays_out_of_the_first_assistant(assistant: Assistant, own: Retriever) -> None:
    reading_also(assistant, own).answer(FEE)
    answer = assistant.answer(FEE)
    assert answer.status == "refused"
    assert "12 dollars" not in str(answer.to_dict())
    assert "southgate" not in assistant.vocabulary.words


def test_the_second_index_alone_refuses_what_the_first_knows(assistant: Assistant, own: Retriever) -> None:
    alone = reading_only(assistant, own)
    assert alone.answer(FEE).status == "answered"
    assert alone.answer(APPOINTED).status == "refused"


def test_the_acronyms_of_both_are_known(assistant: Assistant, own: Retriever) -> None:
    assert {"SBO", "CMO"} <= set(reading_also(assistant, own).vocabulary.acronyms)


def test_what_is_added_to_the_second_index_is_taken_up(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text(OWN, encoding="utf-8")
    build_index(tmp_path, index=tmp_path / ".index")
    with Retriever.open(tmp_path / ".index") as opened:
        both = reading_also(assistant, opened)
        assert "gardener" not in both.answer("Who waters the ferns of Southgate Clinic?").text
        (tmp_path / "two.md").write_text("# Ferns\n\nThe gardener waters the ferns of Southgate Clinic.\n", "utf-8")
        build_index(tmp_path, index=tmp_path / ".index")
        assert "gardener" in both.answer("Who waters the ferns of Southgate Clinic?").text
        assert "ferns" in both.vocabulary.words


def test_a_name_that_only_documents_brought_along_mention_asks_about_these(own: Retriever) -> None:
    both = reading_also(open_assistant(), own)
    answer = both.answer("Who chairs the bylaws committee at Southgate?")
    assert {c.passage.doc_id for c in answer.citations} == {"rules.md"}
    assert "vice chief of staff" in answer.statements[0].text
    assert "rules.md" not in {c.passage.doc_id for c in both.answer("What does a CMO earn?").citations}


def test_a_sentence_shown_before_is_shown_again_where_it_is_the_answer(assistant: Assistant, own: Retriever) -> None:
    alone = reading_only(assistant, own)
    first = alone.answer(FEE)
    talk = [Turn(role="user", text=FEE), Turn(role="assistant", text=f"{first.text} It closes at nine.")]
    again = alone.answer("How much does the chief medical officer pay for parking at Southgate Clinic?", history=talk)
    assert "12 dollars" in again.text


def test_what_says_the_relation_asked_in_all_its_words_is_an_answer(own: Retriever, assistant: Assistant) -> None:
    alone = reading_only(assistant, own)
    for question, said in (
        ("Who chairs the bylaws committee?", True),
        ("Who chairs the bylaws committee of Northgate?", False),
        ("Whom does the bylaws committee chair?", False),
    ):
        reading = read_alone(question, alone.retriever, alone.vocabulary, k=10, setting=None)
        assert says_so(reading.question, reading.evidence) is said
    assert alone.answer("Who chairs the bylaws committee?").statements[0].text.endswith("by the vice chief of staff.")


def test_who_brings_documents_along_asks_about_these_first(assistant: Assistant, own: Retriever) -> None:
    asked = "Who chairs the bylaws committee?"
    evidence = reading_also(assistant, own).answer(asked).citations
    assert evidence[0].passage.doc_id == "rules.md"


def test_it_stands_for_a_thing_and_not_for_the_person_spoken_of_last(own: Retriever, assistant: Assistant) -> None:
    text = (
        reading_only(assistant, own).answer("On which Tuesday of each month does it meet, the bylaws committee?").text
    )
    assert "It [The bylaws committee of Southgate] meets" in text
