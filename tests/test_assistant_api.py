import inspect
import shutil
from pathlib import Path

import pytest

import assistant as package
from assistant import Answer, Assistant, UserError, ask, open_assistant
from assistant.api import ensure_bundled_index
from assistant.settings import Settings
from index import build_index
from index.locking import only_writer
from tests.fakes import KeywordEncoder


def test_the_package_gives_these_names_and_no_others() -> None:
    assert package.__all__ == [
        "Answer",
        "Assistant",
        "Citation",
        "Conflict",
        "Dropped",
        "Statement",
        "Support",
        "Topic",
        "Turn",
        "UserError",
        "ask",
        "open_assistant",
    ]
    assert all(hasattr(package, name) for name in package.__all__)


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (ask, ["question", "*history", "*setting"]),
        (open_assistant, ["*index", "*model", "*progress", "**arguments"]),
        (Assistant.answer, ["self", "question", "*history", "*setting"]),
        (Assistant.stream, ["self", "question", "*history", "*setting"]),
        (Assistant.search, ["self", "query", "*k", "*setting"]),
        (Assistant.check, ["self", "claim", "evidence"]),
        (Assistant.document, ["self", "doc_id"]),
        (Assistant.topics, ["self"]),
        (Assistant.as_runnable, ["self"]),
        (Answer.to_dict, ["self"]),
        (build_index, ["folder", "*index", "*embeddings", "*chroma", "*headers", "*progress"]),
    ],
)
def test_calls_keep_their_parameters(function: object, parameters: list[str]) -> None:
    marks = {inspect.Parameter.KEYWORD_ONLY: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    found = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    assert [marks.get(each.kind, "") + each.name for each in found] == parameters


def test_an_answer_as_json_has_these_fields(assistant: Assistant) -> None:
    assert set(assistant.answer("What does a CMO do?").to_dict()) == {
        "question",
        "query",
        "statements",
        "text",
        "citations",
        "hits",
        "status",
        "stage",
        "reason",
        "covers",
        "suggestions",
        "conflicts",
        "dropped",
        "answerability",
        "model",
        "index_version",
        "seconds",
    }


def test_an_unknown_argument_is_told(small_index: Path) -> None:
    with pytest.raises(UserError, match="'pasages' is not a setting"):
        open_assistant(index=small_index, pasages=3)


def test_a_folder_without_an_index_is_told_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no index\. Run: python -m assistant index FOLDER --index "):
        open_assistant(index=tmp_path)


def test_an_index_of_another_model_is_told_with_both_names(documents: Path, tmp_path: Path) -> None:
    build_index(documents, index=tmp_path / "index", embeddings=KeywordEncoder())
    with pytest.raises(UserError, match=r"built with 'keywords', settings ask for 'all-MiniLM-L6-v2'\. Run: "):
        open_assistant(index=tmp_path / "index")


def truncate(name: str) -> None:
    path = Path(name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


@pytest.mark.parametrize(
    "part",
    ["catalog.sqlite", "tokens.npy", "bm25/words.json", "bm25", "chroma", "chroma/chroma.sqlite3", "weights.npy"],
)
@pytest.mark.parametrize("how", ["missing", "cut"])
def test_an_index_that_lost_a_part_is_told_with_the_command(
    small_index: Path, tmp_path: Path, part: str, how: str
) -> None:
    index = tmp_path / "index"
    shutil.copytree(small_index, index)
    (version,) = (index / "versions").iterdir()
    broken = version / part
    if how == "missing":
        shutil.rmtree(broken) if broken.is_dir() else broken.unlink()
    elif broken.is_file():
        truncate(str(broken))
    else:
        pytest.skip("a folder cannot be cut")
    with pytest.raises(UserError, match=r"the index is damaged \(.*\)\. Run: python -m assistant index "):
        open_assistant(index=index)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"schema": 99}', '{"schema": 3}', "\udcff"])
def test_a_manifest_that_cannot_be_read_is_told_with_the_command(
    small_index: Path, tmp_path: Path, content: str
) -> None:
    index = tmp_path / "index"
    shutil.copytree(small_index, index)
    (index / "manifest.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError, match="Run: python -m assistant index FOLDER --index"):
        open_assistant(index=index)


def test_a_cache_that_cannot_be_written_is_told_with_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Set CMO_CACHE to a folder that can be written"):
        ensure_bundled_index(Settings(cache=str(tmp_path / "file" / "cache")))


def test_another_build_is_waited_for_and_at_last_told(tmp_path: Path) -> None:
    settings = Settings(cache=str(tmp_path))
    with only_writer(settings.index_folder), pytest.raises(UserError, match="another build is writing"):
        ensure_bundled_index(settings, patience=0.3)


def test_a_server_that_is_away_is_told_with_the_command(documents: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no Chroma server answers at http://127\.0\.0\.1:9; start one: chroma run"):
        build_index(documents, index=tmp_path / "index", chroma="http://127.0.0.1:9")
    assert not (tmp_path / "index" / "manifest.json").exists()
