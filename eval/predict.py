"""Put the examples' questions to the assistant, one after the other, so that a run cut short can go on.

Each prediction is on the disk before the next question is asked. A follow-up is asked twice, with its history and as
its stand-alone form: the difference is what the conversation costs.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.answers import Turn
from corpus.errors import UserError
from eval.examples import Example
from eval.predictions import Prediction, failed, given, read_predictions, read_stamp, to_line, write_predictions
from eval.stamp import Stamp, differences
from eval.tracing import Judge, Subject, Ties, traced

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
    judge: Judge,
    stamp: Stamp,
    out: Path,
    resume: bool,
    progress: Progress = lambda *_: None,
) -> dict[str, Prediction]:
    """Predictions by id, also written to ``out`` line by line.

    With ``resume``, a prediction that ``out`` already holds for the same question and history is kept if it didn't
    fail; without it the file is begun anew. A question that the assistant fails on is written down as failed, and the
    run goes on. ``progress`` gets (done, all, id).

    Raises:
        UserError: ``out`` is to be resumed and is no file of predictions, or was made with another index, model, judge
            or version of the code.

    """
    kept = _kept(out, asked, ties=ties, stamp=stamp) if resume and out.exists() else {}
    write_predictions(out, kept.values(), stamp=stamp)
    predictions: dict[str, Prediction] = {}
    with out.open("a", encoding="utf-8") as lines:
        for done, one in enumerate(asked, start=1):
            if one.id in kept:
                predictions[one.id] = kept[one.id]
            else:
                predictions[one.id] = _predicted(subject, one, ties, judge)
                lines.write(to_line(predictions[one.id]))
                lines.flush()
            progress(done, len(asked), one.id)
    return predictions


def _kept(out: Path, asked: Sequence[Asked], *, ties: Ties, stamp: Stamp) -> dict[str, Prediction]:
    old = read_stamp(out)
    if old is None or (changed := differences(old, stamp)):
        what = "it does not say what it was made with" if old is None else "; ".join(changed)
        raise UserError(f"{out} cannot be gone on with: {what}. Begin anew: without --resume, or in another file.")
    wanted = {one.id: one for one in asked}
    return {
        i: replace(p, relevant=ties.relevant(one.example.evidence))  # the gold may have been edited meanwhile
        for i, p in read_predictions(out).items()
        if p.error is None and (one := wanted.get(i)) and given(one.question, one.history) == p.given
    }


def _predicted(subject: Subject, asked: Asked, ties: Ties, judge: Judge) -> Prediction:
    begun = time.perf_counter()
    try:
        answer = subject.answer(asked.question, history=asked.history)
        seconds = time.perf_counter() - begun
        return traced(
            answer,
            example_id=asked.id,
            question=asked.question,
            history=asked.history,
            evidence=asked.example.evidence,
            subject=subject,
            ties=ties,
            judge=judge,
            seconds=round(seconds, 4),
        )
    except Exception as e:  # a failure is a result: it is counted, and the questions after it are still asked
        return failed(asked.id, asked.question, f"{type(e).__name__}: {e}", history=asked.history)
