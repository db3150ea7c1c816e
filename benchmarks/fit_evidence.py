"""Fit the weights around the ranker: of the quick features, of all together, and of answerability.

Writes assistant/data/evidence.json, ranking.json, ranking_asked.json, ranking_plain.json, answerability.json
and answerability_asked.json, on the dev half of the gold set, on the questions (our own, ClapNQ) that the ranker was not trained
on, and on those over the documents of made-up organisations. The test half is looked at for the report alone. Run after benchmarks/gather_asked.py and benchmarks/train_ranker.py:

    python benchmarks/fit_evidence.py CLAPNQ.jsonl.gz SOURCES
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from labelled import (
    CLAPNQ,
    IGNORED,
    ROOT,
    SOURCES,
    TO_THE_POINT,
    Labelled,
    brought_questions,
    clapnq_questions,
    for_weights,
    gold_questions,
    latest,
    own_questions,
    part,
    source_questions,
)
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from assistant import Assistant, open_assistant, refusing
from assistant.evidence import OF_ANY, WEIGHED, Evidence, Said, whole_score
from assistant.features import FEATURES
from assistant.plain import WORTH, chances, worth_row, worths
from assistant.reranker import reworth
from assistant.weights import load_weights

DATA = ROOT / "assistant" / "data"
RIDGE = 1e-3  # of the weights that rank sentences of documents that tie no facts
Reader = Callable[[Evidence, Said], Sequence[float]]
LOWERING = ("unknown", "rare_missing", "numbers_missing", "value_missing", "name_missing", "size", "unanswered")


def table(examples: Sequence[Labelled], read: Reader) -> tuple[np.ndarray, np.ndarray]:
    """Rows of features and labels over every sentence that is not ignored; of near-misses too."""
    rows = [
        (read(e, asked), label == TO_THE_POINT)
        for example in examples
        for e, asked, label in zip(example.evidence, example.asked, example.labels, strict=True)
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
    """Fit on the answerable questions of ``dev``, and with a third of the weight on those of ``held``."""
    x, y = table([e for e in dev if e.answerable], read)
    weight = np.ones(len(y))
    if held:
        x2, y2 = table([e for e in held if e.answerable], read)
        x, y, weight = np.vstack([x, x2]), np.concatenate([y, y2]), np.concatenate([weight, np.full(len(y2), 0.3)])
    fit(name, names, x, y, weight, c=c)


def fit_plain(parts: Sequence[tuple[Sequence[Labelled], float]]) -> None:
    """How the words rank sentences of documents that tie no facts, one question's against each other.

    ``parts`` are questions with the weight of each. Write assistant/data/ranking_plain.json.
    """
    told = ((compared(plain_rows(example), example), weight) for examples, weight in parts for example in examples)
    groups = [(*kept, weight) for kept, weight in told if kept]
    x = np.vstack([rows for rows, _, _ in groups])
    mean, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    groups = [((rows - mean) / scale, right, weight) for rows, right, weight in groups]
    w = minimize(listwise, np.zeros(x.shape[1]), args=(groups,), jac=True, method="L-BFGS-B").x
    save("ranking_plain", WORTH, w, 0.0, mean, scale)


def worth_of(example: Labelled) -> list[float]:
    """What each sentence is worth by its words and by the reranker, by the weights as they are now."""
    return reworth(worths(plain_rows(example)), [e.read or 0.0 for e in example.evidence])


def plain_rows(example: Labelled) -> list[tuple[float, ...]]:
    """What tells of each sentence in the order of WORTH, by the weights as they are now."""
    return [
        worth_row(e.plain, akin=asked[0], pair=e.pair, ours=e.ours)
        for e, asked in zip(example.evidence, example.asked, strict=True)
    ]


def report_held_sets(brought: Sequence[Labelled], others: Sequence[tuple[Sequence[Labelled], float]]) -> None:
    """Print how the best sentence by its words does on each set of brought documents by the weights of the other sets.

    What may stand beside an answer is left out.
    """
    file = DATA / "ranking_plain.json"
    kept, best = file.read_text(encoding="utf-8"), []
    for group in sorted({e.group for e in brought}):
        fit_plain([([e for e in brought if e.group != group], 1.0), *others])
        for example in brought:
            told = zip(worths(plain_rows(example)), example.labels, strict=True)
            counted = [(worth, label == TO_THE_POINT) for worth, label in told if label != IGNORED]
            if example.group == group and example.answerable and counted:
                best.append(max(counted)[1])
    print(
        f"  brought documents, each set by the others: best to the point {np.mean(best):.3f}  (n={len(best)} questions)"
    )
    file.write_text(kept, encoding="utf-8")
    load_weights.cache_clear()


def compared(rows: Sequence[Sequence[float]], example: Labelled) -> tuple[np.ndarray, np.ndarray] | None:
    """The rows of a question's sentences and which are to the point, but for those that are ignored; None without any."""
    kept = [(row, label == TO_THE_POINT) for row, label in zip(rows, example.labels, strict=True) if label != IGNORED]
    right = np.array([to_the_point for _, to_the_point in kept])
    return (np.array([row for row, _ in kept]), right) if example.answerable and right.any() else None


