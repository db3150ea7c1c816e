"""Planted defects move the measure that should see them, and no other, beyond noise."""

from dataclasses import replace
from pathlib import Path

import pytest

from assistant import Assistant, Turn
from benchmarks.planted import Defect, changes, defects, first_sentence_and_a_fabrication
from eval.examples import GOLD, Example, read_examples
from eval.tracing import Ties
from tests.fakes_chat import ScriptedChat

SILENT = 14
ANSWERABLE = 24
AGAIN = 12


@pytest.fixture(scope="session")
def ties(assistant: Assistant) -> Ties:
    return Ties(assistant.document(entry.doc_id) for entry in assistant.retriever.documents())


@pytest.fixture(scope="session")
def examples(ties: Ties) -> list[Example]:
    """Gold questions of which the small corpus holds a vital nugget, less what it lacks; and some unanswerable.

    Few of its follow-ups are told in so small a corpus, so some questions are asked for again, in fewer words.
    """
    gold = read_examples(GOLD)
    told = [
        replace(e, nuggets=held)
        for e in gold
        if (held := tuple(n for n in e.vital if ties.relevant(dict.fromkeys(n.facts, 1))))
    ]
    follow_ups = [e for e in told if e.history]
    alone = [e for e in told if not e.history]
    silent = [e for e in gold if e.kind == "unanswerable"]
    return [*follow_ups, *map(asked_again, alone[:AGAIN]), *alone[:ANSWERABLE], *silent[:SILENT]]


def asked_again(example: Example) -> Example:
    """A follow-up that says nothing without what was asked before."""
    return replace(
        example,
        id=f"{example.id}.1",
        kind="multi_turn",
        question="Shorter, please.",
        history=(Turn(role="user", text=example.question), Turn(role="assistant", text=example.vital[0].text)),
        standalone=example.question,
    )


def test_the_small_set_has_questions_of_every_sort(examples: list[Example]) -> None:
    assert sum(bool(e.history) for e in examples) >= 6
    assert sum(e.answerable and not e.history for e in examples) >= 20
    assert sum(not e.answerable for e in examples) == SILENT


@pytest.mark.slow
@pytest.mark.parametrize(
    "defect", defects(ScriptedChat(script=[first_sentence_and_a_fabrication])), ids=lambda defect: str(defect.name)
)
def test_a_planted_defect_is_seen_where_it_should_be_and_nowhere_else(
    defect: Defect, assistant: Assistant, examples: list[Example], ties: Ties, tmp_path: Path
) -> None:
    found = changes(defect, assistant, examples, ties=ties, work=tmp_path)
    worse = {name for name, change in found.items() if change.verdict == "worse"}
    assert defect.sees <= worse
    assert worse <= defect.sees | defect.may
