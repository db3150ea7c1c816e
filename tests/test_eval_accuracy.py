"""What a judge is worth stands beside every figure that it gives."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from scipy.stats import binomtest

from assistant import Assistant
from assistant.answers import Support
from eval.__main__ import EXIT_OK, main
from eval.accuracy import Accepted, Accuracy, accuracy_of
from eval.intervals import share_interval
from eval.labels import Labelled, read_labels
from eval.measures import JUDGED
from tests.fakes_eval import STAMP, opened_over
from tests.test_eval_report import ROWS, SCRIPT


def labelled(statement: str, evidence: str, *, label: bool) -> Labelled:
    return Labelled(
        id=statement,
        writer="guest",
        question_id="",
        statement=statement,
        doc_id="",
        evidence=(evidence,),
        first=label,
        second=label,
        label=label,
    )


def verdict(*, supported: bool) -> Support:
    label = "supported" if supported else "unsupported"
    return Support(score=float(supported), label=label, evidence=None, quote="", reason="")


def credulous(claim: str, evidence: Sequence[str]) -> Support:
    return verdict(supported=True)


def sceptical(claim: str, evidence: Sequence[str]) -> Support:
    return verdict(supported=False)


def broken(claim: str, evidence: Sequence[str]) -> Support:
    raise TimeoutError("no reply")


ROWS_LABELLED = [
    labelled("It lasts an hour.", "It lasts 60 minutes.", label=True),
    labelled("It lasts 60 minutes.", "It lasts 60 minutes, on Mondays.", label=True),
    labelled("It lasts two hours.", "It lasts 60 minutes.", label=False),
]


def test_a_judge_is_asked_as_it_is_asked_about_citations() -> None:
    found = accuracy_of(sceptical, ROWS_LABELLED, name="sceptic")
    assert (found.supported.count, found.supported.n) == (1, 2)  # one stands word for word and needs no judge
    assert (found.unsupported.count, found.unsupported.n) == (0, 1)
    assert found.brief == "1/2 supported, 0/1 unsupported"


def test_a_judge_that_accepts_all_is_seen_through() -> None:
    found = accuracy_of(credulous, read_labels(), name="yes")
    assert found.supported.share == found.unsupported.share == 1.0
    assert found.supported.n + found.unsupported.n == 150


def test_a_verdict_that_failed_is_neither_yes_nor_no() -> None:
    told: list[int] = []
    found = accuracy_of(broken, ROWS_LABELLED, name="away", progress=told.append)
    assert (found.failed, found.supported.n, found.unsupported.n) == (2, 1, 0)
    assert found.error == "TimeoutError: no reply"
    assert found.brief.endswith("2 failed")
    assert found.unsupported.share is found.unsupported.interval is None
    assert told == [1, 1, 1]


def test_a_judge_that_was_not_asked_has_no_accuracy() -> None:
    found = accuracy_of(broken, [], name="openai:gpt")
    assert not found.measured
    assert found.brief == "not measured"
    assert found.to_dict() == {"name": "openai:gpt", "measured": False}


@pytest.mark.parametrize(("count", "n"), [(0, 5), (2, 105), (11, 45), (7, 7)])
def test_the_interval_of_a_share_is_that_of_scipy(count: int, n: int) -> None:
    reference = binomtest(count, n).proportion_ci(method="wilson")
    assert share_interval(count, n) == pytest.approx((reference.low, reference.high))
    assert Accepted(count=count, n=n).share == count / n


def test_the_assistants_own_check_lets_few_unsupported_statements_pass(assistant: Assistant) -> None:
    found = accuracy_of(assistant.check, read_labels(), name="own check")
    assert found.failed == 0
    assert found.supported.share is not None
    assert found.unsupported.share is not None
    assert found.unsupported.share < 0.1 < found.supported.share


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    path = tmp_path / "examples.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return ["run", "--examples", str(path), "--out", str(tmp_path)]


def test_a_run_tells_what_its_judge_is_worth_in_every_form(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = accuracy_of(opened_over(SCRIPT).judge, read_labels(), name="words")
    assert main(asked, opened=lambda _: opened_over(SCRIPT)) == EXIT_OK
    printed = capsys.readouterr().out
    beside = [line for line in printed.splitlines() if line.startswith(JUDGED)]
    assert len(beside) == len(JUDGED) + 1  # and the sentence below the tables
    assert all(found.brief in line for line in beside[:-1])
    written = json.loads((tmp_path / "figures.json").read_text())
    assert written["judge"]["accepted"]["unsupported"]["count"] == found.unsupported.count
    assert [name for name, figure in written["figures"].items() if "judge" in figure] == list(JUDGED)
    for name in ("report.md", "report.html"):
        text = (tmp_path / name).read_text()
        assert text.count(found.brief) >= len(JUDGED)
        assert "5 stand word for word in a quote" in text


def test_a_chat_judge_is_measured_only_when_asked(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def judge(claim: str, evidence: Sequence[str]) -> Support:
        seen.append(claim)
        return verdict(supported=True)

    given = replace(opened_over(SCRIPT), judge=judge, stamp=replace(STAMP, judge="openai:gpt, prompt 1"))
    assert main([*asked, "--judge", "openai:gpt"], opened=lambda _: given) == EXIT_OK
    assert seen == []
    assert "How often it is right was not measured; --measure-judge does so." in capsys.readouterr().out
    assert json.loads((tmp_path / "figures.json").read_text())["judge"]["measured"] is False
    assert main([*asked, "--judge", "openai:gpt", "--measure-judge"], opened=lambda _: given) == EXIT_OK
    assert len(seen) > 100


def test_the_page_of_a_failing_judge_says_why(asked: list[str], tmp_path: Path) -> None:
    given = replace(opened_over(SCRIPT), judge=broken)
    assert main(asked, opened=lambda _: given) == EXIT_OK
    assert "it failed: TimeoutError: no reply" in (tmp_path / "report.html").read_text()


def test_accuracy_as_json_has_counts_shares_and_intervals() -> None:
    found = Accuracy(
        judge="j", supported=Accepted(count=1, n=2), unsupported=Accepted(count=0, n=0), failed=0, error=""
    )
    accepted = found.to_dict()["accepted"]
    assert accepted == {
        "supported": {"count": 1, "n": 2, "share": 0.5, "interval": share_interval(1, 2)},
        "unsupported": {"count": 0, "n": 0, "share": None, "interval": None},
    }
