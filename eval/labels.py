"""Statements with the sentences that they rest on, each labelled by a reader: what a judge can be held to."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

LABELS = Path(__file__).parent / "data" / "judge_labels.jsonl"
"""The labelled statements; `eval/data/README.md` says how they were made and who read them."""

Writer = Literal["extractive", "guest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A statement with the sentences it rests on, and whether these say all of it: twice read, and settled."""

    id: str
    writer: Writer
    question_id: str
    statement: str
    doc_id: str
    evidence: tuple[str, ...]
    first: bool
    second: bool
    label: bool


def read_labels(path: Path = LABELS) -> list[Labelled]:
    """The labelled statements, in the file's order."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [Labelled(**{**row, "evidence": tuple(row["evidence"])}) for row in lines]
