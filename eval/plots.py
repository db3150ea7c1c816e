"""Pictures of figures as inline SVG: pure functions from values to text, coloured by the page's style sheet.

Every plot carries its numbers as text or as titles too, so that nothing is told by colour or by place alone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

Name = TypeVar("Name", bound=str)
_ROW = 26  # pixels a row of a plot with labels takes
_LABEL = 150
_WIDTH = 640
_NUMBERS = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One row of a dot plot: a value with its interval over ``n`` questions, and a second, hollow one where given."""

    label: str
    value: float
    interval: tuple[float, float] | None
    n: int
    hollow: float | None = None
    tone: str = "good"


def dots(rows: Sequence[Dot], *, title: str) -> str:
    """A dot plot on a scale of 0 to 1: one row a group, the interval as a line through the dot."""
    height = _ROW * len(rows) + 26
    parts = [_grid(height - 22)]
    for place, row in enumerate(rows):
        y = _ROW * place + 14
        parts.append(f'<text class="label" x="{_LABEL - 12}" y="{y + 4}" text-anchor="end">{escape(row.label)}</text>')
        if row.interval:
            low, high = (_x(bound) for bound in row.interval)
            parts.append(f'<line class="range {row.tone}" x1="{low}" x2="{high}" y1="{y}" y2="{y}"/>')
        if row.hollow is not None:
            parts.append(f'<circle class="hollow {row.tone}" cx="{_x(row.hollow)}" cy="{y}" r="4"/>')
        parts.append(f'<circle class="dot {row.tone}" cx="{_x(row.value)}" cy="{y}" r="5"/>')
        numbers = f"{row.value:.2f}<tspan class='faint'>  n {row.n}</tspan>"
        parts.append(f'<text class="number" x="{_WIDTH - _NUMBERS + 14}" y="{y + 4}">{numbers}</text>')
    return _svg(parts, _WIDTH, height, title)


def bars(rows: Sequence[tuple[str, Mapping[Name, int]]], names: Sequence[Name], *, title: str) -> str:
    """Stacked bars of shares, one row a group; a part's name is its class, its count its title."""
    height = _ROW * len(rows)
    parts = []
    span = _WIDTH - _LABEL - 50
    for place, (label, counts) in enumerate(rows):
        y, x, total = _ROW * place + 4, float(_LABEL), sum(counts.values())
        parts.append(f'<text class="label" x="{_LABEL - 12}" y="{y + 13}" text-anchor="end">{escape(label)}</text>')
        for name in names:
            width = span * counts.get(name, 0) / total if total else 0.0
            if width:
                told = f"{label}: {counts[name]} of {total} {name}"
                css = f"fate-{name.replace(' ', '-')}"
                parts.append(
                    f'<rect class="{css}" x="{x:.1f}" y="{y}" width="{max(width - 1, 0.5):.1f}" height="18">'
                    f"<title>{escape(told)}</title></rect>"
                )
                if width > 26:
                    share = f"{counts[name] / total:.0%}"
                    parts.append(f'<text class="on {css}" x="{x + 5:.1f}" y="{y + 13}">{share}</text>')
            x += width
        parts.append(f'<text class="number faint" x="{_WIDTH - 42}" y="{y + 13}">n {total}</text>')
    return _svg(parts, _WIDTH, height, title)


