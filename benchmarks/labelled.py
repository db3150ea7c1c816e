"""Questions with labelled candidate sentences: what the ranker is trained on and the weights are fitted on."""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant import Assistant, Turn, open_assistant, refusing
from assistant.answering import Work
from assistant.evidence import Evidence
from assistant.terms import terms
from index import build_index

ROOT = Path(__file__).parent.parent
TO_THE_POINT, IGNORED, BESIDE_IT = 1, -1, 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """A question, the sentences that were found for it, and which of them are to the point.

    ``labels`` are TO_THE_POINT, BESIDE_IT or IGNORED, one for each of ``evidence``; ``group`` is what splits go by;
    ``reach`` the share of the vital nuggets that some found sentence states (1.0 where the set names none).
    """

    question: str
    group: str
    kind: str
    answerable: bool
    evidence: tuple[Evidence, ...]
    labels: tuple[int, ...]
    question_tokens: np.ndarray  # (tokens, dimension) float32
    tokens: tuple[np.ndarray, ...]  # for each of ``evidence``, (tokens, dimension) int8
    answerability: tuple[float, ...]
    reach: float


def worked(assistant: Assistant, question: str, history: Sequence[Turn] = ()) -> Work:
    """The question taken through the steps up to its evidence."""
    work = assistant._begun(question, history, None)
    for step in (assistant._understand, assistant._search, assistant._weigh):
        step(work)
    return work


def _labelled(assistant: Assistant, work: Work, labels: Sequence[int], **known: object) -> Labelled:
    features = refusing.answerability_features(
        work.form, work.evidence, work.hits, assistant.vocabulary, assistant.retriever
    )
    encoded = assistant.retriever.analyse(work.form.search_text)
    passages = list(dict.fromkeys(e.passage.passage_id for e in work.evidence))
    tokens = {
        (s.row.passage.passage_id, s.row.sentence.start): np.array(s.tokens)
        for s in assistant.retriever.sentence_scores(encoded, passages)
    }
    return Labelled(
        question=work.query.text,
        question_tokens=np.array(encoded.tokens),
        tokens=tuple(tokens[e.passage.passage_id, e.sentence.start] for e in work.evidence),
        evidence=tuple(work.evidence),
        labels=tuple(labels),
        answerability=features,
        **known,  # type: ignore[arg-type]
    )


def facts_of(assistant: Assistant, evidence: Evidence) -> set[str]:
    """The facts that a sentence of the bundled articles states."""
    document = assistant.document(evidence.passage.doc_id)
    return {
        fact
        for a in document.attributions
        if a.start < evidence.sentence.end and evidence.sentence.start < a.end
        for fact in a.fact_ids
    }


def own_questions(assistant: Assistant) -> Iterator[Labelled]:
    """``benchmarks/data/questions.jsonl`` over the bundled articles, grouped by article."""
    for line in (ROOT / "benchmarks" / "data" / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        work = worked(assistant, row["question"])
        right, near = set(row["facts"]), set(row.get("also", ()))
        labels = [_label(facts_of(assistant, e), right, near) for e in work.evidence]
        yield _labelled(assistant, work, labels, group=row["article"], kind="own", answerable=bool(right), reach=1.0)


def gold_questions(assistant: Assistant, half: str) -> Iterator[Labelled]:
    """One half of the gold set over the bundled articles, multi-turn questions in their stand-alone form."""
    for line in (ROOT / "eval" / "data" / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["half"] != half or row["kind"] == "other_sense":
            continue
        work = worked(assistant, row.get("standalone") or row["question"])
        right = {fact for nugget in row["nuggets"] for fact in nugget["facts"]}
        stated = [facts_of(assistant, e) for e in work.evidence]
        vital = [set(n["facts"]) for n in row["nuggets"] if n["importance"] == "vital"]
        found = set().union(*stated) if stated else set()
        yield _labelled(
            assistant,
            work,
            [_label(s, right, set(row["evidence"]) - right) for s in stated],
            group=row["id"],
            kind=row["kind"],
            answerable=row["answerable"],
            reach=sum(bool(v & found) for v in vital) / len(vital) if vital else 1.0,
        )


def clapnq_questions(path: Path) -> Iterator[Labelled]:
    """The dev part of ClapNQ (Apache-2.0), its 600 passages indexed together; sentences of other passages are ignored."""
    folder = ROOT / "var" / "clapnq"
    (folder / "files").mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    for number, row in enumerate(rows):
        target = folder / "files" / f"{number}.md"
        if not target.exists():
            body = " ".join(_plain(sentence) for sentence in row["sentences"])
            target.write_text(f"---\ntitle: {json.dumps(row['title'])}\n---\n\n{body}\n", encoding="utf-8")
    build_index(folder / "files", index=folder / "index")
    assistant = open_assistant(index=folder / "index")
    for number, row in enumerate(rows):
        work = worked(assistant, row["question"])
        chosen = [set(terms(_plain(sentence))) for sentence in row["selected_sentences"]] if row["answerable"] else []
        labels = [_label_by_words(e, chosen, own=e.passage.doc_id == f"{number}.md") for e in work.evidence]
        yield _labelled(
            assistant, work, labels, group=str(number), kind="clapnq", answerable=row["answerable"], reach=1.0
        )


def _label(stated: set[str], right: set[str], near: set[str]) -> int:
    return TO_THE_POINT if stated & right else IGNORED if stated & near else BESIDE_IT


def _label_by_words(evidence: Evidence, chosen: Sequence[set[str]], *, own: bool) -> int:
    if not own:
        return IGNORED if chosen else BESIDE_IT
    words = set(terms(evidence.sentence.text))
    return TO_THE_POINT if any(len(words & c) >= 0.8 * max(1, len(words)) for c in chosen) else BESIDE_IT


def _plain(text: str) -> str:
    """ClapNQ's tokenised text as it was written."""
    text = re.sub(r"\s+([.,;:!?)%'])", r"\1", text.replace("``", '"').replace("''", '"'))
    return re.sub(r"([(])\s+", r"\1", text).replace(" 's", "'s").strip()
