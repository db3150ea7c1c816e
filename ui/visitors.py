"""Several visitors at once: a few are answered, a few wait in line and see how many are before them, more are told so.

The line is kept here and not in Gradio's queue, because whoever waits there sees nothing, and because the page, the
API and the MCP tools share one assistant and so must share one line.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from assistant.answers import Answer, Topic, Turn
from corpus.documents import Document
from corpus.errors import UserError
from index.hits import Hit
from ui.answering import Answering
from ui.words import count_words

FULL: Final = "Many people are asking at the moment. Please ask again in a minute."
_LOOK: Final = 1.0
"""Seconds between two looks at the line: whoever has pressed stop leaves it after that time at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many questions are answered at the same time, and how many more may wait.

    Two, because answers that are composed here take turns at one interpreter: with four of them at work twenty visitors
    waited longer, and the server took over five seconds to take a question in.
    """

    at_once: int = 2
    waiting: int = 32


class Line:
    """Places in order of arrival: the first ``at_once`` are served, the others wait."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._places: list[object] = []
        self._changed = threading.Condition()

    def join(self) -> object:
        """A place at the end of the line.

        Raises:
            UserError: the line is full.

        """
        with self._changed:
            if len(self._places) >= self._limits.at_once + self._limits.waiting:
                raise UserError(FULL)
            place = object()
            self._places.append(place)
            return place

    def before(self, place: object, *, patience: float = 0.0) -> int:
        """How many have to leave before it is this place's turn, 0 when it is; waits up to ``patience`` s for that."""
        with self._changed:
            self._changed.wait_for(lambda: self._before(place) == 0, timeout=patience)
            return self._before(place)

    def _before(self, place: object) -> int:
        return max(0, self._places.index(place) - self._limits.at_once + 1)

    def leave(self, place: object) -> None:
        """Give up a place, served or not."""
        with self._changed:
            self._places.remove(place)
            self._changed.notify_all()


class Attended:
    """An assistant whose visitors stand in line."""

    def __init__(self, assistant: Answering, limits: Limits, *, line: Line | None = None) -> None:
        self._assistant = assistant
        self._limits = limits
        self._line = line or Line(limits)

    @property
    def assistant(self) -> Answering:
        """Who answers."""
        return self._assistant

    def instead(self, other: Answering) -> "Attended":
        """Another assistant, whose visitors stand in the same line."""
        return Attended(other, self._limits, line=self._line)

    @property
    def model(self) -> str:
        """The model's name."""
        return self._assistant.model

    @property
    def index_version(self) -> str:
        """The version of the index that answers come from; it changes when the documents are indexed anew."""
        return self._assistant.index_version

    def answer(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Answer:
        """The finished answer, when it is this question's turn."""
        with self._turn():
            return self._assistant.answer(question, history=history, setting=setting)

    def stream(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Iterator[Answer]:
        """Snapshots of the answer; while the question waits, they say how many are before it."""
        snapshots = iter(self._assistant.stream(question, history=history, setting=setting))
        place = self._line.join()
        try:
            before = self._line.before(place)
            if before:
                first = next(snapshots)  # nothing is done before the first snapshot is out: it says "searching"
                while before:
                    yield replace(first, stage=f"waiting, {count_words(before, 'question')} before yours")
                    before = self._line.before(place, patience=_LOOK)
                yield first
            yield from snapshots
        finally:
            self._line.leave(place)

    def search(self, query: str, *, k: int = 10, setting: str | None = None) -> list[Hit]:
        """Passages, best first, when it is this query's turn."""
        with self._turn():
            return self._assistant.search(query, k=k, setting=setting)

    def document(self, doc_id: str) -> Document:
        """A document by its id; nobody waits for that."""
        return self._assistant.document(doc_id)

    def topics(self) -> tuple[Topic, ...]:
        """What the documents cover."""
        return self._assistant.topics()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        place = self._line.join()
        try:
            while self._line.before(place, patience=60.0):
                pass
            yield
        finally:
            self._line.leave(place)
