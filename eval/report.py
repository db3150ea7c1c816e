"""Show the figures of a run: as a table for the terminal and as a Markdown summary. Pure text, nothing is printed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from eval.accuracy import Accuracy
from eval.citations import word_for_word
from eval.drafts import DRAFT
from eval.examples import Example, Kind, QuestionType
from eval.measures import JUDGED, LOWER_IS_BETTER
from eval.predictions import Prediction
from eval.refusals import held_back
from eval.summary import Figure, figures, mean_figure, worth
from eval.table import Table

_COLUMNS = ("vital_recall", "nugget_recall", "to_the_point", "false_refusal_rate", "false_answer_rate", "evidence@10")
_NO_FACTS = (
    "This corpus ties no sentences to facts: nuggets are found by their wording only, which is weaker; to_the_point "
    "and evidence@10 are undefined, and so are recall@k, ndcg@10 and mrr where the evidence names no passages."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run's figures, overall and in groups, with what a reader must know about them.

    ``accuracy`` is that of the judge, whose verdicts the figures of JUDGED are.
    """

    title: str
    overall: Mapping[str, Figure]
    accuracy: Accuracy
    tables: tuple[Table, ...]
    judge_note: str
    notes: tuple[str, ...]

    def as_text(self) -> str:
        """The report for a terminal."""
        return "\n\n".join((self.title, *(t.as_text() for t in self.tables), self.judge_note, *self.notes)) + "\n"

    def as_markdown(self) -> str:
        """The report as a Markdown file."""
        tables = (t.as_markdown() for t in self.tables)
        return "\n\n".join((f"# {self.title}", *tables, self.judge_note, *self.notes)) + "\n"


def report(
    title: str, examples: Sequence[Example], predictions: Mapping[str, Prediction], *, accuracy: Accuracy
) -> Report:
    """The report on a run: all figures, then the chief ones by kind of question and by type of question."""
    overall = figures(examples, predictions)
    answerable = [e for e in examples if e.answerable]
    return Report(
        title=title,
        overall=overall,
        accuracy=accuracy,
        tables=(
            _overall_table(overall.values(), accuracy),
            *([_judge_table(accuracy)] if accuracy.measured else []),
            _grouped("By kind", get_args(Kind), lambda e: e.kind, examples, predictions),
            _grouped("By type, answerable", get_args(QuestionType), lambda e: e.type, answerable, predictions),
        ),
        judge_note=_judge_note(accuracy, examples, predictions),
        notes=tuple(_notes(examples, predictions)),
    )


def shown_value(figure: Figure) -> str:
    """A figure with its interval: ``0.71 [0.66, 0.76]``; a dash where it's undefined.

    >>> shown_value(Figure(name="mrr", value=0.5, interval=(0.25, 0.75), n=9, undefined=0, failed=0))
    '0.50 [0.25, 0.75]'
    """
    return bounded(figure.value, figure.interval, places=0 if figure.name == "words" else 2)


def bounded(value: float | None, interval: tuple[float, float] | None, *, places: int = 2) -> str:
    """A number with its interval, where it has one; a dash where there is no number."""
    if value is None:
        return "-"
    bounds = f" [{interval[0]:.{places}f}, {interval[1]:.{places}f}]" if interval else ""
    return f"{value:.{places}f}{bounds}"


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
        elif loss := 1 - worth(example, prediction):
            lost.append((loss, example.id, example.question, f"vital recall {1 - loss:.2f}"))
    rows = sorted(lost, key=lambda row: (-row[0], row[1]))[:limit]
    return Table(
        title="What went wrong first",
        header=("id", "question", "what happened"),
        text_columns=3,
        rows=tuple((i, q, what) for _, i, q, what in rows),
    )


def write_report(folder: Path, made: Report, tables: Sequence[Table]) -> Path:
    """Write the Markdown summary, with more tables at its end, into the run's folder; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.md"
    path.write_text("\n".join((made.as_markdown(), *(t.as_markdown() + "\n" for t in tables))), encoding="utf-8")
    return path


def _judge_table(accuracy: Accuracy) -> Table:
    rows = (
        ("supported by their evidence", accuracy.supported),
        ("not supported (lower is better)", accuracy.unsupported),
    )
    return Table(
        title="What the judge accepts of labelled statements",
        header=("statements", "share accepted [95 %]", "accepted", "n"),
        rows=tuple((name, bounded(a.share, a.interval), str(a.count), str(a.n)) for name, a in rows),
    )


def _judge_note(accuracy: Accuracy, examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> str:
    shown = [s for e in examples if (p := predictions.get(e.id)) is not None for s in p.shown]
    plain = sum(word_for_word(s.text, [c.quote for c in s.cited]) for s in shown)
    rest = len(shown) - plain or "no other"
    told = (
        f"{', '.join(JUDGED[:-1])} and {JUDGED[-1]} come from the judge “{accuracy.judge}”. Of {len(shown)} statements "
        f"shown, {plain} stand word for word in a quote and need none; it decided on {rest}."
    )
    if not accuracy.measured:
        return f"{told} How often it is right was not measured; --measure-judge does so."
    told += " What it accepts was counted on labelled statements about the bundled articles, put to it like citations."
    return told + (f" On {accuracy.failed} it failed: {accuracy.error}" if accuracy.failed else "")


def _overall_table(found: Iterable[Figure], accuracy: Accuracy) -> Table:
    rows = tuple(
        (
            f"{f.name} (lower is better)" if f.name in LOWER_IS_BETTER else f.name,
            shown_value(f),
            accuracy.brief if f.name in JUDGED else "",
            str(f.n),
            str(f.undefined),
            str(f.failed),
        )
        for f in found
    )
    header = ("figure", "value [95 %]", "judge accepts", "n", "undefined", "failed")
    return Table(title="All questions", header=header, rows=rows)


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
    if unread := sum(e.note.startswith(DRAFT) for e in examples):
        yield f"{unread} of {len(examples)} questions are drafts that nobody has edited: the figures say little yet."
    failures = len(examples) - len(own)
    if failures:
        yield f"{failures} of {len(examples)} questions failed; they are counted, and left out of the means."
