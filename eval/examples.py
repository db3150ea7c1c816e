"""What is asked in an evaluation, and what a good answer must say.

Examples live in JSON Lines files, one object a line; `eval/data/README.md` describes every field. Whatever a file gets
wrong is reported with its place, so that a person can mend it by hand.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from assistant.answers import Turn
from corpus.errors import UserError

Kind = Literal[
    "single",
    "multi_turn",
    "comparison",
    "disagreement",
    "false_premise",
    "unanswerable",
    "off_topic",
    "other_sense",
]
QuestionType = Literal["factoid", "list", "comparison", "yes_no", "why", "how", "definition"]
Audience = Literal["physician", "board", "health_center", "student", "developer", "any"]
Half = Literal["dev", "test"]
Importance = Literal["vital", "okay"]

NOT_ANSWERABLE: tuple[Kind, ...] = ("unanswerable", "off_topic", "other_sense")
"""Kinds that the corpus holds no answer to."""

GOLD = Path(__file__).parent / "data" / "gold.jsonl"
"""The examples over the bundled corpus."""

_KNOWN = {
    "id",
    "kind",
    "type",
    "topic",
    "half",
    "audience",
    "history",
    "standalone",
    "question",
    "answerable",
    "nuggets",
    "evidence",
    "note",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Nugget:
    """One thing that an answer should say.

    ``facts`` are interchangeable: a statement traced to any of them says the nugget. ``any_of`` are accepted wordings:
    one is matched when all its words occur, whatever their endings, in one shown statement.
    """

    text: str
    importance: Importance
    facts: tuple[str, ...]
    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One question with its gold: nuggets for an answerable one, none for one that the corpus is silent on.

    ``evidence`` maps fact ids to a grade, 2 decisive or 1 useful. Where ``answerable`` is false it lists what may
    still be shown (a dated figure, say, or the meaning of another CMO) without counting as a false answer.
    """

    id: str
    kind: Kind
    type: QuestionType
    topic: str  # a folder of the corpus, "" where none fits
    audience: Audience
    history: tuple[Turn, ...]
    standalone: str | None  # the same question asked alone; only where there is a history
    question: str
    answerable: bool
    nuggets: tuple[Nugget, ...]
    evidence: Mapping[str, int]
    note: str

    @property
    def half(self) -> Half:
        """The half that the example belongs to, fixed by its id."""
        return half_of(self.id)

    @property
    def vital(self) -> tuple[Nugget, ...]:
        """The nuggets that an answer can't do without."""
        return tuple(n for n in self.nuggets if n.importance == "vital")


def half_of(example_id: str) -> Half:
    """``dev`` or ``test`` by a hash of the id up to its first dot, so that a conversation stays in one half.

    >>> half_of("conv-03.1") == half_of("conv-03.2")
    True
    """
    group = example_id.partition(".")[0]
    return "dev" if hashlib.sha256(group.encode()).digest()[0] % 2 == 0 else "test"


