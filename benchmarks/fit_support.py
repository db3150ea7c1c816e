"""Fit the judge of support; writes assistant/data/support.json, faithfulness.json and thresholds.json.

Strict weights (is every detail there?): changed sentences of our own articles, held against their passage and against the
facts that they tell in other words, and BEGIN (google/BEGIN-dataset; CC BY-SA and CC0-like by part). Graded weights (what would a reader say of a whole response?): half of MTRAG's human ratings
(IBM/mt-rag-benchmark, Apache-2.0), half of ExpertQA's (chaitanyamalaviya/ExpertQA, MIT), and BEGIN. Only looked at:
SummEdits (salesforce/factualNLG, Apache-2.0), WiCE (ODC-BY) and HaluEval (MIT). None of it is shipped, only weights.

Each set is split in two by document, conversation or question. The weights that ship are fitted on the first half, the
report is on the second. Run: python benchmarks/fit_support.py TRAINING_DATA BENCHMARKS
"""

import ast
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fit_evidence import DATA, fit_signed
from sklearn.metrics import roc_auc_score
from support_rows import Labelled, digest, labelled_rows
from tqdm import tqdm

from assistant import open_assistant
from assistant.comparing import FEATURES
from assistant.support import GRADED, STRICT, AlignmentJudge, Compared, judged, load_thresholds, strictly_judged

