"""Read files as documents: each file becomes a Document or is named with the reason why not."""

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from corpus.content import Content
from corpus.documents import Attribution, Document
from corpus.errors import UnreadableFile
from corpus.files import SourceFile, find_files
from corpus.formats import is_plain, read_content
from corpus.front_matter import Confidence, FrontMatter
from corpus.isolation import isolated_content
from corpus.normal_form import Block, compose
from corpus.sentences import sentence_spans
from corpus.titles import title_of

LARGEST_FILE = 64 * 1024 * 1024  # bytes
SMALL_TEXT = 32 * 1024  # bytes; the worst Markdown of that size takes a second to parse


def read_documents(folder: Path) -> tuple[list[Document], list[UnreadableFile]]:
    """Every file below ``folder`` (or the one file that it is), as a document or as a skip with its reason.

    Both lists are in the order of the doc_ids. Raises UserError only where ``folder`` itself can't be read.
    """
    documents = []
    skipped = []
    for file in find_files(folder):
        try:
            documents.append(read_document(file))
        except UnreadableFile as error:
            skipped.append(error)
    return documents, skipped


def read_document(file: SourceFile) -> Document:
    """The file as a document. Raises UnreadableFile with a reason of a few words for every file that is none."""
    data = _read_bytes(file)
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        content = _parsed(data, name=file.doc_id)
        text, starts = compose(content.blocks)
        if not text.strip():
            raise UnreadableFile(file.doc_id, "no text in it")
    except UnreadableFile as error:
        raise UnreadableFile(file.doc_id, error.reason, sha256=sha256) from error
    about = content.about
    return Document(
        doc_id=file.doc_id,
        title=about.title or title_of(content, file.doc_id),
        text=text,
        source=PurePosixPath(file.doc_id).name,
        publisher=about.publisher,
        url=about.url,
        date=about.date,
        settings=about.settings,
        summary=about.summary,
        questions=about.questions,
        attributions=tuple(_attributions(content.blocks, starts, about)),
        sha256=sha256,
    )


def _parsed(data: bytes, *, name: str) -> Content:
    if not data.strip():
        raise UnreadableFile(name, "empty file")
    parse = read_content if len(data) <= SMALL_TEXT and is_plain(data, name=name) else isolated_content
    try:
        return parse(data, name=name)
    except (UnreadableFile, MemoryError):
        raise
    except Exception as error:
        # Parsers meet damaged files with errors of every kind; none of them may end the run over a folder.
        raise UnreadableFile(name, f"damaged: {type(error).__name__}") from error


def _read_bytes(file: SourceFile) -> bytes:
    if file.fault:
        raise UnreadableFile(file.doc_id, file.fault)
    try:
        with file.path.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)  # whatever its size was when it was found: files grow
    except OSError as error:
        raise UnreadableFile(file.doc_id, f"cannot be opened: {error.strerror or type(error).__name__}") from error
    if len(data) > LARGEST_FILE:
        reason = f"too large: more than {LARGEST_FILE // 1024 // 1024} MB"
        raise UnreadableFile(file.doc_id, reason, sha256=hashlib.sha256(data).hexdigest())
    return data


def _attributions(blocks: Sequence[Block], starts: Sequence[int], about: FrontMatter) -> list[Attribution]:
    found = []
    for block, start in zip(blocks, starts, strict=True):
        before = 0
        for at, comment in block.marks:
            spans = sentence_spans(block.text, before, at) if block.kind != "heading" else []
            fact_ids = tuple(dict.fromkeys(name for name in comment.split() if name in about.facts))
            if spans and fact_ids:
                found.append(_attribution(start + spans[-1][0], start + spans[-1][1], fact_ids, about))
            before = at
    return found


def _attribution(start: int, end: int, fact_ids: tuple[str, ...], about: FrontMatter) -> Attribution:
    facts = [about.facts[fact_id] for fact_id in fact_ids]
    order: tuple[Confidence, ...] = ("low", "medium", "high")
    return Attribution(
        start=start,
        end=end,
        fact_ids=fact_ids,
        sources=tuple(about.sources[i] for i in dict.fromkeys(f.source_id for f in facts) if i in about.sources),
        confidence=min((fact.confidence for fact in facts), key=order.index),
    )
