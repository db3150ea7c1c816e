"""Fit the weights of the judge of support; writes assistant/data/support.json.

Data, each split by document: BEGIN (google/BEGIN-dataset, CC0-like and CC BY-SA parts), SummEdits (salesforce/factualNLG,
Apache-2.0), and perturbed sentences of our own articles. None of it is shipped; only
the weights are. Run: python benchmarks/fit_support.py FOLDER_OF_TRAINING_DATA
"""

import gzip
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from fit_evidence import fit_signed
from perturb import KINDS, perturbed
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from tqdm import tqdm

from assistant import open_assistant
from assistant.evidence import load_weights
from assistant.support import FEATURES, SUPPORTED, compare
from corpus import bundled_articles, read_documents, split, split_sentences
from corpus.sentences import sentence_spans

ROOT = Path(__file__).parent.parent
SUPPORTING = {"align", "align_low", "cover", "cover_best", "cover_low", "rouge", "pairs", "nearest"}
Row = tuple[str, str, list[str], str, int]  # set, group, evidence, claim, label


def _lines(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def training_rows(folder: Path) -> list[Row]:
    """Every labelled pair, thinned so that no set outweighs the others."""
    rows: list[Row] = []
    for n, r in enumerate(_lines(folder / "support_begin.jsonl.gz")):
        if n % 3 == 0:
            group = hashlib.md5(r["evidence"][0].encode()).hexdigest()
            rows.append(("begin", group, r["evidence"], r["claim"], int(r["label"] == "supported")))
    docs = {d["doc"]: d for d in _lines(folder / "support_summedits_docs.jsonl.gz")}
    for n, r in enumerate(_lines(folder / "support_summedits.jsonl.gz")):
        if n % 4 == 0:
            text = docs[r["doc"]]
            evidence = text.get("text") or text.get("evidence") or text.get("document")
            rows.append(
                (
                    "summedits",
                    r["doc"],
                    [evidence] if isinstance(evidence, str) else evidence,
                    r["claim"],
                    int(r["label"] == "supported"),
                )
            )
    return rows


def article_rows() -> list[tuple[str, str, list[str], str, int, str]]:
    """Perturbed sentences of the articles: each against the whole passage that it comes from."""
    rows = []
    for document in read_documents(bundled_articles())[0]:
        sentences = {s.text: p.text for p in split(document) for s in split_sentences(p) if s.kind == "prose"}
        for evidence, claim, kind in perturbed(list(sentences), seed=11):
            label = int(kind not in KINDS)
            rows.append(("articles", document.doc_id, [sentences[evidence]], claim, label, kind))
    return rows


def main() -> None:
    """Fit on half of the documents of each set, report on the other half."""
    assistant = open_assistant()
    encoder, idf = assistant.gate.encoder, assistant.gate.idf
    rows = [(*row, "") for row in training_rows(Path(sys.argv[1]))]
    own = article_rows()
    own = [r for n, r in enumerate(own) if n % 2 == 0]
    cache = ROOT / "var" / "support_features.json"
    known = json.loads(cache.read_text()) if cache.exists() else {}
    features, labels, groups, sets, kinds, weights = [], [], [], [], [], []
    for name, group, evidence, claim, label, kind in tqdm(rows + own, disable=not sys.stderr.isatty()):
        key = hashlib.md5(json.dumps([FEATURES, evidence, claim]).encode()).hexdigest()
        if key not in known:
            parts = [claim[a:b] for a, b in sentence_spans(claim)] or [claim]
            compared = compare(parts, evidence, encoder=encoder, idf=idf)
            known[key] = [list(c.features) for c in compared]
        for f in (
            known[key]
            if (label == 0 and len(known[key]) == 1) or label == 1
            else [list(np.min(known[key], axis=0))][:0]
        ):
            (
                features.append(f),
                labels.append(label),
                groups.append(f"{name}:{group}"),
                sets.append(name),
                kinds.append(kind),
            )
    cache.parent.mkdir(exist_ok=True)
    cache.write_text(json.dumps(known))
    x, y = np.array(features), np.array(labels)
    half = np.array([int(hashlib.md5(g.encode()).hexdigest(), 16) % 2 for g in groups])
    names = np.array(sets)
    share = {"begin": 1.5, "summedits": 0.5, "articles": 1.5}
    per_set = {s: share[s] / max(1, (names == s).sum()) for s in set(sets)}
    weights = np.array([per_set[s] for s in sets]) * len(y)
    for s in set(sets):  # balance the labels within a set, so that the threshold means the same everywhere
        for label in (0, 1):
            m = (names == s) & (y == label)
            weights[m] *= 0.5 * (names == s).sum() / max(1, m.sum())
    train = half == 0
    signs = [1 if name in SUPPORTING else -1 for name in FEATURES]
    fit_signed("support", FEATURES, signs, x[train], y[train], weights[train] / weights[train].mean())
    p = np.array([load_weights("support").probability(row) for row in x])
    kinds_a = np.array(kinds)
    for s in sorted(set(sets)):
        m = (names == s) & ~train
        print(
            f"{s}: n={m.sum()} AUROC={roc_auc_score(y[m], p[m]):.3f} balanced accuracy={balanced_accuracy_score(y[m], p[m] > SUPPORTED):.3f}"
        )
    for kind in ["same", "kept", *KINDS]:
        m = (names == "articles") & ~train & (kinds_a == kind)
        print(f"  {kind}: n={m.sum()} accuracy={np.mean((p[m] > SUPPORTED) == y[m]):.3f}")


if __name__ == "__main__":
    main()
