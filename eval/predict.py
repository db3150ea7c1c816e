"""Put the examples' questions to the assistant, one after the other, so that a run cut short can go on.

Each prediction is on the disk before the next question is asked. A follow-up is asked twice, with its history and as
its stand-alone form: the difference is what the conversation costs.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answers import Turn
from eval.examples import Example
from eval.predictions import Prediction, failed, read_predictions, to_line, write_predictions
from eval.tracing import Subject, Ties, traced

ALONE = "@alone"
"""What the id of a follow-up's stand-alone form ends in."""

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question to put: an example's own, or the stand-alone form of it."""

    id: str
    question: str
    history: tuple[Turn, ...]
    example: Example


def questions(examples: Iterable[Example]) -> list[Asked]:
    """Every question to put, in the examples' order; a follow-up's stand-alone form comes after it."""
    asked: list[Asked] = []
    for example in examples:
        asked.append(Asked(id=example.id, question=example.question, history=example.history, example=example))
        if example.standalone:
            asked.append(Asked(id=example.id + ALONE, question=example.standalone, history=(), example=example))
    return asked


def predict(
    subject: Subject,
    asked: Sequence[Asked],
    *,
    ties: Ties,
    out: Path,
    resume: bool,
    progress: Progress = lambda *_: None,
) -> dict[str, Prediction]:
    """Predictions by id, also written to ``out`` line by line.

    With ``resume``, a prediction that ``out`` already holds for the same question is kept if it didn't fail; without
    it the file is begun anew. A question that the assistant fails on is written down as failed, and the run goes on.
    ``progress`` gets (done, all, id).

    Raises:
        UserError: ``out`` is to be resumed and is no file of predictions.

    """
    kept = _kept(out, asked) if resume and out.exists() else {}
    write_predictions(out, kept.values())
    predictions: dict[str, Prediction] = {}
    with out.open("a", encoding="utf-8") as lines:
        for done, one in enumerate(asked, start=1):
            if one.id in kept:
                predictions[one.id] = kept[one.id]
            else:
                predictions[one.id] = _predicted(subject, one, ties)
                lines.write(to_line(predictions[one.id]))
                lines.flush()
            progress(done, len(asked), one.id)
    return predictions


def _kept(out: Path, asked: Sequence[Asked]) -> dict[str, Prediction]:
    wanted = {one.id: one.question for one in asked}
    old = read_predictions(out)
    return {i: p for i, p in old.items() if p.error is None and wanted.get(i) == p.question}


def _predicted(subject: Subject, asked: Asked, ties: Ties) -> Prediction:
    begun = time.perf_counter()
    try:
        answer = subject.answer(asked.question, history=asked.history)
        seconds = time.perf_counter() - begun
        return traced(
            answer,
            example_id=asked.id,
            question=asked.question,
            evidence=asked.example.evidence,
            subject=subject,
            ties=ties,
            seconds=round(seconds, 4),
        )
    except Exception as e:  # a failure is a result: it is counted, and the questions after it are still asked
        return failed(asked.id, asked.question, f"{type(e).__name__}: {e}")