def read_examples(path: Path, *, half: Half | None = None) -> tuple[Example, ...]:
    """The examples of a file in its order, all or one half.

    Raises:
        UserError: the file can't be read, a line is no valid example, or an id stands twice.

    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise UserError(f"cannot read the examples {path}: {e}. Give a JSON Lines file in UTF-8.") from e
    examples: dict[str, Example] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        example = _example(line, place=f"{path}:{number}")
        if example.id in examples:
            raise UserError(f"{path}:{number}: the id {example.id!r} stands twice. Give each example its own id.")
        examples[example.id] = example
    if not examples:
        raise UserError(f"{path} holds no examples. Add one JSON object a line; eval/data/README.md shows how.")
    return tuple(e for e in examples.values() if half in (None, e.half))


def _example(line: str, *, place: str) -> Example:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as e:
        raise UserError(f"{place}: not JSON ({e.msg}). Each line is one JSON object.") from e
    if not isinstance(row, dict):
        raise UserError(f"{place}: a line is a JSON object, not {type(row).__name__}.")
    problem = next(iter(_problems(row)), None)
    if problem:
        raise UserError(f"{place}: {problem}")
    nuggets = tuple(_nugget(n) for n in row.get("nuggets", ()))
    kind: Kind = row.get("kind", "single")
    return Example(
        id=row["id"],
        kind=kind,
        type=row.get("type", "factoid"),
        topic=row.get("topic", ""),
        audience=row.get("audience", "any"),
        history=tuple(Turn(role=t["role"], text=t["text"]) for t in row.get("history", ())),
        standalone=row.get("standalone"),
        question=row["question"],
        answerable=row.get("answerable", kind not in NOT_ANSWERABLE),
        nuggets=nuggets,
        evidence=row.get("evidence") or _evidence(nuggets),
        note=row.get("note", ""),
    )


def _nugget(row: Mapping[str, object]) -> Nugget:
    facts, any_of = row.get("facts", ()), row.get("any_of", ())
    if not isinstance(facts, list | tuple) or not isinstance(any_of, list | tuple):
        raise TypeError("_problems lets no such nugget through")
    return Nugget(
        text=str(row["text"]),
        importance="okay" if row["importance"] == "okay" else "vital",
        facts=tuple(map(str, facts)),
        any_of=tuple(map(str, any_of)),
    )


def _evidence(nuggets: Iterable[Nugget]) -> dict[str, int]:
    graded: dict[str, int] = {}
    for nugget in nuggets:
        for fact_id in nugget.facts:
            graded[fact_id] = max(graded.get(fact_id, 0), 2 if nugget.importance == "vital" else 1)
    return graded


def _problems(row: Mapping[str, object]) -> Iterator[str]:
    for name in ("id", "question"):
        if not isinstance(row.get(name), str) or not str(row[name]).strip():
            yield f"{name!r} is missing or empty. Give it as a string."
            return
    if unknown := sorted(set(row) - _KNOWN):
        yield f"unknown field {unknown[0]!r}. Known are {', '.join(sorted(_KNOWN))}."
    for name, allowed in (("kind", Kind), ("type", QuestionType), ("audience", Audience), ("half", Half)):
        if name in row and row[name] not in get_args(allowed):
            yield f"{name!r} is {row[name]!r}. Choose one of {', '.join(get_args(allowed))}."
    if "half" in row and row["half"] != half_of(str(row["id"])):
        yield f"'half' is {row['half']!r}, but the id puts it into {half_of(str(row['id']))!r}. Leave 'half' out."
    for name in ("topic", "note", "standalone"):
        if name in row and not (isinstance(row[name], str) or (name == "standalone" and row[name] is None)):
            yield f"{name!r} is {row[name]!r}. Give a string or leave it out."
    if not isinstance(row.get("answerable", True), bool):
        yield f"'answerable' is {row['answerable']!r}. Write true or false."
    yield from _history_problems(row)
    yield from _gold_problems(row)


def _history_problems(row: Mapping[str, object]) -> Iterator[str]:
    history = row.get("history", [])
    if not isinstance(history, list) or not all(
        isinstance(t, dict) and t.get("role") in ("user", "assistant") and isinstance(t.get("text"), str)
        for t in history
    ):
        yield '\'history\' must be a list of {"role": "user" or "assistant", "text": "…"}.'
    elif bool(history) != bool(row.get("standalone")):
        yield "'history' and 'standalone' belong together. Give both or neither."


def _gold_problems(row: Mapping[str, object]) -> Iterator[str]:
    nuggets = row.get("nuggets", [])
    if not isinstance(nuggets, list):
        yield "'nuggets' must be a list."
        return
    for place, nugget in enumerate(nuggets, start=1):
        if not isinstance(nugget, dict) or not isinstance(nugget.get("text"), str):
            yield f"nugget {place} has no 'text'."
        elif nugget.get("importance") not in get_args(Importance):
            yield f"nugget {place}: 'importance' is {nugget.get('importance')!r}. Write vital or okay."
        elif not all(_strings(nugget.get(name, [])) for name in ("facts", "any_of")):
            yield f"nugget {place}: 'facts' and 'any_of' must be lists of strings."
        elif not nugget.get("facts") and not nugget.get("any_of"):
            yield f"nugget {place} can't be found: give 'any_of' (accepted wordings), 'facts' (fact ids), or both."
    answerable = row.get("answerable", row.get("kind", "single") not in NOT_ANSWERABLE)
    if not answerable and nuggets:
        yield "a question that isn't answerable has no nuggets. Empty 'nuggets' or set 'answerable' to true."
    evidence = row.get("evidence", {})
    if not isinstance(evidence, dict) or any(grade not in (1, 2) for grade in evidence.values()):
        yield "'evidence' must map fact ids to a grade, 2 (decisive) or 1 (useful)."


def _strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
