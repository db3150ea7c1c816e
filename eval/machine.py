"""The figures of a run for programs: all of them with their stamp, and every question with each of its scores."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from eval.accuracy import Accuracy
from eval.differences import scores_of
from eval.examples import Example
from eval.measures import JUDGED
from eval.outcomes import fate, outcome
from eval.predictions import Prediction
from eval.stamp import Stamp, digest
from eval.summary import Figure


def write_figures(
    path: Path, overall: Mapping[str, Figure], *, stamp: Stamp, accuracy: Accuracy, examples: Sequence[Example]
) -> None:
    """Write ``{"stamp", "examples", "judge", "figures"}``; ``examples`` is how many there are and the digest of all.

    ``judge`` is what labelled statements say of it, and in ``figures`` each that is its verdict names it.
    """
    row = {
        "stamp": stamp.to_dict(),
        "examples": {"n": len(examples), "digest": digest(json.dumps(asdict(e), sort_keys=True) for e in examples)},
        "judge": accuracy.to_dict(),
        "figures": {
            name: asdict(figure) | ({"judge": accuracy.judge} if name in JUDGED else {})
            for name, figure in overall.items()
        },
    }
    path.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")


def write_questions(path: Path, examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> None:
    """Write one line a question: what became of it, of each of its nuggets, and every score that it defines."""
    scores = scores_of(examples, predictions)
    lines = []
    for example in examples:
        prediction = predictions.get(example.id)
        row: dict[str, object] = {"id": example.id, "kind": example.kind, "type": example.type, "half": example.half}
        row["outcome"] = outcome(example, prediction)
        if prediction is not None and prediction.error is None:
            row["nuggets"] = [
                {"text": n.text, "importance": n.importance, "fate": fate(n, prediction)} for n in example.nuggets
            ]
            row["scores"] = {name: values[example.id] for name, values in scores.items() if example.id in values}
            row["seconds"] = prediction.seconds
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    path.write_text("".join(lines), encoding="utf-8")
