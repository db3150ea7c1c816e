"""Lines of one paragraph that are paragraphs of their own: fields, clauses, questions with their answers.

Reports, contracts and e-mail set these line by line ("Reports to: …", "3.1 Base salary. …"). Joined, as a paragraph's
lines are, they would be one sentence that answers nothing and is far too long to show.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.headings import shape
from corpus.normal_form import Block

LONGEST_FIELD, FIELD_WORDS = 48, 8  # characters and words of a field's name
IN_BOLD, IN_ITALICS = 7, 8  # levels, for the time being, of lines that may be headings though not marked as such
LONGEST_TITLE = 80  # characters of a line in bold that heads what follows

_FIELD = re.compile(rf"([A-Z][^:.!;|]{{0,{LONGEST_FIELD}}}):\s+\S")
# "3.2 percent" may begin a line of running text.
_CLAUSE = re.compile(r"(?:§\s*)?\d{1,2}(?:\.\d{1,2})+\.?\s+[\"“‘(]?[A-Z$£€\d]")
_SUBCLAUSE = re.compile(r"\(([a-z]|[ivx]{1,5}|\d{1,2})\)\s+\S")
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii".split()
_LETTER_HEAD = re.compile(
    r"(?:From|To|Cc|Bcc|Reply-To|Importance|Attachments?):\s|(?:Date|Sent):\s.*\b\d{1,2}:\d\d\b", re.I
)
_NUMBERED = re.compile(r"(?:(?:section|article)\s+)?[\dIVX]{1,4}\.\s+[A-Z]", re.I)
_QUESTION = re.compile(r"Q(?:uestion)?\s?\d{0,3}[.:)]\s+(?=\S.*\?\Z)")
_ANSWER = re.compile(r"A(?:nswer)?\s?\d{0,3}:\s+(?=\S)")
_SETS_OFF = re.compile(r"\s*(?::|[-–—](?=\s))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a paragraph; ``marked`` is what it begins with in bold or italics, "" for nothing."""

    text: str
    marked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A paragraph, or a heading of what follows it."""

    text: str
    heading: bool = False


def parts_of(lines: Sequence[Line], *, below_question: bool = False) -> list[Part]:
    """The paragraphs and headings that a paragraph's lines amount to; one paragraph where none stands by itself.

    ``below_question`` tells that a question "Q: …?" stands above the paragraph.
    """
    fields = sum(is_field(line.text) for line in lines) > 1
    parts: list[Part] = []
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else None
        if at == 0 or parts[-1].heading or _opens(line, fields=fields):
            answers = bool(asked(lines[at - 1].text)) if at else below_question
            own = replace(line, text=answered(line.text)) if answers and answered(line.text) else line
            parts += _parts(own, following)
        else:
            parts[-1] = replace(parts[-1], text=f"{parts[-1].text} {line.text}")
    return parts


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs that the lines of a text without markup amount to."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return [part.text for part in parts_of([Line(text=line) for line in lines if line])]


def is_field(text: str) -> bool:
    """Whether the line begins with the name of a field: "Reports to: …"."""
    found = _FIELD.match(text)
    return found is not None and len(found[1].split()) <= FIELD_WORDS


def is_letter_head(text: str) -> bool:
    """Whether the line tells who sent a message, to whom or at what minute: "Cc: Ann Lee"."""
    return bool(_LETTER_HEAD.match(text))


def is_clause(text: str) -> bool:
    """Whether the line begins with the number of a clause, "3.1 …"."""
    return bool(_CLAUSE.match(text))


def is_subclause(text: str) -> bool:
    """Whether the line begins with the letter of a part of a clause: "(b) …"."""
    return bool(_SUBCLAUSE.match(text))


def runs_on(before: str, line: str) -> bool:
    """Whether "(a) …" only begins a line of running text, "… and only (a) to meet a need, or (b) to …".

    So it does where the part after it stands further on in the line, or the one before it within ``before``, which is
    the paragraph so far.
    """
    found = _SUBCLAUSE.match(line)
    if not found or before.rstrip().endswith((":", ";", ".")):
        return False
    labels = [_ROMAN] if found[1] in _ROMAN else []
    labels += [list(map(str, range(1, 31)))] if found[1].isdecimal() else [list("abcdefghijklmnopqrstuvwxyz")]
    for known in (sequence for sequence in labels if found[1] in sequence):
        at = known.index(found[1])
        following, last = known[at + 1 : at + 2], known[max(at - 1, 0) : at]
        if any(f" ({n}) " in line for n in following) or any(f" ({n}) " in before for n in last):
            return True
    return False


def may_head(text: str) -> bool:
    """Whether a paragraph that is all in bold or italics may be a heading: "Preferred", "2. Term."."""
    return not asked(text) and shape(text.rstrip(".:") if _NUMBERED.match(text) else text) is not None


def settled(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, in which lines IN_BOLD or IN_ITALICS that head something are headings below the last marked one."""
    return tuple(_settled(blocks))


def _settled(blocks: Sequence[Block]) -> Iterator[Block]:
    above = 0
    for at, block in enumerate(blocks):
        following = blocks[at + 1].kind if at + 1 < len(blocks) else "page"
        if block.kind != "heading" or block.level < IN_BOLD:
            above = block.level if block.kind == "heading" else above
            yield block
        elif at == 0 and block.level == IN_BOLD and following != "page":
            above = 1
            yield replace(block, level=1)
        elif following == "item" or (block.level == IN_BOLD and following in ("paragraph", "row", "lines")):
            yield replace(block, level=min(above + 1, 6))
        else:
            yield replace(block, kind="paragraph", level=0)


def asked(text: str) -> str:
    """The question of a line "Q: …?", "" for any other."""
    marker = _QUESTION.match(text)
    return text[marker.end() :] if marker else ""


def answered(text: str) -> str:
    """The answer of a line "A: …", "" for any other."""
    marker = _ANSWER.match(text)
    return text[marker.end() :] if marker else ""


def _opens(line: Line, *, fields: bool) -> bool:
    set_off = bool(line.marked) and (line.marked.endswith(":") or bool(_SETS_OFF.match(line.text, len(line.marked))))
    own = is_clause(line.text) or is_subclause(line.text) or asked(line.text) or answered(line.text)
    return set_off or bool(own) or (fields and is_field(line.text))


def _parts(line: Line, following: Line | None) -> Iterator[Part]:
    """What a line amounts to that opens a paragraph: a question or a clause's title may head the rest."""
    if question := asked(line.text):
        yield Part(text=question, heading=True)
    elif line.marked and _NUMBERED.match(line.marked) and line.marked[-1] in ".:" and len(line.marked) <= LONGEST_TITLE:
        rest = line.text[len(line.marked) :].strip()
        heads = bool(rest) or (following is not None and _opens(following, fields=False))
        yield Part(text=line.marked.rstrip(".:") if heads else line.text, heading=heads)
        if rest:
            yield Part(text=rest)
    elif following is not None and line.marked == line.text and line.text.endswith("?"):
        yield Part(text=line.text, heading=True)
    else:
        yield Part(text=line.text)
