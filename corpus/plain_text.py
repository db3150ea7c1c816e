"""Text without markup to blocks: lines joined to paragraphs, bullets of every kind, bare lines that are headings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from corpus.boilerplate import drop_boilerplate
from corpus.headings import Piece, find_headings, shape
from corpus.labels import answered, asked, is_clause, is_field, is_subclause, runs_on
from corpus.normal_form import Block

GREETING = 3  # words of a line below a letter's head that heads nothing
LONG_LINE = 160  # characters; a file that holds such lines has one paragraph a line

_BULLET = re.compile(r"(\s*)(?:[-*•·‣▪◦●○■□✓➢►–—+]|(\d{1,3})[.)]|[a-zA-Z][)])(?:\s+(?=\S)|$)")
_LETTER = re.compile(r"\s*([a-z])\.(?=\s+\S)")
_LISTED = re.compile(r"[a-z]\)\s+\S")
_ATX = re.compile(r"(#{1,6})\s+(\S.*?)\s*#*")
_UNDERLINE = re.compile(r"(={3,}|-{3,}|~{3,}|_{3,})")
_QUOTED = re.compile(r"(?:\s?>)+\s?")
_HEADER = re.compile(r"(?:From|To|Cc|Bcc|Date|Sent|Subject|Reply-To|Importance|Attachments?):")
_RULE = re.compile(r"[-=_*~#+.\s]{3,}")
_TERM = re.compile(r"[A-Z][\w &/’'()-]{2,60}: \S")
_CODE = re.compile(r"\t\S|\S(?: {3,}|\t)\S|[;{}]\s*\Z|\A {4,}\S|\A[\d\s.,%$€£/|-]+\Z")


def plain_text_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text that :func:`corpus.normal_form.clean` has been through; form feeds count as line ends."""
    return blocks_from(pieces(text.replace("\f", "\n").split("\n")))


def blocks_from(found: Sequence[Piece]) -> tuple[Block, ...]:
    """The pieces as blocks, without boilerplate, with the headings among them found."""
    kept = _terms_as_items(_without_repeats(drop_boilerplate(_clauses(_questions(_letters(found))))))
    levels = find_headings(kept)
    return tuple(_block(piece, levels.get(at, 0)) for at, piece in enumerate(kept))


def pieces(lines: Sequence[str]) -> list[Piece]:
    """The paragraphs, items and odd lines that the lines amount to, in order."""
    lines = _lettered(_without_quote_marks(lines))
    lines = _rejoin_bullets([line.expandtabs(4).rstrip() if "\t" in line[:8] else line.rstrip() for line in lines])
    unwrapped = sum(len(line) for line in lines if len(line) > LONG_LINE) * 2 > sum(map(len, lines))
    return [piece for group in _groups(lines) for piece in _pieces(group, unwrapped=unwrapped)]


def _without_quote_marks(lines: Sequence[str]) -> list[str]:
    """Without the signs (">", "> >") before what a letter quotes; where their number changes a paragraph ends."""
    result: list[str] = []
    depth = 0
    for line in lines:
        marks = _QUOTED.match(line)
        now = marks[0].count(">") if marks else 0
        if now != depth and result:
            result.append("")
        depth = now
        result.append(line[marks.end() :] if marks else line)
    return result


def _lettered(lines: Sequence[str]) -> list[str]:
    """With "a)" for the "a." of a list: that is one where "b." comes next, for "a. Smith" is none."""
    result = list(lines)
    found = [(at, match[1]) for at, line in enumerate(lines) if (match := _LETTER.match(line))]
    run: list[int] = []
    for n, (at, letter) in enumerate(found):
        if run and ord(letter) == ord(found[n - 1][1]) + 1:
            run.append(at)
        else:
            run = [at] if letter == "a" else []
        for place in run if len(run) > 1 else ():
            result[place] = _LETTER.sub(lambda match: match[0].replace(".", ")", 1), lines[place])
    return result