def curve(
    points: Sequence[tuple[float, float]], *, marks: Sequence[tuple[float, float, str]], title: str, level: float
) -> str:
    """The risk at every coverage, with marked points; ``level`` is the risk of any order of the questions."""
    width, height, left, bottom = 460, 272, 46, 48
    top = max([level, *(risk for _, risk in points)], default=1.0) * 1.15 or 1.0

    def at(coverage: float, risk: float) -> tuple[float, float]:
        return left + coverage * (width - left - 14), (height - bottom) * (1 - risk / top) + 4

    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = at(tick, 0)
        parts.append(f'<text class="tick" x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{tick:.0%}</text>')
    for tick in _ticks(top):
        x, y = at(0, tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{width - 14}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{tick:.2f}</text>')
    x, y = at(1, level)
    parts.append(f'<line class="level" x1="{left}" x2="{x:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
    parts.append(f'<text class="tick" x="{left + 6}" y="{y - 6:.1f}">any order {level:.2f}</text>')
    drawn = " ".join(f"{px:.1f},{py:.1f}" for px, py in (at(c, r) for c, r in points))
    base = at(1, 0)[1]
    parts.append(f'<polygon class="area" points="{left},{base:.1f} {drawn} {x:.1f},{base:.1f}"/>')
    parts.append(f'<polyline class="curve" points="{drawn}"/>')
    for coverage, risk, name in marks:
        mx, my = at(coverage, risk)
        anchor = "end" if coverage > 0.6 else "start"
        parts.append(f'<circle class="dot good" cx="{mx:.1f}" cy="{my:.1f}" r="5"/>')
        parts.append(_mark(mx - 8 if anchor == "end" else mx + 8, my - 9, anchor, name))
    told = "share of questions answered, surest first"
    parts.append(f'<text class="tick" x="{width - 14}" y="{height - 4}" text-anchor="end">{told}</text>')
    return _svg(parts, width, height, title)


def histogram(
    groups: Sequence[tuple[str, Sequence[float]]],
    *,
    edges: Sequence[float],
    unit: str,
    lines: Sequence[tuple[float, str]] = (),
    title: str,
) -> str:
    """How often values fall between edges, the groups stacked; the last bin takes all above. Lines mark values."""
    width, height, left, bottom = 460, 230, 40, 36
    counts = [[_between(values, edges, place) for place in range(len(edges) - 1)] for _, values in groups]
    top = max([sum(column) for column in zip(*counts, strict=True)], default=1) or 1
    step = (width - left - 14) / (len(edges) - 1)
    parts = []
    for place in range(len(edges) - 1):
        y = float(height - bottom)
        for (name, _), column in zip(groups, counts, strict=True):
            tall = (height - bottom - 22) * column[place] / top
            y -= tall
            told = f"{name}: {column[place]} from {edges[place]:.3g} to {edges[place + 1]:.3g} {unit}"
            parts.append(
                f'<rect class="bin {name}" x="{left + place * step + 0.5:.1f}" y="{y:.1f}" width="{step - 1:.1f}" '
                f'height="{tall:.1f}"><title>{escape(told)}</title></rect>'
            )
    for place in range(0, len(edges), max(1, (len(edges) - 1) // 5)):
        x = left + place * step
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{height - bottom + 16}" text-anchor="middle">{edges[place]:.3g}</text>'
        )
    for number, (value, name) in enumerate(lines):
        share = min(1.0, max(0.0, (value - edges[0]) / (edges[-1] - edges[0])))
        x = left + share * step * (len(edges) - 1)
        anchor = "end" if share > 0.7 else "start"
        parts.append(f'<line class="rule" x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{height - bottom}"/>')
        parts.append(_mark(x + (-6 if anchor == "end" else 6), 14 + 15 * (number % 2), anchor, name))
    parts.append(f'<text class="tick" x="{width - 14}" y="{height - 2}" text-anchor="end">{escape(unit)}</text>')
    return _svg(parts, width, height, title)


def track(value: float, interval: tuple[float, float] | None) -> str:
    """A small line from 0 to 1 with a value and its interval, for a card or a table row."""
    parts = ['<line class="rail" x1="4" x2="116" y1="8" y2="8"/>']
    if interval:
        low, high = (4 + 112 * min(1.0, max(0.0, bound)) for bound in interval)
        parts.append(f'<line class="range good" x1="{low:.1f}" x2="{high:.1f}" y1="8" y2="8"/>')
    parts.append(f'<circle class="dot good" cx="{4 + 112 * min(1.0, max(0.0, value)):.1f}" cy="8" r="4"/>')
    return f'<svg class="track" viewBox="0 0 120 16" width="120" height="16" aria-hidden="true">{"".join(parts)}</svg>'


def _mark(x: float, y: float, anchor: str, name: str) -> str:
    return f'<text class="mark" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(name)}</text>'


def _x(value: float) -> float:
    span = _WIDTH - _LABEL - _NUMBERS
    return round(_LABEL + span * min(1.0, max(0.0, value)), 1)


def _grid(height: float) -> str:
    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<line class="grid" x1="{_x(tick)}" x2="{_x(tick)}" y1="0" y2="{height}"/>')
        parts.append(f'<text class="tick" x="{_x(tick)}" y="{height + 16}" text-anchor="middle">{tick:g}</text>')
    return "".join(parts)


def _ticks(top: float) -> list[float]:
    step = next(s for s in (0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0) if top / s <= 5 or s == 1.0)
    return [step * n for n in range(math.floor(top / step) + 1)]


def _between(values: Sequence[float], edges: Sequence[float], place: int) -> int:
    last = place == len(edges) - 2
    return sum(edges[place] <= value and (last or value < edges[place + 1]) for value in values)


def _svg(parts: Sequence[str], width: float, height: float, title: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
