"""What a reader sees who points at a mark: the quote highlighted amid its passage, and who says it.

Pure functions. It lies unseen beside the answer, so that pointing asks the server nothing and shows no half-drawn card.
"""

from dataclasses import replace
from typing import Final

from assistant.answers import Answer, Citation, Statement
from corpus.documents import Passage
from ui.markup import escape
from ui.panel import passage_html
from ui.rendering import all_statements, who_html
from ui.words import VERDICT_WORDS

ROOM: Final = 220
"""Characters of the passage before and after a quote: enough to tell what it speaks of, few enough for a glance."""

SPARE: Final = 340
"""Up to so many nothing is cut: an ellipsis in place of a heading or a word or two would tell less."""


def previews_html(answer: Answer | None, number: int) -> str:
    """The cards of all marks of an answer; ``number`` is its place in the conversation."""
    if answer is None or answer.status == "working":
        return ""
    cards = "".join(
        _card(citation, statement, f"{number}-{place}-{citation.marker}")
        for place, statement in enumerate(all_statements(answer))
        for citation in statement.citations
    )
    return f'<div class="previews">{cards}</div>' if cards else ""


def _card(citation: Citation, statement: Statement, address: str) -> str:
    verdict = f'<span class="verdict {statement.verdict}">{VERDICT_WORDS[statement.verdict]}</span>'
    near = passage_html(around(citation), citation.start, citation.end)
    return (
        f'<div class="mark-{address}"><p class="kicker">Source {citation.marker} {verdict}</p>'
        f'<p class="title">{escape(citation.passage.title)}</p>{near}<p class="who">{who_html(citation)}</p></div>'
    )


def around(citation: Citation) -> Passage:
    """The part of the passage that stands around a quote, an ellipsis for what was cut; the quote where it is apart."""
    passage = citation.passage
    if not passage.start <= citation.start <= citation.end <= passage.end:
        return replace(passage, text=citation.quote, start=citation.start, end=citation.end)
    text, start, end = passage.text, citation.start - passage.start, citation.end - passage.start
    low, before = _cut(text, max(0, start - ROOM), start, first=True) if start > SPARE else (0, "")
    high, after = _cut(text, end, end + ROOM, first=False) if len(text) > end + SPARE else (len(text), "")
    at = passage.start + low - len(before)
    shown = before + text[low:high] + after
    return replace(passage, text=shown, start=at, end=at + len(shown))


def _cut(text: str, low: int, high: int, *, first: bool) -> tuple[int, str]:
    """Where to cut between two offsets, at a line end or else a space, and the ellipsis that stands for the rest."""
    for end, mark in (("\n", "…\n\n" if first else "\n\n…"), (" ", "… " if first else " …")):
        found = text.find(end, low, high) if first else text.rfind(end, low, high)
        if found >= 0:
            return (found + 1 if first else found), mark
    return (low if first else high), "…"
