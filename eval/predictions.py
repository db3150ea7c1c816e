"""What the assistant answered, written down so that it can be measured later and elsewhere.

One prediction is one question answered: the statements shown, each traced to the facts at its cited spans and judged
against its own quotes, and the passages found. A file of them (JSON Lines) is all that the measures need.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.answers import Turn
from corpus.errors import UserError
from eval.stamp import Stamp, digest, stamp_from

_STAMPED = '{"stamp":'


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One citation of a statement: whether its quote is verbatim, and what it does for the statement."""

    passage_id: str
    quote: str
    verbatim: bool  # document.text[start:end] == quote
    supports: bool  # this quote alone supports the statement
    needed: bool  # the other quotes alone don't


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One statement that the reader saw."""

    text: str
    facts: tuple[str, ...]  # of the attributions that its cited spans overlap
    cited: tuple[Cited, ...]
    supported: bool  # by its own quotes taken together
    faithful: bool  # by the passages that the answer cites, taken together


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One passage that the search returned, best first, and the facts that stand in it."""

    passage_id: str
    score: float
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One question answered. ``id`` is the example's, with "@alone" for its stand-alone form.

    ``given`` is the digest of the question with its history: a prediction for another conversation is another one.

    ``error`` is what went wrong where the assistant failed, and then the rest is empty; ``attributed`` says whether
    the corpus ties its sentences to facts; ``answer`` is ``Answer.to_dict()`` whole, for other programs.
    """

    id: str
    question: str
    given: str
    query: str
    status: str
    text: str
    shown: tuple[Shown, ...]
    found: tuple[Found, ...]
    relevant: Mapping[str, int]  # grade by id of each passage of the corpus that holds gold evidence
    answerability: float
    seconds: float
    attributed: bool
    error: str | None
    answer: Mapping[str, object]

    @property
    def answered(self) -> bool:
        """Whether statements were shown; a refusal or a question back shows none."""
        return self.status == "answered"

    @property
    def facts(self) -> frozenset[str]:
        """Every fact that the shown statements are traced to."""
        return frozenset(f for s in self.shown for f in s.facts)


def given(question: str, history: Sequence[Turn]) -> str:
    """The digest of what was put to the assistant."""
    return digest([question, *(part for turn in history for part in (turn.role, turn.text))])


def failed(example_id: str, question: str, error: str, *, history: Sequence[Turn] = ()) -> Prediction:
    """The prediction for a question that the assistant failed on."""
    return Prediction(
        id=example_id,
        question=question,
        given=given(question, history),
        query="",
        status="failed",
        text="",
        shown=(),
        found=(),
        relevant={},
        answerability=0.0,
        seconds=0.0,
        attributed=False,
        error=error,
        answer={},
    )


def to_line(prediction: Prediction) -> str:
    """The prediction as one line of JSON, with its line end."""
    return json.dumps(asdict(prediction), ensure_ascii=False) + "\n"


def read_predictions(path: Path) -> dict[str, Prediction]:
    """Predictions by id, in the file's order; of an id that stands twice the last one counts, and a last line without
    its line end, which a stopped run leaves, doesn't.

    Raises:
        UserError: the file can't be read or a line is no prediction.

    """
    predictions: dict[str, Prediction] = {}
    for number, line in enumerate(_lines(path), start=1):
        if line.strip() and not line.startswith(_STAMPED):
            prediction = _prediction(line, place=f"{path}:{number}")
            predictions[prediction.id] = prediction
    return predictions


def read_stamp(path: Path) -> Stamp | None:
    """What the predictions of a file were made with; None where the file doesn't say.

    Raises:
        UserError: the file can't be read, or its stamp is of another version of this program.

    """
    first = next(iter(_lines(path)), "")
    if not first.startswith(_STAMPED):
        return None
    try:
        return stamp_from(json.loads(first)["stamp"])
    except (json.JSONDecodeError, TypeError) as e:
        raise UserError(f"{path}:1: not a stamp of this version ({e}). Make the file anew, without --resume.") from e


def write_predictions(path: Path, predictions: Iterable[Prediction], *, stamp: Stamp) -> None:
    """Write a whole file of predictions, its stamp in the first line, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first = json.dumps({"stamp": stamp.to_dict()}) + "\n"
    path.write_text(first + "".join(map(to_line, predictions)), encoding="utf-8")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")[:-1]  # what no line end follows was cut short
    except (OSError, UnicodeDecodeError) as e:
        raise UserError(f"cannot read the predictions {path}: {e}. Make them with: python -m eval predict") from e


def _prediction(line: str, *, place: str) -> Prediction:
    try:
        row: dict[str, Any] = json.loads(line)
        row["shown"] = tuple(_shown(s) for s in row["shown"])
        row["found"] = tuple(Found(**{**f, "facts": tuple(f["facts"])}) for f in row["found"])
        return Prediction(**row)
    except (json.JSONDecodeError, TypeError, KeyError) as e:
        raise UserError(
            f"{place}: not a prediction ({e}). Delete that line, or make the file anew with: python -m eval predict"
        ) from e


def _shown(row: Mapping[str, Any]) -> Shown:
    cited = tuple(Cited(**c) for c in row["cited"])
    return Shown(**{**row, "facts": tuple(row["facts"]), "cited": cited})
