"""Fit the order of likely sentences (assistant/data/ordering.json) on those that were graded, and report it.

Of each question of ``data/sentence_grades.jsonl`` the sentences that were found are compared in pairs of different grades, by
what is left of the score and by the TRAITS of ``assistant/ordering.py``; a trait weighs as its share in log-odds of the
score. The questions marked "held" are looked at for the report alone. Run after benchmarks/fit_evidence.py:

    python benchmarks/fit_ordering.py
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from fit_evidence import save
from labelled import ROOT, worked
from sklearn.linear_model import LogisticRegression

from assistant import Assistant, open_assistant
from assistant.evidence import Evidence, rank_evidence
from assistant.ordering import LIKELY, ORDERED, TRAITS, ordered, traits
from assistant.questions import Question
from assistant.weights import log_odds
from eval.ranking import ndcg

GRADES = ROOT / "benchmarks" / "data" / "sentence_grades.jsonl"
BELONGS, BEST = 2, 3  # grades from which a sentence belongs in the answer, and may open it
C = 0.03  # how freely the weights may move


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graded:
    """A question's likely sentences, best first, with their grades.

    ``rows`` is (sentences, 1 + traits), with the log-odds of the score first.
    """

    half: str
    question: Question
    likely: tuple[Evidence, ...]
    rows: np.ndarray
    grades: tuple[int, ...]


def graded(assistant: Assistant) -> list[Graded]:
    """The graded questions as far as two of their graded sentences are likely."""
    found = []
    for line in GRADES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        grade = dict(row["grades"])
        form = worked(assistant, row["question"]).readings[0]
        ranked = rank_evidence(form.question, form.hits, assistant.retriever)
        likely = [e for e in ranked[:ORDERED] if e.score >= LIKELY and e.sentence.text in grade]
        told = traits(form.question, likely, assistant.retriever)
        if len(told) > 1:
            rows = [(log_odds(e.score), *of_it) for e, of_it in zip(likely, told, strict=True)]
            found.append(
                Graded(
                    half=row["half"],
                    question=form.question,
                    likely=tuple(likely),
                    rows=np.array(rows),
                    grades=tuple(grade[e.sentence.text] for e in likely),
                )
            )
    return found


def fit(examples: Sequence[Graded]) -> np.ndarray:
    """(traits,): the weights beside a weight of 1 for the log-odds of the score."""
    apart, better, weight = [], [], []
    for example in examples:
        for a, b in combinations(range(len(example.grades)), 2):
            more = example.grades[a] - example.grades[b]
            if more and max(example.grades[a], example.grades[b]) >= BELONGS:
                apart += [example.rows[a] - example.rows[b], example.rows[b] - example.rows[a]]
                better += [more > 0, more < 0]
                weight += [abs(more) / len(example.grades)] * 2
    scale = np.std(apart, axis=0)
    model = LogisticRegression(C=C, fit_intercept=False, max_iter=2000).fit(apart / scale, better, sample_weight=weight)
    weights = model.coef_[0] / scale
    return np.asarray(weights[1:] / weights[0])


def report(label: str, graded_in_order: Iterable[Sequence[int]]) -> None:
    """Print how often the first sentence may open the answer and belongs in it, and the nDCG, where one belongs."""
    some = [grades for grades in graded_in_order if max(grades) >= BELONGS]
    opens = [grades[0] == BEST for grades in some if max(grades) == BEST]
    gained = [
        ndcg({str(n): g for n, g in enumerate(grades)}, [*map(str, range(ORDERED))], k=ORDERED) for grades in some
    ]
    print(
        f"  {label}: first may open {np.mean(opens):.3f} (n={len(opens)}), "
        f"belongs {np.mean([grades[0] >= BELONGS for grades in some]):.3f}, "
        f"nDCG {np.mean([gain or 0.0 for gain in gained]):.3f} (n={len(some)})"
    )


def in_order(example: Graded, assistant: Assistant) -> list[int]:
    """The grades in the order in which the assistant has the sentences."""
    grade = {e.key: grade for e, grade in zip(example.likely, example.grades, strict=True)}
    return [grade[e.key] for e in ordered(example.question, example.likely, assistant.retriever)]


def main() -> None:
    """Fit, write and report."""
    assistant = open_assistant()
    examples = graded(assistant)
    weights = fit([e for e in examples if e.half == "fit"])
    save("ordering", TRAITS, weights, 0.0, np.zeros(len(TRAITS)), np.ones(len(TRAITS)))
    for half in ("fit", "held"):
        of_half = [e for e in examples if e.half == half]
        report(f"by the score, {half}", [e.grades for e in of_half])
        report(f"ordered, {half}", [in_order(e, assistant) for e in of_half])


if __name__ == "__main__":
    main()
