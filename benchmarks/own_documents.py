"""Questions over documents that nobody has prepared: eight made-up organisations, nine documents each, as people bring them.

Run: python benchmarks/own_documents.py [SET …] [--worst 10]. ``data/own_documents/<set>/docs`` are indexed as they are; each
line of ``questions.jsonl`` is a question with the words of the sentences that answer it, and of those that may stand
beside them, or a talk of several, held with the assistant's own answers as the turns before. Those of
``asked_unread.jsonl`` were asked by people who knew titles and headings alone, and labelled afterwards.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from blind import Asked, Blind, figures, worst

from assistant import Assistant, Turn, open_assistant
from index import build_index

ROOT = Path(__file__).parent.parent
SETS = ROOT / "benchmarks" / "data" / "own_documents"
INDEXES = ROOT / "var" / "own_documents"
READ, UNREAD = "questions.jsonl", "asked_unread.jsonl"
"""Questions of who had read the documents, and of who had seen nothing but their titles and headings."""
Place = tuple[str, int, int]
"""A sentence of an index: its document, and where in that it begins and ends."""


def names() -> list[str]:
    """The sets, in order."""
    return sorted(path.name for path in SETS.iterdir() if path.is_dir())


def opened(name: str) -> Assistant:
    """The assistant over one set's documents, indexed where they are not yet."""
    build_index(SETS / name / "docs", index=INDEXES / name)
    return open_assistant(index=INDEXES / name)


def rows(name: str, file: str = READ) -> Iterator[list[dict[str, Any]]]:
    """The talks of a file of a set; a single question is a talk of one turn."""
    for line in (SETS / name / file).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row.get("talk", [row])


def sentences(assistant: Assistant) -> dict[Place, str]:
    """Every sentence of the index but headings, its words parted by single spaces."""
    retriever = assistant.retriever
    return {
        (row.passage.doc_id, row.sentence.start, row.sentence.end): " ".join(row.sentence.text.split())
        for entry in retriever.documents()
        for passage in retriever.passages(entry.doc_id)
        for row in retriever.sentences(passage.passage_id)
        if row.sentence.kind != "heading"
    }


def labelled(row: Mapping[str, Any], found: Mapping[Place, str]) -> tuple[frozenset[str], frozenset[str]]:
    """The keys of the sentences that answer a question, and of all that may stand in its answer.

    Raises:
        ValueError: words that stand in no sentence.

    """
    answers, also = (
        frozenset(key(place) for told in row.get(kind, ()) for place in _standing(told, found))
        for kind in ("answers", "also")
    )
    return answers, answers | also


def key(place: tuple[Any, ...]) -> str:
    """A sentence's name, of a Place or an ``Evidence.key``."""
    return f"{place[0]}:{place[1]}"


def _standing(told: Mapping[str, str], found: Mapping[Place, str]) -> list[Place]:
    quote = " ".join(told["quote"].split())
    places = [place for place, text in found.items() if place[0] == told["doc"] and quote in text]
    if not places:
        raise ValueError(f"{told['doc']} has no sentence with “{quote}”")
    return places


def asked_in(name: str, file: str = READ) -> tuple[list[Asked], list[Asked]]:
    """The single questions and the follow-ups of a file of a set, with their answers."""
    assistant = opened(name)
    found = sentences(assistant)
    single: list[Asked] = []
    later: list[Asked] = []
    for talk in rows(name, file):
        history: list[Turn] = []
        for row in talk:
            answers, fitting = labelled(row, found)
            blind = Blind(text=row["question"], history=tuple(history), alone="", facts=fitting, vital=answers)
            answer = assistant.answer(blind.text, history=blind.history)
            stated = tuple(
                frozenset(
                    key(place)
                    for place in found
                    for c in statement.citations
                    if place[0] == c.passage.doc_id and place[1] < c.end and c.start < place[2]
                )
                for statement in answer.statements
                if statement.layout != "lead"
            )
            (later if history else single).append(Asked(blind=blind, answer=answer, stated=stated))
            history += [Turn(role="user", text=row["question"]), Turn(role="assistant", text=answer.text)]
    return single, later


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask the questions of every set, or of those named, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=names())
    parser.add_argument("--worst", type=int, default=0, help="also tell this many questions that went wrong")
    options = parser.parse_args(arguments)
    single: list[Asked] = []
    later: list[Asked] = []
    unread: list[Asked] = []
    for name in options.sets:
        of_set = asked_in(name)
        single += of_set[0]
        later += of_set[1]
        unread += asked_in(name, UNREAD)[0]
        print(f"{name}: {figures(of_set[0]).splitlines()[1]}")
    for label, of_label in (("questions of readers", single), ("their follow-ups", later), ("asked unread", unread)):
        print(f"\n{label}\n{figures(of_label)}")
    if options.worst:
        print("", *(worst(some, options.worst) for some in (single, later, unread)), sep="\n\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
