"""Markdown to blocks: structure kept, inline markup reduced to its words, comments noted by their place."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.labels import IN_BOLD, IN_ITALICS, Line, asked, may_head, parts_of, settled
from corpus.normal_form import Block, one_line
from corpus.tables import table_blocks

# Comments are swapped for these private characters while the Markdown is parsed: as HTML, a comment at the start of a
# line would break the paragraph that it stands in.
_OPEN, _CLOSE = "\ue000", "\ue001"
_BOLD, _ITALIC = "\ue002", "\ue003"  # end what a line begins with in bold or italics
_COMMENT = re.compile(r"<!--(.*?)-->", re.S)
_PLACE = re.compile(rf"\s*{_OPEN}(\d+){_CLOSE}")
_END_OF_MARKED = re.compile(f"[{_BOLD}{_ITALIC}]")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--|-->")


def markdown_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a Markdown text that :func:`corpus.normal_form.clean` has been through."""
    comments: list[str] = []

    def place(found: re.Match[str]) -> str:
        comments.append(found[1].strip())
        return f"{_OPEN}{len(comments) - 1}{_CLOSE}"

    for private in (_OPEN, _CLOSE, _BOLD, _ITALIC):
        text = text.replace(private, "")
    # Behind the last "-->" there is no comment; to look for its end from every "<!--" would take minutes at worst.
    head, end, tail = text.rpartition("-->")
    marked = _COMMENT.sub(place, head + end) + tail.replace("<!--", "")
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(marked)
    return settled(tuple(_Walk(comments).blocks(tokens)))


class _Walk:
    """One pass over the tokens; it remembers the lists that are open and whether an item still awaits its text."""

    def __init__(self, comments: Sequence[str]) -> None:
        self._comments = comments
        self._lists: list[int | None] = []  # the next number of an ordered list, None for bullets
        self._marker: str | None = None
        self._rows: list[list[str]] = []  # of the open table
        self._within = ""
        self._asked = False  # whether the last paragraph ended with a question "Q: …?"

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for token in tokens:
            if token.type == "inline":
                yield from self._inline(token)
            elif token.type in ("fence", "code_block"):
                yield from self._code(token)
            elif token.type == "html_block":
                yield from self._block("paragraph", _TAG.sub(" ", token.content))
            elif token.type == "table_close":
                for row in table_blocks(self._rows, header=True):
                    yield from self._block(row.kind, row.text)
                self._rows = []
            else:
                self._enter(token)

    def _enter(self, token: Token) -> None:
        if token.type == "bullet_list_open":
            self._lists.append(None)
        elif token.type == "ordered_list_open":
            self._lists.append(int(token.attrs.get("start", 1)))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif token.type == "list_item_open":
            number = self._lists[-1]
            self._marker = "- " if number is None else f"{number}. "
            if number is not None:
                self._lists[-1] = number + 1
        elif token.type == "list_item_close":
            self._marker = None
        elif token.type == "tr_open":
            self._rows.append([])
        elif token.type.endswith("_open"):
            self._within = token.tag

    def _inline(self, token: Token) -> Iterator[Block]:
        text = "".join(self._words(token.children or []))
        if self._within in ("td", "th"):
            self._rows[-1].append(_END_OF_MARKED.sub("", text))
        elif re.fullmatch("h[1-6]", self._within):
            yield from self._block("heading", text, level=int(self._within[1]))
        elif self._marker is not None:
            yield from self._block("item", text, level=len(self._lists) - 1, marker=self._marker)
            self._marker = None
        else:
            yield from self._paragraph(text)

    def _paragraph(self, text: str) -> Iterator[Block]:
        lines = [_line(raw) for raw in text.split("\n") if raw.strip()]
        if len(lines) == 1 and lines[0].marked == lines[0].text and may_head(lines[0].text):
            yield from self._block("heading", text, level=IN_ITALICS if _ITALIC in text else IN_BOLD)
        else:
            for part in parts_of(lines, below_question=self._asked):
                kind, level = ("heading", IN_BOLD) if part.heading else ("paragraph", 0)
                yield from self._block(kind, part.text, level=level)
        self._asked = bool(lines) and bool(asked(lines[-1].text))

    def _words(self, tokens: Sequence[Token]) -> Iterator[str]:
        """The words, a line feed where a line ends, and a sign behind what a line begins with in bold or italics."""
        begins = True  # nothing of the line was seen yet
        depth, ends = 0, ""
        for token in tokens:
            if token.type == "text":
                begins = begins and not token.content.strip()
                yield token.content
            elif token.type == "code_inline":
                begins = False
                yield self._with_comments(token.content)
            elif token.type in ("softbreak", "hardbreak") or (
                token.type == "html_inline" and token.content[:3].lower() == "<br"
            ):
                begins, ends = True, ""
                yield "\n"
            elif token.type in ("strong_open", "em_open"):
                if begins and depth == 0:
                    ends = _BOLD if token.type == "strong_open" else _ITALIC
                depth += 1
            elif token.type in ("strong_close", "em_close"):
                depth -= 1
                if depth == 0:
                    yield ends
                    ends = ""

    def _with_comments(self, code: str) -> str:
        return _PLACE.sub(lambda found: f" <!-- {self._comments[int(found[1])]} -->", code)

    def _code(self, token: Token) -> Iterator[Block]:
        lines = [line.rstrip() for line in self._with_comments(token.content).split("\n")]
        text = "\n".join("    " + line for line in lines if line)
        self._marker = None
        if text:
            yield Block(kind="lines", text=text)

    def _block(self, kind: str, marked: str, *, level: int = 0, marker: str = "- ") -> Iterator[Block]:
        text, marks = self._take_marks(one_line(_END_OF_MARKED.sub("", marked)))
        if text:
            yield Block(kind=kind, text=text, level=level, marker=marker, marks=marks)  # type: ignore[arg-type]

    def _take_marks(self, marked: str) -> tuple[str, tuple[tuple[int, str], ...]]:
        text = ""
        marks = []
        end = 0
        for found in _PLACE.finditer(marked):
            text += marked[end : found.start()]
            marks.append((len(text), self._comments[int(found[1])]))
            end = found.end()
        text += marked[end:]
        leading = len(text) - len(text.lstrip())
        return text.strip(), tuple((max(at - leading, 0), comment) for at, comment in marks)


def _line(raw: str) -> Line:
    """A line of a paragraph, with what it begins with in bold or italics told from the rest."""
    found = _END_OF_MARKED.search(raw)
    marked = one_line(raw[: found.start()]) if found else ""
    return Line(text=one_line(_END_OF_MARKED.sub("", raw)), marked=marked)
