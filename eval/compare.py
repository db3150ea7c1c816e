"""Two runs side by side: every figure, kind by kind and type by type, and the questions that lost most."""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from textwrap import wrap

from eval.differences import Difference, difference, scores_of, set_difference
from eval.examples import Example
from eval.measures import MEASURES
from eval.predictions import Prediction
from eval.stamp import Stamp, differences
from eval.summary import SET_STATISTICS, worth
from eval.table import Table

_GROUPED = ("vital_recall", "to_the_point", "false_refusal_rate", "false_answer_rate")
_COLUMN = 58  # characters of an answer's column
Run = Mapping[str, Prediction]


def compared(examples: Sequence[Example], before: Run, after: Run) -> tuple[Table, ...]:
    """Every figure of both runs with the mean change and its 95 % interval; then the chief ones by kind and by type.

    Only questions that both runs were given alike and answered without failure count; () where there are none.
    """
    shared = comparable(examples, before, after)
    if not shared:
        return ()
    groups = {
        "By kind": _grouped(shared, lambda e: e.kind),
        "By type, answerable": _grouped([e for e in shared if e.answerable], lambda e: e.type),
    }
    return (
        _table("B against A, on the same questions", [("", d) for d in _overall(shared, before, after)]),
        *(
            _table(title, [(name, found) for name, group in named.items() for found in _chief(group, before, after)])
            for title, named in groups.items()
        ),
    )


def comparable(examples: Sequence[Example], before: Run, after: Run) -> list[Example]:
    """The examples that both runs were given alike and answered without failure."""
    return [
        e
        for e in examples
        if (old := before.get(e.id)) is not None
        and (new := after.get(e.id)) is not None
        and old.error is None
        and new.error is None
        and old.given == new.given
        and old.question == e.question
    ]


def regressions(examples: Sequence[Example], before: Run, after: Run, *, limit: int) -> str:
    """The questions on which B lost most against A, both answers side by side; "" where none lost."""
    lost = [(worth(e, after[e.id]) - worth(e, before[e.id]), e) for e in comparable(examples, before, after)]
    worst = sorted((row for row in lost if row[0] < 0), key=lambda row: (row[0], row[1].id))[:limit]
    return "\n\n".join(_side_by_side(e, before[e.id], after[e.id], change) for change, e in worst)


def stamps(before: Stamp | None, after: Stamp | None) -> str:
    """In what the runs were made differently, in a line."""
    if before is None or after is None:
        return "One of the files does not say what it was made with."
    return "; ".join(differences(before, after)) or "Both were made with the same index, model, judge and code."


def _overall(shared: Sequence[Example], before: Run, after: Run) -> list[Difference]:
    old, new = scores_of(shared, before), scores_of(shared, after)
    found = [difference(name, old[name], new[name]) for name in MEASURES]
    for name, statistic in SET_STATISTICS.items():
        found.append(
            set_difference(
                name,
                [e.id for e in shared],
                lambda places, s=statistic: s([(shared[i], before[shared[i].id]) for i in places]),  # type: ignore[misc]
                lambda places, s=statistic: s([(shared[i], after[shared[i].id]) for i in places]),  # type: ignore[misc]
            )
        )
    return [each for each in found if each is not None]


def _grouped(examples: Sequence[Example], key: Callable[[Example], str]) -> dict[str, list[Example]]:
    """The examples by a key of theirs, in order of first sight."""
    groups: dict[str, list[Example]] = {}
    for example in examples:
        groups.setdefault(key(example), []).append(example)
    return groups


def _chief(group: Sequence[Example], before: Run, after: Run) -> list[Difference]:
    old, new = scores_of(group, before), scores_of(group, after)
    found = [difference(name, old[name], new[name]) for name in _GROUPED]
    return [each for each in found if each is not None]


def _table(title: str, rows: Sequence[tuple[str, Difference]]) -> Table:
    label = title.split()[1].strip(",") if title.startswith("By ") else ""
    header = ("figure", "A", "B", "B - A [95 %]", "n", "verdict")
    cells = [_cells(found) for _, found in rows]
    if label:
        return Table(
            title=title,
            header=(label, *header),
            rows=tuple((name, *row) for (name, _), row in zip(rows, cells, strict=True)),
            text_columns=2,
        )
    return Table(title=title, header=header, rows=tuple(cells))


def _cells(found: Difference) -> tuple[str, ...]:
    bounds = f" [{found.interval[0]:+.3f}, {found.interval[1]:+.3f}]" if found.interval else ""
    change = f"{found.change:+.3f}{bounds}"
    return (found.name, f"{found.before:.3f}", f"{found.after:.3f}", change, str(found.n), found.verdict)


def _side_by_side(example: Example, before: Prediction, after: Prediction, change: float) -> str:
    columns = [
        [line for paragraph in (f"{name}: {p.text}").splitlines() for line in wrap(paragraph, _COLUMN) or [""]]
        for name, p in (("A", before), ("B", after))
    ]
    lines = [f"{left:<{_COLUMN}} | {right}".rstrip() for left, right in zip_longest(*columns, fillvalue="")]
    wanted = "; ".join(n.text for n in example.vital) or "the corpus is silent"
    return "\n".join((f"{example.id} ({change:+.2f})  {example.question}", f"wanted: {wanted}", *lines))
