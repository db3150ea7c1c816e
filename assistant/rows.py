"""Which rows of a table a question asks for: those that it names, or the one that has most or least of something.

A row is quoted without the table around it, with the names of its columns ("Specialty: Cardiology | Target: 8,100"), so
by their words all rows are much alike.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.terms import term_set
from index import SentenceRow

NAMED, NOT_NAMED = 2.0, 0.05  # what the odds of a row are multiplied by that a question names, or that is beside one
MOST, NOT_MOST = 4.0, 0.1  # the same of the row that has most or least of what is asked, and of the others
ROWS_TO_COMPARE = 3
CELLS = " | "  # stands between the cells of a row
LIKE = 6  # letters that two words of one family begin with: "psychiatrist" and "Psychiatry"
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_MOST = re.compile(r"\b(?:highest|largest|biggest|greatest|longest|maximum|(?:the|has|have|had|pays?) most)\b", re.I)
_LEAST = re.compile(r"\b(?:lowest|smallest|shortest|fewest|minimum|(?:the|has|have|had|pays?) least)\b", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row: where it stands among the sentences, the words that name it, and its cells by column."""

    at: int
    key: frozenset[str]
    cells: Mapping[str, str]


def by_row(question: str, sentences: Sequence[SentenceRow]) -> list[float]:
    """What the odds of each sentence are multiplied by; 1.0 for what is no row, or of a table of rows all alike."""
    times = [1.0] * len(sentences)
    for rows in _tables(sentences):
        most, least = _MOST.search(question), _LEAST.search(question)
        found = _extreme(question, rows, most=most is not None) if most or least else _named(question, rows)
        for row, factor in found.items():
            times[row] = factor
    return times


def _tables(sentences: Sequence[SentenceRow]) -> Iterator[list[_Row]]:
    """The rows of each table that several are there of; they have its columns in common."""
    tables: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[_Row]] = {}
    for at, row in enumerate(sentences):
        parts = [part.partition(": ") for part in row.sentence.text.split(CELLS)]
        cells = {name: value for name, _, value in parts if value}
        first = next((value or name for name, _, value in parts if re.search(r"[^\W\d_]", value or name)), "")
        if len(parts) > 1 and first:
            place = row.passage.doc_id, row.passage.headings, tuple(name for name, _, value in parts if value)
            tables.setdefault(place, []).append(_Row(at=at, key=term_set(first), cells=cells))
    return (rows for rows in tables.values() if len(rows) > 1)


def _named(question: str, rows: Sequence[_Row]) -> dict[int, float]:
    """A factor for each row where the question has a word of the name of some; nothing where it names none.

    Of the rows that have a word in common, those count that have most of the question's words. A word that names a
    column tells no row from another.
    """
    columns = term_set(" ".join(name for row in rows for name in row.cells))
    asked = {term for term in term_set(question) if not any(_alike(term, name) for name in columns)}
    shared = {row.at: {term for term in asked if any(_alike(term, own) for own in row.key)} for row in rows}
    telling = {term for term in asked if 0 < sum(term in found for found in shared.values()) < len(rows)}
    if not telling:
        return {}
    most = {term: max(len(found) for found in shared.values() if term in found) for term in telling}
    named = {at for at, found in shared.items() if any(len(found) == most[term] for term in found & telling)}
    return {row.at: NAMED if row.at in named else NOT_NAMED for row in rows}


def _alike(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) >= LIKE and one[:LIKE] == other[:LIKE])


def _extreme(question: str, rows: Sequence[_Row], *, most: bool) -> dict[int, float]:
    """A factor for each row where one column is what the question asks for the most or the least of."""
    asked = term_set(question)

    def fits(name: str) -> tuple[int, float]:
        own = term_set(name)
        return len(asked & own), len(asked & own) / max(1, len(own))

    column = max((name for row in rows for name in row.cells), key=fits, default="")
    found = {row.at: _NUMBER.search(row.cells.get(column, "")) for row in rows}
    values = {at: float(number[0].replace(",", "")) for at, number in found.items() if number}
    if not fits(column)[0] or len(values) < ROWS_TO_COMPARE:
        return {}
    best = max(values.values()) if most else min(values.values())
    return {row.at: MOST if values.get(row.at) == best else NOT_MOST for row in rows}
