"""A table's rows, each with the names of its columns: a row is quoted without the table around it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.normal_form import Block, one_line

WIDEST, LONGEST = 50, 500  # columns and rows that a cell runs over at most
LONGEST_NAME = 8  # words of the name of a column or field
FIELD = 2  # cells of a row that is a name and a value
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s?[/–-]\s?\d{2,4})?")


def table_blocks(rows: Sequence[Sequence[str]], *, header: bool) -> list[Block]:
    """The rows of a table that are not empty, as "Goal: Hire ten | Owner: CEO" where the first tells the names.

    A table of two columns without names is one of fields: each row is a paragraph "Owner: CEO".
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    names = cells[0] if header and cells and any(map(_is_name, cells[0])) else []
    body = [row for row in cells[bool(names) :] if any(row)]
    if not names and all(len(row) == FIELD and _is_name(row[0]) for row in body):
        texts = [": ".join(filter(None, row)) for row in body]
    else:
        texts = [_row(row, names) for row in body] or [_row(names, ())]
    return [Block(kind="row" if " | " in text else "paragraph", text=text) for text in texts if text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell as its file has it: over how many ``columns`` and ``rows`` it runs, and whether it heads them."""

    text: str
    columns: int = 1
    rows: int = 1
    head: bool = False


def laid_out(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """The rows with each cell once for every column and row that it runs over."""
    found: list[list[Cell]] = []
    hanging: dict[int, tuple[Cell, int]] = {}  # by column, what runs on from above and for how many rows
    for row in rows:
        laid: list[Cell] = []
        waiting = list(row)
        while waiting or len(laid) in hanging:
            if len(laid) in hanging:
                cell, left = hanging.pop(len(laid))
                if left > 1:
                    hanging[len(laid)] = (cell, left - 1)
                laid.append(cell)
                continue
            cell = waiting.pop(0)
            for _ in range(min(cell.columns, WIDEST)):
                if cell.rows > 1:
                    hanging[len(laid)] = (cell, min(cell.rows, LONGEST) - 1)
                laid.append(cell)
        found.append(laid)
    return found


def named_by_heads(rows: Sequence[Sequence[Cell]]) -> list[Block]:
    """The blocks of a laid out table, whose columns are named by the rows of heads that it begins with."""
    heads = 0
    while heads < len(rows) and rows[heads] and all(cell.head for cell in rows[heads]):
        heads += 1
    texts = [[one_line(cell.text) for cell in (row if len(set(row)) > 1 else row[:1])] for row in rows]
    if heads and len({len(row) for row in texts[:heads]}) == 1:
        names = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*texts[:heads], strict=True)]
        return table_blocks([names, *texts[heads:]], header=True)
    return table_blocks(texts, header=heads > 0)


def _row(cells: Sequence[str], names: Sequence[str]) -> str:
    if len(names) != len(cells):  # cells that run over several columns
        return " | ".join(filter(None, cells))
    pairs = zip(names, cells, strict=True)
    told = [f"{name}: {cell}" if cell and _names_column(name) else cell for name, cell in pairs]
    return " | ".join(filter(None, told))


def _is_name(text: str) -> bool:
    """Whether a cell may name a column or field: a few words; "#" and figures alone name nothing."""
    return any(c.isalpha() for c in text) and len(text.split()) <= LONGEST_NAME


def _names_column(text: str) -> bool:
    return _is_name(text) or bool(_YEAR.fullmatch(text))
