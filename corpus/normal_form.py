"""The one form that every file's text takes: blocks of clean characters, put together as light Markdown."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "row", "lines", "page"]

_LINE_END = re.compile(r"\r\n?|[\v\x85\u2028]")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_SPACES = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One heading, paragraph, list item or table row, without markup in one line, or ``lines`` that stay as they are.

    ``level`` is 1 to 6 for a heading and the depth from 0 for an item. ``marks`` are the places, as offsets into
    ``text``, where the file had a comment, with its content. A ``page`` block has no text: a page ends there.
    """

    kind: BlockKind
    text: str
    level: int = 0
    marker: str = "- "
    marks: tuple[tuple[int, str], ...] = ()


def clean(text: str) -> str:
    """The same text in NFC with line feeds, plain spaces and of the control characters only tabs and form feeds."""
    text = _LINE_END.sub("\n", text).replace("\u2029", "\n\n")
    return unicodedata.normalize("NFC", _SPACES.sub(" ", _INVISIBLE.sub("", text)))


def one_line(text: str) -> str:
    """The same words in one line, parted by single spaces."""
    return " ".join(clean(text).split())


def compose(blocks: Sequence[Block]) -> tuple[str, tuple[int, ...]]:
    """The document's text, and for each block the offset at which its own text (after ``#`` or marker) begins."""
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    before: Block | None = None
    for block in blocks:
        gap = "" if before is None else _gap(before, block)
        prefix = gap + _prefix(block)
        starts.append(length + len(prefix))
        parts += (prefix, block.text)
        length = starts[-1] + len(block.text)
        before = block
    return "".join(parts), tuple(starts)


def _gap(before: Block, block: Block) -> str:
    if before.kind == "page":
        return "\f\n"
    if block.kind == "page":
        return "\n"
    if before.kind == block.kind and block.kind in ("item", "row"):
        return "\n"
    return "\n\n"


def _prefix(block: Block) -> str:
    if block.kind == "heading":
        return "#" * min(max(block.level, 1), 6) + " "
    if block.kind == "item":
        return "  " * block.level + block.marker
    # A paragraph that happens to begin like a heading must not become one.
    return " " if block.kind != "page" and re.match(r"#{1,6}\s", block.text) else ""