def listwise(w: np.ndarray, groups: Sequence[tuple[np.ndarray, np.ndarray, float]]) -> tuple[float, np.ndarray]:
    """The mean of -log of the share that what is to the point has of a question's softmax, and its gradient."""
    total, gradient, weights = 0.0, np.zeros_like(w), sum(weight for _, _, weight in groups)
    for rows, right, weight in groups:
        raised = np.exp((scores := rows @ w) - scores.max())
        every, good = raised / raised.sum(), raised * right / (raised @ right)
        total -= weight * np.log(every @ right)
        gradient += weight * rows.T @ (every - good)
    return total / weights + RIDGE * float(w @ w), gradient / weights + 2.0 * RIDGE * w


def report(label: str, examples: Sequence[Labelled], scores: Callable[[Labelled], Sequence[float]]) -> None:
    """Print AUROC, average precision, and how often the best sentence of a question is to the point."""
    y: list[bool] = []
    p: list[float] = []
    best: list[bool] = []
    for example in examples:
        pairs = [
            (score, mark == TO_THE_POINT)
            for score, mark in zip(scores(example), example.labels, strict=True)
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


def scores_of(example: Labelled) -> list[float]:
    """The probability of each sentence of being to the point, by the weights as they are now."""
    if all(e.plain for e in example.evidence):
        return chances(worth_of(example))
    return [as_ours(e, asked) for e, asked in zip(example.evidence, example.asked, strict=True)]


def as_ours(evidence: Evidence, asked: Said) -> float:
    """The same by what was fitted on questions about chief medical officers alone."""
    return whole_score(evidence.features, evidence.pair, asked, tied=bool(evidence.facts))


def ranked_anew(example: Labelled) -> list[Evidence]:
    """The evidence by the weights as they are now, with what the other known questions say."""
    scored = [
        replace(e, score=score, as_ours=as_ours(e, asked))
        for e, asked, score in zip(example.evidence, example.asked, scores_of(example), strict=True)
    ]
    return sorted(scored, key=lambda e: (-e.score, e.key))


def fit_ranking(
    dev: list[Labelled],
    own: list[Labelled],
    sources: list[Labelled],
    held: list[Labelled],
    test: list[Labelled],
    brought: list[Labelled],
) -> None:
    """The quick features, then what the ranker adds to them, then what the known questions add to both."""
    parts = {
        "dev": dev,
        "test": test,
        "own held": own,
        "sources held": sources,
        "clapnq held": held,
        "brought documents": brought,
    }
    # Not on our own questions: where facts are tied the words hardly count, and elsewhere they are all there is.
    fit_on("evidence", FEATURES, dev + sources, held, lambda e, _: e.features, c=0.5)
    # Of sentences that are tied to no fact the known questions tell nothing but how near they lie.
    fit_on("ranking", WEIGHED[:OF_ANY], sources, held, lambda e, asked: (*pair_features(e), asked[0]), c=10.0)
    fit_on("ranking_asked", WEIGHED, dev + own, [], lambda e, asked: (*pair_features(e), *asked), c=10.0)
    fit_plain([(brought, 1.0), (held, 0.5), (sources, 1.0)])
    for label, examples in parts.items():
        report(f"quick, {label}", examples, lambda example: [pair_features(e)[0] for e in example.evidence])
        report(f"pair, {label}", examples, lambda example: [e.pair for e in example.evidence])
        report(f"all, {label}", examples, scores_of)


def fit_answerability(
    assistant: Assistant,
    dev: list[Labelled],
    own: list[Labelled],
    sources: list[Labelled],
    held: list[Labelled],
    test: list[Labelled],
) -> None:
    """Whether there is an answer: with the known questions on the bundled articles, without them on other documents."""
    of_sources, of_clapnq = open_assistant(index=SOURCES), open_assistant(index=CLAPNQ)
    bundled, others = refusal_rows(dev + own, assistant), [refusal_rows(sources, of_sources)]
    others.append(refusal_rows(held, of_clapnq))
    fit_balanced("answerability_asked", refusing.OF_KNOWN, bundled, dev + own, [1.0] * len(dev) + [0.4] * len(own))
    weight = [1.0] * len(sources) + [0.6] * len(held)
    fit_balanced("answerability", refusing.OF_OTHERS, np.vstack(others), sources + held, weight)
    in_test = refusal_rows(test, assistant)
    for label, examples, features, known in (
        ("dev", dev, bundled[: len(dev)], True),
        ("test", test, in_test, True),
        ("test without known questions", test, in_test, False),
        ("own held", own, bundled[len(dev) :], True),
        ("sources held", sources, others[0], False),
        ("clapnq held", held, others[1], False),
    ):
        report_refusals(label, examples, np.array([refusing.answerable(f, known=known) for f in features]))


def refusal_rows(examples: Sequence[Labelled], of: Assistant) -> np.ndarray:
    """(examples, features): what tells of an answer, by the ranking weights as they are now."""
    rows = []
    for e in examples:
        ranked = ranked_anew(e)
        judged = ranked if refusing.has_known(ranked) else refusing.by_what_was_fitted(ranked)
        rows.append(
            refusing.answerability_features(e.question, judged, e.hits, of.vocabulary, of.retriever, known=e.known)
        )
    return np.array(rows)


def fit_balanced(
    name: str, names: Sequence[str], x: np.ndarray, examples: Sequence[Labelled], weight: Sequence[float]
) -> None:
    """Fit with as much weight on the answerable as not, so that .5 is the point where neither is likelier."""
    x = x[:, [refusing.FEATURES.index(n) for n in names]]
    y, w = np.array([e.answerable for e in examples]), np.array(weight)
    for label in (True, False):
        w[y == label] *= 0.5 * w.sum() / w[y == label].sum()
    fit_signed(name, names, [-1 if n in LOWERING else 1 for n in names], x, y, w)


def report_refusals(label: str, examples: Sequence[Labelled], p: np.ndarray) -> None:
    """Print the AUROC, and both kinds of error by the point of refusal."""
    y = np.array([e.answerable for e in examples])
    near = np.array([e.kind not in ("off_topic",) for e in examples])
    print(
        f"  answerability, {label}: AUROC {roc_auc_score(y, p):.3f}, without off-topic {roc_auc_score(y[near], p[near]):.3f}"
    )
    for cut in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55):
        print(
            f"    refuse below {cut}: false refusals {np.mean(p[y] < cut):.3f}, "
            f"false answers {np.mean(p[~y & near] >= cut):.3f}"
        )


def main() -> None:
    """Fit in order, each stage on what the stage before gives."""
    assistant = open_assistant()
    dev, test = list(gold_questions(assistant, "dev")), list(gold_questions(assistant, "test"))
    held = list(clapnq_questions(Path(sys.argv[1]), lambda group: part(group, of=2) == 1))
    own = list(own_questions(assistant, latest))
    reach = [np.mean([e.reach for e in half]) for half in (dev, test)]
    print(f"vital nuggets within reach: dev {reach[0]:.3f}, test {reach[1]:.3f}")
    sources = list(source_questions(Path(sys.argv[2]), for_weights))
    brought = list(brought_questions())
    fit_ranking(dev, own, sources, held, test, brought)
    report_held_sets(brought, [(held, 0.5), (sources, 1.0)])
    fit_answerability(assistant, dev, own, sources, held, test)


if __name__ == "__main__":
    main()
