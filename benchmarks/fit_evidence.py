"""Fit the weights of sentence evidence and of answerability; writes assistant/data/evidence.json and answerability.json.

Data: the dev half of ``eval/data/gold.jsonl`` over the bundled corpus (a sentence is to the point where it states a
fact of the question's nuggets), and, where it is at hand, the dev part of ClapNQ (primeqa/clapnq, Apache-2.0: questions,
passages in sentences, the sentences that annotators selected; half of the questions have no answer in their passage).
Run: python benchmarks/fit_evidence.py [CLAPNQ.jsonl.gz]. The test half is looked at for the report alone.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from assistant import Assistant, Turn, open_assistant, refusing
from assistant.answering import Work
from assistant.evidence import FEATURES
from assistant.terms import terms
from index import build_index

ROOT = Path(__file__).parent.parent
DATA = ROOT / "assistant" / "data"
Rows = list[tuple[tuple[float, ...], int, str]]


def worked(assistant: Assistant, question: str, history: Sequence[Turn] = ()) -> Work:
    """The question taken through the steps up to its evidence."""
    work = assistant._begun(question, history, None)
    for step in (assistant._understand, assistant._search, assistant._weigh):
        step(work)
    return work


def gold_rows(assistant: Assistant, half: str) -> tuple[Rows, Rows, list[float]]:
    """Sentence rows, answerability rows and the share of vital nuggets within reach, of one half of the gold set."""
    sentences: Rows = []
    answers: Rows = []
    reach: list[float] = []
    for line in (ROOT / "eval" / "data" / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        example = json.loads(line)
        if example["half"] != half or example["kind"] == "other_sense":
            continue
        question = example.get("standalone") or example["question"]
        work = worked(assistant, question)
        features = refusing.answerability_features(
            work.form, work.evidence, work.hits, assistant.vocabulary, assistant.retriever
        )
        answers.append((features, int(example["answerable"]), example["id"]))
        if not example["answerable"]:
            continue
        wanted = {fact for nugget in example["nuggets"] for fact in nugget["facts"]}
        found: set[str] = set()
        for evidence in work.evidence:
            document = assistant.document(evidence.passage.doc_id)
            facts = {
                fact
                for a in document.attributions
                if a.start < evidence.sentence.end and evidence.sentence.start < a.end
                for fact in a.fact_ids
            }
            found |= facts
            sentences.append((evidence.features, int(bool(facts & wanted)), example["id"]))
        vital = [set(n["facts"]) for n in example["nuggets"] if n["importance"] == "vital"]
        reach.append(float(np.mean([bool(v & found) for v in vital])) if vital else 1.0)
    return sentences, answers, reach


def clapnq_rows(path: Path) -> tuple[Rows, Rows]:
    """The same two tables from ClapNQ, its 600 passages indexed together."""
    folder = ROOT / "var" / "clapnq"
    (folder / "files").mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        examples = [json.loads(line) for line in file]
    for number, example in enumerate(examples):
        body = " ".join(_plain(s) for s in example["sentences"])
        text = f"---\ntitle: {json.dumps(example['title'])}\n---\n\n{body}\n"
        target = folder / "files" / f"{number}.md"
        if not target.exists():
            target.write_text(text, encoding="utf-8")
    build_index(folder / "files", index=folder / "index")
    assistant = open_assistant(index=folder / "index")
    sentences: Rows = []
    answers: Rows = []
    for number, example in enumerate(examples):
        work = worked(assistant, example["question"])
        features = refusing.answerability_features(
            work.form, work.evidence, work.hits, assistant.vocabulary, assistant.retriever
        )
        answers.append((features, int(example["answerable"]), f"clapnq-{number}"))
        chosen = [set(terms(_plain(s))) for s in example["selected_sentences"]]
        if not example["answerable"]:
            continue
        for evidence in work.evidence:
            if evidence.passage.doc_id == f"{number}.md":
                own = set(terms(evidence.sentence.text))
                hit = any(len(own & c) >= 0.8 * max(1, len(own)) for c in chosen)
                sentences.append((evidence.features, int(hit), f"clapnq-{number}"))
    return sentences, answers


def _plain(text: str) -> str:
    text = re.sub(r"\s+([.,;:!?)%'])", r"\1", text.replace("``", '"').replace("''", '"'))
    return re.sub(r"([(])\s+", r"\1", text).replace(" 's", "'s").strip()


def fit(name: str, names: Sequence[str], rows: Rows, weight: Iterable[float], *, c: float = 0.5) -> LogisticRegression:
    """Fit a logistic model on standardised features and write it to assistant/data/<name>.json."""
    x = np.array([row[0] for row in rows])
    y = np.array([row[1] for row in rows])
    mean, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    model = LogisticRegression(C=c, max_iter=2000).fit((x - mean) / scale, y, sample_weight=np.array(list(weight)))
    data = {
        "names": list(names),
        "coefficients": [round(float(v), 4) for v in model.coef_[0]],
        "intercept": round(float(model.intercept_[0]), 4),
        "mean": [round(float(v), 4) for v in mean],
        "scale": [round(float(v), 4) for v in scale],
    }
    (DATA / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(name, {n: round(float(v), 2) for n, v in zip(names, model.coef_[0], strict=True)})
    model.standardise = lambda z: (np.array(z) - mean) / scale
    return model


def report(label: str, model: LogisticRegression, rows: Rows) -> None:
    """Print AUROC, average precision and, for evidence, the mean precision of each question's best sentence."""
    if not rows:
        return
    p = model.predict_proba(model.standardise([row[0] for row in rows]))[:, 1]
    y = np.array([row[1] for row in rows])
    best: dict[str, tuple[float, int]] = {}
    for (_, label_, key), score in zip(rows, p, strict=True):
        best[key] = max(best.get(key, (-1.0, 0)), (float(score), label_))
    print(
        f"  {label}: n={len(y)} positive={y.mean():.3f} AUROC={roc_auc_score(y, p):.3f} "
        f"AP={average_precision_score(y, p):.3f} P@1={np.mean([b[1] for b in best.values()]):.3f}"
    )


def main() -> None:
    """Fit on the dev half (and ClapNQ), report on both halves."""
    assistant = open_assistant(index=None)
    dev, dev_answers, dev_reach = gold_rows(assistant, "dev")
    test, test_answers, test_reach = gold_rows(assistant, "test")
    print(f"vital nuggets within reach: dev {np.mean(dev_reach):.3f}, test {np.mean(test_reach):.3f}")
    other: Rows = []
    other_answers: Rows = []
    if len(sys.argv) > 1:
        other, other_answers = clapnq_rows(Path(sys.argv[1]))
    evidence = fit("evidence", FEATURES, dev + other, [1.0] * len(dev) + [0.5] * len(other))
    for label, rows in (("dev", dev), ("test", test), ("clapnq", other)):
        report(label, evidence, rows)
    # Refit answerability after this, since it reads the evidence's scores: run the script twice.
    answers = fit(
        "answerability", refusing.FEATURES, dev_answers + other_answers,
        [1.0] * len(dev_answers) + [0.3] * len(other_answers), c=0.3,
    )  # fmt: skip
    for label, rows in (("dev", dev_answers), ("test", test_answers), ("clapnq", other_answers)):
        report(label, answers, rows)


if __name__ == "__main__":
    main()
