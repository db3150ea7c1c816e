"""Rows and columns, for a terminal or a Markdown file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells under a header; the first ``text_columns`` are text, the others are figures."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1

    def as_text(self) -> str:
        """Aligned columns for a terminal."""
        cells = (self.header, *self.rows)
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.header))]
        lines = [
            "  ".join(
                c.ljust(w) if i < self.text_columns else c.rjust(w)
                for i, (c, w) in enumerate(zip(row, widths, strict=True))
            )
            for row in cells
        ]
        rule = "-" * max(map(len, lines))
        return "\n".join((self.title, rule, lines[0].rstrip(), rule, *(line.rstrip() for line in lines[1:])))

    def as_markdown(self) -> str:
        """A Markdown table under a heading; a bar in a cell is escaped."""
        rule = "|".join("---" if i < self.text_columns else "---:" for i in range(len(self.header)))
        escaped = [[cell.replace("|", "\\|") for cell in row] for row in self.rows]
        rows = [f"| {' | '.join(row)} |" for row in escaped]
        return "\n".join((f"## {self.title}", "", f"| {' | '.join(self.header)} |", f"|{rule}|", *rows))
