"""PDF to blocks: lines joined to paragraphs, large print as headings, repeated page heads and feet left out."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pypdfium2

from corpus.content import Content
from corpus.errors import UnreadableFile
from corpus.front_matter import FrontMatter
from corpus.headings import Piece
from corpus.normal_form import clean, one_line
from corpus.plain_text import blocks_from, pieces

PARAGRAPH_GAP = 1.35  # times the usual distance of two lines
LARGE_PRINT = 1.15  # times the usual height of a line
EDGE_LINES = 2  # lines at the top and at the bottom that may be page heads and feet

_PASSWORD_ERROR = 4  # of FPDF_GetLastError
_HYPHENS = "-\u00ad\x02\ufffe\u2010"
_PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.I)
_NO_TITLE = re.compile(
    r"untitled.*|microsoft (?:word|powerpoint) - .*|.*\.(?:docx?|pdf|tex|dvi|indd|pptx?)|slide \d+", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLine:
    """A line of a page; ``top`` and ``height`` in points, 0 where the file does not say."""

    text: str
    top: float
    height: float


def pdf_content(data: bytes, *, name: str) -> Content:
    """The content of a PDF, pages parted. Raises UnreadableFile for one that is encrypted, damaged or without text."""
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD_ERROR
        raise UnreadableFile(
            name, "encrypted: it needs a password" if locked else "damaged: not a whole PDF"
        ) from error
    try:
        pages = [_lines(pdf, number) for number in range(len(pdf))]
        title = one_line(pdf.get_metadata_value("Title"))
        created = re.match(r"D:(\d{4})(\d\d)?(\d\d)?", pdf.get_metadata_value("CreationDate"))
    finally:
        pdf.close()
    if not any(line.text.strip() for page in pages for line in page):
        raise UnreadableFile(name, "no text: scanned or images only; make it searchable with OCR first")
    return Content(
        blocks=blocks_from(_join_pages(_pieces_of_pages(pages))),
        property_title=None if _NO_TITLE.fullmatch(title) else title or None,
        about=FrontMatter(date="-".join(filter(None, created.groups())) if created else None),
    )


def _lines(pdf: pypdfium2.PdfDocument, number: int) -> list[PrintedLine]:
    try:
        page = pdf[number]
        text_page = page.get_textpage()
        text = text_page.get_text_range()
    except pypdfium2.PdfiumError:
        return []  # one damaged page does not lose the others
    found = []
    for line in re.finditer(r"[^\r\n]+", text):
        if line[0].strip():
            top, height = _place(text_page, line.start() + len(line[0]) - len(line[0].lstrip()))
            found.append(PrintedLine(text=line[0].strip(" \t"), top=top, height=height))
    text_page.close()
    page.close()
    return found


def _place(text_page: pypdfium2.PdfTextPage, index: int) -> tuple[float, float]:
    try:
        _, bottom, _, top = text_page.get_charbox(index, loose=True)
    except (pypdfium2.PdfiumError, ValueError, IndexError):
        return 0.0, 0.0
    return float(top), float(top - bottom)


def _without_edges(pages: Sequence[Sequence[PrintedLine]]) -> list[list[PrintedLine]]:
    """The pages without page numbers and without lines at their edges that most pages share, numbers aside."""
    shared = Counter(key for page in pages for key in {_key(page[at]) for at in _edges(page)})
    enough = max(3, 0.5 * len(pages))

    def is_furniture(line: PrintedLine) -> bool:
        return shared[_key(line)] >= enough or (len(pages) > 1 and bool(_PAGE_NUMBER.fullmatch(line.text)))

    kept = [
        [line for at, line in enumerate(page) if at not in _edges(page) or not is_furniture(line)] for page in pages
    ]
    return kept if any(kept) else [list(page) for page in pages]


def _edges(page: Sequence[PrintedLine]) -> set[int]:
    return {*range(min(EDGE_LINES, len(page))), *range(max(0, len(page) - EDGE_LINES), len(page))}


def _key(line: PrintedLine) -> str:
    return re.sub(r"\d+", "#", line.text.strip().lower())


def _pieces_of_pages(pages: Sequence[Sequence[PrintedLine]]) -> list[list[Piece]]:
    usual, words = _usual_height(pages), _vocabulary(pages)
    printed = (_rejoin_words(list(_laid_out(page, usual)), words) for page in _without_edges(pages))
    return [pieces([clean(line) for line in lines]) for lines in printed]


def _usual_height(pages: Sequence[Sequence[PrintedLine]]) -> float:
    heights: Counter[float] = Counter()
    for page in pages:
        for line in page:
            heights[round(line.height, 1)] += len(line.text)
    return heights.most_common(1)[0][0]


def _laid_out(page: Sequence[PrintedLine], usual: float) -> Iterator[str]:
    """The page's lines with blank lines where the print has gaps, and ``##`` before lines in large print."""
    distances = sorted(d for a, b in pairwise(page) if 0 < (d := a.top - b.top) < 5 * max(usual, 1))
    usual_distance = distances[len(distances) // 2] if distances else 0.0
    before: PrintedLine | None = None
    was_large = False
    for line in page:
        large = usual > 0 and line.height >= LARGE_PRINT * usual and _may_head(line.text)
        parted = before is None or large != was_large or _is_gap(before, line, usual_distance)
        if parted and before is not None:
            yield ""
        yield f"{_marks(line.height / usual)} {line.text}" if large and parted else line.text
        before, was_large = line, large


def _is_gap(before: PrintedLine, line: PrintedLine, usual_distance: float) -> bool:
    distance = before.top - line.top
    return usual_distance > 0 and (distance > PARAGRAPH_GAP * usual_distance or distance < -2 * usual_distance)


def _marks(ratio: float) -> str:
    return "#" if ratio >= 1.6 else "##" if ratio >= 1.3 else "###"


def _may_head(text: str) -> bool:
    return 2 < len(text) <= 110 and text[-1] not in ".,;:!" and sum(c.isalpha() for c in text) * 2 > len(text)


def _vocabulary(pages: Sequence[Sequence[PrintedLine]]) -> frozenset[str]:
    return frozenset(
        word.lower() for page in pages for line in page for word in re.findall(r"[^\W\d_]+", line.text)[:-1]
    )


def _rejoin_words(lines: Sequence[str], words: frozenset[str]) -> list[str]:
    """Put together the words that a hyphen at a line's end cuts; compounds of two known words keep their hyphen."""
    joined: list[str] = []
    for line in lines:
        last = joined[-1] if joined else ""
        head = re.search(rf"([^\W\d_]{{2,}})[{_HYPHENS}]\Z", last)
        tail = re.match(r"[^\W\d_]+", line)
        if head is None or tail is None or not tail[0][0].islower():
            joined.append(line)
            continue
        compound = (head[1] + tail[0]).lower() not in words and {head[1].lower(), tail[0].lower()} <= words
        first, _, rest = line.partition(" ")
        joined[-1] = last[:-1] + ("-" if compound else "") + first
        if rest.strip():
            joined.append(rest.strip())
    return joined


def _join_pages(pages: Sequence[Sequence[Piece]]) -> list[Piece]:
    """All pieces, a ``page`` piece between two pages; a paragraph that runs on holds the form feed in its midst."""
    joined = list(pages[0])
    for page in pages[1:]:
        following = list(page)
        if joined and following and _runs_on(joined[-1], following[0]):
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}\f{following[0].text}")
            following = following[1:]
        else:
            joined.append(Piece(kind="page", text=""))
        joined += following
    return joined


def _runs_on(last: Piece, first: Piece) -> bool:
    may = last.kind in ("text", "item") and first.kind == "text" and not last.level and not first.level
    return may and bool(re.search(r"[\w,;’')-]\Z", last.text)) and first.text[:1].islower()
