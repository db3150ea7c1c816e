import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from corpus.errors import UserError
from index import Retriever, build_index, load_manifest
from tests.fakes import KeywordEncoder

ROOT = Path(__file__).parent.parent
TEXTS = {
    "board.md": "# The board\n\nThe board hires the chief medical officer and sets the bonus.\n",
    "staff.md": "# Medical staff\n\nThe medical staff elects a president. The bylaws name the committees.\n",
    "pay/salary.md": "# Pay\n\nA salary survey gives the median wage of physicians in management.\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TEXTS.items():
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "docs"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def best(index: Path, query: str) -> str:
    with Retriever.open(index, embeddings=KeywordEncoder()) as retriever:
        return retriever.search(query)[0].passage.doc_id


def versions(index: Path) -> set[str]:
    return {path.name for path in (index / "versions").iterdir()}


def test_a_first_build_adds_every_document(folder: Path, index: Path) -> None:
    report = build_index(folder, index=index, embeddings=KeywordEncoder())
    assert report.added == ("board.md", "pay/salary.md", "staff.md")
    assert (report.updated, report.unchanged, report.removed, report.skipped) == ((), (), (), ())
    assert report.passages == 3
    assert versions(index) == {report.version}
    assert best(index, "who elects the president of the medical staff") == "staff.md"


def test_an_unchanged_folder_makes_no_version_and_encodes_nothing(folder: Path, index: Path) -> None:
    first = build_index(folder, index=index, embeddings=KeywordEncoder())
    encoder = KeywordEncoder()
    second = build_index(folder, index=index, embeddings=encoder)
    assert second.version == first.version
    assert second.unchanged == first.added
    assert second.passages == 3
    assert encoder.seen == []
    assert second.seconds < 1


def test_a_touched_file_is_known_by_its_content(folder: Path, index: Path) -> None:
    first = build_index(folder, index=index, embeddings=KeywordEncoder())
    os.utime(folder / "board.md", ns=(1, 1))
    second = build_index(folder, index=index, embeddings=KeywordEncoder())
    assert second.version == first.version
    assert load_manifest(index).files["board.md"].mtime_ns == 1


def test_only_what_changed_is_encoded_again(folder: Path, index: Path) -> None:
    build_index(folder, index=index, embeddings=KeywordEncoder())
    (folder / "board.md").write_text("# The board\n\nThe board fires the treasurer.\n", encoding="utf-8")
    (folder / "staff.md").unlink()
    (folder / "new.md").write_text("# New\n\nA telehealth program for the islands.\n", encoding="utf-8")
    encoder = KeywordEncoder()
    report = build_index(folder, index=index, embeddings=encoder)
    assert report.added == ("new.md",)
    assert report.updated == ("board.md",)
    assert report.unchanged == ("pay/salary.md",)
    assert report.removed == ("staff.md",)
    assert len(encoder.seen) == 2
    assert best(index, "telehealth islands") == "new.md"
    assert best(index, "median salary of physicians") == "pay/salary.md"
    with Retriever.open(index, embeddings=KeywordEncoder()) as retriever:
        assert retriever.document("staff.md") is None


def test_an_updated_index_equals_one_built_at_once(folder: Path, index: Path, tmp_path: Path) -> None:
    build_index(folder, index=index, embeddings=KeywordEncoder())
    (folder / "aaa.md").write_text("# First\n\nIt moves every row of the others.\n", encoding="utf-8")
    build_index(folder, index=index, embeddings=KeywordEncoder())
    build_index(folder, index=tmp_path / "fresh", embeddings=KeywordEncoder())
    for query in ("bonus of the board", "physicians wage", "committees"):
        found = []
        for place in (index, tmp_path / "fresh"):
            with Retriever.open(place, embeddings=KeywordEncoder()) as retriever:
                hits = retriever.search(query)
                rows = retriever.sentence_scores(retriever.analyse(query), [hit.passage.passage_id for hit in hits])
                found.append((hits, rows))
        assert found[0] == found[1]


def test_a_renamed_file_takes_its_vectors_along(folder: Path, index: Path) -> None:
    build_index(folder, index=index, embeddings=KeywordEncoder())
    (folder / "staff.md").rename(folder / "medical-staff.md")
    encoder = KeywordEncoder()
    report = build_index(folder, index=index, embeddings=encoder)
    assert (report.added, report.removed) == (("medical-staff.md",), ("staff.md",))
    assert encoder.seen == []


def test_another_model_encodes_everything_again(folder: Path, index: Path) -> None:
    build_index(folder, index=index, embeddings=KeywordEncoder())
    other = KeywordEncoder("other")
    report = build_index(folder, index=index, embeddings=other)
    assert report.updated == ("board.md", "pay/salary.md", "staff.md")
    assert len(other.seen) == 3
    with pytest.raises(UserError, match=r"was built with 'other', settings ask for 'keywords'. Run: python -m"):
        Retriever.open(index, embeddings=KeywordEncoder())


def test_an_unreadable_file_is_skipped_with_its_reason_each_time(folder: Path, index: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more")
    first = build_index(folder, index=index, embeddings=KeywordEncoder())
    assert [doc_id for doc_id, _ in first.skipped] == ["broken.pdf"]
    second = build_index(folder, index=index, embeddings=KeywordEncoder())
    assert second.skipped == first.skipped
    assert second.version == first.version


def test_a_file_that_becomes_unreadable_leaves_the_index(folder: Path, index: Path) -> None:
    build_index(folder, index=index, embeddings=KeywordEncoder())
    (folder / "board.md").write_bytes(b"")
    report = build_index(folder, index=index, embeddings=KeywordEncoder())
    assert report.removed == ("board.md",)
    assert [doc_id for doc_id, _ in report.skipped] == ["board.md"]


def test_a_folder_without_a_readable_document_keeps_the_old_index(folder: Path, index: Path, tmp_path: Path) -> None:
    first = build_index(folder, index=index, embeddings=KeywordEncoder())
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no readable document"):
        build_index(tmp_path / "empty", index=index, embeddings=KeywordEncoder())
    assert versions(index) == {first.version}
    assert best(index, "bonus") == "board.md"


def test_a_missing_folder_is_named_and_no_index_is_made(index: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        build_index(tmp_path / "nowhere", index=index, embeddings=KeywordEncoder())
    assert not index.exists()


def test_an_index_inside_the_folder_does_not_index_itself(folder: Path) -> None:
    first = build_index(folder, index=folder / "index", embeddings=KeywordEncoder())
    second = build_index(folder, index=folder / "index", embeddings=KeywordEncoder())
    assert first.skipped == ()
    assert second.version == first.version


def test_the_live_version_and_the_one_before_are_kept(folder: Path, index: Path) -> None:
    made = []
    for n in range(3):
        (folder / "board.md").write_text(f"# The board\n\nIt met {n} times.\n", encoding="utf-8")
        made.append(build_index(folder, index=index, embeddings=KeywordEncoder()).version)
    assert versions(index) == set(made[1:])


def test_a_failure_in_the_middle_leaves_the_old_index(folder: Path, index: Path) -> None:
    first = build_index(folder, index=index, embeddings=KeywordEncoder())
    (folder / "new.md").write_text("# New\n\nText.\n", encoding="utf-8")

    def fail(stage: str, done: int, total: int) -> None:
        if stage == "vectors":
            raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left on device"):
        build_index(folder, index=index, embeddings=KeywordEncoder(), progress=fail)
    assert versions(index) == {first.version}
    assert best(index, "bonus") == "board.md"


def test_progress_names_stages_and_ends_at_the_total(folder: Path, index: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    build_index(folder, index=index, embeddings=KeywordEncoder(), progress=lambda *step: seen.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in seen)) == ["documents", "words", "vectors", "saving"]
    assert ("documents", 3, 3) in seen
    assert seen[-1] == ("saving", 3, 3)


def test_a_second_builder_is_told_to_wait(folder: Path, index: Path) -> None:
    inside, leave = threading.Event(), threading.Event()

    def wait(stage: str, done: int, total: int) -> None:
        inside.set()
        leave.wait(20)

    options = {"index": index, "embeddings": KeywordEncoder(), "progress": wait}
    first = threading.Thread(target=build_index, args=(folder,), kwargs=options)
    first.start()
    try:
        assert inside.wait(20)
        with pytest.raises(UserError, match="another build is writing"):
            build_index(folder, index=index, embeddings=KeywordEncoder())
    finally:
        leave.set()
        first.join()
    assert best(index, "bonus") == "board.md"


KILLED = """
import os, signal, sys
from index import build_index
from tests.fakes import KeywordEncoder

def die(stage, done, total):
    if (stage, done) == (sys.argv[3], int(sys.argv[4])):
        os.kill(os.getpid(), signal.SIGKILL)

build_index(sys.argv[1], index=sys.argv[2], embeddings=KeywordEncoder(), progress=die)
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", [("documents", 1), ("documents", 4), ("words", 4), ("vectors", 4), ("saving", 4)])
def test_a_killed_build_loses_nothing_and_the_next_one_cleans_up(
    folder: Path, index: Path, moment: tuple[str, int]
) -> None:
    first = build_index(folder, index=index, embeddings=KeywordEncoder())
    (folder / "zzz.md").write_text("# Last\n\nA telehealth program.\n", encoding="utf-8")
    command = [sys.executable, "-c", KILLED, str(folder), str(index), moment[0], str(moment[1])]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    assert len(versions(index)) == 2
    assert load_manifest(index).version == first.version
    assert best(index, "bonus") == "board.md"
    report = build_index(folder, index=index, embeddings=KeywordEncoder())
    assert report.added == ("zzz.md",)
    assert versions(index) == {first.version, report.version}
    assert best(index, "telehealth") == "zzz.md"


@pytest.mark.slow
def test_builds_killed_at_any_time_leave_an_index_that_answers(folder: Path, index: Path) -> None:
    build_index(folder, index=index, embeddings=KeywordEncoder())
    for n, delay in enumerate((0.6, 1.2, 1.8, 2.4)):
        (folder / "zzz.md").write_text(f"# Last\n\nA telehealth program {n}.\n", encoding="utf-8")
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(folder), str(index), "never", "0"], cwd=ROOT)
        time.sleep(delay)
        process.kill()
        process.wait()
        assert best(index, "bonus") == "board.md"


DAMAGE = {
    "missing": None,
    "truncated": '{"schema": 3, "version": "x',
    "no object": "[]",
    "other schema": '{"schema": 99}',
    "fields missing": '{"schema": 3, "version": "x"}',
    "not text": "\x00\x01",
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_manifest_names_the_command_and_a_build_repairs_it(
    folder: Path, index: Path, content: str | None
) -> None:
    build_index(folder, index=index, embeddings=KeywordEncoder())
    manifest = index / "manifest.json"
    manifest.unlink() if content is None else manifest.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=rf"Run: python -m assistant index FOLDER --index {index}"):
        Retriever.open(index)
    build_index(folder, index=index, embeddings=KeywordEncoder())
    assert len(versions(index)) == 1
    assert best(index, "bonus") == "board.md"


def test_a_missing_version_names_the_command(folder: Path, index: Path) -> None:
    report = build_index(folder, index=index, embeddings=KeywordEncoder())
    (index / "versions" / report.version).rename(index / "elsewhere")
    with pytest.raises(UserError, match=rf"is missing. Run: python -m assistant index {folder} --index {index}"):
        Retriever.open(index, embeddings=KeywordEncoder())


def test_the_manifest_says_what_the_index_holds(folder: Path, index: Path) -> None:
    build_index(folder, index=index, embeddings=KeywordEncoder())
    fields = json.loads((index / "manifest.json").read_text(encoding="utf-8"))
    assert (fields["documents"], fields["passages"], fields["chroma"]) == (3, 3, None)
    assert fields["model"] == {"name": "keywords", "sha256": fields["model"]["sha256"], "dimension": 64}
    assert fields["packages"]["chromadb"].startswith("1.5.")
    assert fields["corpus"] == str(folder)


def test_a_name_that_is_not_unicode_is_skipped(folder: Path, index: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff.md")).write_text("# Odd\n\nText.\n", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    report = build_index(folder, index=index, embeddings=KeywordEncoder())
    assert [reason for _, reason in report.skipped] == ["its name is not valid Unicode"]
