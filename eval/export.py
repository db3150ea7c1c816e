"""Predictions in the form of other programs: samples for ragas, whose judges may then score the same answers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.examples import Example
from eval.predictions import Prediction


def ragas_samples(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> list[dict[str, object]]:
    """One sample an answered or refused question, with the field names of ragas's ``SingleTurnSample``.

    A follow-up is given in its stand-alone form, because these samples know no history. ``reference`` is the nuggets
    in one text, "" where the corpus is silent. Read them with ``EvaluationDataset.from_jsonl``.
    """
    return [
        {
            "user_input": example.standalone or example.question,
            "retrieved_contexts": _passages(prediction),
            "response": prediction.text,
            "reference": " ".join(f"{n.text.rstrip('.')}." for n in example.nuggets),
        }
        for example in examples
        if (prediction := predictions.get(example.id)) is not None and prediction.error is None
    ]


def write_samples(path: Path, samples: Iterable[Mapping[str, object]]) -> None:
    """Write samples as JSON Lines, making the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(sample, ensure_ascii=False) + "\n" for sample in samples), encoding="utf-8")


def _passages(prediction: Prediction) -> list[str]:
    hits: Any = prediction.answer.get("hits", ())
    return [str(hit["passage"]["text"]) for hit in hits]
