"""Word documents to blocks: heading and list styles kept, table rows as lines, tracked deletions left out."""

import io
from collections.abc import Iterator

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from corpus.content import Content
from corpus.front_matter import FrontMatter, iso_date
from corpus.headings import Piece, find_headings
from corpus.labels import IN_BOLD, may_head, paragraphs_of, settled
from corpus.normal_form import Block, one_line
from corpus.tables import FIELD, WIDEST, table_blocks

_TEXT, _TAB, _BREAK, _RETURN = qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr")
_PARAGRAPH, _RUN, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:r"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_CONTAINERS = frozenset(qn(f"w:{name}") for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_FORMATTING = frozenset(qn(f"w:{name}") for name in ("pPr", "rPr", "tabs", "moveFrom"))


def word_content(data: bytes) -> Content:
    """The content of a .docx file; its headers, footers, notes and comments are no part of it."""
    document = docx.Document(io.BytesIO(data))
    blocks = settled(tuple(_Body(document).blocks(document.element.body)))
    if not any(block.kind == "heading" for block in blocks):
        blocks = _with_bare_headings(blocks)
    properties = document.core_properties
    return Content(
        blocks=blocks,
        property_title=one_line(properties.title or "") or None,
        about=FrontMatter(date=iso_date(properties.created) if properties.created else None),
    )


class _Body:
    """The styles and numberings that a document's paragraphs refer to, looked up once each."""

    def __init__(self, document: WordDocument) -> None:
        self._styles = {style.style_id: style for style in document.styles}
        self._names = {style_id: style.name or "" for style_id, style in self._styles.items()}
        self._bullets = _numberings_with_bullets(document)
        self._counts: dict[tuple[int, int], int] = {}
        # A title stands above the headings of level 1.
        self._shift = int(any(self._name(p) == "Title" for p in document.element.body.iter(_PARAGRAPH)))

    def blocks(self, parent: BaseOxmlElement) -> Iterator[Block]:
        for element in parent:
            if element.tag == _PARAGRAPH:
                yield from self._paragraph(element)
            elif element.tag == _TABLE:
                yield from table_blocks(_rows(element), header=_has_header(element))
            elif element.tag in _CONTAINERS:
                yield from self.blocks(element)

    def _paragraph(self, element: BaseOxmlElement) -> Iterator[Block]:
        words = "".join(_words(element))
        text = one_line(words)
        if not text:
            return
        name = self._name(element)
        if name == "Title":
            yield Block(kind="heading", text=text, level=1)
        elif name.startswith("Heading ") and name[8:].isdigit():
            yield Block(kind="heading", text=text, level=min(int(name[8:]) + self._shift, 6))
        elif (marker := self._marker(element, name)) is not None:
            yield Block(kind="item", text=text, level=marker[0], marker=marker[1])
        elif may_head(text) and _all_bold(element):
            yield Block(kind="heading", text=text, level=IN_BOLD)
        else:
            yield from (Block(kind="paragraph", text=own) for own in paragraphs_of(words))

    def _name(self, element: BaseOxmlElement) -> str:
        return self._names.get(element.style or "", "")

    def _marker(self, element: BaseOxmlElement, name: str) -> tuple[int, str] | None:
        """Depth and marker of a list item, None for a paragraph that is none."""
        numbering = _numbering(element) or _numbering(self._element_of_style(element))
        if numbering is None and not name.startswith("List"):
            return None
        number_id, depth = numbering or (-1, 0)
        if number_id == 0 or (number_id == -1 and name not in _LIST_STYLES):
            return None
        is_bullet = "Number" not in name if number_id == -1 else (number_id, depth) in self._bullets
        if is_bullet:
            return depth, "- "
        self._counts[number_id, depth] = self._counts.get((number_id, depth), 0) + 1
        return depth, f"{self._counts[number_id, depth]}. "

    def _element_of_style(self, element: BaseOxmlElement) -> BaseOxmlElement | None:
        style = self._styles.get(element.style or "")
        return None if style is None else style.element


