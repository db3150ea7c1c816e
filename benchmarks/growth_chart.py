"""What growth costs as an SVG: building, disk, memory and search against the number of passages.

Sizes are logarithmic, and so is all but the search: what grows in step with the corpus is a line as steep as the grey
one. The figures stand at the points, since a chart in a report has no pointer to ask with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

Row = Mapping[str, float | str]

STORES: Final = {"disk": ("on disk", "#1f5f8b"), "server": ("on a Chroma server", "#b4552d")}
_WIDTH, _HEIGHT = 820, 540
_PANEL_WIDTH, _PANEL_HEIGHT = 320, 160
_INK, _FAINT, _GRID, _IN_STEP = "#222", "#667", "#e4e6ea", "#d3d6dc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One measure: its title, the keys that are added up for a store, and how its values are told."""

    title: str
    keys: Mapping[str, Sequence[str]]
    unit: Sequence[tuple[float, str]]  # from this value on, told in these: (60, "min") after (1, "s")
    upper: str = ""  # the key of a second, fainter line
    logarithmic: bool = True

    def value(self, row: Row) -> float:
        """The measure of one row."""
        return sum(float(row.get(key, 0.0)) for key in self.keys[str(row["store"])])

    def told(self, value: float) -> str:
        """A value with its unit."""
        size, name = max((step for step in self.unit if step[0] <= value), default=self.unit[0])
        return f"{value / size:.{0 if value / size >= 9.95 else 1}f} {name}"


_HALO: Final = 'stroke="#fff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"'
_TIME: Final = ((1.0, "s"), (60.0, "min"), (3600.0, "h"))
_SIZE: Final = ((1.0, "MB"), (1024.0, "GB"))
_FILES: Final = tuple(
    f"disk_{part}_mb" for part in ("catalog", "vectors", "tokens", "spans", "pieces", "weights", "bm25", "chroma")
)
PANELS: Final = (
    Panel(title="Building the index", keys={"disk": ["build_s"], "server": ["build_s"]}, unit=_TIME),
    Panel(
        title="One search: median, and 95 of 100 (dashed)",
        keys={"disk": ["search_p50_ms"], "server": ["search_p50_ms"]},
        unit=((1.0, "ms"),),
        upper="search_p95_ms",
        logarithmic=False,
    ),
    Panel(title="Files, a server's included", keys={"disk": _FILES, "server": [*_FILES, "server_disk_mb"]}, unit=_SIZE),
    Panel(
        title="Memory while building, a server's included",
        keys={"disk": ["build_peak_mb"], "server": ["build_peak_mb", "server_mb"]},
        unit=_SIZE,
    ),
)


def growth_chart(rows: Sequence[Row]) -> str:
    """The SVG of all measured sizes and stores; of two rows of one size and store the later counts."""
    latest = {(str(row["store"]), float(row["passages"])): row for row in rows}
    kept = [latest[key] for key in sorted(latest)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" font-family="system-ui, sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        _text(40, 32, "What growth costs, by number of passages", size=17, weight=600),
    ]
    for place, (name, colour) in enumerate(STORES.values()):
        left = 40 + 130 * place
        parts.append(f'<rect x="{left}" y="46" width="12" height="12" rx="2" fill="{colour}"/>')
        parts.append(_text(left + 18, 57, name))
    parts += [_line([(330, 53), (352, 53)], _IN_STEP, 5), _text(360, 57, "in step with the corpus")]
    for place, panel in enumerate(PANELS):
        parts += _Drawn(panel, kept, left=62 + place % 2 * 400, top=110 + place // 2 * 240).parts()
    return "\n".join([*parts, "</svg>", ""])


class _Drawn:
    """A panel at its place."""

    def __init__(self, panel: Panel, rows: Sequence[Row], *, left: float, top: float) -> None:
        self._panel, self._rows, self._left, self._top = panel, rows, left, top
        sizes = sorted({float(row["passages"]) for row in rows})
        self._sizes = sizes
        self._from, self._to = log10(sizes[0]) - 0.15, log10(sizes[-1]) + 0.25
        values = [panel.value(row) for row in rows] + [float(row[panel.upper]) for row in rows if panel.upper]
        if panel.logarithmic:
            self._low, self._high = log10(min(values)) - 0.25, log10(max(values)) + 0.25
        else:
            self._low, self._high = -0.15 * max(values), 1.15 * max(values)  # room below for a figure

    def _x(self, passages: float) -> float:
        return self._left + _PANEL_WIDTH * (log10(passages) - self._from) / (self._to - self._from)

    def _y(self, value: float) -> float:
        at = log10(value) if self._panel.logarithmic else value
        return self._top + _PANEL_HEIGHT * (1 - (at - self._low) / (self._high - self._low))

    def parts(self) -> list[str]:
        """Its title, axis, lines and figures."""
        bottom = self._top + _PANEL_HEIGHT
        parts = [_text(self._left, self._top - 14, self._panel.title, weight=600)]
        for size in self._sizes:
            x = self._x(size)
            parts.append(_line([(x, self._top), (x, bottom)], _GRID))
            parts.append(_text(x, bottom + 18, _rounded(size), colour=_FAINT, anchor="middle"))
        parts.append(_line([(self._left, bottom), (self._left + _PANEL_WIDTH, bottom)], "#999"))
        if self._panel.logarithmic:
            parts += self._in_step()
        for store, (_, colour) in STORES.items():
            parts += self._lines(store, colour)
        return parts

    def _in_step(self) -> list[str]:
        """A line that grows as the corpus does, through the first point."""
        first = min(self._rows, key=lambda row: float(row["passages"]))
        begin, start = float(first["passages"]), self._panel.value(first)
        # Not beyond the panel's edge.
        end = min(self._sizes[-1], begin * 10**self._high / start)
        return [_line([(self._x(begin), self._y(start)), (self._x(end), self._y(start * end / begin))], _IN_STEP, 5)]

    def _lines(self, store: str, colour: str) -> list[str]:
        rows = [row for row in self._rows if row["store"] == store]
        if not rows:
            return []
        points = [(self._x(float(row["passages"])), self._y(self._panel.value(row))) for row in rows]
        parts = [_line(points, colour, 2)]
        if self._panel.upper:
            upper = [(x, self._y(float(row[self._panel.upper]))) for (x, _), row in zip(points, rows, strict=True)]
            parts.append(_line(upper, colour, 1, dashed=True))
        for (x, y), row in zip(points, rows, strict=True):
            parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3.5" fill="{colour}"/>')
            above = self._is_highest(row)
            told = self._panel.told(self._panel.value(row))
            parts.append(_text(x, y - 9 if above else y + 18, told, colour=colour, anchor="middle"))
        return parts

    def _is_highest(self, row: Row) -> bool:
        """Whether no store costs more at this size: its figure stands above its point, the other's below."""
        others = [each for each in self._rows if each["passages"] == row["passages"] and each["store"] != row["store"]]
        return all(self._panel.value(row) >= self._panel.value(other) for other in others)


def _rounded(size: float) -> str:
    """A number of passages as one says it: documents do not split into exactly as many."""
    return f"{round(size, 2 - len(str(int(size)))):,.0f}"


def _text(
    x: float, y: float, text: str, *, colour: str = _INK, anchor: str = "start", size: int = 12, weight: int = 400
) -> str:
    style = f'fill="{colour}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" {_HALO}'
    return f'<text x="{x:.0f}" y="{y:.0f}" {style}>{text}</text>'


def _line(points: Sequence[tuple[float, float]], colour: str, width: int = 1, *, dashed: bool = False) -> str:
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>'
