import json
import re
from pathlib import Path

import pytest

from eval.__main__ import EXIT_BELOW, EXIT_OK, EXIT_USER_ERROR, main
from eval.differences import verdict
from eval.opening import Opened, Wanted
from eval.predictions import read_predictions
from eval.summary import FIGURES
from tests.fakes_eval import opened_over

GOLDEN = Path(__file__).parent / "test_eval_report.golden.md"


def nugget(fact_id: str) -> dict[str, object]:
    return {"text": fact_id, "importance": "vital", "facts": [fact_id], "any_of": []}


ROWS: list[dict[str, object]] = [
    {"id": "boss", "question": "Who is the boss?", "nuggets": [nugget("E1"), nugget("E2")]},
    {"id": "pay", "question": "What is the pay?", "type": "list", "nuggets": [nugget("E2")]},
    {"id": "refused", "question": "Which | department?", "nuggets": [nugget("E3")]},
    {"id": "broken", "question": "Break?", "nuggets": [nugget("E3")]},
    {"id": "silent", "question": "Which bonus?", "kind": "unanswerable"},
    {"id": "other", "question": "CMO orders?", "kind": "other_sense", "evidence": {"E4": 1}},
    {
        "id": "talk-01.1",
        "kind": "multi_turn",
        "question": "And that?",
        "standalone": "Which department has a director?",
        "history": [{"role": "user", "text": "Who?"}, {"role": "assistant", "text": "The director."}],
        "nuggets": [nugget("E3")],
    },
]
SCRIPT = {
    "Who is the boss?": ("E1", "E4"),
    "What is the pay?": ("E2",),
    "Which | department?": (),
    "Which bonus?": ("E2",),
    "CMO orders?": ("E4",),
    "And that?": (),
    "Which department has a director?": ("E3",),
}


def opened(_: Wanted) -> Opened:
    return opened_over(SCRIPT)


def opened_without_facts(_: Wanted) -> Opened:
    return opened_over(SCRIPT, attributed=False)


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    path = tmp_path / "examples.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return ["--examples", str(path), "--out", str(tmp_path / "out")]


def without_times(text: str) -> str:
    return re.sub(r"(\| seconds_p\d+ [^|]*\|) [^|]* \|", r"\1 … |", text)


def test_the_report_is_the_golden_one(asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *asked], opened=opened) == EXIT_OK
    written = without_times((tmp_path / "out" / "report.md").read_text())
    assert written == GOLDEN.read_text(), f"If the change is meant, put this into {GOLDEN.name}:\n{written}"
    printed = capsys.readouterr()
    assert "vital_recall" in printed.out
    assert "1 of 7 questions failed" in printed.out
    assert "wrote" in printed.err


def test_the_figures_are_those_of_hand_arithmetic(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", *asked], opened=opened)
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.split()}
    assert "0.38 [" in rows["vital_recall"]  # (1/2 + 1 + 0 + 0) / 4, the failed question left out
    assert "0.75 [" in rows["to_the_point"]  # (1/2 + 1) / 2, over the two answers shown
    assert "0.50 [" in rows["false_refusal_rate"]  # 2 of 4 answerable questions
    assert "0.33 [" in rows["refusal_precision"]  # 1 of the 3 that were held back is silent
    assert "-1.00" in rows["multi_turn_delta"]  # nothing in the conversation, all of it alone


def test_a_threshold_decides_the_exit_code(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *asked, "--min", "vital_recall=0.3", "--max", "AURC=1"], opened=opened) == EXIT_OK
    assert main(["run", *asked, "--min", "vital_recall=0.9"], opened=opened) == EXIT_BELOW
    assert "missed: vital_recall is 0.3750, below 0.9" in capsys.readouterr().err
    assert main(["run", *asked, "--max", "false_refusal_rate=0.1"], opened=opened) == EXIT_BELOW