_LIST_STYLES = frozenset(f"List {kind}{n}" for kind in ("Bullet", "Number") for n in ("", " 2", " 3", " 4", " 5"))


def _numbering(element: BaseOxmlElement | None) -> tuple[int, int] | None:
    properties = None if element is None else element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    number = None if properties is None else properties.find(qn("w:numId"))
    if properties is None or number is None:
        return None
    depth = properties.find(qn("w:ilvl"))
    return _number(number), 0 if depth is None else min(_number(depth), 8)


def _number(element: BaseOxmlElement) -> int:
    value = element.get(qn("w:val"), "0")
    return int(value) if value.isdigit() else 0


def _numberings_with_bullets(document: WordDocument) -> frozenset[tuple[int, int]]:
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return frozenset()
    bullets = {
        (abstract.get(qn("w:abstractNumId")), _number_of_level(level))
        for abstract in root.iter(qn("w:abstractNum"))
        for level in abstract.iter(qn("w:lvl"))
        if any(form.get(qn("w:val")) in ("bullet", "none") for form in level.iter(qn("w:numFmt")))
    }
    return frozenset(
        (int(number.get(qn("w:numId"), "0")), depth)
        for number in root.iter(qn("w:num"))
        for link in number.iter(qn("w:abstractNumId"))
        for abstract_id, depth in bullets
        if abstract_id == link.get(qn("w:val"))
    )


def _number_of_level(level: BaseOxmlElement) -> int:
    value = level.get(qn("w:ilvl"), "0")
    return int(value) if value.isdigit() else 0


def _words(element: BaseOxmlElement) -> Iterator[str]:
    for child in element:
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag in (_BREAK, _RETURN):
            yield "\n"
        elif child.tag in (_TAB, _PARAGRAPH):
            yield " "
        if child.tag != _FALLBACK and child.tag not in _FORMATTING:
            yield from _words(child)


def _all_bold(paragraph: BaseOxmlElement) -> bool:
    """Whether all that a paragraph says is set in bold by itself, whatever its style."""
    runs = [run for run in paragraph.iter(_RUN) if "".join(_words(run)).strip()]
    marks = [run.find(f"{qn('w:rPr')}/{qn('w:b')}") for run in runs]
    return bool(runs) and all(mark is not None and mark.get(qn("w:val")) not in ("0", "false") for mark in marks)


def _rows(table: BaseOxmlElement) -> list[list[str]]:
    """The texts of a table's cells, of a merged one in each row and column that it runs over."""
    found: list[list[str]] = []
    above: list[str] = []
    for row in table.iter(_ROW):
        texts: list[str] = []
        for cell in row.iter(_CELL):
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            runs_on = merged is not None and merged.get(qn("w:val")) != "restart" and len(texts) < len(above)
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            columns = min(max(_number(span), 1), WIDEST) if span is not None else 1
            texts += [above[len(texts)] if runs_on else _own_text(cell)] * columns
        found.append(texts)
        above = texts
    return found


def _has_header(table: BaseOxmlElement) -> bool:
    """Whether the first row names the columns: marked as a header, or of three names and more without figures."""
    first = table.find(_ROW)
    if first is None:
        return False
    cells = [_own_text(cell) for cell in first.iter(_CELL)]
    named = len(cells) > FIELD and all(cells) and not any(c.isdigit() for c in "".join(cells))
    return named or first.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None


def _own_text(cell: BaseOxmlElement) -> str:
    """The text of a cell; that of a table within it comes with the inner table's own rows."""
    return one_line(" ".join("".join(_words(p)) for p in cell if p.tag not in (_TABLE, _ROW)))


def _with_bare_headings(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Authors who use no styles set headings as short paragraphs of their own, as in a plain text."""
    found = [
        Piece(kind="text" if b.kind == "paragraph" else "item" if b.kind == "item" else "lines", text=b.text)
        for b in blocks
    ]
    levels = find_headings(found)
    return tuple(
        Block(kind="heading", text=block.text, level=levels[at]) if at in levels else block
        for at, block in enumerate(blocks)
    )
