"""Fit the order of likely sentences (assistant/data/ordering.json) on those that were graded, and report it.

Of each question of ``data/sentence_grades.jsonl`` the sentences that were found are compared in pairs of different grades, by
what is left of the score and by the TRAITS of ``assistant/ordering.py``; a trait weighs as its share in log-odds of the
score. The questions marked "held" are looked at for the report alone. Run after benchmarks/fit_evidence.py:

    python benchmarks/fit_ordering.py
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from labelled import ROOT, worked
from sklearn.linear_model import LogisticRegression

from assistant import Assistant, open_assistant
from assistant.evidence import log_odds, rank_evidence
from assistant.ordering import LIKELY, ORDERED, TRAITS, traits
from assistant.weights import load_weights

GRADES = ROOT / "benchmarks" / "data" / "sentence_grades.jsonl"
BELONGS, BEST = 2, 3  # grades from which a sentence belongs in the answer, and may open it
C = 0.03  # how freely the weights may move


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graded:
    """A question's likely sentences: (sentences, 1 + traits) with the log-odds of the score first, and their grades."""

    half: str
    rows: np.ndarray
    grades: np.ndarray


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
            grades = np.array([grade[e.sentence.text] for e in likely])
            found.append(Graded(half=row["half"], rows=np.array(rows), grades=grades))
    return found


def fit(examples: Sequence[Graded]) -> np.ndarray:
    """(traits,): the weights beside a weight of 1 for the log-odds of the score."""
    apart, better, weight = [], [], []
    for example in examples:
        for a, b in combinations(range(len(example.grades)), 2):
            more = int(example.grades[a]) - int(example.grades[b])
            if more and max(example.grades[a], example.grades[b]) >= BELONGS:
                apart += [example.rows[a] - example.rows[b], example.rows[b] - example.rows[a]]
                better += [more > 0, more < 0]
                weight += [abs(more) / len(example.grades)] * 2
    scale = np.std(apart, axis=0)
    model = LogisticRegression(C=C, fit_intercept=False, max_iter=2000).fit(apart / scale, better, sample_weight=weight)
    weights = model.coef_[0] / scale
    return np.asarray(weights[1:] / weights[0])


def report(label: str, examples: Sequence[Graded], score: Callable[[np.ndarray], np.ndarray]) -> None:
    """Print how often the first sentence may open the answer and belongs in it, and the nDCG, where one belongs."""
    some = [e for e in examples if e.grades.max() >= BELONGS]
    order = [np.argsort(-score(e.rows), kind="stable") for e in some]
    opens = [e.grades[o[0]] == BEST for e, o in zip(some, order, strict=True) if e.grades.max() == BEST]
    belongs = [e.grades[o[0]] >= BELONGS for e, o in zip(some, order, strict=True)]
    gained = [_gain(e.grades[o]) / _gain(np.sort(e.grades)[::-1]) for e, o in zip(some, order, strict=True)]
    print(
        f"  {label}: first may open {np.mean(opens):.3f} (n={len(opens)}), belongs {np.mean(belongs):.3f}, "
        f"nDCG {np.mean(gained):.3f} (n={len(some)})"
    )


def _gain(grades: np.ndarray) -> float:
    return float(((2.0**grades - 1.0) / np.log2(np.arange(len(grades)) + 2)).sum())


def main() -> None:
    """Fit, write and report."""
    examples = graded(open_assistant())
    halves = {half: [e for e in examples if e.half == half] for half in ("fit", "held")}
    weights = fit(halves["fit"])
    data = {
        "names": list(TRAITS),
        "coefficients": [round(float(v), 4) for v in weights],
        "intercept": 0.0,
        "mean": [0.0] * len(TRAITS),
        "scale": [1.0] * len(TRAITS),
    }
    path = ROOT / "assistant" / "data" / "ordering.json"
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    load_weights.cache_clear()
    print(dict(zip(TRAITS, data["coefficients"], strict=True)))
    for half, of_half in halves.items():
        report(f"by the score, {half}", of_half, lambda rows: rows[:, 0])
        report(f"ordered, {half}", of_half, lambda rows: rows @ np.array([1.0, *weights]))


if __name__ == "__main__":
    main()
