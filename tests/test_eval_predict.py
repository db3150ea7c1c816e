import json
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answers import Answer, Turn
from corpus.errors import UserError
from eval.examples import Example, read_examples
from eval.predict import Asked, predict, questions
from eval.predictions import Prediction, read_predictions
from eval.stamp import Stamp
from eval.tracing import Ties
from tests.fakes_eval import STAMP, ScriptedAssistant

ROWS: list[dict[str, object]] = [
    {"id": "a", "question": "Who?"},
    {
        "id": "b.1",
        "kind": "multi_turn",
        "question": "And pay?",
        "standalone": "What is the pay?",
        "history": [{"role": "user", "text": "Who?"}, {"role": "assistant", "text": "The CMO."}],
    },
]
SCRIPT = {"Who?": ("E1",), "And pay?": (), "What is the pay?": ("E2",)}


class Failing(ScriptedAssistant):
    """Fails on one question."""

    def answer(self, question: str, *, history: tuple[Turn, ...] = (), setting: str | None = None) -> Answer:
        if question == "And pay?":
            raise ValueError("no vectors")
        return super().answer(question, history=history, setting=setting)


def examples(tmp_path: Path) -> tuple[Example, ...]:
    path = tmp_path / "examples.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return read_examples(path)


def put(tmp_path: Path, subject: ScriptedAssistant, *, resume: bool = True) -> list[Asked]:
    asked = questions(examples(tmp_path))
    predicted(tmp_path, subject, asked, resume=resume)
    return asked


def predicted(
    tmp_path: Path, subject: ScriptedAssistant, asked: list[Asked], *, resume: bool = False, stamp: Stamp = STAMP
) -> dict[str, Prediction]:
    return predict(
        subject,
        asked,
        ties=Ties([subject.handbook]),
        judge=subject.check,
        stamp=stamp,
        out=tmp_path / "p.jsonl",
        resume=resume,
    )


def test_a_follow_up_is_asked_with_its_history_and_alone(tmp_path: Path) -> None:
    subject = ScriptedAssistant(SCRIPT)
    asked = put(tmp_path, subject)
    assert [one.id for one in asked] == ["a", "b.1", "b.1@alone"]
    assert subject.seen == [("Who?", 0), ("And pay?", 2), ("What is the pay?", 0)]


def test_predictions_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    subject = ScriptedAssistant(SCRIPT)
    asked = questions(examples(tmp_path))
    made = predicted(tmp_path, subject, asked)
    read = read_predictions(tmp_path / "p.jsonl")
    assert list(read) == ["a", "b.1", "b.1@alone"]
    assert read["a"].shown == made["a"].shown
    assert read["a"].found == made["a"].found
    assert read["b.1"].status == "refused"
    assert not read["b.1"].answered


def test_a_run_that_was_cut_short_goes_on_where_it_stopped(tmp_path: Path) -> None:
    put(tmp_path, ScriptedAssistant(SCRIPT))
    out = tmp_path / "p.jsonl"
    lines = out.read_text().splitlines(keepends=True)
    out.write_text("".join(lines[:3]) + lines[3][:50])
    again = ScriptedAssistant(SCRIPT)
    put(tmp_path, again)
    assert [question for question, _ in again.seen] == ["What is the pay?"]
    assert list(read_predictions(out)) == ["a", "b.1", "b.1@alone"]


def test_a_run_begun_anew_forgets_what_was_there(tmp_path: Path) -> None:
    put(tmp_path, ScriptedAssistant(SCRIPT))
    again = ScriptedAssistant(SCRIPT)
    put(tmp_path, again, resume=False)
    assert len(again.seen) == 3


def test_a_question_that_changed_or_failed_is_asked_again(tmp_path: Path) -> None:
    put(tmp_path, Failing(SCRIPT))
    out = tmp_path / "p.jsonl"
    assert read_predictions(out)["b.1"].error == "ValueError: no vectors"
    again = ScriptedAssistant(SCRIPT | {"Which?": ("E1",)})
    asked = questions(examples(tmp_path))
    changed = [replace(one, question="Which?") if one.id == "a" else one for one in asked]
    predicted(tmp_path, again, changed, resume=True)
    assert [question for question, _ in again.seen] == ["Which?", "And pay?"]


def test_another_history_makes_another_question(tmp_path: Path) -> None:
    put(tmp_path, ScriptedAssistant(SCRIPT))
    again = ScriptedAssistant(SCRIPT)
    asked = questions(examples(tmp_path))
    changed = [replace(one, history=(Turn(role="user", text="What?"),)) if one.history else one for one in asked]
    predicted(tmp_path, again, changed, resume=True)
    assert [question for question, _ in again.seen] == ["And pay?"]


@pytest.mark.parametrize("what", ["model", "prompt", "judge", "index", "embeddings", "code"])
def test_a_run_made_otherwise_is_not_gone_on_with(tmp_path: Path, what: str) -> None:
    put(tmp_path, ScriptedAssistant(SCRIPT))
    asked = questions(examples(tmp_path))
    with pytest.raises(UserError, match=f"{what}: .* -> other"):
        predicted(tmp_path, ScriptedAssistant(SCRIPT), asked, resume=True, stamp=replace(STAMP, **{what: "other"}))


def test_edited_gold_counts_when_a_run_goes_on(tmp_path: Path) -> None:
    put(tmp_path, ScriptedAssistant(SCRIPT))
    asked = questions(examples(tmp_path))
    edited = [replace(one, example=replace(one.example, evidence={"E1": 2})) for one in asked]
    subject = ScriptedAssistant(SCRIPT)
    assert predicted(tmp_path, subject, edited, resume=True)["a"].relevant == Ties([subject.handbook]).relevant(
        {"E1": 2}
    )
    assert subject.seen == []


def test_progress_is_told_for_every_question(tmp_path: Path) -> None:
    subject, told = ScriptedAssistant(SCRIPT), []
    predict(
        subject,
        questions(examples(tmp_path)),
        ties=Ties([subject.handbook]),
        judge=subject.check,
        stamp=STAMP,
        out=tmp_path / "p.jsonl",
        resume=False,
        progress=lambda done, total, what: told.append((done, total, what)),
    )
    assert told == [(1, 3, "a"), (2, 3, "b.1"), (3, 3, "b.1@alone")]


def test_a_file_that_holds_no_predictions_is_reported_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"id": "a"}\n')
    with pytest.raises(UserError, match=r"p\.jsonl:1: not a prediction"):
        read_predictions(path)
    with pytest.raises(UserError, match="cannot read the predictions"):
        read_predictions(tmp_path / "none.jsonl")
