"""Defects planted into a sound assistant, to see whether the evaluation notices: each where it should, and only there.

`python -m benchmarks.planted` prints the table of docs/evaluation.md over the gold set's dev half; a test does the same
over a small corpus.
"""

import argparse
import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from assistant import Assistant, Turn, open_assistant
from assistant.answers import Answer, Statement
from assistant.journey import Step, Work
from corpus import Document, Passage
from corpus.splitting import split
from eval.differences import Difference, difference, scores_of
from eval.examples import GOLD, Example, read_examples
from eval.predict import ALONE, predict, questions
from eval.predictions import Prediction
from eval.stamp import stamp_of
from eval.summary import conversation_gap
from eval.table import Table
from eval.tracing import Subject, Ties
from index import Hit

SHOWN = (
    "ndcg@10",
    "vital_recall",
    "citation_recall",
    "citation_precision",
    "faithfulness",
    "quote_validity",
    "false_refusal_rate",
    "false_answer_rate",
    "multi_turn_delta",
)
FABRICATION = "Every chief medical officer owns a tenth of the hospital and is paid in gold each Tuesday"
Take = Callable[[str, Step, Work], None]


@dataclass(frozen=True, kw_only=True)
class Planted:
    """An assistant with one step done otherwise; everything else is its own."""

    sound: Assistant
    take: Take
    forgetful: bool = False

    def answer(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Answer:
        """Answer as the sound one would, but for the defect."""
        kept = () if self.forgetful else history
        *_, last = self.sound.snapshots(lambda: (question, kept, setting), self.take)
        return last

    def search(self, query: str, *, k: int = 10) -> list[Hit]:
        """What the defective search returns."""
        work = Work(question=query, history=(), setting=None, version="")

        def found(work: Work) -> None:
            work.hits = self.sound.search(query, k=k)

        self.take("search", found, work)
        return work.hits

    def document(self, doc_id: str) -> Document:
        """A document of the sound one."""
        return self.sound.document(doc_id)


@dataclass(frozen=True, kw_only=True)
class Defect:
    """A defect: which measures have to get worse by it, and which others may, since they build on those."""

    name: str
    sees: frozenset[str]
    may: frozenset[str]
    plant: Callable[[Assistant], Planted]
    guest: BaseChatModel | None = None


def defects(fabricator: BaseChatModel) -> tuple[Defect, ...]:
    """The five; ``fabricator`` is a model that writes a passage's first sentence and a fabrication."""
    cited = frozenset({"citation_recall", "citation_precision"})
    return (
        Defect(
            name="passages drawn by lot",
            sees=frozenset({"ndcg@10", "vital_recall"}),
            may=frozenset({"false_refusal_rate", "multi_turn_delta"}),
            plant=lambda sound: Planted(sound=sound, take=_blind(sound)),
        ),
        Defect(
            name="citations shuffled",
            sees=cited,
            may=frozenset(),
            plant=lambda sound: Planted(sound=sound, take=_after("check", _shuffle)),
        ),
        Defect(
            name="gate off, fabricating model",
            sees=cited | {"faithfulness"},
            may=frozenset(),
            plant=lambda sound: Planted(sound=sound, take=_ungated(sound)),
            guest=fabricator,
        ),
        Defect(
            name="refusal threshold at zero",
            sees=frozenset({"false_answer_rate"}),
            may=frozenset(),
            plant=lambda sound: Planted(sound=sound, take=_after("evidence", _unrefuse)),
        ),
        Defect(
            name="history ignored",
            sees=frozenset({"multi_turn_delta", "vital_recall"}),
            may=frozenset({"ndcg@10", "false_refusal_rate"}),
            plant=lambda sound: Planted(sound=sound, take=lambda _, step, work: step(work), forgetful=True),
        ),
    )


def changes(
    defect: Defect,
    sound: Assistant,
    examples: Sequence[Example],
    *,
    ties: Ties,
    work: Path,
    before: Mapping[str, Prediction] | None = None,
) -> Mapping[str, Difference]:
    """What each shown measure changes by the defect, question by question.

    ``before`` is what ``predictions`` gave for the sound ``writer``, where it is known: it costs as much as the rest.
    """
    base = writer(defect, sound)
    old = _scores(examples, before or predictions(base, base, examples, ties=ties, work=work))
    new = _scores(examples, predictions(defect.plant(base), base, examples, ties=ties, work=work))
    found = {name: difference(name, old[name], new[name]) for name in SHOWN}
    return {name: change for name, change in found.items() if change is not None}


def writer(defect: Defect, sound: Assistant) -> Assistant:
    """The assistant that the defect is planted into: the sound one, or the same with the defect's guest."""
    return sound if defect.guest is None else replace(sound, chat=defect.guest, model="scripted")


def predictions(
    subject: Subject, base: Assistant, examples: Sequence[Example], *, ties: Ties, work: Path
) -> dict[str, Prediction]:
    """What a subject answers, its citations judged by the sound assistant's check."""
    return predict(
        subject,
        questions(examples),
        ties=ties,
        judge=base.check,
        stamp=stamp_of(base, judge="own check"),
        out=work / "predictions.jsonl",
        resume=False,
    )


def table(rows: Sequence[tuple[Defect, Mapping[str, Difference]]]) -> Table:
    """One row a defect: the change of each measure, in brackets where it is within noise, starred where it is due."""
    cells = []
    for defect, found in rows:
        row = [defect.name]
        for name in SHOWN:
            change = found.get(name)
            told = "-" if change is None else f"{change.change:+.2f}"
            star = "*" if name in defect.sees else ""
            row.append(f"{told}{star}" if change and change.verdict in ("worse", "better") else f"({told}){star}")
        cells.append(tuple(row))
    return Table(title="Planted defects", header=("defect", *SHOWN), rows=tuple(cells))


def first_sentence_and_a_fabrication(messages: list[BaseMessage]) -> str:
    """What the fabricating model writes: a true sentence of the first passage, and one that nothing supports."""
    body = str(messages[-1].content).partition(">\n")[2].partition("\n</passage>")[0]
    sentences = [line for line in body.splitlines() if line.strip().endswith(".")]
    true = sentences[0].partition(". ")[0].rstrip(".") if sentences else "A chief medical officer is a physician"
    return f"{true} [1].\n{FABRICATION} [1]."


def _scores(examples: Sequence[Example], predictions: Mapping[str, Prediction]) -> dict[str, Mapping[str, float]]:
    scores = dict(scores_of(examples, predictions))
    gaps = {e.id: conversation_gap(e, predictions[e.id], predictions[e.id + ALONE]) for e in examples if e.standalone}
    scores["multi_turn_delta"] = {i: gap for i, gap in gaps.items() if gap is not None}
    return scores


def _after(name: str, spoil: Callable[[Work], None]) -> Take:
    def take(step_name: str, step: Step, work: Work) -> None:
        step(work)
        if step_name == name:
            spoil(work)

    return take


def _blind(sound: Assistant) -> Take:
    """A search that returns passages by a hash of the question."""
    passages = [p for e in sound.retriever.documents() for p in split(sound.document(e.doc_id))]

    def spoilt(question: str, hits: Sequence[Hit]) -> list[Hit]:
        def key(passage: Passage) -> bytes:
            return hashlib.sha256(f"{question}\n{passage.passage_id}".encode()).digest()

        drawn = sorted(passages, key=key)
        return [replace(hit, passage=passage) for passage, hit in zip(drawn, hits, strict=False)]

    def spoil(work: Work) -> None:
        work.hits = spoilt(work.question, work.hits)
        work.readings = [replace(r, hits=tuple(spoilt(work.question, r.hits))) for r in work.readings]

    return _after("search", spoil)


def _shuffle(work: Work) -> None:
    """Each statement gets the citations of the next."""
    citations = [s.citations for s in work.statements]
    turned = citations[1:] + citations[:1]
    work.statements = tuple(replace(s, citations=c) for s, c in zip(work.statements, turned, strict=True))


def _unrefuse(work: Work) -> None:
    if work.evidence:
        work.refusal, work.asked_back = "", False


def _ungated(sound: Assistant) -> Take:
    """Shows the whole draft: what the gate would drop cites the first quote at hand."""

    def take(name: str, step: Step, work: Work) -> None:
        step(work)
        if name != "check" or not work.statements:
            return
        shown = {s.text for s in work.statements}
        quotes = work.statements[0].citations[:1]
        work.statements += tuple(
            Statement(text=d.text, citations=quotes, verdict="supported", support=1.0, layout="prose", connective="")
            for d in work.draft
            if d.text not in shown
        )

    return take


def main() -> None:
    """Print the table over the gold set's dev half."""
    from tests.fakes_chat import ScriptedChat

    argparse.ArgumentParser(description=__doc__).parse_args()
    sound = open_assistant()
    examples = read_examples(GOLD, half="dev")
    ties = Ties(sound.document(entry.doc_id) for entry in sound.retriever.documents())
    rows = []
    before: dict[str, Mapping[str, Prediction]] = {}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for defect in defects(ScriptedChat(script=[first_sentence_and_a_fabrication])):
            base = writer(defect, sound)
            if base.model not in before:
                before[base.model] = predictions(base, base, examples, ties=ties, work=work)
            found = changes(defect, sound, examples, ties=ties, work=work, before=before[base.model])
            rows.append((defect, found))
    print(table(rows).as_markdown())


if __name__ == "__main__":
    main()
