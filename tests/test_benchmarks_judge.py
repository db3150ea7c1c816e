"""The labels that the gate is held to, and the figure of agreement."""

from dataclasses import replace

import pytest
from sklearn.metrics import cohen_kappa_score

from assistant import Assistant
from benchmarks.guest import Reply, accuracy, verdicts
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


QUESTION = "When did Northfield Hospital appoint its first chief medical officer?"


def reply(assistant: Assistant, text: str) -> Reply:
    shown = tuple(hit.passage.passage_id for hit in assistant.answer(QUESTION).hits)
    return Reply(id="made-up", question=QUESTION, passages=shown, text=text, failed="", seconds=0.0)


def test_a_reply_is_judged_as_a_whole_so_that_items_go_with_a_lead_in_that_nothing_bears_out(
    assistant: Assistant,
) -> None:
    text = "Northfield Hospital appointed its first CMO in 1987. The three worst habits of elephants are:\n- 1987"
    found = verdicts(assistant, reply(assistant, text))
    assert [verdict.shown for verdict in found] == [True, False, False]


def test_of_the_labelled_statements_shown_and_kept_back_the_shares_are_told(assistant: Assistant) -> None:
    text = "Northfield Hospital appointed its first CMO in 1987. Elephants drink water."
    found = verdicts(assistant, reply(assistant, text))
    told = list(accuracy(found, {("made-up", verdict.text): verdict.shown for verdict in found}))
    assert [line.partition(" [")[0] for line in told] == [
        "precision: 1 of 1, 1.00",
        "recall: 1 of 1, 1.00",
        "unsupported ones shown: 0 of 1, 0.00",
    ]
    assert list(accuracy(found, {})) == []
