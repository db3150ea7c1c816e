import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.__main__ import main
from assistant.asked import load_adapter
from assistant.doctor import examine
from assistant.mending import MEND, leftovers, mend
from assistant.settings import Settings
from index.embeddings import DEFAULT_WEIGHTS, EXPORT_NAME

QUESTION = "When did Northfield Hospital appoint its first chief medical officer?"
Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def told(err: str) -> str:
    """The one line of an error."""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_an_answer_goes_to_stdout_with_its_sources(capsys: Capture, small_index: Path) -> None:
    code, out, _ = run(capsys, "ask", QUESTION, "--index", str(small_index))
    assert code == 0
    assert "1987" in out
    assert "\n[1] Handbook of Northfield Hospital" in out


def test_json_is_one_object_and_nothing_else(capsys: Capture, small_index: Path) -> None:
    code, out, _ = run(capsys, "ask", QUESTION, "--index", str(small_index), "--json")
    assert code == 0
    assert json.loads(out)["status"] == "answered"


def test_a_refusal_is_an_answer_and_no_error(capsys: Capture, small_index: Path) -> None:
    code, out, _ = run(capsys, "ask", "What is the capital of France?", "--index", str(small_index), "--json")
    assert code == 0
    assert json.loads(out)["status"] == "refused"


def test_an_earlier_question_gives_the_subject(capsys: Capture, small_index: Path) -> None:
    arguments = ("ask", "Who must attend it?", "--after", "What is the weekly safety meeting?")
    code, out, _ = run(capsys, *arguments, "--index", str(small_index))
    assert code == 0
    assert "medical director of each clinic" in out


def test_search_lists_passages_best_first(capsys: Capture, small_index: Path) -> None:
    code, out, _ = run(capsys, "search", "weekly safety meeting", "-k", "2", "--index", str(small_index))
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["1", "2"]
    assert "handbook.md#" in out.splitlines()[0]


@pytest.mark.parametrize("question", ["", "  ", "\x00", "\u200b"])
def test_a_blank_question_is_told_and_exits_2(capsys: Capture, small_index: Path, question: str) -> None:
    code, out, err = run(capsys, "ask", question, "--index", str(small_index))
    assert (code, out) == (2, "")
    assert "the question is blank" in told(err)


def test_indexing_reports_what_it_did_and_a_second_time_that_nothing_changed(
    capsys: Capture, documents: Path, tmp_path: Path
) -> None:
    folder, index = tmp_path / "documents", tmp_path / "index"
    shutil.copytree(documents, folder)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    code, out, err = run(capsys, "index", str(folder), "--index", str(index))
    assert code == 0
    assert out.startswith("6 added, 0 updated, 0 unchanged, 0 removed, 1 skipped; ")
    assert "skipped broken.pdf: " in err
    code, out, _ = run(capsys, "index", str(folder), "--index", str(index), "--json")
    assert code == 0
    assert len(json.loads(out)["unchanged"]) == 6


def test_a_folder_without_a_readable_document_is_told(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "unreadable").mkdir()
    (tmp_path / "unreadable" / "a.pdf").write_bytes(b"\0\0")
    (tmp_path / "unreadable" / "b.docx").write_bytes(b"no zip")
    place = str(tmp_path / "index")
    for name, message in (
        ("none", "does not exist"),
        ("empty", "holds no readable document"),
        ("unreadable", "a.pdf: "),
    ):
        code, out, err = run(capsys, "index", str(tmp_path / name), "--index", place)
        assert (code, out) == (2, "")
        assert message in told(err)


def test_an_old_index_survives_a_build_that_fails(capsys: Capture, small_index: Path, tmp_path: Path) -> None:
    index, empty = tmp_path / "index", tmp_path / "empty"
    shutil.copytree(small_index, index)
    empty.mkdir()
    assert run(capsys, "index", str(empty), "--index", str(index))[0] == 2
    assert "1987" in run(capsys, "ask", QUESTION, "--index", str(index))[1]


