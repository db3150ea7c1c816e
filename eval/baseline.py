"""The committed reference: what each question scored when it was made, and whether a run has fallen below it.

A run has fallen below where the paired difference of a held measure, question by question, is worse beyond its 95 %
interval; so the noise of the choice of questions doesn't fail a build, and slow decay does as soon as it adds up.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import UserError
from eval.differences import Difference, Scores, difference, scores_of
from eval.examples import Example
from eval.predictions import Prediction
from eval.stamp import Stamp, stamp_from
from eval.table import Table

BASELINE = Path(__file__).parent / "data" / "baseline.json"
"""The reference over the gold set's dev half."""

HELD = (
    "vital_recall",
    "vital_recall_confirmed",
    "nugget_recall",
    "to_the_point",
    "citation_recall",
    "citation_precision",
    "faithfulness",
    "quote_validity",
    "false_refusal_rate",
    "false_answer_rate",
    "recall@5",
    "ndcg@10",
    "mrr",
    "evidence@10",
)
"""The measures that a run is held to; the sets of questions with traps in them are too small for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a run scored: by measure and id, the digest of each question by id, and how many failed."""

    stamp: Stamp
    given: Mapping[str, str]
    failed: int
    scores: Scores


def baseline_of(examples: Sequence[Example], predictions: Mapping[str, Prediction], *, stamp: Stamp) -> Baseline:
    """The baseline that a run would be."""
    return Baseline(
        stamp=stamp,
        given={e.id: predictions[e.id].given for e in examples},
        failed=_failed(examples, predictions),
        scores=_rounded(examples, predictions),
    )


def _rounded(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> Scores:
    """The held measures as a baseline writes them; a run held against one is read alike, or thirds would differ."""
    scores = scores_of(examples, predictions)
    return {name: {i: round(value, 4) for i, value in scores[name].items()} for name in HELD}


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Write a baseline, one measure a line, so that a change can be read in a diff."""
    lines = [f'    "{name}": {json.dumps(scores)}' for name, scores in baseline.scores.items()]
    head = {"stamp": baseline.stamp.to_dict(), "given": baseline.given, "failed": baseline.failed}
    fields = [f'  "{name}": {json.dumps(value)}' for name, value in head.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join([*fields, '  "scores": {\n' + ",\n".join(lines) + "\n  }"]) + "\n}\n")


def read_baseline(path: Path) -> Baseline:
    """Read what ``write_baseline`` wrote.

    Raises:
        UserError: there is none, or it is of another version of this program.

    """
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return Baseline(**{**row, "stamp": stamp_from(row["stamp"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UserError(f"cannot read the baseline {path} ({error}). Make it with: python -m eval baseline") from error


def held_against(
    baseline: Baseline, examples: Sequence[Example], predictions: Mapping[str, Prediction]
) -> list[Difference]:
    """The change of each held measure since the baseline, over the questions that are the same in both.

    Raises:
        UserError: no question is the same, so that nothing would be held against anything.

    """
    same = [e for e in examples if (p := predictions.get(e.id)) is not None and baseline.given.get(e.id) == p.given]
    if not same:
        raise UserError("the baseline is of other questions. Make one of these with: python -m eval baseline")
    now = _rounded(same, predictions)
    found = [difference(name, baseline.scores[name], now[name]) for name in HELD if name in baseline.scores]
    return [each for each in found if each is not None]


def fallen(baseline: Baseline, changes: Sequence[Difference], *, failed: int) -> list[str]:
    """What is worse than the baseline beyond its noise, in words; [] where all holds."""
    lines = [
        f"{c.name} fell from {c.before:.4f} to {c.after:.4f} on {c.n} questions, more than noise explains "
        f"(change {c.change:+.4f} [{c.interval[0]:+.4f}, {c.interval[1]:+.4f}])"
        for c in changes
        if c.verdict == "worse" and c.interval
    ]
    if failed > baseline.failed:
        lines.append(f"{failed} questions failed, {baseline.failed} in the baseline")
    return lines


def changes_table(changes: Sequence[Difference]) -> Table:
    """The changes since the baseline, for a reader."""
    return Table(
        title="Against the baseline",
        header=("figure", "baseline", "now", "change [95 %]", "n", "verdict"),
        rows=tuple(
            (
                c.name,
                f"{c.before:.3f}",
                f"{c.after:.3f}",
                f"{c.change:+.3f}" + (f" [{c.interval[0]:+.3f}, {c.interval[1]:+.3f}]" if c.interval else ""),
                str(c.n),
                c.verdict,
            )
            for c in changes
        ),
    )


def _failed(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> int:
    return sum(predictions[e.id].error is not None for e in examples)
