"""A visitor's own documents: taken in, refused with a reason, removed, private, and gone when the visitor is."""

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Assistant
from corpus import isolation
from corpus.errors import UserError
from corpus.isolation import close_idle
from ui.uploads import Collection, Collections, UploadLimits, safe_name

FERNS = "# Ferns\n\nThe gardener of Southgate Clinic waters the ferns on Mondays.\n"
QUESTION = "Who waters the ferns of Southgate Clinic?"


def written(folder: Path, name: str, text: str = FERNS) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def bomb(folder: Path) -> Path:
    """A small DOCX file that unpacks to 300 MB."""
    path = folder / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 300 * 1024 * 1024)
    return path


@pytest.fixture
def collections(assistant: Assistant) -> Iterator[Collections]:
    made = Collections(UploadLimits(files=2, megabytes=1), assistant.retriever.encoder, grace=0.05)
    yield made
    made.close()


@pytest.fixture
def collection(collections: Collections) -> Collection:
    found = collections.of(collections.begin())
    assert found is not None
    return found


def test_an_added_document_answers_beside_the_others_and_alone(
    assistant: Assistant, collection: Collection, tmp_path: Path
) -> None:
    assert collection.reader(assistant, only=True) is assistant
    assert collection.add(written(tmp_path, "ferns.md"), "ferns.md") == ""
    both, alone = collection.reader(assistant, only=False), collection.reader(assistant, only=True)
    assert both.answer(QUESTION).citations[0].passage.doc_id == "yours/ferns.md"
    assert both.answer("What is a chief medical officer?").status == "answered"
    assert alone.answer("What is a chief medical officer?").status == "refused"
    assert assistant.answer(QUESTION).status == "refused"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("program.exe", "x", "not a kind that can be read"),
        ("empty.txt", "", "empty file"),
        ("broken.pdf", "no pdf", "damaged: not a PDF file inside"),
        ("large.txt", "words " * 200_000, "larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_taken_in_is_told_why(
    collection: Collection, tmp_path: Path, name: str, text: str, reason: str
) -> None:
    assert collection.add(written(tmp_path, name, text), name).startswith(reason)
    assert collection.documents == ()


def test_a_file_that_would_unpack_without_end_is_refused_in_a_process_of_its_own(
    collection: Collection, tmp_path: Path
) -> None:
    close_idle()
    assert collection.add(bomb(tmp_path), "bomb.docx").startswith("too large: unpacks")
    assert [process.is_alive for process in isolation._idle] == [True]
    assert collection.add(written(tmp_path, "ferns.md"), "ferns.md") == ""


def test_more_documents_than_the_limit_are_refused_but_a_newer_one_of_a_name_is_not(
    assistant: Assistant, collection: Collection, tmp_path: Path
) -> None:
    for name in ("one.md", "two.md"):
        assert collection.add(written(tmp_path, name), name) == ""
    assert collection.add(written(tmp_path, "three.md"), "three.md") == "the limit is 2 documents; remove one first"
    newer = written(tmp_path, "new.md", FERNS.replace("gardener", "janitor"))
    assert collection.add(newer, "one.md") == ""
    collection.remove("two.md")
    assert "janitor" in collection.reader(assistant, only=True).answer(QUESTION).text


def test_a_removed_document_is_gone_from_answers_and_disk(
    assistant: Assistant, collection: Collection, tmp_path: Path
) -> None:
    collection.add(written(tmp_path, "ferns.md"), "ferns.md")
    collection.remove("never-there.md")
    collection.remove("ferns.md")
    assert collection.documents == ()
    assert collection.reader(assistant, only=True) is assistant
    assert [path for path in collection.folder.rglob("*") if path.is_file()] == []


def test_a_ticket_that_was_not_given_out_opens_nothing(collections: Collections) -> None:
    assert collections.of("") is None
    assert collections.of("../../etc") is None
    assert collections.begin() != collections.begin()


def test_a_collection_outlives_a_reload_and_is_deleted_when_its_visitor_stays_away(
    collections: Collections, tmp_path: Path
) -> None:
    ticket = collections.begin()
    collection = collections.of(ticket)
    assert collection is not None
    collection.add(written(tmp_path, "ferns.md"), "ferns.md")
    collections.arrive(ticket, "page 1")
    collections.arrive(ticket, "page 2")
    collections.leave("page 1")
    time.sleep(0.2)
    assert collections.of(ticket) is collection
    collections.leave("page 2")
    collections.arrive(ticket, "page 3")  # the reload
    time.sleep(0.2)
    assert collections.of(ticket) is collection
    collections.leave("page 3")
    until = time.monotonic() + 10
    while collection.folder.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert collections.of(ticket) is None
    assert not collection.folder.exists()


def test_shared_documents_are_everybodys_and_outlive_the_server(assistant: Assistant, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    first = Collections(UploadLimits(), assistant.retriever.encoder, shared=shared)
    collection = first.of("whatever")
    assert collection is not None
    collection.add(written(tmp_path, "ferns.md"), "ferns.md")
    first.close()
    second = Collections(UploadLimits(), assistant.retriever.encoder, shared=shared)
    again = second.of("")
    assert again is not None
    assert [document.name for document in again.documents] == ["ferns.md"]
    second.close()


def test_there_is_an_end_to_how_many_visitors_have_documents(assistant: Assistant) -> None:
    few = Collections(UploadLimits(visitors=1), assistant.retriever.encoder)
    few.begin()
    with pytest.raises(UserError, match="Too many visitors"):
        few.begin()
    few.close()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\docs\\report.pdf", "report.pdf"),
        (".hidden.md", "hidden.md"),
        ("a\x00b\n<b>.md", "ab<b>.md"),
        ("", "document"),
        ("é" * 300 + ".docx", "é" * 60 + ".docx"),
    ],
)
def test_a_file_name_stays_in_its_folder(given: str, kept: str) -> None:
    assert safe_name(given) == kept