def _rejoin_bullets(lines: Sequence[str]) -> list[str]:
    """Put a bullet that stands alone in its line before the text of the next one."""
    joined: list[str] = []
    bullet = ""
    for line in lines:
        if bullet and line.strip():
            # A further bullet means that the last one had no text.
            line = line.strip() if _BULLET.match(line) else f"- {line.strip()}"  # noqa: PLW2901
            bullet = ""
        if re.fullmatch(r"\s*[-*•·‣▪◦●○■□–—]", line):
            bullet = line
        elif line.strip() or not bullet:
            joined.append(line)
    return joined


def _groups(lines: Sequence[str]) -> Iterator[list[str]]:
    group: list[str] = []
    for line in (*lines, ""):
        if line.strip():
            group.append(line)
        elif group:
            yield group
            group = []


def _pieces(group: Sequence[str], *, unwrapped: bool) -> Iterator[Piece]:
    if not unwrapped and _is_code(group):
        yield Piece(kind="lines", text="\n".join("    " + line for line in group))
        return
    width = max(map(len, group))
    buffer: list[str] = []
    rows = [line for line in group if not (_RULE.fullmatch(line) and not _UNDERLINE.fullmatch(line.strip()))]
    beside = [pair for pair in pairwise(rows) if all(map(is_field, pair))]
    fields = frozenset(line for pair in beside for line in pair)
    form = len(fields) > 0.5 * len(rows)
    for line in rows:
        if _UNDERLINE.fullmatch(line.strip()):
            if len(buffer) == 1 and len(buffer[0]) <= 110:
                yield Piece(text=buffer[0].strip(), level=1 if line.strip()[0] == "=" else 2)
                buffer = []
        elif buffer and (
            line in fields
            or (form and line.lstrip()[0].isupper() and not _was_wrapped(buffer[-1], line, width))
            or not _continues(buffer, line, width, unwrapped=unwrapped or width > LONG_LINE)
        ):
            # A line that opens a block and stands out from its text needs no blank line to be a heading.
            opens = buffer[0] is rows[0] and len(buffer) == 1 and not _BULLET.match(line) and not unwrapped
            shaped = shape(asked(buffer[0].strip()) or buffer[0].strip())
            yield _piece(
                buffer, alone=opens and shaped in ("question", "title", "numbered"), field=form or buffer[0] in fields
            )
            buffer = [line]
        else:
            buffer.append(line)
    if buffer:
        yield _piece(buffer, alone=len(buffer) == len(rows), field=form or buffer[0] in fields)


def _is_code(group: Sequence[str]) -> bool:
    """Whether most of the lines are laid out by hand; the parts of a clause may be indented without being so."""
    own = (is_clause(bare) or is_subclause(bare) or _LISTED.match(bare) for bare in map(str.strip, group))
    if len(group) < 2 or any(own):
        return False
    return sum(bool(_CODE.search(line)) for line in group) > 0.6 * len(group)


def _stands_by_itself(line: str) -> bool:
    """Whether a line is a clause or a part of one, a question or an answer by how it begins."""
    bare = line.strip()
    return is_clause(bare) or is_subclause(bare) or bool(asked(bare) or answered(bare))


def _continues(buffer: Sequence[str], line: str, width: int, *, unwrapped: bool) -> bool:
    """Whether the line belongs to the paragraph or item whose lines so far are in the buffer."""
    last = buffer[-1]
    if runs_on(_join(buffer), line.strip()):
        return True
    if _stands_by_itself(line) or unwrapped or _BULLET.match(line) or _ATX.fullmatch(line) or _ATX.fullmatch(last):
        return False
    if _BULLET.match(buffer[0]):
        return line[0].isspace() or _was_wrapped(last, line, width) or line[0].islower()
    if _was_wrapped(last, line, width) or line.lstrip()[0].islower():
        return True
    if re.search(r"[.!?:…][\"'”’)\]]*\Z", last):
        return False
    return not (
        len(buffer) == 1 and len(last) < 0.6 * width and shape(last.strip()) in ("question", "title", "numbered")
    )


def _was_wrapped(last: str, line: str, width: int) -> bool:
    """Whether the next line's first word would not have fitted on the last line."""
    return width >= 40 and len(last) + 1 + len(line.split(maxsplit=1)[0]) > 0.85 * width


