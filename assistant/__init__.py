"""A grounded assistant on the Chief Medical Officer role: each sentence quoted, cited, checked before it is shown."""

from assistant.answering import Assistant
from assistant.answers import Answer, Citation, Conflict, Dropped, Statement, Support, Topic, Turn
from assistant.api import ask, open_assistant
from corpus.errors import UserError

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
