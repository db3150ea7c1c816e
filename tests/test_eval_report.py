import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from corpus.documents import Document
from eval.__main__ import EXIT_BELOW, EXIT_OK, EXIT_USER_ERROR, main
from eval.compare import verdict
from eval.summary import FIGURES
from eval.tracing import Subject
from tests.fakes_eval import ScriptedAssistant

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


def opened(index: str | None, model: str) -> tuple[Subject, Iterable[Document]]:
    subject = ScriptedAssistant(SCRIPT)
    return subject, [subject.handbook]


def opened_without_facts(index: str | None, model: str) -> tuple[Subject, Iterable[Document]]:
    subject = ScriptedAssistant(SCRIPT, attributed=False)
    return subject, [subject.handbook]


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
    assert main(["run", *asked, "--min", "vital_recall=0.3", "--max", "aurc=1"], opened=opened) == EXIT_OK
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


def test_predict_needs_only_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "q.jsonl", tmp_path / "deep" / "p.jsonl"
    path.write_text('{"id": "pay", "question": "What is the pay?"}\n')
    assert main(["predict", "--questions", str(path), "--out", str(out)], opened=opened) == EXIT_OK
    assert json.loads(out.read_text())["shown"][0]["facts"] == ["E2"]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "wrote 1 predictions, 0 of them failed" in printed.err


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


def test_every_figure_can_be_a_threshold(asked: list[str]) -> None:
    limits = [part for name in FIGURES for part in ("--max", f"{name}=1000")]
    assert main(["run", *asked, *limits], opened=opened) == EXIT_OK