def test_an_undefined_figure_misses_its_threshold(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *asked, "--min", "ndcg@10=0"], opened=opened_without_facts) == EXIT_BELOW
    printed = capsys.readouterr()
    assert "ndcg@10 is undefined" in printed.err
    assert "ties no sentences to facts" in printed.out


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--min", "happiness=1"], "no figure is called 'happiness'"),
        (["--min", "vital_recall=much"], "sets no limit"),
        (["--examples", "nowhere.jsonl"], "cannot read the examples"),
    ],
)
def test_a_mistake_of_the_user_exits_with_two(
    asked: list[str], extra: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *asked, *extra], opened=opened) == EXIT_USER_ERROR
    assert said in capsys.readouterr().err


def test_the_gold_set_is_not_asked_of_other_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--out", str(tmp_path)], opened=opened_without_facts) == EXIT_USER_ERROR
    assert "the gold set asks about the bundled articles, and these documents are others" in capsys.readouterr().err
    assert not (tmp_path / "predictions.jsonl").exists()


def test_predict_needs_only_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "q.jsonl", tmp_path / "deep" / "p.jsonl"
    path.write_text('{"id": "pay", "question": "What is the pay?"}\n')
    assert main(["predict", "--questions", str(path), "--out", str(out)], opened=opened) == EXIT_OK
    assert read_predictions(out)["pay"].shown[0].facts == ("E2",)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "wrote 1 predictions, 0 of them failed" in printed.err


def test_an_index_and_a_folder_at_once_are_too_much(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *asked, "--index", "a", "--corpus", "b"], opened=opened) == EXIT_USER_ERROR
    assert "Give one of them" in capsys.readouterr().err


def test_a_run_compared_with_itself_shows_no_difference(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", *asked], opened=opened)
    capsys.readouterr()
    made = str(tmp_path / "out" / "predictions.jsonl")
    assert main(["compare", made, made, *asked[:2]]) == EXIT_OK
    printed = capsys.readouterr().out
    assert "+0.000 [+0.000, +0.000]" in printed
    assert "better" not in printed
    assert main(["compare", made, made]) == EXIT_USER_ERROR
    assert "share no question" in capsys.readouterr().err


def test_a_difference_counts_only_when_its_interval_leaves_out_zero() -> None:
    assert verdict("vital_recall", (0.1, 0.2)) == "better"
    assert verdict("false_answer_rate", (-0.2, -0.1)) == "better"
    assert verdict("words", (3.0, 9.0)) == "changed"
    assert verdict("vital_recall", None) == verdict("vital_recall", (-0.1, 0.1)) == "unclear"


def test_every_figure_can_be_a_threshold(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    limits = [part for name in FIGURES for part in ("--max", f"{name.upper()}=1000")]
    assert main(["run", *asked, *limits], opened=opened) == EXIT_BELOW
    missed = [line for line in capsys.readouterr().err.splitlines() if line.startswith("missed")]
    undefined = ("premise_corrected", "disagreement_surfaced", "disagreement_flagged")  # no such questions here
    assert missed == [f"missed: {name} is undefined" for name in undefined]


def test_a_run_leaves_figures_and_questions_for_programs(asked: list[str], tmp_path: Path) -> None:
    main(["run", *asked], opened=opened)
    written = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert written["stamp"]["model"] == "scripted"
    assert written["figures"]["vital_recall"]["value"] == 0.375
    rows = {row["id"]: row for row in map(json.loads, (tmp_path / "out" / "questions.jsonl").read_text().splitlines())}
    assert {i: row["outcome"] for i, row in rows.items()} == {
        "boss": "partial",
        "pay": "complete",
        "refused": "false refusal",
        "broken": "failed",
        "silent": "false answer",
        "other": "held back",
        "talk-01.1": "false refusal",
    }
    assert [n["fate"] for n in rows["boss"]["nuggets"]] == ["confirmed", "not chosen"]
    assert "vital_recall" not in rows["silent"]["scores"]


def test_drafts_that_nobody_edited_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "examples.jsonl"
    path.write_text(json.dumps({**ROWS[1], "note": "draft from handbook.md: mend"}) + "\n")
    main(["run", "--examples", str(path), "--out", str(tmp_path / "out")], opened=opened)
    assert "1 of 1 questions are drafts that nobody has edited" in capsys.readouterr().out
