"""A document's text as lines and sections: the layout that splitting goes by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

LineKind = Literal["heading", "item", "row", "text", "blank"]

_HEADING = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_ITEM = re.compile(r"\s*(?:[-*+•][ \t]+|\d{1,9}[.)][ \t]+)(?=\S)")
_ROW = re.compile(r".*\S \| \S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the text; ``start`` and ``end`` leave out the white space around it, ``body`` its marker too."""

    kind: LineKind
    start: int
    body: int
    end: int
    level: int  # of a heading, 0 for others
    indented: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands under one heading, down to the next heading: its lines, the heading's own first.

    ``path`` is the texts of the headings around it, its own last; () before the first heading.
    """

    path: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def body(self) -> tuple[Line, ...]:
        """The lines without the heading's own."""
        return self.lines[1:] if self.lines and self.lines[0].kind == "heading" else self.lines


def lines_of(text: str, start: int, end: int) -> Iterator[Line]:
    """The lines of ``text[start:end]``, blank ones too."""
    at = start
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop == -1 else stop
        yield _line(text, at, stop)
        at = stop + 1


def sections(text: str) -> list[Section]:
    """The sections in order; together they hold every line that is not blank, and the blank ones."""
    found: list[Section] = []
    open_headings: list[tuple[int, str]] = []
    lines: list[Line] = []
    for line in lines_of(text, 0, len(text)):
        if line.kind == "heading":
            if lines:
                found.append(Section(path=tuple(name for _, name in open_headings), lines=tuple(lines)))
                lines = []
            while open_headings and open_headings[-1][0] >= line.level:
                open_headings.pop()
            open_headings.append((line.level, text[line.body : line.end]))
        lines.append(line)
    if lines:
        found.append(Section(path=tuple(name for _, name in open_headings), lines=tuple(lines)))
    return found


def _line(text: str, at: int, stop: int) -> Line:
    raw = text[at:stop]
    bare = raw.strip()
    start = at + len(raw) - len(raw.lstrip())
    end = start + len(bare)
    kind: LineKind = "text" if bare else "blank"
    body = start if bare else at
    level = 0
    if heading := _HEADING.match(raw):
        kind, body, level = "heading", at + heading.end(), len(heading[1])
    elif item := _ITEM.match(raw):
        kind, body = "item", at + item.end()
    elif _ROW.match(raw):
        kind = "row"
    return Line(
        kind=kind,
        start=start if bare else at,
        body=body,
        end=end if bare else at,
        level=level,
        indented=raw[:4] == "    ",
    )