def test_an_index_folder_that_cannot_be_written_is_told(capsys: Capture, documents: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        code, _, err = run(capsys, "index", str(documents), "--index", str(place))
        assert code == 2
        assert "cannot be written" in told(err)


def test_where_the_index_goes_must_be_said(capsys: Capture, documents: Path) -> None:
    code, _, err = run(capsys, "index", str(documents))
    assert code == 2
    assert "--index DIR" in told(err)


def test_indexing_again_mends_a_damaged_index(
    capsys: Capture, documents: Path, small_index: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    shutil.copytree(small_index, index)
    (version,) = (index / "versions").iterdir()
    (version / "catalog.sqlite").write_bytes(b"no database")
    code, _, err = run(capsys, "ask", QUESTION, "--index", str(index))
    assert code == 2
    assert f"Run: python -m assistant index {documents} --index {index}" in told(err)
    code, out, err = run(capsys, "index", str(documents), "--index", str(index))
    assert code == 0
    assert out.startswith("6 added")
    assert "damaged" in err
    assert "1987" in run(capsys, "ask", QUESTION, "--index", str(index))[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--model", "gpt-5"), "has no provider"),
        (("--model", "nobody:gpt-5"), "cannot be opened"),
        (("--embeddings", "/none/such"), "built with 'all-MiniLM-L6-v2', settings ask for '/none/such'"),
    ],
)
def test_a_model_that_is_none_is_told(
    capsys: Capture, small_index: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, out, err = run(capsys, "ask", QUESTION, "--index", str(small_index), *arguments)
    assert (code, out) == (2, "")
    assert message in told(err)


def test_a_server_that_is_away_is_told(capsys: Capture, documents: Path, tmp_path: Path) -> None:
    address = "http://127.0.0.1:9"
    code, _, err = run(capsys, "index", str(documents), "--index", str(tmp_path / "index"), "--chroma", address)
    assert code == 2
    assert f"no Chroma server answers at {address}" in told(err)


def test_an_unknown_setting_in_a_file_is_told(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cmo.toml").write_text("modle = 'x'\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, "ask", QUESTION)
    assert code == 2
    assert "'modle' is not a setting. Did you mean 'model'?" in told(err)


def test_a_number_of_passages_below_one_is_told(capsys: Capture, small_index: Path) -> None:
    assert "-k must be 1 or more" in told(run(capsys, "search", "x", "-k", "0", "--index", str(small_index))[2])


def test_a_conversation_goes_on_after_a_line_that_cannot_be_answered(
    capsys: Capture, small_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = f"{QUESTION}\n\x00\nAnd who does the CMO of Northfield Hospital report to?\n\nnever read\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    code, out, err = run(capsys, "chat", "--index", str(small_index))
    assert code == 0
    assert "1987" in out
    assert "error: the question is blank" in err
    assert "chief executive officer" in out


def test_a_healthy_installation_is_found_so(capsys: Capture, small_index: Path) -> None:
    code, out, _ = run(capsys, "doctor", "--index", str(small_index), "--json")
    found = json.loads(out)
    assert (code, found["healthy"], found["problems"]) == (0, True, [])
    assert found["index"]["documents"] == 6
    assert found["settings"]["index"] == {"value": str(small_index), "from": "argument"}
    assert found["settings"]["model"] == {"value": "extractive", "from": "default"}
    assert found["libraries"]["chromadb"]
    text = run(capsys, "doctor", "--index", str(small_index))[1]
    assert text.rstrip().endswith("problems: none")


def test_a_problem_is_named_with_the_step_that_mends_it(capsys: Capture, tmp_path: Path) -> None:
    code, out, _ = run(capsys, "doctor", "--index", str(tmp_path))
    assert code == 2
    assert f"- {tmp_path} holds no index." in out
    assert f"mend it: python -m assistant index FOLDER --index {tmp_path}" in out


def test_what_is_wrong_with_the_settings_is_found_too(small_index: Path) -> None:
    settings = Settings(index=str(small_index), embeddings="other", chroma="http://127.0.0.1:9")
    found = examine(settings, environment={"CMO_MODLE": "x"})
    problems = found["problems"]
    assert isinstance(problems, list)
    text = "\n".join(each["problem"] for each in problems)
    assert "CMO_MODLE is no setting" in text
    assert "built with 'all-MiniLM-L6-v2', the settings ask for 'other'" in text
    assert "no Chroma server answers at http://127.0.0.1:9" in text
    assert all(each["step"] for each in problems)


def test_leftovers_of_a_crashed_build_are_found_and_removed(capsys: Capture, small_index: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    shutil.copytree(small_index, index)
    (index / "versions" / "20200101T000000-crashed").mkdir()
    (index / "manifest.json.part").touch()
    settings = Settings(index=str(index))
    assert len(leftovers(settings)) == 2
    code, out, _ = run(capsys, "doctor", "--index", str(index))
    assert code == 2
    assert MEND in out
    code, _, err = run(capsys, "doctor", "--mend", "--index", str(index))
    assert code == 0
    assert err.count("removed ") == 2
    assert leftovers(settings) == []
    assert "1987" in run(capsys, "ask", QUESTION, "--index", str(index))[1]


def test_a_query_encoder_that_cannot_be_loaded_is_found_and_removed(small_index: Path, tmp_path: Path) -> None:
    exported = tmp_path / DEFAULT_WEIGHTS / EXPORT_NAME
    exported.parent.mkdir(parents=True)
    exported.write_bytes(b"half a model")
    settings = Settings(index=str(small_index), cache=str(tmp_path))
    assert not examine(settings)["healthy"]
    assert any(str(exported) in line for line in mend(settings))
    assert examine(settings)["healthy"]


@pytest.mark.slow
def test_models_in_the_cache_that_were_cut_short_are_made_again(small_index: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(Settings().cache_folder / DEFAULT_WEIGHTS, cache / DEFAULT_WEIGHTS)
    adapted = f"adapted-{load_adapter().sha256[:16]}.onnx"  # those of older versions are nobody's any more
    models = [cache / DEFAULT_WEIGHTS / name for name in (EXPORT_NAME, adapted)]
    for model in models:
        model.write_bytes(model.read_bytes()[:1000])
    done = shell("ask", QUESTION, "--index", str(small_index), env={**os.environ, "CMO_CACHE": str(cache)})
    assert done.returncode == 0, done.stderr
    assert b"1987" in done.stdout
    assert all(model.stat().st_size > 1000 for model in models)


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_costs_time_and_no_answer(small_index: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = {**os.environ, "CMO_CACHE": str(tmp_path / "file" / "cache")}
    done = shell("ask", QUESTION, "--index", str(small_index), env=environment)
    assert done.returncode == 0, done.stderr
    assert b"1987" in done.stdout
    assert b"Traceback" not in done.stderr


def shell(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "assistant", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=300, **options)  # type: ignore[call-overload,no-any-return]


@pytest.mark.slow
def test_bytes_that_are_no_text_are_answered_on_a_terminal_without_unicode(small_index: Path) -> None:
    question = b"what \xff\xfe does a CMO do \xe4\xb8\xbb?"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = shell("ask", os.fsdecode(question), "--index", str(small_index), env=environment)
    assert done.returncode == 0
    assert done.stdout.strip()
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(small_index: Path) -> None:
    command = f"{sys.executable} -m assistant search CMO -k 30 --json --index {small_index} | head -c 10"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stderr == b""


@pytest.mark.slow
def test_two_first_questions_at_once_share_one_index(tmp_path: Path) -> None:
    environment = {**os.environ, "CMO_CACHE": str(tmp_path / "cache")}
    warm = Settings().cache_folder / DEFAULT_WEIGHTS
    if warm.is_dir():  # the export of the query encoder is not what is tested
        shutil.copytree(warm, tmp_path / "cache" / DEFAULT_WEIGHTS)
    command = [sys.executable, "-m", "assistant", "ask", "Who does a CMO report to?", "--json"]
    started = [subprocess.Popen(command, stdout=-1, stderr=-1, env=environment) for _ in range(2)]
    for process in started:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert json.loads(out)["status"] == "answered"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can mount a folder read-only")
def test_an_index_on_a_read_only_mount_is_read_and_not_written(
    small_index: Path, documents: Path, tmp_path: Path
) -> None:
    place = tmp_path / "mounted"
    place.mkdir()
    mount = f"mount --bind {small_index} {place} && mount -o remount,bind,ro {place}"
    if subprocess.run(["unshare", "-m", "bash", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("this machine mounts nothing")
    run_here = f"{sys.executable} -m assistant"
    script = f"{mount} || exit 9; {run_here} ask {QUESTION!r} --index {place}; echo code $?; "
    script += f"{run_here} index {documents} --index {place}; echo code $?"
    done = subprocess.run(["unshare", "-m", "bash", "-c", script], capture_output=True, text=True, check=False)
    assert "1987" in done.stdout
    assert done.stdout.split("code ")[1:] == ["0\n", "2\n"]
    assert "cannot be written (Read-only file system)" in done.stderr
    assert "Traceback" not in done.stderr
