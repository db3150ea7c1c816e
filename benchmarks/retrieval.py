"""How well the five source articles are searched: 60 hard questions, judged by passages that hold a named run of words.

Run: python -m benchmarks.retrieval [--seeds FOLDER] [--through answer] [--worst 10]. The articles lie beside the checkout, not in it.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from assistant import Assistant, open_assistant
from corpus import Passage, read_documents, split
from eval.intervals import mean_interval
from eval.ranking import ndcg, reciprocal_rank
from index import Hit, Retriever, build_index

ROOT = Path(__file__).parent.parent
QUESTIONS = Path(__file__).parent / "data" / "seed_questions.jsonl"
SEEDS = ROOT.parent / "shared" / "seeds"
ANSWERS, DEPTH = 2, 10
MEASURES = ("R@1", "R@5", "MRR@10", "nDCG@10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Three to six words that stand in the passage meant; ``grade`` 2 where it answers, 1 where it does in part."""

    document: str
    words: str
    grade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as typed, and the places that answer it; ``kind`` is how it is worded (misspelt, vague, ...)."""

    question_id: str
    text: str
    kind: str
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, the grades of the passages that are relevant to it, and the passages found, best first."""

    question: Question
    relevant: Mapping[str, int]
    hits: tuple[Hit, ...]

    def scores(self) -> dict[str, float]:
        """The MEASURES of this question."""
        return scores(self.relevant, [hit.passage.passage_id for hit in self.hits])


class Searcher(Protocol):
    """What is measured: the assistant's public search, the index's retriever, or what an answer draws on."""

    def search(self, query: str, *, k: int) -> list[Hit]:
        """The ``k`` nearest passages, best first."""