ROOT = Path(__file__).parent.parent
CACHE = ROOT / "var" / "support_features.json"
SUPPORTING = {"align", "cover", "clause", "shared", "pairs", "nearest", "said"}
SOURCES = ("alignment", "changes", "claims", "comparing", "terms", "wordnet")  # the modules that decide the features
SHARES = {"articles": 2.0, "reworded": 1.0, "begin": 0.3}  # how much each set weighs
CHANGED = ("articles", "reworded")  # the sets of changed sentences
PASSING = 0.08  # of the changed claims of the fitted half
READERS = {"mtrag": 1.0, "expertqa": 1.0, "begin": 0.2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A labelled claim and what the judge's comparison gave of its sentences."""

    row: Labelled
    compared: Sequence[Compared]

    @property
    def mean(self) -> np.ndarray:
        """The features of the whole claim: the mean by length, which a linear model reads as the mean of its verdicts."""
        return np.average([c.features for c in self.compared], axis=0, weights=[c.length for c in self.compared])

    @property
    def strict(self) -> float:
        """The strict probability of the claim's weakest sentence."""
        return min(strictly_judged(c).score for c in self.compared)

    @property
    def graded(self) -> float:
        """The score that ``check`` gives the claim."""
        verdict = judged(self.compared)
        return verdict.score if verdict else 0.0


def measured(judge: AlignmentJudge, rows: Sequence[Labelled]) -> list[Measured]:
    """Compare each claim with its evidence; what the same code compared before is read from var/."""
    known = json.loads(CACHE.read_text()) if CACHE.exists() else {}
    code = digest("".join(ast.dump(ast.parse((ROOT / "assistant" / f"{name}.py").read_text())) for name in SOURCES))
    found = []
    for n, row in enumerate(tqdm(rows, disable=not sys.stderr.isatty())):
        key = digest(json.dumps([code, row.evidence, row.claim]))
        if key not in known:
            known[key] = [[c.length, c.features, c.verbatim] for c in judge.compare(row.claim, row.evidence)]
        if n % 100 == 0 or n == len(rows) - 1:
            CACHE.parent.mkdir(exist_ok=True)
            CACHE.write_text(json.dumps(known))
        compared = [
            Compared(length=length, features=tuple(features), verbatim=verbatim, evidence=0, quote="")
            for length, features, verbatim in known[key]
        ]
        if compared:
            found.append(Measured(row=row, compared=compared))
    return found


def first_half(rows: Sequence[Measured]) -> np.ndarray:
    """Which rows the weights are fitted on: every other group of each set, in an order that means nothing."""
    groups = sorted({(m.row.set, digest(m.row.group)) for m in rows})
    of_set: dict[str, int] = {}
    side = {}
    for group in groups:
        of_set[group[0]] = of_set.get(group[0], 0) + 1
        side[group] = of_set[group[0]] % 2 == 1
    return np.array([side[m.row.set, digest(m.row.group)] for m in rows])


def fit(name: str, names: Sequence[str], rows: Sequence[Measured], share: dict[str, float]) -> None:
    """Fit one set of weights; within a set both labels weigh the same, and within a label all kinds do."""
    rows = [m for m in rows if m.row.set in share]
    x = np.array([m.mean for m in rows])[:, [FEATURES.index(n) for n in names]]
    y = np.array([m.row.label for m in rows])
    cells = [(m.row.set, m.row.label, m.row.kind) for m in rows]
    kinds = {cell: len({c for c in cells if c[:2] == cell[:2]}) for cell in cells}
    sizes = {cell: cells.count(cell) for cell in set(cells)}
    weight = np.array([share[cell[0]] / kinds[cell] / sizes[cell] for cell in cells])
    fit_signed(name, names, [1 if n in SUPPORTING else -1 for n in names], x, y, weight / weight.mean())


def fit_threshold(rows: Sequence[Measured]) -> float:
    """The least strict probability at which no more than ``PASSING`` of the changed claims are shown."""
    own = [m for m in rows if m.row.set in CHANGED and not m.row.label]
    scores = np.array([m.strict for m in own])
    return next(cut for cut in np.arange(0.4, 0.96, 0.05).round(2).tolist() if np.mean(scores >= cut) <= PASSING)


def interval(y: np.ndarray, p: np.ndarray) -> str:
    """The 95 % bootstrap interval of the AUROC."""
    rng, values = np.random.default_rng(7), []
    for _ in range(1000):
        pick = rng.integers(0, len(y), len(y))
        if 0 < y[pick].mean() < 1:
            values.append(roc_auc_score(y[pick], p[pick]))
    return "[{:.3f}, {:.3f}]".format(*np.percentile(values, [2.5, 97.5]))


def balanced(y: np.ndarray, passed: np.ndarray) -> float:
    """The mean of the two classes' accuracies."""
    return float((passed[y == 1].mean() + (~passed[y == 0]).mean()) / 2)


def reliability(y: np.ndarray, p: np.ndarray) -> None:
    """Print how often claims with a like score were supported, each label weighing the same."""
    weight = np.where(y == 1, 0.5 / (y == 1).sum(), 0.5 / (y == 0).sum())
    for low in np.arange(0.0, 1.0, 0.2):
        inside = (p >= low) & (p < low + 0.2 + (low > 0.7))
        if inside.any():
            share = np.average(y[inside], weights=weight[inside])
            mean = np.average(p[inside], weights=weight[inside])
            print(f"    {low:.1f} to {low + 0.2:.1f}: n={inside.sum()} mean score {mean:.2f} supported {share:.2f}")


def report(rows: Sequence[Measured]) -> None:
    """Print what the judge that was just fitted is worth on rows that it was not fitted on."""
    cut = load_thresholds().supported
    for name in dict.fromkeys(m.row.set for m in rows):
        part = [m for m in rows if m.row.set == name]
        y = np.array([m.row.label for m in part])
        s = np.array([m.strict for m in part])
        g = np.array([m.graded for m in part])
        print(
            f"{name}: n={len(part)} graded AUROC {roc_auc_score(y, g):.3f} {interval(y, g)} balanced accuracy at .5 {balanced(y, g >= 0.5):.3f}; "
            f"strict AUROC {roc_auc_score(y, s):.3f} {interval(y, s)} balanced accuracy at {cut} {balanced(y, s >= cut):.3f}"
        )
        reliability(y, s if name in CHANGED else g)
        if name in CHANGED:
            print(f"  accuracy {np.mean((s >= cut) == (y == 1)):.3f}")
            kinds = np.array([m.row.kind for m in part])
            for kind in sorted(set(kinds)):
                inside = kinds == kind
                print(f"  {kind}: n={inside.sum()} accuracy {np.mean((s[inside] >= cut) == (y[inside] == 1)):.3f}")


def main() -> None:
    """Fit on the first halves, report on the second."""
    gate = open_assistant().gate
    judge = gate.judge
    assert isinstance(judge, AlignmentJudge)
    rows = measured(judge, list(labelled_rows(Path(sys.argv[1]), Path(sys.argv[2]))))
    half = first_half(rows)
    fitted = [m for m, first in zip(rows, half, strict=True) if first]
    held = [m for m, first in zip(rows, half, strict=True) if not first]
    fit("support", STRICT, fitted, SHARES)
    fit("faithfulness", GRADED, fitted, READERS)
    thresholds = {"supported": fit_threshold(fitted), "close": 0.75, "contradicted": 0.27}
    (DATA / "thresholds.json").write_text(json.dumps(thresholds, indent=1) + "\n", encoding="utf-8")
    load_thresholds.cache_clear()
    report(held)


if __name__ == "__main__":
    main()
