"""The shell: ``python -m eval run|predict|compare``; figures on stdout, talk on stderr.

Exit codes: 0 ok, 1 a threshold is missed, 2 the user has something to mend.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from corpus.documents import Document
from corpus.errors import UserError
from eval.compare import compared
from eval.examples import GOLD, Half, read_examples
from eval.predict import predict, questions
from eval.predictions import Prediction, read_predictions
from eval.report import report, worst_answers, write_report
from eval.summary import FIGURES, Figure
from eval.tracing import Subject, Ties

EXIT_OK, EXIT_BELOW, EXIT_USER_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 130
WORST = 40  # questions listed in the Markdown summary


Opened = tuple[Subject, Iterable[Document]]
"""What is evaluated, and the documents that it answers from."""


def open_bundled(index: str | None, model: str) -> Opened:
    """The assistant over an index, or over the bundled corpus, which is indexed first where need be."""
    from assistant import open_assistant

    assistant = open_assistant(index=index, model=model, progress=_indexing)
    return assistant, (assistant.document(entry.doc_id) for entry in assistant.retriever.documents())


def main(arguments: Sequence[str] | None = None, *, opened: Callable[[str | None, str], Opened] = open_bundled) -> int:
    """Run one command and return its exit code; ``opened`` gets the index and the model that were asked for."""
    options = _parser().parse_args(arguments)
    options.opened = opened
    try:
        return int(options.run(options))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        print("stopped; go on with --resume", file=sys.stderr)
        return EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description="Measure the quality of answers, offline.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="put a set of questions and print every figure")
    run.add_argument("--examples", type=Path, default=GOLD, metavar="F", help="JSON Lines (default: the gold set)")
    run.add_argument("--out", type=Path, default=Path("var/eval"), metavar="DIR", help="folder to write to (var/eval)")
    run.add_argument("--half", choices=("dev", "test", "all"), default="all", help="which half of the examples (all)")
    run.add_argument("--resume", action="store_true", help="keep the predictions that DIR already holds")
    for name, what in (("--min", "at least"), ("--max", "at most")):
        run.add_argument(
            name,
            action="append",
            default=[],
            metavar="FIGURE=VALUE",
            help=f"exit 1 unless it is {what} that; may repeat",
        )
    run.set_defaults(run=_run)

    make = commands.add_parser("predict", help="only put the questions; a run cut short goes on where it stopped")
    make.add_argument("--questions", type=Path, required=True, metavar="F", help="JSON Lines; id and question suffice")
    make.add_argument("--out", type=Path, required=True, metavar="F", help="predictions, JSON Lines")
    make.set_defaults(run=_predict)

    both = commands.add_parser("compare", help="tell whether predictions B are better than A")
    both.add_argument("before", type=Path, metavar="A", help="predictions, JSON Lines")
    both.add_argument("after", type=Path, metavar="B", help="predictions, JSON Lines")
    both.add_argument("--examples", type=Path, default=GOLD, metavar="F", help="JSON Lines (default: the gold set)")
    both.set_defaults(run=_compare)

    for command in (run, make):
        command.add_argument("--index", metavar="DIR", help="the index folder (default: that of the bundled articles)")
        command.add_argument(
            "--model", default="extractive", metavar="M", help='"extractive" (default) or provider:name'
        )
    return parser


def _run(options: argparse.Namespace) -> int:
    limits = _limits(options.min, above=True) + _limits(options.max, above=False)
    half: Half | None = None if options.half == "all" else options.half
    examples = read_examples(options.examples, half=half)
    if not examples:
        raise UserError(f"{options.examples} has no examples in its {half} half. Use --half all.")
    subject, documents = options.opened(options.index, options.model)
    predictions = predict(
        subject,
        questions(examples),
        ties=Ties(documents),
        out=options.out / "predictions.jsonl",
        resume=options.resume,
        progress=_progress,
    )
    title = f"{len(examples)} questions of {options.examples.name} ({options.half}), model {options.model}"
    made = report(title, examples, predictions)
    path = write_report(options.out, made, worst_answers(examples, predictions, limit=WORST))
    print(made.as_text(), end="")
    print(f"wrote {path} and {options.out / 'predictions.jsonl'}", file=sys.stderr)
    missed = [line for limit in limits if (line := limit_missed(made.overall, *limit))]
    for line in missed:
        print(f"missed: {line}", file=sys.stderr)
    return EXIT_BELOW if missed else EXIT_OK


def _predict(options: argparse.Namespace) -> int:
    asked = questions(read_examples(options.questions))
    subject, documents = options.opened(options.index, options.model)
    made = predict(subject, asked, ties=Ties(documents), out=options.out, resume=True, progress=_progress)
    _say_written(options.out, made)
    return EXIT_OK


def _compare(options: argparse.Namespace) -> int:
    examples = read_examples(options.examples)
    table = compared(examples, read_predictions(options.before), read_predictions(options.after))
    if not table.rows:
        raise UserError(
            f"{options.before} and {options.after} share no question of {options.examples}. Give their --examples."
        )
    print(table.as_text())
    return EXIT_OK


def _limits(given: Sequence[str], *, above: bool) -> list[tuple[str, float, bool]]:
    limits = []
    for text in given:
        name, _, value = text.partition("=")
        if name not in FIGURES:
            raise UserError(f"no figure is called {name!r}. Choose one of: {', '.join(FIGURES)}")
        try:
            limits.append((name, float(value), above))
        except ValueError:
            raise UserError(f"{text!r} sets no limit. Write it like {name}=0.5") from None
    return limits


def limit_missed(overall: Mapping[str, Figure], name: str, limit: float, above: bool) -> str | None:
    """What is wrong when a figure misses its limit, None when it keeps it; an undefined figure misses any limit."""
    value = overall[name].value
    if value is None:
        return f"{name} is undefined"
    if (value < limit) if above else (value > limit):
        return f"{name} is {value:.4f}, {'below' if above else 'above'} {limit}"
    return None


def _say_written(out: Path, made: Mapping[str, Prediction]) -> None:
    failures = sum(p.error is not None for p in made.values())
    print(f"wrote {len(made)} predictions, {failures} of them failed, to {out}", file=sys.stderr)


def _progress(done: int, total: int, what: str) -> None:
    """A line that counts up on a terminal, one line in fifty where stderr is a file."""
    if sys.stderr.isatty():
        print(f"\r{done} of {total} {what}\033[K", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done % 50 == 0 or done == total:
        print(f"{done} of {total}", file=sys.stderr, flush=True)


def _indexing(stage: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{stage} {done} of {total}\033[K", end="\n" if done >= total else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
