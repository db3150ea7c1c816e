"""What can be asked of ``python -m eval``: its verbs, their options and their help."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import UserError
from eval.baseline import BASELINE
from eval.examples import GOLD
from eval.opening import Wanted
from eval.summary import FIGURES, Limit

OUT = Path("var/eval")


def parser() -> argparse.ArgumentParser:
    """The parser; ``verb`` of what it returns names the command."""
    whole = argparse.ArgumentParser(prog="python -m eval", description="Measure the quality of answers, offline.")
    commands = whole.add_subparsers(required=True, metavar="COMMAND", dest="verb")

    run = commands.add_parser("run", help="put a set of questions, print every figure, write the report")
    _add_examples(run)
    run.add_argument("--out", type=Path, default=OUT, metavar="DIR", help=f"folder to write to ({OUT})")
    _add_half(run, default="all")
    run.add_argument(
        "--measure-judge",
        action="store_true",
        help="tell how often the judge of --judge is right, by some 150 calls; our own always is held to them",
    )
    run.add_argument("--resume", action="store_true", help="keep the predictions that DIR already holds")
    run.add_argument(
        "--baseline",
        type=Path,
        nargs="?",
        const=BASELINE,
        metavar="F",
        help="exit 1 where a figure fell below this reference by more than noise (default: the committed one)",
    )
    for name, what in (("--min", "at least"), ("--max", "at most")):
        run.add_argument(
            name,
            action="append",
            default=[],
            metavar="FIGURE=VALUE",
            help=f"exit 1 unless it is {what} that; may repeat",
        )

    predict = commands.add_parser("predict", help="only put the questions; a run cut short goes on where it stopped")
    predict.add_argument("--questions", type=Path, required=True, metavar="F", help="JSON Lines; id and question do")
    predict.add_argument("--out", type=Path, required=True, metavar="F", help="predictions, JSON Lines")

    compare = commands.add_parser("compare", help="tell whether predictions B are better than A")
    compare.add_argument("before", type=Path, metavar="A", help="predictions, JSON Lines")
    compare.add_argument("after", type=Path, metavar="B", help="predictions, JSON Lines")
    _add_examples(compare)
    compare.add_argument("--worst", type=int, default=5, metavar="N", help="worst regressions shown side by side (5)")

    baseline = commands.add_parser("baseline", help="write the reference that later runs are held against")
    _add_examples(baseline)
    _add_half(baseline, default="dev")
    baseline.add_argument("--out", type=Path, default=BASELINE, metavar="F", help="the reference (the committed one)")

    init = commands.add_parser("init", help="draft a set of questions over your own documents, for you to edit")
    init.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help="the documents")
    init.add_argument("--feedback", type=Path, metavar="F", help="candidates that the page exported, JSON Lines")
    init.add_argument("--out", type=Path, default=Path("examples.jsonl"), metavar="F", help="where to (examples.jsonl)")
    init.add_argument("--limit", type=int, default=60, metavar="N", help="most questions drafted (60)")

    export = commands.add_parser("export", help="write predictions for ragas, to be scored elsewhere too")
    export.add_argument("predictions", type=Path, metavar="A", help="predictions, JSON Lines")
    _add_examples(export)
    export.add_argument("--out", type=Path, required=True, metavar="F", help="samples, JSON Lines")

    for command in (run, predict, baseline):
        _add_subject(command)
    return whole


def wanted(options: argparse.Namespace) -> Wanted:
    """What the options ask to evaluate."""
    if options.index is not None and options.corpus is not None:
        raise UserError("--index and --corpus both say what to answer from. Give one of them.")
    work = options.out if options.verb == "run" else OUT
    return Wanted(index=options.index, corpus=options.corpus, work=work, model=options.model, judge=options.judge)


def limits(given: Sequence[str], *, above: bool) -> list[Limit]:
    """The thresholds that were asked for, each like ``nDCG@10=0.7``; case doesn't count, R@k is recall@k.

    Raises:
        UserError: there is no such figure, or its limit is no number.

    """
    known = {name.lower(): name for name in FIGURES} | {"r@5": "recall@5", "r@10": "recall@10"}
    found = []
    for text in given:
        name, _, value = text.partition("=")
        if name.lower() not in known:
            raise UserError(f"no figure is called {name!r}. Choose one of: {', '.join(FIGURES)}")
        try:
            found.append(Limit(figure=known[name.lower()], value=float(value), above=above))
        except ValueError:
            raise UserError(f"{text!r} sets no limit. Write it like {name}=0.5") from None
    return found


def _add_examples(command: argparse.ArgumentParser) -> None:
    command.add_argument("--examples", type=Path, default=GOLD, metavar="F", help="JSON Lines (default: the gold set)")


def _add_half(command: argparse.ArgumentParser, *, default: str) -> None:
    command.add_argument("--half", choices=("dev", "test", "all"), default=default, help=f"of the examples ({default})")


def _add_subject(command: argparse.ArgumentParser) -> None:
    command.add_argument("--index", type=Path, metavar="DIR", help="the index (default: that of the bundled articles)")
    command.add_argument("--corpus", type=Path, metavar="DIR", help="a folder of documents, indexed first")
    command.add_argument("--model", default="extractive", metavar="M", help='"extractive" (default) or provider:name')
    command.add_argument("--judge", metavar="M", help="a chat model that judges citations (default: our own check)")
