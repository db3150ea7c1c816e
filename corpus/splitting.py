"""Cut a document into passages that together keep every character, and a passage into sentences."""

import re
from collections.abc import Iterator, Sequence

from corpus.documents import Document, Passage, Sentence, SentenceKind
from corpus.outline import Line, Section, lines_of, sections
from corpus.packing import Unit, pack, units, weight
from corpus.sentences import sentence_spans

TINY_SECTION = 40  # words below which a section joins its equally tiny sibling
LARGEST_PASSAGE = 180  # words
LONGEST_LABEL = 60  # characters
LABELLED_ITEM = 40  # words of an item, up to which its label stands before all of its sentences
LABELLED = 4  # words of a sentence from which a label may stand before it


def split(document: Document) -> tuple[Passage, ...]:
    """The passages in text order, of about 120 to 180 words; a section that is shorter stays one.

    A passage lies in one section, except that sections of less than 40 words under the same heading may share one; its
    ``headings`` are then those above both. A heading with nothing under it goes with what follows. A list stays with
    its lead-in, and is cut, like a long paragraph, only where it alone exceeds a passage.
    """
    text = document.text
    has_pages = "\f" in text or document.source.lower().endswith(".pdf")
    passages: list[Passage] = []
    page, counted = 1, 0
    for start, end, path in _spans(text):
        page, counted = page + text.count("\f", counted, start), start
        passages.append(
            Passage(
                passage_id=f"{document.doc_id}#{len(passages) + 1}",
                doc_id=document.doc_id,
                title=document.title,
                text=text[start:end],
                headings=path[1:] if path and _is_title(path[0], document.title) else path,
                start=start,
                end=end,
                page=page if has_pages else None,
            )
        )
    return tuple(passages)


def _is_title(heading: str, title: str) -> bool:
    """Whether a heading is the document's title, to which its fields may have added what it is about."""
    return heading == title or title.startswith(f"{heading}: ")


def split_sentences(passage: Passage) -> tuple[Sentence, ...]:
    """The sentences in order, with offsets into the document's text; headings, leads and list items are told apart.

    A sentence may run over a line or page end within its paragraph. Every sentence of a list item is an ``item``, and
    so is a table row. What a paragraph begins with to say what it is about ("Pay. The CMO is paid …") stays with its
    first sentence, which may mean little without it; so does all of a short item ("Level 3: a third event. A plan.").
    """
    found: list[Sentence] = []
    for run in _runs(passage.text):
        kind = _KINDS.get(run[0].kind, "prose")
        spans = [(run[0].body, run[-1].end)]  # a heading stays one, whatever stops are in it
        if kind != "heading":
            spans = _with_label(passage.text, sentence_spans(passage.text, *spans[0]), item=run[0].kind == "item")
        for start, end in spans:
            if found and kind == "item" and run[0].kind == "item" and found[-1].kind == "prose":
                _mark_lead(found)
            text = passage.text[start:end]
            found.append(Sentence(text=text, start=passage.start + start, end=passage.start + end, kind=kind))
    return tuple(found)


def _with_label(text: str, spans: Sequence[tuple[int, int]], *, item: bool) -> list[tuple[int, int]]:
    """The sentences of a paragraph or item, with the label that it may begin with as part of the first."""
    if item and len(spans) > 1 and _ITEM_LABEL.match(text, spans[0][0]):
        whole = (spans[0][0], spans[-1][1])
        return [whole] if len(text[slice(*whole)].split()) <= LABELLED_ITEM else list(spans)
    if len(spans) < 2 or spans[0][1] - spans[0][0] > LONGEST_LABEL or not _LABEL.fullmatch(text, *spans[0]):
        return list(spans)
    start, end = spans[1]
    told = _BEGINS.match(text, start) and len(text[start:end].split()) >= LABELLED
    return [(spans[0][0], end), *spans[2:]] if told else list(spans)


_LABEL = re.compile(
    r"(?!(?:this|that|they|he|she|we|i|you|there|yes|no|not|so|but|and|or|thus|then|ok)\b)"
    r"(?!.*\b(?:it|is|are|was|were|be|do|does|did|has|have|had|can|could|may|must|should|will|would)\b)"
    r"(?:\d+(?:\.\d+)+\.? )?[\w’'&/*-]+(?: [\w’'&/*-]+){0,3}\.\**",
    re.I,
)
"""A few words and a full stop, without a verb that is plain; a clause's number may stand before them."""
_ITEM_LABEL = re.compile(r"[A-Z][\w &/’'()-]{0,30}: (?=[a-z])")
"""A label before what is no sentence."""
_BEGINS = re.compile(r"[\"“'‘(]?(?:[A-Z]|[$€£]?\d)")
_KINDS: dict[str, SentenceKind] = {"heading": "heading", "item": "item", "row": "item"}


def _mark_lead(found: list[Sentence]) -> None:
    last = found[-1]
    if last.text.endswith(":"):
        found[-1] = Sentence(text=last.text, start=last.start, end=last.end, kind="lead")


def _runs(text: str) -> Iterator[list[Line]]:
    """Lines that are read as one: a paragraph, an item with its further lines, a heading, a row."""
    run: list[Line] = []
    for line in lines_of(text, 0, len(text)):
        if run and (
            line.kind != "text" or run[-1].kind in ("heading", "row") or (line.indented and run[0].kind == "text")
        ):
            yield run
            run = []
        if line.kind != "blank":
            run.append(line)
    if run:
        yield run


def _spans(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Start, end and heading path of each passage."""
    waiting: list[Section] = []  # headings with nothing under them, then tiny sections, that wait for company
    for section in sections(text):
        if waiting and not _joins(text, waiting, section):
            yield from _passages_of(text, waiting)
            waiting = []
        waiting.append(section)
    if waiting:
        yield from _passages_of(text, waiting)


def _joins(text: str, waiting: Sequence[Section], section: Section) -> bool:
    last = waiting[-1]
    if not _words(text, last):
        # A heading alone belongs to what stands below it, not to the next chapter.
        return len(section.path) > len(last.path) or not last.path or len(waiting) == 1
    siblings = section.path[:-1] == last.path[:-1] and bool(section.path) and bool(last.path)
    tiny = 0 < _words(text, section) < TINY_SECTION and _words(text, last) < TINY_SECTION
    return siblings and tiny and sum(_words(text, w) for w in waiting) + _words(text, section) <= LARGEST_PASSAGE


def _words(text: str, section: Section) -> int:
    return sum(weight(text, line.start, line.end) for line in section.body)


def _passages_of(text: str, joined: Sequence[Section]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    filled = [section for section in joined if _words(text, section)] or [joined[-1]]
    path = filled[0].path if len(filled) == 1 else filled[0].path[:-1]
    found: list[Unit] = [unit for section in joined for unit in units(text, section.lines)]
    if len(filled) > 1 and found:
        yield found[0].start, found[-1].end, path
        return
    for start, end in pack(found, LARGEST_PASSAGE):
        yield start, end, path
