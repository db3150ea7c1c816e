"""Show the figures of a run: as a table for the terminal and as a Markdown summary. Pure text, nothing is printed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from eval.examples import Example, Kind, QuestionType
from eval.predictions import Prediction
from eval.refusals import held_back
from eval.summary import Figure, figures, losses, mean_figure

_COLUMNS = ("vital_recall", "nugget_recall", "to_the_point", "false_refusal_rate", "false_answer_rate", "evidence@10")
_LOWER_IS_BETTER = frozenset(
    {"false_refusal_rate", "false_answer_rate", "aurc", "seconds_p50", "seconds_p95", "words"},
)
_NO_FACTS = (
    "This corpus ties no sentences to facts: nuggets are found by their wording only, which is weaker, and "
    "to_the_point, recall@k, ndcg@10, mrr and evidence@10 are undefined."
)


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
        return "\n".join((self.title, rule, lines[0], rule, *(line.rstrip() for line in lines[1:])))

    def as_markdown(self) -> str:
        """A Markdown table under a heading."""
        rule = "|".join("---" if i < self.text_columns else "---:" for i in range(len(self.header)))
        rows = [f"| {' | '.join(row)} |" for row in self.rows]
        return "\n".join((f"## {self.title}", "", f"| {' | '.join(self.header)} |", f"|{rule}|", *rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run's figures, overall and in groups, with what a reader must know about them."""

    title: str
    overall: Mapping[str, Figure]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]

    def as_text(self) -> str:
        """The report for a terminal."""
        return "\n\n".join((self.title, *(t.as_text() for t in self.tables), *self.notes)) + "\n"

    def as_markdown(self) -> str:
        """The report as a Markdown file."""
        return "\n\n".join((f"# {self.title}", *(t.as_markdown() for t in self.tables), *self.notes)) + "\n"


def report(title: str, examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> Report:
    """The report on a run: all figures, then the chief ones by kind of question and by type of question."""
    overall = figures(examples, predictions)
    answerable = [e for e in examples if e.answerable]
    return Report(
        title=title,
        overall=overall,
        tables=(
            _overall_table(overall.values()),
            _grouped("By kind", get_args(Kind), lambda e: e.kind, examples, predictions),
            _grouped("By type, answerable", get_args(QuestionType), lambda e: e.type, answerable, predictions),
        ),
        notes=tuple(_notes(examples, predictions)),
    )


def shown_value(figure: Figure) -> str:
    """A figure with its interval: ``0.71 [0.66, 0.76]``; a dash where it's undefined.

    >>> shown_value(Figure(name="mrr", value=0.5, interval=(0.25, 0.75), n=9, undefined=0, failed=0))
    '0.50 [0.25, 0.75]'
    """
    if figure.value is None:
        return "-"
    places = 0 if figure.name == "words" else 2
    if figure.interval is None:
        return f"{figure.value:.{places}f}"
    low, high = figure.interval
    return f"{figure.value:.{places}f} [{low:.{places}f}, {high:.{places}f}]"


def worst_answers(examples: Sequence[Example], predictions: Mapping[str, Prediction], *, limit: int) -> Table:
    """The questions that lost most, for a person to read: failures, false refusals, false answers, then low recall."""
    lost: list[tuple[float, str, str, str]] = []
    for example in examples:
        prediction = predictions.get(example.id)
        if prediction is None or prediction.error is not None:
            error = "no prediction" if prediction is None or prediction.error is None else prediction.error
            lost.append((3.0, example.id, example.question, f"failed: {error}"))
        elif held_back(example, prediction):
            if example.answerable:
                lost.append((2.0, example.id, example.question, "refused"))
        elif not example.answerable:
            lost.append((2.0, example.id, example.question, "answered, though the corpus is silent"))
        elif loss := losses([(example, prediction)])[0]:
            lost.append((loss, example.id, example.question, f"vital recall {1 - loss:.2f}"))
    rows = sorted(lost, key=lambda row: (-row[0], row[1]))[:limit]
    return Table(
        title="What went wrong first",
        header=("id", "question", "what happened"),
        text_columns=3,
        rows=tuple((i, q.replace("|", "\\|"), what.replace("|", "\\|")) for _, i, q, what in rows),
    )


def write_report(folder: Path, made: Report, worst: Table) -> Path:
    """Write the Markdown summary into the run's folder; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.md"
    path.write_text(made.as_markdown() + "\n" + worst.as_markdown() + "\n", encoding="utf-8")
    return path


def _overall_table(found: Iterable[Figure]) -> Table:
    rows = tuple(
        (
            f"{f.name} (lower is better)" if f.name in _LOWER_IS_BETTER - {"words"} else f.name,
            shown_value(f),
            str(f.n),
            str(f.undefined),
            str(f.failed),
        )
        for f in found
    )
    return Table(title="All questions", header=("figure", "value [95 %]", "n", "undefined", "failed"), rows=rows)


def _grouped(
    title: str,
    names: Sequence[str],
    key: Callable[[Example], str],
    examples: Sequence[Example],
    predictions: Mapping[str, Prediction],
) -> Table:
    rows = []
    for name in names:
        group = [e for e in examples if key(e) == name]
        if group:
            values = [shown_value(mean_figure(column, group, predictions)) for column in _COLUMNS]
            rows.append((name, str(len(group)), *values))
    return Table(title=title, header=(title.split()[1].strip(","), "n", *_COLUMNS), rows=tuple(rows))


def _notes(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> Iterable[str]:
    own = [p for e in examples if (p := predictions.get(e.id)) is not None and p.error is None]
    if own and not any(p.attributed for p in own):
        yield _NO_FACTS
    failures = len(examples) - len(own)
    if failures:
        yield f"{failures} of {len(examples)} questions failed; they are counted, and left out of the means."
