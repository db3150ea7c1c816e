"""How far the gate agrees with a reader on 150 statements of real runs, and how far the reader agrees with themselves.

`python -m benchmarks.judge_agreement` reads `eval/data/judge_labels.jsonl`, puts each statement through the gate with its
evidence anew, and prints the tables of docs/evaluation.md and every error.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from sklearn.metrics import roc_auc_score

from assistant import Assistant, open_assistant
from assistant.composing import DraftStatement, Quote
from corpus import UserError
from eval.labels import LABELS, Labelled, read_labels
from eval.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the gate made of a labelled statement: ``outcome`` is "shown" or why it was dropped.

    ``support`` is the strict probability that the gate goes by, ``graded`` the score of ``check``.
    """

    row: Labelled
    outcome: str
    support: float
    graded: float

    @property
    def shown(self) -> bool:
        """Whether a visitor would have seen it."""
        return self.outcome == "shown"


def judged(assistant: Assistant, row: Labelled) -> Judged:
    """The gate's verdict on a statement that claims to rest on its evidence, and on nothing else.

    Raises:
        UserError: a sentence of the evidence no longer stands in its document; the row has to be labelled anew.

    """
    draft = DraftStatement(text=row.statement, quotes=quotes_of(assistant, row), layout="prose")
    checked = assistant.gate.check([draft], [])
    outcome, support = "shown", 0.0
    for dropped in checked.dropped:
        outcome, support = dropped.reason, dropped.support
    for statement in checked.statements:
        support = statement.support
    graded = assistant.check(row.statement, row.evidence).score
    return Judged(row=row, outcome=outcome, support=support, graded=graded)


def kappa(one: Sequence[bool], other: Sequence[bool]) -> float | None:
    """Cohen's kappa of two raters over the same things: -1 to 1, undefined where each gives one and the same label.

    Cohen, A coefficient of agreement for nominal scales, 1960.
    """
    share = [sum(rater) / len(one) for rater in (one, other)]
    by_chance = share[0] * share[1] + (1 - share[0]) * (1 - share[1])
    alike = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    return None if by_chance == 1 else (alike - by_chance) / (1 - by_chance)


def agreement(found: Sequence[Judged]) -> Table:
    """Counts, precision and recall of what the gate shows, and kappa with the label, for each writer and both."""
    parts = [
        ("nearest other sentence", [j for j in found if j.row.writer == "extractive"]),
        ("scripted guest", [j for j in found if j.row.writer == "guest"]),
        ("both", list(found)),
    ]
    header = ("statements", "n", "supported", "shown", "precision", "recall", "wrongly shown", "alike", "kappa")
    return Table(title="The gate against the labels", header=header, rows=tuple(_row(*part) for part in parts))


def _row(name: str, found: Sequence[Judged]) -> tuple[str, ...]:
    labels, shown = [j.row.label for j in found], [j.shown for j in found]
    both = sum(a and b for a, b in zip(labels, shown, strict=True))
    alike = sum(a == b for a, b in zip(labels, shown, strict=True))
    told = kappa(labels, shown)
    return (
        name,
        f"{len(found)}",
        f"{sum(labels)}",
        f"{sum(shown)}",
        f"{both}/{sum(shown)}",
        f"{both}/{sum(labels)}",
        f"{sum(shown) - both}/{len(found) - sum(labels)}",
        f"{alike / len(found):.2f}",
        "-" if told is None else f"{told:.2f}",
    )


def quotes_of(assistant: Assistant, row: Labelled) -> tuple[Quote, ...]:
    """A labelled statement's evidence, where it stands in the index; UserError where it no longer does."""
    standing = {
        told.sentence.text: Quote(passage=told.passage, sentence=told.sentence)
        for passage in assistant.retriever.passages(row.doc_id)
        for told in assistant.retriever.sentences(passage.passage_id)
    }
    if missing := next((text for text in row.evidence if text not in standing), None):
        raise UserError(f"{row.id}: {row.doc_id} no longer holds {missing!r}. Label it anew in {LABELS.name}.")
    return tuple(standing[text] for text in row.evidence)


def main() -> None:
    """Print both agreements and the errors."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    rows = read_labels()
    first, second = [r.first for r in rows], [r.second for r in rows]
    alike = sum(a == b for a, b in zip(first, second, strict=True))
    told = kappa(first, second)
    print(f"first and second reading: {alike} of {len(rows)} alike, kappa {'-' if told is None else f'{told:.2f}'}\n")
    assistant = open_assistant(model="extractive")
    found = [judged(assistant, row) for row in rows]
    print(agreement(found).as_markdown())
    labels = [j.row.label for j in found]
    print(f"\nAUROC of the gate's score {roc_auc_score(labels, [j.support for j in found]):.2f}", end="")
    print(f", of check().score {roc_auc_score(labels, [j.graded for j in found]):.2f}")
    for title, wrong in (
        ("shown, but not supported", [j for j in found if j.shown and not j.row.label]),
        ("supported, but dropped", [j for j in found if j.row.label and not j.shown]),
    ):
        print(f"\n{title}: {len(wrong)}")
        for j in wrong:
            print(f"- {j.row.id} ({j.outcome}, {j.support:.2f}) {j.row.statement}")


if __name__ == "__main__":
    main()