def _piece(buffer: Sequence[str], *, alone: bool, field: bool) -> Piece:
    """The lines as a piece; ``field`` tells that they name a field, as those beside them do."""
    first = buffer[0]
    if len(buffer) == 1 and (heading := _ATX.fullmatch(first)):
        return Piece(text=heading[2], level=len(heading[1]))
    bullet = _BULLET.match(first)
    # "3. Duties" may be a heading or an item; alone in its block and shaped like a heading it stays as it is.
    if bullet is None or (alone and bullet[2] and len(buffer) == 1 and shape(first.strip()) == "numbered"):
        text = _join(buffer)
        return Piece(kind="item" if is_subclause(text) else "text", text=text, alone=alone, field=field)
    marker = f"{int(bullet[2])}. " if bullet[2] else "- "
    text = _join([first[bullet.end() :], *buffer[1:]])
    return Piece(kind="item", text=text, marker=marker, depth=min(len(bullet[1]) // 4, 4))


def _join(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())


def _without_repeats(found: Sequence[Piece]) -> list[Piece]:
    """Without a title that stands there twice, as above and below a picture."""
    repeats = len(found) > 2 and found[0].text == found[1].text and shape(found[0].text) is not None
    return list(found[1:] if repeats else found)


def _clauses(found: Sequence[Piece]) -> list[Piece]:
    """With "2. Fees" as the heading of "2.1 …", which could be an item, and what stands below it is often short."""
    result = list(found)
    for at, (piece, following) in enumerate(pairwise(found)):
        number = re.match(r"\d{1,2}\.", piece.marker if piece.kind == "item" else piece.text)
        if number and is_clause(following.text) and following.text.startswith(number[0]):
            own = f"{number[0]} {piece.text}" if piece.kind == "item" else piece.text
            if shape(own) == "numbered":
                result[at] = Piece(text=own, level=2)
    return result


def _questions(found: Sequence[Piece]) -> list[Piece]:
    """With each question of an interview or list "Q: … A: …" as the heading of its answer."""
    result = list(found)
    for at, piece in enumerate(found):
        if piece.kind == "text" and (question := asked(piece.text)):
            result[at] = replace(piece, text=question, level=3)
            if at + 1 < len(found) and (answer := answered(found[at + 1].text)):
                result[at + 1] = replace(found[at + 1], text=answer, field=False)
    return result


def _letters(found: Sequence[Piece]) -> list[Piece]:
    """With the subject of e-mail as its title, and in a thread what each begins with as a heading."""
    result: list[Piece] = []
    at = 0
    while at < len(found):
        stop = at
        while stop < len(found) and found[stop].field and _HEADER.match(found[stop].text):
            stop += 1
        header = list(found[at:stop])
        subject = next((piece for piece in header if piece.text.startswith("Subject:")), None)
        if len(header) > 1 and header[0].text.startswith("From:"):
            if subject and not result:
                result.append(replace(subject, text=subject.text.partition(":")[2].strip(), level=1))
                header.remove(subject)
            result += [replace(header[0], level=2), *(replace(p, level=3) if p is subject else p for p in header[1:])]
            if stop < len(found) and len(found[stop].text.split()) <= GREETING:
                result.append(replace(found[stop], field=True))
                stop += 1
        else:
            stop = max(stop, at + 1)
            result += found[at:stop]
        at = stop
    return result


def _terms_as_items(found: Sequence[Piece]) -> list[Piece]:
    """Two and more paragraphs "Term: explanation" after a lead-in are a list without its dashes."""
    result = list(found)
    for at, piece in enumerate(found):
        run = at + 1
        while run < len(found) and found[run].kind == "text" and _TERM.match(found[run].text):
            run += 1
        if piece.kind == "text" and piece.text.endswith(":") and len(piece.text) > 20 and run - at > 2:
            result[at + 1 : run] = [Piece(kind="item", text=p.text) for p in found[at + 1 : run]]
    return result


def _block(piece: Piece, level: int) -> Block:
    if level:
        return Block(kind="heading", text=piece.text, level=level)
    if piece.kind == "item":
        return Block(kind="item", text=piece.text, level=piece.depth, marker=piece.marker)
    return Block(kind="paragraph" if piece.kind == "text" else piece.kind, text=piece.text)
