"""The conversation as a value: what was asked, what came back, and its form in the browser's storage.

What a browser hands back may be anything, so it is validated field by field against the types, or not at all.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from assistant.answers import Answer, Turn
from index.hits import Hit

STORED_EXCHANGES: Final = 20  # a browser keeps about 5 MB a site; an exchange takes about 20 kB


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question and what came of it: an answer, found passages (search only), or a note where neither came."""

    question: str
    setting: str | None
    search_only: bool
    answer: Answer | None
    hits: tuple[Hit, ...]
    note: str  # why there is no answer: an error for the person, or that they pressed stop; "" otherwise


Conversation = tuple[Exchange, ...]


def history_of(exchanges: Sequence[Exchange]) -> tuple[Turn, ...]:
    """The turns that an assistant should know of: finished answers, without searches and failures."""
    turns: list[Turn] = []
    for exchange in exchanges:
        if exchange.answer is not None and exchange.answer.status != "working":
            turns.append(Turn(role="user", text=exchange.question))
            turns.append(Turn(role="assistant", text=exchange.answer.text))
    return tuple(turns)


def to_stored(exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    """The newest exchanges as JSON values, without the passages that were found but not cited."""
    kept: list[dict[str, Any]] = []
    for exchange in exchanges[-STORED_EXCHANGES:]:
        answer = exchange.answer
        if answer is not None and answer.status == "answered":
            exchange = replace(exchange, answer=replace(answer, hits=()))  # noqa: PLW2901
        kept.append(asdict(exchange))
    return kept


def from_stored(value: object) -> tuple[Exchange, ...]:
    """The exchanges that `to_stored` wrote; none where the value is anything else."""
    try:
        exchanges = TypeAdapter(tuple[Exchange, ...]).validate_python(value)
    except ValidationError:
        return ()
    return tuple(e for e in exchanges if e.answer is None or e.answer.status != "working")
