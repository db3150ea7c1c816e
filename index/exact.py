"""Find the nearest passages by comparing the query with all: for few it is quicker than any graph, and misses none."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encodings import Floats

EXACT_UP_TO = 10_000
"""Passages of an index on disk that are all compared: some milliseconds at this size. Beyond it Chroma searches."""


def nearest(vectors: Floats, query: Floats, *, k: int, allowed: NDArray[np.bool_] | None) -> list[tuple[int, float]]:
    """The k nearest rows as (number, cosine -1..1), best first, ties by number.

    Args:
        vectors: (passages, dimension) unit rows.
        query: (dimension,) of unit length.
        k: how many at most.
        allowed: a (passages,) mask of those that may be returned; None for all.

    """
    cosines = vectors @ query
    numbers = np.arange(len(cosines)) if allowed is None else np.flatnonzero(allowed)
    order = numbers[np.lexsort((numbers, -cosines[numbers]))][:k]
    return [(int(n), float(cosines[n])) for n in order]


def check_files(chroma: Path) -> None:
    """See that Chroma's folder is whole, without its import, which takes longer than an answer.

    What is not read is not missed, until the index outgrows the exact search or is updated.

    Raises:
        ValueError: it is missing, or its database is.
        sqlite3.DatabaseError: the database is damaged.

    """
    database = chroma / "chroma.sqlite3"
    if not database.is_file():
        raise ValueError(f"{database} is missing")
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        tables = connection.execute("PRAGMA schema_version").fetchone()[0]
        state = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if not tables or state != "ok":
        raise ValueError(f"{database}: {state if tables else 'empty'}")
