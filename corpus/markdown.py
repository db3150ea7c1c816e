"""Markdown to blocks: structure kept, inline markup reduced to its words, comments noted by their place."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.normal_form import Block, one_line

# Comments are swapped for these private characters while the Markdown is parsed: as HTML, a comment at the start of a
# line would break the paragraph that it stands in.
_OPEN, _CLOSE = "\ue000", "\ue001"
_COMMENT = re.compile(r"<!--(.*?)-->", re.S)
_PLACE = re.compile(rf"\s*{_OPEN}(\d+){_CLOSE}")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--|-->")


def markdown_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a Markdown text that :func:`corpus.normal_form.clean` has been through."""
    comments: list[str] = []

    def place(found: re.Match[str]) -> str:
        comments.append(found[1].strip())
        return f"{_OPEN}{len(comments) - 1}{_CLOSE}"

    text = text.replace(_OPEN, "").replace(_CLOSE, "")
    # Behind the last "-->" there is no comment; to look for its end from every "<!--" would take minutes at worst.
    head, end, tail = text.rpartition("-->")
    marked = _COMMENT.sub(place, head + end) + tail.replace("<!--", "")
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(marked)
    return tuple(_Walk(comments).blocks(tokens))


class _Walk:
    """One pass over the tokens; it remembers the lists that are open and whether an item still awaits its text."""

    def __init__(self, comments: Sequence[str]) -> None:
        self._comments = comments
        self._lists: list[int | None] = []  # the next number of an ordered list, None for bullets
        self._marker: str | None = None
        self._cells: list[str] = []
        self._within = ""

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for token in tokens:
            if token.type == "inline":
                yield from self._inline(token)
            elif token.type in ("fence", "code_block"):
                yield from self._code(token)
            elif token.type == "html_block":
                yield from self._block("paragraph", _TAG.sub(" ", token.content))
            elif token.type == "tr_close":
                yield from self._block("row", " | ".join(self._cells))
                self._cells = []
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
        elif token.type.endswith("_open"):
            self._within = token.tag

    def _inline(self, token: Token) -> Iterator[Block]:
        text = "".join(self._words(token.children or []))
        if self._within in ("td", "th"):
            self._cells.append(text)
        elif re.fullmatch("h[1-6]", self._within):
            yield from self._block("heading", text, level=int(self._within[1]))
        elif self._marker is not None:
            yield from self._block("item", text, level=len(self._lists) - 1, marker=self._marker)
            self._marker = None
        else:
            yield from self._block("paragraph", text)

    def _words(self, tokens: Sequence[Token]) -> Iterator[str]:
        for token in tokens:
            if token.type == "text":
                yield token.content
            elif token.type == "code_inline":
                yield self._with_comments(token.content)
            elif token.type in ("softbreak", "hardbreak") or (
                token.type == "html_inline" and token.content[:3].lower() == "<br"
            ):
                yield " "

    def _with_comments(self, code: str) -> str:
        return _PLACE.sub(lambda found: f" <!-- {self._comments[int(found[1])]} -->", code)

    def _code(self, token: Token) -> Iterator[Block]:
        lines = [line.rstrip() for line in self._with_comments(token.content).split("\n")]
        text = "\n".join("    " + line for line in lines if line)
        self._marker = None
        if text:
            yield Block(kind="lines", text=text)

    def _block(self, kind: str, marked: str, *, level: int = 0, marker: str = "- ") -> Iterator[Block]:
        text, marks = self._take_marks(one_line(marked))
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
