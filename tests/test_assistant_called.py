import pytest

from assistant import Assistant, open_assistant
from assistant.called import as_called
from assistant.questions import read_question
from index import build_index

AGREEMENT = """# Agreement

This Agreement is between Alder Health, Inc., a firm ("Employer"), and
Lorraine M. Petrakis, M.D. (the “Executive”). It is reported to the National Practitioner Data Bank ("NPDB").

## Insurance

Employer shall buy the tail unless Executive resigns in the first year, in which event Executive shall bear its cost.
"""


@pytest.fixture(scope="module")
def with_agreement(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("called")
    (folder / "agreement.md").write_text(AGREEMENT, encoding="utf-8")
    (folder / "note.md").write_text("# Note\n\nDr. Brown (our guest) met Petrakis in Ohio.\n", encoding="utf-8")
    build_index(folder, index=folder / "index")
    return open_assistant(index=folder / "index")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("How long is the term of Petrakis?", "How long is the term of the Executive?"),
        ("What is Lorraine Petrakis's bonus?", "What is the Executive's bonus?"),
        ("What may Alder Health ask of Petrakis?", "What may the Employer ask of the Executive?"),
        ("May Dr. Petrakis teach?", "May the Executive teach?"),
        ("Does Brown work here?", "Does Brown work here?"),
        ("What goes to the National Practitioner Data Bank?", "What goes to the National Practitioner Data Bank?"),
        ("What is the notice period?", "What is the notice period?"),
    ],
)
def test_a_party_is_called_as_its_document_calls_it(with_agreement: Assistant, typed: str, read: str) -> None:
    assert as_called(read_question(typed), with_agreement.retriever).text == read


def test_what_is_asked_of_a_person_is_answered_by_what_is_said_of_the_party(with_agreement: Assistant) -> None:
    answer = with_agreement.answer("If Petrakis quits after one year, who pays for her tail?")
    assert "Executive shall bear its cost" in answer.text
