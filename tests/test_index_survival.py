"""An index that is damaged, full, killed or rebuilt under its readers never answers wrongly, and says what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import Assistant, open_assistant
from assistant.doctor import examine
from assistant.settings import Settings
from corpus import UserError, find_files
from index import build_index, load_manifest
from index.changes import find_changes
from tests.fakes import KeywordEncoder

ROOT = Path(__file__).parent.parent
QUESTION = "When did Northfield Hospital appoint its first chief medical officer?"
FILES = (
    "catalog.sqlite", "vectors.npy", "tokens.npy", "spans.npy", "pieces.npy", "weights.npy", "chroma/chroma.sqlite3",
    "chroma", "bm25",
)  # fmt: skip


@pytest.fixture
def copied(small_index: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_index, tmp_path / "index"))


def files_of(index: Path) -> Path:
    return index / "versions" / load_manifest(index).version


# --- damage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_missing_part_is_told_and_the_doctor_names_the_step(name: str, copied: Path) -> None:
    part = files_of(copied) / name
    shutil.rmtree(part) if part.is_dir() else part.unlink()
    assert_told(copied)


@pytest.mark.parametrize("name", [name for name in FILES if "." in name])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_cut_off_file_is_told_and_the_doctor_names_the_step(name: str, share: float, copied: Path) -> None:
    part = files_of(copied) / name
    os.truncate(part, int(part.stat().st_size * share))
    assert_told(copied)


def assert_told(index: Path) -> None:
    step = f"python -m assistant index {load_manifest(index).corpus} --index {index}"
    with pytest.raises(UserError, match="damaged") as told:
        open_assistant(index=index).answer(QUESTION)
    assert step in str(told.value)
    problems = examine(Settings(index=str(index)))["problems"]
    assert isinstance(problems, list)
    assert [problem["step"] for problem in problems] == [step]


def test_the_command_that_is_named_mends_a_damaged_index(copied: Path) -> None:
    (files_of(copied) / "vectors.npy").unlink()
    command = [sys.executable, "-m", "assistant", "index", load_manifest(copied).corpus, "--index", str(copied)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "1987" in open_assistant(index=copied).answer(QUESTION).text


# --- files come and go ---------------------------------------------------------------------------------------------


def test_ten_thousand_small_files_are_found_and_known_again_in_seconds(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number:05}.md").touch()
    assert len(find_files(tmp_path)) == 10_000
    changes = find_changes(tmp_path, None, leave_out=tmp_path / "index")
    assert len(changes.files) == 10_000


def test_a_file_that_could_not_be_opened_is_read_as_soon_as_it_can_be(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "open.md").write_text("# Open\n\nText.\n", encoding="utf-8")
    (folder / "closed.md").symlink_to(folder / "not-yet-there.txt")
    first = build_index(folder, index=tmp_path / "index", embeddings=KeywordEncoder())
    assert [name for name, _ in first.skipped] == ["closed.md"]
    again = build_index(folder, index=tmp_path / "index", embeddings=KeywordEncoder())
    assert again.version == first.version
    (folder / "closed.md").unlink()
    (folder / "closed.md").write_text("# Closed\n\nNow it can be read.\n", encoding="utf-8")
    assert build_index(folder, index=tmp_path / "index", embeddings=KeywordEncoder()).added == ("closed.md",)


# --- readers and builders ------------------------------------------------------------------------------------------


@pytest.fixture
def served(copied: Path, documents: Path, tmp_path: Path) -> tuple[Assistant, Path, Path]:
    folder = Path(shutil.copytree(documents, tmp_path / "documents"))
    build_index(folder, index=copied)
    return open_assistant(index=copied), folder, copied


def test_an_index_that_is_rebuilt_is_answered_from_without_a_new_start(served: tuple[Assistant, Path, Path]) -> None:
    assistant, folder, index = served
    assert "1987" in assistant.answer(QUESTION).text
    handbook = folder / "handbook.md"
    handbook.write_text(handbook.read_text(encoding="utf-8").replace("1987", "1991"), encoding="utf-8")
    report = build_index(folder, index=index)
    assert "1991" in assistant.search(QUESTION, k=1)[0].passage.text
    answer = assistant.answer(QUESTION)
    assert "1991" in answer.text
    assert "1987" not in answer.text
    assert answer.index_version == report.version == assistant.index_version
    assistant.retriever.close()


def test_an_index_that_is_rebuilt_twice_during_a_question_is_answered_from(
    served: tuple[Assistant, Path, Path],
) -> None:
    assistant, folder, index = served
    handbook = folder / "handbook.md"
    snapshots = assistant.stream(QUESTION)
    assert next(snapshots).status == "working"
    for year in ("1991", "1992", "1993"):
        text = handbook.read_text(encoding="utf-8")
        handbook.write_text(text.replace(text[text.index(" in 19") : text.index(" in 19") + 8], f" in {year}"))
        build_index(folder, index=index)
    *_, answer = snapshots
    shown = assistant.document("handbook.md").text
    assert all(shown[citation.start : citation.end] == citation.quote for citation in answer.citations)
    assistant.retriever.close()


@pytest.mark.slow
def test_builds_killed_at_random_moments_leave_a_whole_index() -> None:
    command = [sys.executable, "benchmarks/killed_builds.py", "--moments", "10", "--seed", "7"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "faults: 0" in done.stdout


FILLED = """
import sys
from pathlib import Path
from corpus import UserError
from index import Retriever, build_index
from tests.fakes import KeywordEncoder

folder, index, ballast = (Path(each) for each in sys.argv[1:4])

def build():
    return build_index(folder, index=index, embeddings=KeywordEncoder())

def best(query):
    with Retriever.open(index, embeddings=KeywordEncoder()) as retriever:
        return retriever.search(query)[0].passage.doc_id

first = build()
(folder / "new.md").write_text("# New\\n\\nA telehealth program for the islands.\\n")
refused = 0
for free in (0, 4, 16, 64, 200, 400, 800, 1600):
    ballast.write_bytes(b"")
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - free * 1024))
    try:
        report = build()
    except UserError as error:
        assert "could not be written" in str(error), error
        assert "Make room, then run: python -m assistant index" in str(error), error
        refused += 1
        ballast.unlink()
        assert best("bonus of the board") == "board.md"
        assert sorted(path.name for path in (index / "versions").iterdir()) == [first.version]
    else:
        ballast.unlink()
        break
assert refused >= 3, refused
assert best("telehealth islands") == "new.md"
print("refused", refused)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_told_and_the_old_index_answers_on(tmp_path: Path) -> None:
    folder, disk = tmp_path / "documents", tmp_path / "disk"
    folder.mkdir()
    disk.mkdir()
    (folder / "board.md").write_text("# The board\n\nThe board sets the bonus.\n", encoding="utf-8")
    mount = f"mount -t tmpfs -o size=8m tmpfs {disk}"
    if subprocess.run(["unshare", "-m", "bash", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("this machine mounts nothing")
    script = f'{mount} && exec "$0" -c "$1" {folder} {disk}/index {disk}/ballast'
    done = subprocess.run(
        ["unshare", "-m", "bash", "-c", script, sys.executable, FILLED],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "refused" in done.stdout
