"""Write the catalog of a version: documents, passages and sentences as they were read, in one SQLite file."""

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from corpus.acronyms import initials_of_names, learn_acronyms
from corpus.documents import Document
from index.catalog import PassageRow, SentenceRow

_LETTERS = re.compile(r"\b[A-Z]{2,}(?=s?\b)")
_SCHEMA = """
CREATE TABLE documents (doc_id TEXT PRIMARY KEY, title TEXT, settings TEXT, date TEXT, summary TEXT, questions TEXT,
                        passages INTEGER, document TEXT) WITHOUT ROWID;
CREATE TABLE passages (number INTEGER PRIMARY KEY, passage_id TEXT UNIQUE, doc_id TEXT, key TEXT, first INTEGER,
                       last INTEGER, passage TEXT);
CREATE INDEX passages_of ON passages (doc_id, number);
CREATE INDEX keys ON passages (key);
CREATE TABLE sentences (passage_id TEXT, ordinal INTEGER, first INTEGER, last INTEGER, text TEXT, start INTEGER,
                        end INTEGER, kind TEXT, PRIMARY KEY (passage_id, ordinal)) WITHOUT ROWID;
CREATE TABLE ties (fact TEXT, doc_id TEXT, start INTEGER, end INTEGER);
CREATE INDEX facts ON ties (fact);
CREATE TABLE acronyms (acronym TEXT, long_form TEXT);
"""


def _dumped(value: object) -> str:
    return json.dumps(value)  # ASCII, so that a lone surrogate in a text survives SQLite


class CatalogWriter:
    """Writes a catalog; nothing is in it until ``close``."""

    def __init__(self, path: Path) -> None:
        self._closed = False
        self._connection = sqlite3.connect(path)
        self._connection.executescript("PRAGMA journal_mode = OFF;" + _SCHEMA)
        self._acronyms: dict[str, str] = {}
        self._initials: dict[str, str] = {}  # of names; readers may use them though no document does
        self._letters: set[str] = set()  # that documents use

    def add_document(self, document: Document, *, passages: int) -> None:
        """Add a document, how many passages it has, the acronyms that it explains, and where it states a fact."""
        self._acronyms = learn_acronyms(document.text) | self._acronyms  # the first to explain one has the word
        self._initials = initials_of_names(document.text) | self._initials
        self._letters.update(_LETTERS.findall(document.text))
        row = (
            document.doc_id,
            _dumped(document.title),
            _dumped(document.settings),
            document.date,
            _dumped(document.summary),
            _dumped(document.questions),
            passages,
            _dumped(asdict(document)),
        )
        self._connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        ties = ((fact, document.doc_id, a.start, a.end) for a in document.attributions for fact in a.fact_ids)
        self._connection.executemany("INSERT INTO ties VALUES (?, ?, ?, ?)", ties)

    def add_passage(self, row: PassageRow, sentences: Iterable[SentenceRow]) -> None:
        """Add a passage with its sentences, in text order."""
        passage = row.passage
        self._connection.execute(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row.number, passage.passage_id, passage.doc_id, row.key, row.first, row.last, _dumped(asdict(passage))),
        )
        rows = (
            (passage.passage_id, n, s.first, s.last, _dumped(s.sentence.text), s.sentence.start, s.sentence.end,
             s.sentence.kind)
            for n, s in enumerate(sentences)
        )  # fmt: skip
        self._connection.executemany("INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def close(self) -> None:
        """Write all and close; nothing happens where that was done."""
        if not self._closed:
            self._closed = True
            unused = {a: name for a, name in self._initials.items() if a not in self._letters}
            self._connection.executemany("INSERT INTO acronyms VALUES (?, ?)", (unused | self._acronyms).items())
            self._connection.commit()
            self._connection.close()
