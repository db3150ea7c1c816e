"""Fit what the reranker's word counts: assistant/data/ranking_read.json and probability_plain.json.

On questions over documents that it has not seen: of the organisations LEFT_OUT, and the half of ClapNQ that no weights but
these are fitted on. Run after ``train_reranker.py --again --leave-out`` with these, and train it whole afterwards:

    python benchmarks/fit_reranked.py CLAPNQ.jsonl.gz
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from fit_evidence import compared, fit, listwise, plain_rows, report, save, scores_of, worth_of
from labelled import IGNORED, TO_THE_POINT, Labelled, brought_questions, clapnq_questions, part
from own_documents import names
from scipy.optimize import minimize

from assistant.plain import among, worths

LEFT_OUT = ("board_papers", "cloud_service")
Part = tuple[Sequence[Labelled], float]
"""Questions, and what each of them weighs."""


def fit_order(parts: Sequence[Part]) -> None:
    """What a sentence is worth by its words and by the reranker, one question's against each other."""
    groups = []
    for examples, weight in parts:
        for e in examples:
            both = list(zip(worths(plain_rows(e)), (s.read for s in e.evidence), strict=True))
            groups += [(*kept, weight) for kept in [compared(both, e)] if kept]
    w = minimize(listwise, np.array([1.0, 0.0]), args=(groups,), jac=True, method="L-BFGS-B").x
    save("ranking_read", ("worth", "read"), w, 0.0, np.zeros(2), np.ones(2))


def fit_probability(parts: Sequence[Part]) -> None:
    """The probability of a sentence by its own worth and by what all are worth."""
    each = []
    for examples, weight in parts:
        for e in examples:
            worth = worth_of(e)
            told = [(own, label) for own, label in zip(worth, e.labels, strict=True) if label != IGNORED]
            each += [(own, among(worth), label == TO_THE_POINT, weight) for own, label in told]
    x, y, weights = np.array([row[:2] for row in each]), np.array([row[2] for row in each]), [row[3] for row in each]
    fit("probability_plain", ("worth", "among"), x, y, np.array(weights), c=1e3)


def main() -> None:
    """Fit in order, each on what the one before gives."""
    brought = [e for e in brought_questions(but=set(names()) - set(LEFT_OUT)) if e.evidence]
    held = list(clapnq_questions(Path(sys.argv[1]), lambda group: part(group, of=2) == 1))
    parts = [(brought, 1.0), (held, 0.5)]
    fit_order(parts)
    fit_probability(parts)
    for label, examples in (("left out", brought), ("ClapNQ", held)):
        report(label, examples, scores_of)


if __name__ == "__main__":
    main()
