"""A table's rows, each with the names of its columns: a row is quoted without the table around it."""

from collections.abc import Sequence

from corpus.normal_form import Block, one_line

LONGEST_NAME = 8  # words of the name of a column or field
FIELD = 2  # cells of a row that is a name and a value


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


def _row(cells: Sequence[str], names: Sequence[str]) -> str:
    if len(names) != len(cells):  # cells that run over several columns
        return " | ".join(filter(None, cells))
    told = [f"{name}: {cell}" if _is_name(name) and cell else cell for name, cell in zip(names, cells, strict=True)]
    return " | ".join(filter(None, told))


def _is_name(text: str) -> bool:
    """Whether a cell may name a column or field: a few words; "#" and figures alone name nothing."""
    return any(c.isalpha() for c in text) and len(text.split()) <= LONGEST_NAME
