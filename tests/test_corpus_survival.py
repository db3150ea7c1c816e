"""No file ends, stalls or fills the process that reads a folder, and each one is accounted for."""

import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import SourceFile, UnreadableFile, isolation, read_document, read_documents
from corpus.content import content_from_fields
from corpus.formats import read_content
from corpus.isolation import CPU_SECONDS, DeadProcessError, ParsingProcess, close_idle, isolated_content
from corpus.parsing import FILES_EACH, MEMORY
from corpus.readers import SMALL_TEXT
from tests.test_corpus_readers import pdf

ROOT = Path(__file__).parent.parent
PAGE = b"<html><body><h1>Title</h1><p>A page that can be read.</p></body></html>"
OTHER_USER = 65534


@pytest.fixture
def process() -> Iterator[ParsingProcess]:
    started = ParsingProcess()
    yield started
    started.close()


def packed(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


def deep_page(depth: int) -> bytes:
    return b"<html>" + b"<div><table><tr><td><ul><li>" * depth + b"deep text"


# --- the process ---------------------------------------------------------------------------------------------------


def test_a_file_reads_the_same_there_and_here() -> None:
    front = b"---\ntitle: T\nsources: {S: {title: A, date: 2024}}\nfacts: {E1: {source: S, confidence: high}}\n---\n"
    for name, data in {
        "a.html": PAGE,
        "a.pdf": pdf(["One line.", "", "Another line."], ["Page two."]),
        "a.md": front + b"# One\n\nA fact. <!-- E1 -->\n\n- an item\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "a.txt": "Odd: \u2028 \ufeff é 主.\n".encode(),
    }.items():
        assert isolated_content(data, name=name) == read_content(data, name=name)


def test_what_crossed_as_json_comes_back_equal() -> None:
    import json

    content = read_content(b"---\ntitle: T\n---\n# One\n\nLast word \xed\xa0\x80.", name="a.md")
    assert content_from_fields(json.loads(content.to_json())) == content


def test_a_process_serves_file_after_file_and_tells_reasons(process: ParsingProcess) -> None:
    for _ in range(3):
        assert process.content(PAGE, name="a.html").blocks[0].text == "Title"
        with pytest.raises(UnreadableFile, match="not a whole zip"):
            process.content(b"PK\x03\x04", name="a.docx")
    assert process.is_alive


def test_a_stalled_process_is_ended() -> None:
    process = ParsingProcess(wall_seconds=0.3)
    os.kill(process.pid, signal.SIGSTOP)
    with pytest.raises(DeadProcessError, match="stalled"):
        process.content(PAGE, name="a.html")
    assert not process.is_alive
    process.close()


def test_a_file_that_computes_for_too_long_is_given_up() -> None:
    process = ParsingProcess(cpu_seconds=1)
    with pytest.raises(DeadProcessError, match="too complex: more than 1 seconds"):
        process.content(deep_page(50_000), name="a.html")
    process.close()


def test_a_crash_is_told_by_its_signal(process: ParsingProcess) -> None:
    os.kill(process.pid, signal.SIGSEGV)
    with pytest.raises(DeadProcessError, match=r"its parser crashed \(SIGSEGV\)"):
        process.content(PAGE, name="a.html")


def test_the_death_of_a_used_process_is_not_the_next_files_fault() -> None:
    close_idle()
    isolated_content(PAGE, name="a.html")
    os.kill(isolation._idle[0].pid, signal.SIGKILL)
    assert isolated_content(PAGE, name="a.html").blocks[0].text == "Title"


def test_memory_and_time_are_bounded_there(process: ParsingProcess) -> None:
    process.content(PAGE, name="a.html")
    limits = Path(f"/proc/{process.pid}/limits")
    if not limits.exists():
        pytest.skip("this system does not show the limits of a process")
    lines = {line[:26].strip(): line[26:].split() for line in limits.read_text(encoding="utf-8").splitlines()}
    assert int(lines["Max address space"][0]) == MEMORY
    assert 0 < int(lines["Max cpu time"][0]) <= 2 * CPU_SECONDS


def test_no_key_of_the_environment_reaches_the_parser(process: ParsingProcess) -> None:
    process.content(PAGE, name="a.html")
    environment = Path(f"/proc/{process.pid}/environ")
    if not environment.exists():
        pytest.skip("this system does not show the environment of a process")
    names = {pair.split("=", 1)[0] for pair in environment.read_text(encoding="utf-8").split("\0")}
    assert names <= {"PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "LANG", "TZ", "TMPDIR", ""}


def test_the_process_ends_with_the_one_it_works_for() -> None:
    script = (
        "import os, signal; from corpus.isolation import isolated_content, _idle\n"
        f"isolated_content({PAGE!r}, name='a.html')\n"
        "print(_idle[0].pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    until = time.monotonic() + 60
    while is_running(int(done.stdout)):
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"
    except OSError:
        return False


def test_threads_may_read_at_once(tmp_path: Path) -> None:
    found: list[str] = []

    def read(number: int) -> None:
        for _ in range(5):
            page = PAGE.replace(b"Title", b"Title %d" % number)
            found.append(f"{number} {isolated_content(page, name='a.html').blocks[0].text}")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(f"{number} Title {number}" for number in range(3) for _ in range(5))


@pytest.mark.slow
def test_a_process_is_replaced_before_a_leak_could_fill_it() -> None:
    close_idle()
    for _ in range(FILES_EACH + 2):
        assert isolated_content(PAGE, name="a.html").blocks


# --- files that want to hang, fill or crash ------------------------------------------------------------------------


def test_comments_before_a_text_take_no_time(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"<!-- a -->" * 60 + b"\n\nA text behind sixty comments.\n")
    (tmp_path / "b.txt").write_bytes(b" " * 1_000_000 + b"A text behind a million spaces.")
    begun = time.monotonic()
    documents, skipped = read_documents(tmp_path)
    assert skipped == []
    assert [d.text.strip()[:13] for d in documents] == ["A text behind", "A text behind"]
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("unit", ["[", "![[](", "a|b\n-|-\n", "> ", "*a", "<!--", "&#", "~~a", "_a_b"])
def test_markdown_made_to_be_slow_is_read_in_bounded_time(unit: str, tmp_path: Path) -> None:
    assert SMALL_TEXT < 33_000  # so that it is read where computing is bounded
    (tmp_path / "a.md").write_text((unit * 33_000)[:33_000], encoding="utf-8")
    documents, skipped = read_documents(tmp_path)
    assert len(documents) + len(skipped) == 1


def test_a_page_nested_ten_thousand_deep_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(deep_page(1_700))
    assert read_documents(tmp_path)[0][0].text.endswith("deep text")


DOCUMENT = b'<?xml version="1.0"?>%s<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
LAUGHS = b"<!DOCTYPE x [<!ENTITY a 'ha'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(9)
)


@pytest.mark.parametrize(
    "data",
    [
        packed(word__document_xml=DOCUMENT % (LAUGHS + b"]>") + b"<w:body>&j;</w:body></w:document>"),
        packed(word__document_xml=DOCUMENT % b"" + b"<w:p>" * 100_000),
        packed(**{f"word__part{n}_xml": b" " * 1_000_000 for n in range(250)}, word__document_xml=b" "),
        packed(word__document_xml=b" " * 200 * 1024 * 1024),
    ],
    ids=["entities", "deep", "many parts", "below the limit"],
)
def test_a_word_document_made_to_fill_the_memory_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "bomb.docx").write_bytes(data)
    documents, skipped = read_documents(tmp_path)
    assert documents == []
    assert skipped[0].reason.startswith(("damaged", "too"))


def test_a_gigabyte_of_text_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(1024**3)
    (tmp_path / "largest.md").write_bytes(b"word " * (4 * 1024 * 1024))
    begun = time.monotonic()
    _, skipped = read_documents(tmp_path)
    assert [each.reason for each in skipped] == ["too large: more than 64 MB", "too large: more than 16 MB of text"]
    assert time.monotonic() - begun < 20


# --- files that are not what they were -----------------------------------------------------------------------------


def test_a_file_that_vanishes_before_it_is_read_is_accounted_for(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be opened: No such file"):
        read_document(SourceFile(doc_id="gone.md", path=tmp_path / "gone.md", size=10))


def test_a_file_that_changes_while_it_is_read_is_hashed_as_read(tmp_path: Path) -> None:
    path, stop = tmp_path / "changing.md", threading.Event()
    path.write_text("# One\n\nText.\n", encoding="utf-8")

    def change() -> None:
        for number in range(100_000):
            path.write_text(f"# One\n\nText {number}.\n" * (number % 50), encoding="utf-8")
            if stop.is_set():
                return

    thread = threading.Thread(target=change)
    thread.start()
    try:
        import hashlib

        for _ in range(50):
            for document in read_documents(tmp_path)[0]:
                # The title is there once a text is, and the hash is that of some state that the file was in.
                assert document.title == "One"
                assert document.sha256 != hashlib.sha256(b"").hexdigest()
    finally:
        stop.set()
        thread.join()


def test_what_is_no_regular_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert [(s.path, s.reason) for s in read_documents(tmp_path)[1]] == [("pipe.md", "no regular file")]


@pytest.mark.parametrize(
    "name", ["new\nline.md", "tab\tand  spaces.md", "-rf.md", "#3.md", "主任.md", "'\"`$x.md", "a" * 240 + ".md"]
)
def test_odd_names_are_only_names(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("# Odd\n\nText.\n", encoding="utf-8")
    documents, skipped = read_documents(tmp_path)
    assert ([d.doc_id for d in documents], skipped) == ([name], [])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
def test_files_and_folders_that_may_not_be_read_are_named() -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to other users as a whole
        folder = Path(place)
        folder.chmod(0o755)
        (folder / "open.md").write_text("# Open\n\nText.\n", encoding="utf-8")
        (folder / "closed.md").write_text("text", encoding="utf-8")
        (folder / "closed.md").chmod(0)
        (folder / "folder").mkdir(mode=0)
        (folder / "listed").mkdir()
        (folder / "listed" / "inside.md").write_text("text", encoding="utf-8")
        (folder / "listed").chmod(0o644)
        os.seteuid(OTHER_USER)
        try:
            documents, skipped = read_documents(folder)
        finally:
            os.seteuid(0)
    assert [d.doc_id for d in documents] == ["open.md"]
    assert [(s.path, s.reason) for s in skipped] == [
        ("closed.md", "cannot be opened: Permission denied"),
        ("folder", "a folder that cannot be listed: Permission denied"),
        ("listed/inside.md", "cannot be opened: Permission denied"),
    ]