class Answering:
    """The passages that the assistant's answers draw on, and how many of the questions it answered or refused."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.statuses: Counter[str] = Counter()

    def search(self, query: str, *, k: int) -> list[Hit]:
        """The passages behind the answer to a query, refused or not."""
        answer = self.assistant.answer(query)
        self.statuses[answer.status] += 1
        return list(answer.hits[:k])


def read_questions(path: Path) -> tuple[Question, ...]:
    """The questions of a JSON Lines file, in its order."""
    return tuple(_question(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())


def relevance(question: Question, passages: Sequence[Passage]) -> dict[str, int]:
    """The grade of each passage that holds one of the question's anchors: the highest of those that it holds.

    Raises ValueError where an anchor stands in no passage of its document, since a grade would be lost in silence.
    """
    grades: dict[str, int] = {}
    for anchor in question.anchors:
        own = [passage for passage in passages if PurePosixPath(passage.doc_id).stem == anchor.document]
        holding = [passage for passage in own if _plain(anchor.words) in _plain(passage.text)]
        if not holding:
            raise ValueError(f"{question.question_id}: no passage of {anchor.document!r} holds {anchor.words!r}")
        for passage in holding:
            grades[passage.passage_id] = max(anchor.grade, grades.get(passage.passage_id, 0))
    return grades


def scores(relevant: Mapping[str, int], ranking: Sequence[str]) -> dict[str, float]:
    """The MEASURES of one ranking, each 0 to 1.

    R@k is 1 where a passage that answers (grade 2) stands among the first k, else 0. MRR@10 looks for the same
    passages; nDCG@10 takes all grades. A question whose anchors answer nowhere has no R or MRR and is not allowed.
    """
    first = ranking[:DEPTH]
    answering = {passage_id: grade for passage_id, grade in relevant.items() if grade == ANSWERS}
    reciprocal, gain = reciprocal_rank(answering, first), ndcg(relevant, first, k=DEPTH)
    if reciprocal is None or gain is None:
        raise ValueError("no passage answers this question")
    return {
        "R@1": float(reciprocal == 1),
        "R@5": float(reciprocal >= 1 / 5),
        "MRR@10": reciprocal,
        "nDCG@10": gain,
    }


def table(asked: Sequence[Asked]) -> str:
    """The means over all questions with their 95 % intervals, then the means of each kind."""
    rows = [("kind", "n", *MEASURES)]
    for kind in ("all", *dict.fromkeys(one.question.kind for one in asked)):
        those = [one.scores() for one in asked if kind in {"all", one.question.kind}]
        rows.append((kind, str(len(those)), *(_figure([of[name] for of in those]) for name in MEASURES)))
    return "\n".join("  ".join(cell.ljust(18) for cell in row).rstrip() for row in rows)


def worst(asked: Sequence[Asked], count: int) -> str:
    """The ``count`` questions with the least nDCG@10, each with what was wanted and what was found instead."""
    ordered = sorted(asked, key=lambda one: (one.scores()["nDCG@10"], one.question.question_id))
    return "\n\n".join(_told(one) for one in ordered[:count])


def ask_all(searcher: Searcher, questions: Sequence[Question], passages: Sequence[Passage]) -> list[Asked]:
    """Search for each question, and grade what there was to find."""
    return [
        Asked(
            question=question,
            relevant=relevance(question, passages),
            hits=tuple(searcher.search(question.text, k=DEPTH)),
        )
        for question in questions
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Index the articles in a folder of their own, ask every question and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=Path, default=SEEDS, help="folder of the five source articles")
    parser.add_argument("--worst", type=int, default=0, help="also tell this many questions that went worst")
    parser.add_argument(
        "--through",
        choices=("search", "index", "answer"),
        default="search",
        help="the assistant's search, the index without the assistant's mending of the query, or what an answer draws on",
    )
    options = parser.parse_args(arguments)
    if not options.seeds.is_dir():
        print(
            f"There is no folder {options.seeds}. The source articles are not part of the checkout: "
            "name their folder with --seeds.",
            file=sys.stderr,
        )
        return 2
    documents, _ = read_documents(options.seeds)
    passages = [passage for document in documents for passage in split(document)]
    with tempfile.TemporaryDirectory() as index:
        build_index(options.seeds, index=index)
        searcher = _searcher(options.through, index)
        asked = ask_all(searcher, read_questions(QUESTIONS), passages)
    print(f"{len(documents)} documents, {len(passages)} passages\n\n{table(asked)}")
    if isinstance(searcher, Answering):
        print("\n" + ", ".join(f"{status} {count}" for status, count in searcher.statuses.most_common()))
    if options.worst:
        print(f"\n{worst(asked, options.worst)}")
    return 0


def _searcher(through: str, index: str) -> Searcher:
    if through == "index":
        return Retriever.open(index)
    assistant = open_assistant(index=index)
    return Answering(assistant) if through == "answer" else assistant


def _question(row: Mapping[str, object]) -> Question:
    match row:
        case {"id": str(question_id), "question": str(text), "kind": str(kind), "relevant": [*places]}:
            return Question(question_id=question_id, text=text, kind=kind, anchors=tuple(map(_anchor, places)))
    raise ValueError(f"not a question: {row!r}")


def _anchor(place: object) -> Anchor:
    match place:
        case {"document": str(document), "anchor": str(words), "grade": int(grade)}:
            return Anchor(document=document, words=words, grade=grade)
    raise ValueError(f"not a place: {place!r}")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _figure(values: Sequence[float]) -> str:
    mean, interval = sum(values) / len(values), mean_interval(values)
    return f"{mean:.3f}" + (f" [{interval[0]:.2f}, {interval[1]:.2f}]" if interval else "")


def _told(one: Asked) -> str:
    wanted = ", ".join(f"{passage_id} ({grade})" for passage_id, grade in sorted(one.relevant.items()))
    found = [
        f"  {hit.rank:2} {one.relevant.get(hit.passage.passage_id, '-')} {hit.passage.passage_id}: "
        f"{_plain(hit.passage.text)[:150]}"
        for hit in one.hits
    ]
    figures = " ".join(f"{name} {value:.2f}" for name, value in one.scores().items())
    head = f"{one.question.question_id} [{one.question.kind}] {one.question.text}"
    return "\n".join([head, f"  {figures}", f"  wanted: {wanted}", *found])


if __name__ == "__main__":
    sys.exit(main())
