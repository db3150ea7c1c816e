"""Read the catalog of a version: documents, passages and sentences as they were read, in one SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus.documents import Attribution, Document, Passage, Sentence, Source

_PASSAGE = "SELECT number, key, first, last, passage FROM passages"
# Kept as read, because the steps of one answer ask for the same again and again; some megabytes at most.
_DOCUMENTS_KEPT, _PASSAGES_KEPT = 64, 2_048
_DOCUMENT = "SELECT doc_id, title, settings, date, summary, questions, passages FROM documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A document without its text, for listings."""

    doc_id: str
    title: str
    settings: tuple[str, ...]
    date: str | None
    summary: str
    questions: tuple[str, ...]
    passages: int  # how many


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRow:
    """A passage and where its vectors lie: row ``number`` of the vectors, rows first..last of the token vectors."""

    passage: Passage
    number: int
    key: str  # identifies the embedded text
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceRow:
    """A sentence of a passage and its token rows, first..last, counted from the passage's first."""

    sentence: Sentence
    passage: Passage
    first: int
    last: int


def _document(text: str) -> Document:
    fields: dict[str, Any] = json.loads(text)
    attributions = tuple(
        Attribution(
            **{
                **attribution,
                "fact_ids": tuple(attribution["fact_ids"]),
                "sources": tuple(Source(**source) for source in attribution["sources"]),
            }
        )
        for attribution in fields["attributions"]
    )
    lists = {"settings": tuple(fields["settings"]), "questions": tuple(fields["questions"])}
    return Document(**{**fields, **lists, "attributions": attributions})


def _passage(text: str) -> Passage:
    fields: dict[str, Any] = json.loads(text)
    return Passage(**{**fields, "headings": tuple(fields["headings"])})


def _passage_row(row: Sequence[Any]) -> PassageRow:
    return PassageRow(number=row[0], key=row[1], first=row[2], last=row[3], passage=_passage(row[4]))


class Catalog:
    """A written catalog, read only; one connection that threads take in turn (a read is well below a millisecond)."""

    def __init__(self, path: Path) -> None:
        # A version's files never change, so SQLite needs no locks and a read-only disk will do.
        self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        self._document = lru_cache(maxsize=_DOCUMENTS_KEPT)(self._read_document)
        self._passage = lru_cache(maxsize=_PASSAGES_KEPT)(self._read_passage)
        self._sentences = lru_cache(maxsize=_PASSAGES_KEPT)(self._read_sentences)
        self._passages = lru_cache(maxsize=_DOCUMENTS_KEPT)(self._read_passages)

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def document(self, doc_id: str) -> Document | None:
        """The whole document, or None where there is none of that id."""
        return self._document(doc_id)

    def _read_document(self, doc_id: str) -> Document | None:
        rows = self._rows("SELECT document FROM documents WHERE doc_id = ?", doc_id)
        return _document(rows[0][0]) if rows else None

    def documents(self) -> list[DocumentEntry]:
        """Every document without its text, by id."""
        return [
            DocumentEntry(
                doc_id=row[0],
                title=json.loads(row[1]),
                settings=tuple(json.loads(row[2])),
                date=row[3],
                summary=json.loads(row[4]),
                questions=tuple(json.loads(row[5])),
                passages=row[6],
            )
            for row in self._rows(f"{_DOCUMENT} ORDER BY doc_id")
        ]

    def acronyms(self) -> dict[str, str]:
        """What each acronym stands for that a document explains, as written; of several the first document's.

        The initials of names that no document uses stand for these.
        """
        return dict(self._rows("SELECT acronym, long_form FROM acronyms ORDER BY rowid"))

    def passage(self, passage_id: str) -> PassageRow | None:
        """The passage of that id, or None."""
        return self._passage(passage_id)

    def _read_passage(self, passage_id: str) -> PassageRow | None:
        rows = self._rows(f"{_PASSAGE} WHERE passage_id = ?", passage_id)
        return _passage_row(rows[0]) if rows else None

    def numbered(self, number: int) -> PassageRow:
        """The passage whose vector is row ``number``."""
        return _passage_row(self._rows(f"{_PASSAGE} WHERE number = ?", number)[0])

    def ids(self, numbers: Sequence[int]) -> dict[int, str]:
        """The passage ids of rows by number."""
        marks = ", ".join("?" * len(numbers))
        query = f"SELECT number, passage_id FROM passages WHERE number IN ({marks})"  # noqa: S608 - only marks
        return dict(self._rows(query, *numbers))

    def keyed(self, key: str) -> PassageRow | None:
        """The first passage whose embedded text has that key, or None."""
        rows = self._rows(f"{_PASSAGE} WHERE key = ? ORDER BY number LIMIT 1", key)
        return _passage_row(rows[0]) if rows else None

    def passages(self, doc_id: str) -> list[PassageRow]:
        """The passages of a document in text order; empty where there is none of that id."""
        return list(self._passages(doc_id))

    def _read_passages(self, doc_id: str) -> tuple[PassageRow, ...]:
        return tuple(_passage_row(row) for row in self._rows(f"{_PASSAGE} WHERE doc_id = ? ORDER BY number", doc_id))

    @property
    def ties_facts(self) -> bool:
        """Whether some document ties facts to its sentences."""
        ((found,),) = self._rows("SELECT EXISTS (SELECT 1 FROM ties)")
        return bool(found)

    def stating(self, facts: Collection[str]) -> list[PassageRow]:
        """The passages that state one of some facts, as their documents tie them, by document and place."""
        marks = ", ".join("?" * len(facts))
        query = f"SELECT doc_id, start, end FROM ties WHERE fact IN ({marks})"  # noqa: S608 - only marks
        spans: dict[str, list[tuple[int, int]]] = {}
        for doc_id, start, end in self._rows(query, *facts):
            spans.setdefault(doc_id, []).append((start, end))
        return [
            row
            for doc_id in sorted(spans)
            for row in self.passages(doc_id)
            if any(start < row.passage.end and row.passage.start < end for start, end in spans[doc_id])
        ]

    def numbers_of(self, setting: str) -> list[int]:
        """The row numbers of the passages whose document fits a setting: names it, or ``any``."""
        fitting = [entry.doc_id for entry in self.documents() if {setting, "any"} & set(entry.settings)]
        found: list[int] = []
        for doc_id in fitting:
            found += [row[0] for row in self._rows("SELECT number FROM passages WHERE doc_id = ?", doc_id)]
        return sorted(found)

    def sentences(self, passage_id: str) -> list[SentenceRow]:
        """The sentences of a passage in text order; empty where there is none of that id."""
        return list(self._sentences(passage_id))

    def _read_sentences(self, passage_id: str) -> tuple[SentenceRow, ...]:
        row = self.passage(passage_id)
        if row is None:
            return ()
        query = "SELECT first, last, text, start, end, kind FROM sentences WHERE passage_id = ? ORDER BY ordinal"
        return tuple(
            SentenceRow(
                sentence=Sentence(text=json.loads(text), start=start, end=end, kind=kind),
                passage=row.passage,
                first=first,
                last=last,
            )
            for first, last, text, start, end, kind in self._rows(query, passage_id)
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
