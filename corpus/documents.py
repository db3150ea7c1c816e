"""What a text is: a document, its passages, their sentences, and where its facts come from."""

from dataclasses import dataclass
from typing import Literal

SETTINGS = ("hospital", "health_center", "payer", "pharma", "government", "any")
"""The kinds of employer that a document may speak of; ``any`` fits every one of them."""

SentenceKind = Literal["prose", "lead", "item", "heading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A publication that stands behind a fact: bibliographic data as printed, None where it prints none."""

    source_id: str
    title: str
    publisher: str | None
    url: str | None
    date: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The facts that one sentence of a document states, and the publications behind them.

    ``start`` and ``end`` are offsets into ``Document.text``; ``confidence`` is the lowest of its facts'.
    """

    start: int
    end: int
    fact_ids: tuple[str, ...]
    sources: tuple[Source, ...]
    confidence: Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One text in the corpus, in the one normal form that readers produce.

    ``text`` is plain text in light Markdown whatever the file was: headings are lines of ``#`` to ``######``, list
    items begin with ``- `` or ``1. ``, blocks are parted by a blank line, pages (PDF) by a form feed.
    """

    doc_id: str  # path below the corpus root, with "/" whatever the system
    title: str
    text: str
    source: str  # the file name it was read from
    publisher: str | None
    url: str | None
    date: str | None  # ISO 8601, whole or only the year
    settings: tuple[str, ...]  # of SETTINGS
    summary: str  # "" where the file gives none
    questions: tuple[str, ...]  # that its author says it answers
    attributions: tuple[Attribution, ...]  # in text order; empty where the file ties no facts
    sha256: str  # of the file's bytes

    def attributed(self, start: int, end: int) -> tuple[Attribution, ...]:
        """The attributions that overlap a span of the text, in text order."""
        return tuple(a for a in self.attributions if a.start < end and start < a.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of a document, about 120 to 180 words, that one citation can point to.

    ``document.text[start:end] == text`` always; ``headings`` is the path from the outermost heading inwards.
    """

    passage_id: str  # "compare/cmo-and-ceo.md#3"
    doc_id: str
    title: str  # of the document
    text: str
    headings: tuple[str, ...]
    start: int
    end: int
    page: int | None  # 1-based, where the file has pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence, a list's lead-in, a list item or a heading line: ``document.text[start:end] == text``.

    The text is without its list marker or ``#``; a ``lead`` is a sentence that ends in a colon before a list.
    """

    text: str
    start: int
    end: int
    kind: SentenceKind
