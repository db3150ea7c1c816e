"""A grounded assistant on the Chief Medical Officer role: each sentence quoted, cited, checked before it is shown."""

from importlib import import_module
from typing import TYPE_CHECKING

from assistant.answers import Answer, Citation, Conflict, Dropped, Statement, Support, Topic, Turn
from corpus.errors import UserError

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.api import ask, open_assistant

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "Conflict",
    "Dropped",
    "Statement",
    "Support",
    "Topic",
    "Turn",
    "UserError",
    "ask",
    "open_assistant",
]

# Loaded on first use, with numpy and all that reads an index.
_LATE = {"Assistant": "answering", "ask": "api", "open_assistant": "api"}


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"assistant.{_LATE[name]}"), name)
