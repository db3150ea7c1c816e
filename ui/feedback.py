"""What readers thought of answers: kept in one SQLite file on this machine, handed out as candidates for evaluation."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from assistant.answers import Answer, Turn
from assistant.questions import read_question

Opinion = Literal["like", "dislike", "wrong evidence"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS feedback (number INTEGER PRIMARY KEY, given TEXT NOT NULL, opinion TEXT NOT NULL,
    question TEXT NOT NULL, setting TEXT, history TEXT NOT NULL, answer TEXT NOT NULL, statement TEXT NOT NULL,
    passage_id TEXT NOT NULL, quote TEXT NOT NULL, comment TEXT NOT NULL);
"""
LONGEST_COMMENT: Final = 2_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a reader thought of one answer, or of the evidence behind one of its sentences ("" where of the whole)."""

    opinion: Opinion
    question: str
    setting: str | None
    history: tuple[Turn, ...]
    answer: Answer
    statement: str = ""
    passage_id: str = ""
    quote: str = ""
    comment: str = ""


class Feedback:
    """The remarks in one SQLite file, which is made when the first one is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def keep(self, remark: Remark) -> None:
        """Write a remark down; sqlite3.Error or OSError where the disk does not take it."""
        row = (
            datetime.now(UTC).isoformat(timespec="seconds"),
            remark.opinion,
            remark.question,
            remark.setting,
            json.dumps([{"role": turn.role, "text": turn.text} for turn in remark.history]),
            json.dumps(remark.answer.to_dict()),
            remark.statement,
            remark.passage_id,
            remark.quote,
            remark.comment[:LONGEST_COMMENT],
        )
        values = [_storable(value) for value in row]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, closing(sqlite3.connect(self._path)) as connection, connection:
            connection.executescript(_SCHEMA)
            connection.execute(f"INSERT INTO feedback VALUES (NULL{', ?' * len(values)})", values)  # noqa: S608

    def candidates(self) -> Iterator[dict[str, Any]]:
        """Each remark as an example that ``python -m eval`` reads, oldest first.

        What a liked answer says becomes its nuggets. What was disliked says only that the question is worth asking:
        its note tells what was shown, and a person writes the nuggets.
        """
        if not self._path.exists():
            return
        with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            for row in connection.execute("SELECT * FROM feedback ORDER BY number"):
                yield _candidate(row)


def _storable(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode()


def _candidate(row: sqlite3.Row) -> dict[str, Any]:
    answer = json.loads(row["answer"])
    refused, liked = answer["status"] != "answered", row["opinion"] == "like"
    history = json.loads(row["history"])
    folder, _, rest = (
        answer["citations"][0]["passage"]["doc_id"].partition("/") if answer["citations"] else ("", "", "")
    )
    return {
        "id": f"feedback-{row['number']}",
        "kind": "unanswerable" if refused and liked else "multi_turn" if history else "single",
        "type": read_question(answer["query"]).type,
        "topic": folder if rest else "",
        "history": history,
        "standalone": answer["query"] if history else None,
        "question": row["question"],
        "answerable": not (refused and liked),
        "nuggets": _nuggets(answer["statements"]) if liked and not refused else [],
        "note": _note(row, answer),
    }


def _nuggets(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first sentence is what the answer stands on; a lead-in says nothing by itself."""
    said = [statement["text"] for statement in statements if statement["layout"] != "lead"]
    return [
        {"text": text, "importance": "okay" if place else "vital", "any_of": [text]} for place, text in enumerate(said)
    ]


def _note(row: sqlite3.Row, answer: dict[str, Any]) -> str:
    parts = [
        f"From a reader, {row['given']}: {row['opinion']}.",
        f"Comment: {row['comment']}" if row["comment"] else "",
    ]
    if row["statement"]:
        parts.append(f"Sentence: {row['statement']} Quote: {row['quote']} ({row['passage_id']})")
    parts.append(f"Setting: {row['setting']}" if row["setting"] else "")
    parts.append(
        f"Shown ({answer['status']}, model {answer['model']}, index {answer['index_version']}): {answer['text']}"
    )
    return " ".join(part for part in parts if part)
