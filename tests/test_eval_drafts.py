import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.answers import Turn
from corpus.errors import UserError
from corpus.splitting import split
from eval.__main__ import EXIT_OK, EXIT_USER_ERROR, main
from eval.drafts import DRAFT, draft_examples, read_candidates
from eval.examples import read_examples
from eval.export import ragas_samples
from eval.opening import Opened, Wanted
from eval.predictions import read_predictions
from eval.stamp import stamp_of
from tests.conftest import HANDBOOK


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "handbook.md").write_text(HANDBOOK)
    (folder / "rules.md").write_text("# Rules\n\nA credentialing committee is a group that reviews doctors' files.\n")
    return folder


def test_drafts_come_from_definitions_figures_and_headings(folder: Path) -> None:
    drafts = {str(d["question"]): d for d in draft_examples(folder, limit=30)}
    definition = drafts["What is a credentialing committee?"]
    assert definition["type"] == "definition"
    assert definition["evidence"] == {"rules.md#1": 2}
    assert drafts["Which figure is given for the weekly safety meeting?"]["nuggets"] == [
        {"text": "It lasts 45 minutes.", "importance": "vital", "any_of": ["45"]}
    ]
    assert "What should one know about the chief medical officer?" in drafts
    assert "What is the dress code?" in drafts
    assert all(str(d["note"]).startswith(DRAFT) for d in drafts.values())


def test_a_heading_that_asks_is_asked_as_it_stands_and_one_cut_short_under_its_title(folder: Path) -> None:
    (folder / "leave.md").write_text(
        "# Leave of Leaders\n\n## Who approves\n\nThe board approves every leave of a leader.\n\n"
        "## How long is it?\n\nA leader may be away for 28 days in a year.\n\n"
        "## Cover at Night\n\nA physician on call covers every leader who is away.\n"
    )
    questions = [d["question"] for d in draft_examples(folder, limit=60)]
    assert "Leave of Leaders: who approves?" in questions
    assert "How long is it?" in questions
    assert "What should one know about Cover at Night?" in questions


def test_what_the_documents_hold_is_no_near_miss(folder: Path) -> None:
    (folder / "clothes.md").write_text("# Clothes\n\nThe dress code asks for white coats in the wards.\n")
    questions = [d["question"] for d in draft_examples(folder, limit=30)]
    assert "What is the dress code?" not in questions
    assert "What is the parking fee?" in questions


def test_a_limit_holds_and_documents_take_turns(folder: Path) -> None:
    drafts = draft_examples(folder, limit=6)
    assert len(drafts) == 6
    assert {str(e).partition("#")[0] for d in drafts for e in d.get("evidence", {})} == {"handbook.md", "rules.md"}  # type: ignore[attr-defined]


def test_init_writes_examples_that_can_be_run_and_keeps_what_is_there(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine.jsonl"
    assert main(["init", str(folder), "--out", str(out)]) == EXIT_OK
    examples = read_examples(out)
    assert len({e.id for e in examples}) == len(examples) >= 5
    assert {e.answerable for e in examples} == {True, False}
    assert main(["init", str(folder), "--out", str(out)]) == EXIT_USER_ERROR
    assert "may hold your edits" in capsys.readouterr().err
    assert main(["init", "--out", str(tmp_path / "none.jsonl")]) == EXIT_USER_ERROR
    assert main(["init", str(folder), "--limit", "0", "--out", str(tmp_path / "none.jsonl")]) == EXIT_USER_ERROR
    assert "--limit is 0" in capsys.readouterr().err


def test_feedback_becomes_drafts_with_ids_of_their_own(tmp_path: Path) -> None:
    feedback, out = tmp_path / "feedback.jsonl", tmp_path / "mine.jsonl"
    talk = [{"role": "user", "text": "What is QAPI?"}, {"role": "assistant", "text": "A program."}]
    rows = [
        {"id": "liked", "question": "Who signs?", "note": "evidence is wrong: [1]"},
        {"id": "liked", "question": "And who oversees it?", "history": talk},
    ]
    feedback.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["init", "--feedback", str(feedback), "--out", str(out)]) == EXIT_OK
    first, second = read_examples(out)
    assert (first.id, second.id) == ("liked", "liked-2")
    assert first.note == "draft from feedback: evidence is wrong: [1]"
    assert second.history[0] == Turn(role="user", text="What is QAPI?")
    assert second.standalone == second.question


@pytest.mark.parametrize("line", ["no json", "[]", '{"id": "a"}'])
def test_a_candidate_without_a_question_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(f'{{"id": "a", "question": "Who?"}}\n{line}\n')
    with pytest.raises(UserError, match=r"f\.jsonl:2"):
        read_candidates(path)


def test_a_folder_without_documents_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no document that can be read .* Give a folder with text"):
        draft_examples(tmp_path, limit=5)


def test_drafts_over_own_documents_are_answered_measured_and_exported(
    assistant: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = tmp_path / "mine.jsonl"
    passages = split(assistant.document("handbook.md"))
    place = next(p.passage_id for p in passages if "1987" in p.text)
    rows: Sequence[dict[str, object]] = [
        {
            "id": "first-cmo",
            "question": "When did Northfield Hospital appoint its first chief medical officer?",
            "nuggets": [{"text": "1987", "importance": "vital", "any_of": ["1987"]}],
            "evidence": {place: 2},
        },
        {"id": "dress", "question": "What is the dress code of the surgeons?", "kind": "unanswerable"},
    ]
    examples.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def opened(_: Wanted) -> Opened:
        documents = [assistant.document("handbook.md")]
        return Opened(
            subject=assistant, documents=documents, judge=assistant.check, stamp=stamp_of(assistant, judge="own check")
        )

    out = tmp_path / "out"
    assert main(["run", "--examples", str(examples), "--out", str(out)], opened=opened) == EXIT_OK
    figures = json.loads((out / "figures.json").read_text())["figures"]
    assert figures["vital_recall"]["value"] == 1.0
    assert figures["ndcg@10"]["value"] > 0.3
    assert figures["to_the_point"]["value"] is None
    capsys.readouterr()

    samples = tmp_path / "ragas.jsonl"
    assert (
        main(["export", str(out / "predictions.jsonl"), "--examples", str(examples), "--out", str(samples)]) == EXIT_OK
    )
    first = json.loads(samples.read_text().splitlines()[0])
    assert set(first) == {"user_input", "retrieved_contexts", "response", "reference"}
    assert "1987" in first["response"]
    assert any("1987" in text for text in first["retrieved_contexts"])
    assert first["reference"] == "1987."
    assert ragas_samples(read_examples(examples), read_predictions(out / "predictions.jsonl"))[0] == first

    capsys.readouterr()
    assert main(["export", str(out / "predictions.jsonl"), "--out", str(tmp_path / "none.jsonl")]) == EXIT_USER_ERROR
    assert "Give their --examples" in capsys.readouterr().err
