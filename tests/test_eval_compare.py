import json
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import UserError
from eval.__main__ import EXIT_BELOW, EXIT_OK, EXIT_USER_ERROR, main
from eval.baseline import HELD, baseline_of, fallen, held_against, read_baseline, write_baseline
from eval.differences import difference
from eval.examples import Example, read_examples
from eval.predict import predict, questions
from eval.predictions import Prediction
from eval.tracing import Ties
from tests.fakes_eval import STAMP, ScriptedAssistant, opened_over

QUESTIONS = [f"Who is boss {n}?" for n in range(20)]
ROWS = [
    {
        "id": f"boss-{n}",
        "question": question,
        "nuggets": [{"text": "the chief executive", "importance": "vital", "facts": ["E1"]}],
    }
    for n, question in enumerate(QUESTIONS)
]
GOOD = dict.fromkeys(QUESTIONS, ("E1",))
BAD = GOOD | dict.fromkeys(QUESTIONS[:8], ("E2",))
UNLUCKY = GOOD | {QUESTIONS[0]: ("E2",)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "examples.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def run(path: Path, script: dict[str, tuple[str, ...]], name: str) -> tuple[tuple[Example, ...], dict[str, Prediction]]:
    subject, examples = ScriptedAssistant(script), read_examples(path)
    out = path.parent / f"{name}.jsonl"
    ties = Ties([subject.handbook])
    made = predict(subject, questions(examples), ties=ties, judge=subject.check, stamp=STAMP, out=out, resume=False)
    return examples, made


def test_a_change_of_many_questions_is_worse_and_of_one_is_noise(path: Path) -> None:
    examples, before = run(path, GOOD, "a")
    baseline = baseline_of(examples, before, stamp=STAMP)
    for script, worse in ((BAD, True), (UNLUCKY, False), (GOOD, False)):
        _, after = run(path, script, "b")
        lines = fallen(baseline, held_against(baseline, examples, after), failed=0)
        assert any(line.startswith("vital_recall fell from 1.0000") for line in lines) == worse
        assert bool(lines) == worse


def test_the_same_answers_differ_in_nothing_from_their_own_baseline_though_it_is_rounded(path: Path) -> None:
    examples, before = run(path, dict.fromkeys(QUESTIONS, ("E1", "E2", "E3")), "a")  # a third to the point
    changes = held_against(baseline_of(examples, before, stamp=STAMP), examples, before)
    assert next(c for c in changes if c.name == "to_the_point").after == pytest.approx(1 / 3, abs=1e-4)
    assert {(c.change, c.verdict) for c in changes} == {(0.0, "unclear")}


def test_more_failures_than_in_the_baseline_are_told(path: Path) -> None:
    examples, before = run(path, GOOD, "a")
    baseline = baseline_of(examples, before, stamp=STAMP)
    assert fallen(baseline, [], failed=2) == ["2 questions failed, 0 in the baseline"]


def test_a_baseline_is_read_back_as_it_was_written(path: Path, tmp_path: Path) -> None:
    examples, before = run(path, GOOD, "a")
    baseline = baseline_of(examples, before, stamp=STAMP)
    write_baseline(tmp_path / "deep" / "b.json", baseline)
    assert read_baseline(tmp_path / "deep" / "b.json") == baseline
    assert set(baseline.scores) == set(HELD)


def test_a_baseline_of_other_questions_holds_nothing(path: Path) -> None:
    examples, before = run(path, GOOD, "a")
    other = replace(baseline_of(examples, before, stamp=STAMP), given=dict.fromkeys((e.id for e in examples), "other"))
    with pytest.raises(UserError, match="baseline is of other questions"):
        held_against(other, examples, before)


def test_the_commands_make_a_baseline_and_hold_a_run_against_it(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    examples = ["--examples", str(path), "--half", "all"]
    made = ["--baseline", "b.json", "--out", "out"]
    assert main(["run", *examples, *made], opened=lambda _: opened_over(GOOD)) == EXIT_USER_ERROR
    assert "Make it with: python -m eval baseline" in capsys.readouterr().err
    assert main(["baseline", *examples, "--out", "b.json"], opened=lambda _: opened_over(GOOD)) == EXIT_OK
    assert main(["run", *examples, *made], opened=lambda _: opened_over(UNLUCKY)) == EXIT_OK
    assert "Against the baseline" in Path("out/report.md").read_text()
    assert main(["run", *examples, *made], opened=lambda _: opened_over(BAD)) == EXIT_BELOW
    assert "missed: vital_recall fell from 1.0000 to 0.6000" in capsys.readouterr().err


def test_compare_shows_figures_groups_and_the_worst_answers_side_by_side(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(path, GOOD, "a")
    run(path, UNLUCKY, "b")
    files = [str(path.parent / f"{name}.jsonl") for name in "ab"]
    assert main(["compare", *files, "--examples", str(path)]) == EXIT_OK
    printed = capsys.readouterr()
    assert "By kind" in printed.out
    assert "By type, answerable" in printed.out
    worst = printed.out.partition("Worst regressions")[2]
    assert "boss-0 (-1.00)  Who is boss 0?" in worst
    assert "A: A chief medical officer reports" in worst
    assert "| B: A survey of 2016" in worst
    assert "same index, model, judge and code" in printed.err


def test_a_question_undefined_on_one_side_is_left_out_of_the_pairs() -> None:
    found = difference("mrr", {"a": 0.0, "b": 1.0}, {"a": 1.0})
    assert found is not None
    assert (found.n, found.change, found.interval, found.verdict) == (1, 1.0, None, "unclear")
    assert difference("mrr", {"a": 0.0}, {"b": 1.0}) is None
