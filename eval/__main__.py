"""The shell: ``python -m eval run|predict|compare|baseline|init|export``; figures on stdout, talk on stderr.

Exit codes: 0 ok, 1 a threshold is missed, 2 the user has something to mend.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from corpus.errors import UserError
from eval.accuracy import Accuracy, accuracy_of
from eval.baseline import baseline_of, changes_table, fallen, held_against, read_baseline, write_baseline
from eval.compare import compared, regressions, stamps
from eval.drafts import draft_examples, read_candidates, write_drafts
from eval.examples import GOLD, Example, Half, read_examples
from eval.export import ragas_samples, write_samples
from eval.labels import read_labels
from eval.machine import write_figures, write_questions
from eval.opening import Opened, Wanted, open_wanted
from eval.options import OUT, limits, parser, wanted
from eval.page import page
from eval.predict import predict, questions
from eval.predictions import Prediction, read_predictions, read_stamp
from eval.report import report, worst_answers, write_report
from eval.tracing import Ties

EXIT_OK, EXIT_BELOW, EXIT_USER_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 130
WORST = 40  # questions listed in the Markdown summary
Open = Callable[[Wanted], Opened]


def open_and_tell(asked: Wanted) -> Opened:
    """Open what was asked for, telling how indexing goes on."""
    return open_wanted(asked, progress=_indexing)


def main(arguments: Sequence[str] | None = None, *, opened: Open = open_and_tell) -> int:
    """Run one command and return its exit code; ``opened`` gets what the user asked to evaluate."""
    options = parser().parse_args(arguments)
    commands: Mapping[str, Callable[[argparse.Namespace, Open], int]] = {
        "run": _run,
        "predict": _predict,
        "compare": _compare,
        "baseline": _baseline,
        "init": _init,
        "export": _export,
    }
    try:
        return commands[options.verb](options, opened)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        print("stopped; go on with --resume", file=sys.stderr)
        return EXIT_INTERRUPTED


def _run(options: argparse.Namespace, opened: Open) -> int:
    thresholds = limits(options.min, above=True) + limits(options.max, above=False)
    reference = read_baseline(options.baseline) if options.baseline else None
    examples = _examples(options)
    it = opened(wanted(options))
    predictions = _predicted(
        it, examples, source=options.examples, out=options.out / "predictions.jsonl", resume=options.resume
    )
    title = f"{len(examples)} questions of {options.examples.name} ({options.half}), model {options.model}"
    made = report(title, examples, predictions, accuracy=_accuracy(it, ask=not options.judge or options.measure_judge))
    changes = held_against(reference, examples, predictions) if reference else []
    tables = [worst_answers(examples, predictions, limit=WORST)]
    if changes:
        tables.insert(0, changes_table(changes))
    write_report(options.out, made, tables)
    write_figures(options.out / "figures.json", made.overall, stamp=it.stamp, accuracy=made.accuracy, examples=examples)
    write_questions(options.out / "questions.jsonl", examples, predictions)
    html = options.out / "report.html"
    html.write_text(page(made, examples, predictions, stamp=it.stamp, changes=changes), encoding="utf-8")
    print(made.as_text(), end="")
    if changes:
        print(f"\n{changes_table(changes).as_text()}")
    print(f"wrote {html}, and beside it report.md, figures.json, questions.jsonl, predictions.jsonl", file=sys.stderr)
    missed = [line for limit in thresholds if (line := limit.missed(made.overall))]
    if reference:
        missed += fallen(reference, changes, failed=sum(p.error is not None for p in predictions.values()))
    for line in missed:
        print(f"missed: {line}", file=sys.stderr)
    return EXIT_BELOW if missed else EXIT_OK


def _predict(options: argparse.Namespace, opened: Open) -> int:
    asked = read_examples(options.questions)
    made = _predicted(opened(wanted(options)), asked, source=options.questions, out=options.out, resume=True)
    failures = sum(p.error is not None for p in made.values())
    print(f"wrote {len(made)} predictions, {failures} of them failed, to {options.out}", file=sys.stderr)
    return EXIT_OK


def _compare(options: argparse.Namespace, _: Open) -> int:
    examples = read_examples(options.examples)
    before, after = read_predictions(options.before), read_predictions(options.after)
    tables = compared(examples, before, after)
    if not tables:
        raise UserError(
            f"{options.before} and {options.after} share no question of {options.examples}. Give their --examples."
        )
    print("\n\n".join(table.as_text() for table in tables))
    if worst := regressions(examples, before, after, limit=options.worst):
        print(f"\nWorst regressions\n\n{worst}")
    print(f"\n{stamps(read_stamp(options.before), read_stamp(options.after))}", file=sys.stderr)
    return EXIT_OK


def _baseline(options: argparse.Namespace, opened: Open) -> int:
    examples = _examples(options)
    it = opened(wanted(options))
    out = OUT / "baseline.predictions.jsonl"
    predictions = _predicted(it, examples, source=options.examples, out=out, resume=False)
    write_baseline(options.out, baseline_of(examples, predictions, stamp=it.stamp))
    print(f"wrote {options.out}; commit it, and say in the message why the reference moves", file=sys.stderr)
    return EXIT_OK


def _init(options: argparse.Namespace, _: Open) -> int:
    if options.folder is None and options.feedback is None:
        raise UserError("there is nothing to draft from. Give a FOLDER of documents, --feedback F, or both.")
    if options.out.exists():
        raise UserError(f"{options.out} exists and may hold your edits. Move it away, or give another --out.")
    if options.limit < 1:
        raise UserError(f"--limit is {options.limit}: no question would be drafted. Give at least 1.")
    drafts = draft_examples(options.folder, limit=options.limit) if options.folder else []
    if options.feedback:
        drafts += read_candidates(options.feedback)
    if not drafts:
        raise UserError(f"nothing in {options.folder} could be made a question. Write {options.out} by hand.")
    write_drafts(options.out, drafts)
    print(f"wrote {len(drafts)} drafts to {options.out}; read and mend each, then take its note away", file=sys.stderr)
    return EXIT_OK


def _export(options: argparse.Namespace, _: Open) -> int:
    samples = ragas_samples(read_examples(options.examples), read_predictions(options.predictions))
    if not samples:
        raise UserError(f"no question of {options.examples} is in {options.predictions}. Give their --examples.")
    write_samples(options.out, samples)
    print(f"wrote {len(samples)} samples to {options.out}", file=sys.stderr)
    return EXIT_OK


def _examples(options: argparse.Namespace) -> tuple[Example, ...]:
    half: Half | None = None if options.half == "all" else options.half
    if examples := read_examples(options.examples, half=half):
        return examples
    raise UserError(f"{options.examples} has no examples in its {half} half. Use --half all.")


def _predicted(
    it: Opened, examples: Sequence[Example], *, source: Path, out: Path, resume: bool
) -> dict[str, Prediction]:
    asked, ties = questions(examples), Ties(it.documents)
    if source == GOLD and not ties.attributed:
        raise UserError(
            "the gold set asks about the bundled articles, and these documents are others. Draft questions over them "
            "with: python -m eval init FOLDER --out mine.jsonl, and give --examples mine.jsonl"
        )
    with _bar(len(asked), unit="question") as bar:

        def advance(done: int, _: int, __: str) -> None:
            bar.update(done - bar.n)

        return predict(
            it.subject,
            asked,
            ties=ties,
            judge=it.judge,
            stamp=it.stamp,
            out=out,
            resume=resume,
            progress=advance,
        )


def _accuracy(it: Opened, *, ask: bool) -> Accuracy:
    """The accuracy of the judge, unmeasured unless it is to be asked."""
    rows = read_labels() if ask else []
    with _bar(len(rows), unit="labelled statement") as bar:
        return accuracy_of(it.judge, rows, name=it.stamp.judge, progress=bar.update)


def _bar(total: int, *, unit: str) -> "tqdm[NoReturn]":
    """On a terminal a bar with the time that is left, in a log a line now and then; none where there is nothing."""
    often = 0.1 if sys.stderr.isatty() else 10.0
    return tqdm(total=total, unit=unit, file=sys.stderr, mininterval=often, disable=not total)


def _indexing(stage: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{stage} {done} of {total}\033[K", end="\n" if done >= total else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
