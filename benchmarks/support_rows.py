"""The labelled claims that the judge of support is fitted on and measured with; ``fit_support.py`` says whose they are."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perturb import KINDS, perturbed

from assistant.claims import names, numbers
from corpus import Document, Passage, bundled_articles, read_documents, split, split_sentences
from eval.tracing import facts_between

MOST = 240  # changed sentences of one kind
FACTS = Path(__file__).parent.parent / "corpus" / "facts.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A claim with its evidence, whether it is supported, and the group that is never split."""

    set: str
    group: str
    evidence: Sequence[str]
    claim: str
    label: int
    kind: str = ""


def _lines(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def labelled_rows(training: Path, benchmarks: Path) -> Iterator[Labelled]:
    """Every labelled pair that is used, the large sets thinned."""
    for n, r in enumerate(_lines(training / "support_begin.jsonl.gz")):
        if n % 8 == 0:
            label = int(r["label"] == "supported")
            yield Labelled(set="begin", group=r["evidence"][0], evidence=r["evidence"], claim=r["claim"], label=label)
    for r in _lines(benchmarks / "mtrag_faithfulness" / "data.jsonl.gz"):
        if r["contexts"] and r["answerability"] in {"ANSWERABLE", "PARTIAL"}:
            group = r["id"].split("<::>")[0]
            yield Labelled(set="mtrag", group=group, evidence=r["contexts"], claim=r["response"], label=r["label"])
    for r in _lines(benchmarks / "expertqa_support" / "data.jsonl.gz"):
        texts = [e["text"] for e in r["evidence"]]
        yield Labelled(set="expertqa", group=r["question"], evidence=texts, claim=r["claim"], label=r["label"])
    for n, r in enumerate(_lines(benchmarks / "halueval_qa" / "data.jsonl.gz")):
        if n < 300:
            claim = f"{r['question']} {r['answer']}"
            yield Labelled(
                set="halueval", group=r["question"], evidence=[r["knowledge"]], claim=claim, label=r["label"]
            )
    texts = {d["doc"]: d["text"] for d in _lines(training / "support_summedits_docs.jsonl.gz")}
    for n, r in enumerate(_lines(training / "support_summedits.jsonl.gz")):
        if n % 24 == 0:
            label = int(r["label"] == "supported")
            yield Labelled(set="summedits", group=r["doc"], evidence=[texts[r["doc"]]], claim=r["claim"], label=label)
    yield from article_rows()


def article_rows() -> Iterator[Labelled]:
    """Changed sentences of the articles: against the passage that each comes from, and against the facts that it tells.

    The facts say the same in words of their own, so against these the unchanged sentence is a free rewording.
    """
    stated = {fact["id"]: fact["fact"] for fact in map(json.loads, FACTS.read_text(encoding="utf-8").splitlines())}
    rows = []
    for document in read_documents(bundled_articles())[0]:
        passages = [(p, [s.text for s in split_sentences(p) if s.kind == "prose"]) for p in split(document)]
        letters = [(p.text, own) for p, own in passages if own]
        told = [(_facts_of(document, p, stated), own) for p, own in passages]
        reworded = [
            (text, [s for s in own if names(s) | numbers(s) <= names(text) | numbers(text)]) for text, own in told
        ]
        rows += _changed("articles", document.doc_id, letters)
        rows += _changed("reworded", document.doc_id, [(text, own) for text, own in reworded if text and own])
    count: dict[tuple[str, str], int] = {}
    for row in sorted(rows, key=lambda row: digest(row.claim)):
        cell = (row.set, row.kind)
        count[cell] = count.get(cell, 0) + 1
        if count[cell] <= MOST:
            yield row


def _changed(name: str, group: str, passages: Sequence[tuple[str, Sequence[str]]]) -> list[Labelled]:
    return [
        Labelled(set=name, group=group, evidence=[evidence], claim=claim, label=int(kind not in KINDS), kind=kind)
        for evidence, claim, kind in perturbed(passages, seed=11)
    ]


def _facts_of(document: Document, passage: Passage, stated: Mapping[str, str]) -> str:
    """The facts that a passage tells, a line each."""
    return "\n".join(dict.fromkeys(stated[fact] for fact in facts_between(document, passage.start, passage.end)))


def digest(text: str) -> str:
    """A name for a text, and an order among texts that means nothing."""
    return hashlib.md5(text.encode()).hexdigest()
