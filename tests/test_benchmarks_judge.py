"""The labels that the gate is held to, and the figure of agreement."""

from dataclasses import replace

import pytest
from sklearn.metrics import cohen_kappa_score

from assistant import Assistant
from benchmarks.judge_agreement import judged, kappa
from corpus import UserError
from eval.labels import Labelled, read_labels

ONE = [True, True, False, False, True, False, True, False, False, False]
OTHER = [True, False, False, False, True, True, True, False, False, True]


def labelled(statement: str, evidence: str) -> Labelled:
    return Labelled(
        id="made-up",
        writer="guest",
        question_id="",
        statement=statement,
        doc_id="handbook.md",
        evidence=(evidence,),
        first=True,
        second=True,
        label=True,
    )


def test_kappa_is_that_of_scikit_learn() -> None:
    assert kappa(ONE, OTHER) == pytest.approx(cohen_kappa_score(ONE, OTHER))
    assert kappa([True, True], [True, True]) is None


def test_half_the_labels_are_of_each_writer_and_settled_where_the_readings_agree() -> None:
    rows = read_labels()
    assert len({row.id for row in rows}) == len(rows) == 150
    assert sum(row.writer == "guest" for row in rows) == 76
    assert all(row.label == row.first for row in rows if row.first == row.second)
    assert all(row.evidence for row in rows)


def test_a_statement_is_judged_by_its_evidence_alone(assistant: Assistant) -> None:
    lasts = labelled("The meeting lasts 45 minutes.", "It lasts 45 minutes.")
    assert judged(assistant, replace(lasts, statement="It lasts 45 minutes.")).shown
    assert not judged(assistant, replace(lasts, statement="It lasts 50 minutes.")).shown
    assert not judged(assistant, replace(lasts, statement="The chief medical officer reports to the CEO.")).shown


def test_evidence_that_its_document_no_longer_holds_has_to_be_labelled_anew(assistant: Assistant) -> None:
    with pytest.raises(UserError, match="Label it anew"):
        judged(assistant, labelled("It lasts an hour.", "It lasts 60 minutes."))
