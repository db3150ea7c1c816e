"""Fit the weights around the ranker: of the quick features, of both together, and of answerability.

Writes assistant/data/evidence.json, ranking.json and answerability.json, on the dev half of the gold set and on the half
of ClapNQ that the ranker was not trained on. The test half is looked at
for the report alone. Run after benchmarks/train_ranker.py: python benchmarks/fit_evidence.py CLAPNQ.jsonl.gz
"""

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from labelled import IGNORED, ROOT, TO_THE_POINT, Labelled, clapnq_questions, gold_questions, own_questions
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from assistant import open_assistant, refusing
from assistant.evidence import FEATURES, Evidence, load_weights

DATA = ROOT / "assistant" / "data"
Reader = Callable[[Evidence], Sequence[float]]


def table(examples: Sequence[Labelled], read: Reader) -> tuple[np.ndarray, np.ndarray]:
    """Rows of features and labels over every sentence that is not ignored; of near-misses too."""
    rows = [
        (read(e), label == TO_THE_POINT)
        for example in examples
        for e, label in zip(example.evidence, example.labels, strict=True)
        if label != IGNORED and ((example.answerable and TO_THE_POINT in example.labels) or not example.answerable)
    ]
    return np.array([r[0] for r in rows], dtype=float), np.array([r[1] for r in rows])


def fit(name: str, names: Sequence[str], x: np.ndarray, y: np.ndarray, weight: np.ndarray, *, c: float) -> None:
    """Fit a logistic model on standardised features and write it to assistant/data/<name>.json."""
    mean, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    model = LogisticRegression(C=c, max_iter=3000).fit((x - mean) / scale, y, sample_weight=weight)
    save(name, names, model.coef_[0], model.intercept_[0], mean, scale)


def save(
    name: str, names: Sequence[str], coefficients: np.ndarray, intercept: float, mean: np.ndarray, scale: np.ndarray
) -> None:
    """Write assistant/data/<name>.json and have it read anew."""
    data = {
        "names": list(names),
        "coefficients": [round(float(v), 4) for v in coefficients],
        "intercept": round(float(intercept), 4),
        "mean": [round(float(v), 4) for v in mean],
        "scale": [round(float(v), 4) for v in scale],
    }
    (DATA / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    load_weights.cache_clear()
    print(name, dict(zip(data["names"], data["coefficients"], strict=True)))


def fit_signed(
    name: str, names: Sequence[str], signs: Sequence[int], x: np.ndarray, y: np.ndarray, weight: np.ndarray
) -> None:
    """Like ``fit``, each coefficient kept to the sign that its meaning gives it, so that it holds on other corpora."""
    mean, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    z = np.hstack([(x - mean) / scale, np.ones((len(x), 1))])

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        p = 1.0 / (1.0 + np.exp(-z @ w))
        value = -(weight * (y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9))).sum() + 1.5 * (w[:-1] ** 2).sum()
        return value, z.T @ (weight * (p - y)) + np.append(3.0 * w[:-1], 0.0)

    bounds = [(0, None) if sign > 0 else (None, 0) for sign in signs] + [(None, None)]
    w = minimize(loss, np.zeros(z.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B").x
    save(name, names, w[:-1], w[-1], mean, scale)


def fit_on(
    name: str, names: Sequence[str], dev: Sequence[Labelled], held: Sequence[Labelled], read: Reader, *, c: float
) -> None:
    """Fit on the answerable questions of the gold set's dev half, and with a third of the weight on ClapNQ's."""
    (x, y), (x2, y2) = (table([e for e in part if e.answerable], read) for part in (dev, held))
    weight = np.concatenate([np.ones(len(y)), np.full(len(y2), 0.3)])
    fit(name, names, np.vstack([x, x2]), np.concatenate([y, y2]), weight, c=c)


def report(label: str, examples: Sequence[Labelled], score: Callable[[Evidence], float]) -> None:
    """Print AUROC, average precision, and how often the best sentence of a question is to the point."""
    y: list[bool] = []
    p: list[float] = []
    best: list[bool] = []
    for example in examples:
        pairs = [
            (score(e), mark == TO_THE_POINT)
            for e, mark in zip(example.evidence, example.labels, strict=True)
            if mark != IGNORED
        ]
        if not example.answerable or not pairs:
            continue
        y += [right for _, right in pairs]
        p += [value for value, _ in pairs]
        best.append(max(pairs)[1])
    print(
        f"  {label}: AUROC {roc_auc_score(y, p):.3f}  AP {average_precision_score(y, p):.3f}  "
        f"best to the point {np.mean(best):.3f}  (n={len(best)} questions)"
    )


def pair_features(evidence: Evidence) -> tuple[float, float]:
    """What ranking.json weighs: the quick log-odds and the ranker's."""
    return load_weights("evidence").log_odds(evidence.features), evidence.pair


def main() -> None:
    """Fit in order, each stage on what the stage before gives."""
    assistant = open_assistant()
    dev, test = list(gold_questions(assistant, "dev")), list(gold_questions(assistant, "test"))
    clapnq = list(clapnq_questions(Path(sys.argv[1])))
    held = [e for e in clapnq if int(hashlib.md5(e.group.encode()).hexdigest(), 16) % 2 == 1]
    print(
        f"vital nuggets within reach: dev {np.mean([e.reach for e in dev]):.3f}, test {np.mean([e.reach for e in test]):.3f}"
    )

    fit_on("evidence", FEATURES, dev, held, lambda e: e.features, c=0.5)
    for label, examples in (("dev", dev), ("test", test), ("clapnq held", held)):
        report(f"quick, {label}", examples, lambda e: pair_features(e)[0])

    fit_on("ranking", ("quick", "pair"), dev, held, pair_features, c=10.0)
    for label, examples in (("dev", dev), ("test", test), ("clapnq held", held)):
        report(f"pair, {label}", examples, lambda e: e.pair)
        report(f"both, {label}", examples, lambda e: load_weights("ranking").log_odds(pair_features(e)))

    own = list(own_questions(assistant))
    x = np.array([e.answerability for e in dev + held + own])
    y = np.array([e.answerable for e in dev + held + own])
    weight = np.array([1.0] * len(dev) + [0.6] * len(held) + [0.25] * len(own))
    for label in (True, False):  # as many answerable as not, so that .5 is the point where neither is likelier
        weight[y == label] *= 0.5 * weight.sum() / weight[y == label].sum()
    signs = [-1 if name in ("unknown", "rare_missing", "numbers_missing") else 1 for name in refusing.FEATURES]
    fit_signed("answerability", refusing.FEATURES, signs, x, y, weight)
    for label, examples in (("dev", dev), ("test", test), ("clapnq held", held)):
        p = np.array([load_weights("answerability").probability(e.answerability) for e in examples])
        y = np.array([e.answerable for e in examples])
        near = np.array([e.kind not in ("off_topic",) for e in examples])
        print(
            f"  answerability, {label}: AUROC {roc_auc_score(y, p):.3f}, without off-topic {roc_auc_score(y[near], p[near]):.3f}"
        )
        for cut in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55):
            print(
                f"    refuse below {cut}: false refusals {np.mean(p[y] < cut):.3f}, false answers {np.mean(p[~y] >= cut):.3f}"
            )


if __name__ == "__main__":
    main()
