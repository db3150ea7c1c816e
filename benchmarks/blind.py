"""Questions written before their authors had read a word of the articles, labelled afterwards: what people really ask.

Run: python -m benchmarks.blind [--worst 10]. Such questions go past what the articles say more often than questions that
were written from them, and half of the answers that there are answer in part; so the figures are lower than the gold set's.
TALKS are such follow-ups too, typed with the assistant's own answers in view.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import Answer, Assistant, Turn, open_assistant
from assistant.conversation import behind_before
from assistant.refusing import UNCERTAIN
from eval.intervals import mean_interval, share_interval
from eval.tracing import facts_between

DATA = Path(__file__).parent / "data"
QUESTIONS, FOLLOW_UPS = DATA / "blind_questions.jsonl", DATA / "blind_follow_ups.jsonl"
TALKS = DATA / "talks.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """A question with the facts that help to answer it, and those with which the best answer opens; none: no answer."""

    text: str
    history: tuple[Turn, ...]
    alone: str  # the same question made to stand alone; "" for one that does
    facts: frozenset[str]
    vital: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with its answer and the facts that each statement shown is tied to, in order."""

    blind: Blind
    answer: Answer
    stated: tuple[frozenset[str], ...]

    @property
    def answered(self) -> bool:
        """Whether anything was shown."""
        return self.answer.status == "answered"

    @property
    def in_doubt(self) -> bool:
        """Whether the answer says that it may be none."""
        return UNCERTAIN in self.answer.reason

    @property
    def vital(self) -> float:
        """The share of the vital facts that the answer states, 0 to 1."""
        shown = frozenset().union(*self.stated)
        return len(self.blind.vital & shown) / len(self.blind.vital)

    @property
    def to_the_point(self) -> list[float]:
        """1.0 for each statement shown that helps to answer, else 0.0."""
        return [float(bool(facts & self.blind.facts)) for facts in self.stated]


def read_blind(path: Path) -> list[Blind]:
    """The questions of a JSON Lines file, in its order."""
    return [_blind(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def of_talks(*, half: str) -> Iterator[dict[str, Any]]:
    """The labelled follow-ups of one half of TALKS, each with the turns before it as its ``history``."""
    for line in TALKS.read_text(encoding="utf-8").splitlines():
        talk = json.loads(line)
        history: list[dict[str, str]] = []
        for turn in talk["turns"]:
            if talk["half"] == half and "facts" in turn:
                yield {**turn, "history": tuple(history)}
            history += [{"role": "user", "text": turn["question"]}, {"role": "assistant", "text": turn["answer"]}]


def known_texts(row: Mapping[str, Any]) -> list[str]:
    """What is known of a follow-up: the question made to stand alone, and the one as typed behind the turn before it."""
    together = behind_before(row["question"], turns(row))
    return [row["standalone"], together] if together not in ("", row["standalone"]) else [row["standalone"]]


def turns(row: Mapping[str, Any]) -> tuple[Turn, ...]:
    """The turns before a question."""
    return tuple(Turn(role=turn["role"], text=turn["text"]) for turn in row.get("history", ()))


def _blind(row: Mapping[str, Any]) -> Blind:
    return Blind(
        text=row["question"],
        history=turns(row),
        alone=row.get("standalone", ""),
        facts=frozenset(row["facts"]),
        vital=frozenset(row["vital"]),
    )


def ask(assistant: Assistant, blind: Blind, *, alone: bool = False) -> Asked:
    """Ask one question, with its history or made to stand alone."""
    answer = assistant.answer(blind.alone) if alone else assistant.answer(blind.text, history=blind.history)
    stated = tuple(
        frozenset(
            fact
            for citation in statement.citations
            for fact in facts_between(assistant.document(citation.passage.doc_id), citation.start, citation.end)
        )
        for statement in answer.statements
    )
    return Asked(blind=blind, answer=answer, stated=stated)


def figures(asked: Sequence[Asked]) -> str:
    """The means over the questions with their 95 % intervals, a line each."""
    answerable = [one for one in asked if one.blind.facts]
    beyond = [one for one in asked if not one.blind.facts]
    shown = [one for one in answerable if one.answered]
    words = [len(" ".join(statement.text for statement in one.answer.statements).split()) for one in shown]
    refused = sum(not one.answered for one in answerable)
    answers = {
        "right": [one for one in shown if one.vital],
        "wrong": [one for one in shown if not one.vital],
        "to nothing answerable": [one for one in beyond if one.answered],
    }
    return "\n".join(
        (
            _mean("vital facts in the answer", [one.vital for one in answerable]),
            _mean("some vital fact in the answer", [float(one.vital > 0) for one in answerable]),
            _mean("first sentence to the point", [one.to_the_point[0] for one in shown]),
            _mean("sentences to the point", [value for one in shown for value in one.to_the_point]),
            f"{'words of an answer, mean':38}{sum(words) / max(1, len(words)):.0f}",
            _share("answerable, refused", refused, len(answerable)),
            _share("not answerable, answered", sum(one.answered for one in beyond), len(beyond)),
            *(_share(f"in doubt: {name}", sum(one.in_doubt for one in of), len(of)) for name, of in answers.items()),
        )
    )


def _mean(name: str, values: Sequence[float]) -> str:
    low, high = mean_interval(values) or (0.0, 1.0)
    return f"{name:38}{sum(values) / max(1, len(values)):.3f} [{low:.3f}, {high:.3f}]  n={len(values)}"


def _share(name: str, count: int, n: int) -> str:
    low, high = share_interval(count, n) or (0.0, 1.0)
    return f"{name:38}{count / max(1, n):.3f} [{low:.3f}, {high:.3f}]  n={n}"


def worst(asked: Sequence[Asked], count: int) -> str:
    """The first ``count`` answerable questions whose answers state no vital fact, each with its answer."""
    missed = [one for one in asked if one.blind.facts and not one.vital]
    return "\n\n".join(f"{one.blind.text}\n  {one.answer.text}" for one in missed[:count])


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask every question of the bundled articles and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worst", type=int, default=0, help="also tell this many questions that went wrong")
    options = parser.parse_args(arguments)
    assistant = open_assistant()
    single = [ask(assistant, blind) for blind in read_blind(QUESTIONS)]
    print(f"questions\n{figures(single)}")
    for name, follow_ups in (
        ("follow-ups", read_blind(FOLLOW_UPS)),
        ("follow-ups in talks with the assistant", [_blind(row) for row in of_talks(half="held")]),
    ):
        print(f"\n{name}\n{figures([ask(assistant, blind) for blind in follow_ups])}")
        print(f"\nthe same, asked alone\n{figures([ask(assistant, blind, alone=True) for blind in follow_ups])}")
    if options.worst:
        print(f"\n{worst(single, options.worst)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
