"""Questions with labelled candidate sentences: what the ranker is trained on and the weights are fitted on."""

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant import Assistant, open_assistant
from assistant.answering import Work
from assistant.evidence import Evidence, nearest_asked
from assistant.questions import Question
from assistant.terms import terms
from index import Hit, build_index

ROOT = Path(__file__).parent.parent
CLAPNQ = ROOT / "var" / "clapnq" / "index"
SOURCES = ROOT / "var" / "sources" / "index"
TO_THE_POINT, IGNORED, BESIDE_IT = 1, -1, 0
LIKENESS = 0.55  # cosine from which a sentence is taken to state a fact


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """A question, the sentences that were found for it, and which of them are to the point.

    ``labels`` are TO_THE_POINT, BESIDE_IT or IGNORED, one for each of ``evidence``; ``asked`` what the other known
    questions say of each; ``group`` is what splits go by; ``reach`` the share of the vital nuggets that some found
    sentence states (1.0 where the set names none).
    """

    question: Question
    known_as: str  # the text of the known question that this is, "" where it is none
    group: str
    kind: str
    answerable: bool
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...]
    labels: tuple[int, ...]
    asked: tuple[tuple[float, float], ...]
    question_tokens: np.ndarray  # (tokens, dimension) float32
    reach: float


def part(group: str, *, of: int) -> int:
    """Which part, 0 to ``of`` less one, a group of questions falls in; the same in each run."""
    return int(hashlib.md5(group.encode()).hexdigest(), 16) % of


def worked(assistant: Assistant, question: str) -> Work:
    """The question taken through the steps up to its evidence."""
    work = assistant._begun(question, (), None)
    for step in (assistant._understand, assistant._search, assistant._weigh):
        step(work)
    return work


def _labelled(
    assistant: Assistant, work: Work, labels: Sequence[int], *, known_as: str = "", **told: object
) -> Labelled:
    asked = nearest_asked(work.form, [e.facts for e in work.evidence], assistant.retriever, without=known_as)
    return Labelled(
        question=work.form,
        known_as=known_as,
        hits=tuple(work.hits),
        evidence=tuple(work.evidence),
        labels=tuple(labels),
        asked=tuple(zip(asked.alike, asked.share, strict=True)),
        question_tokens=np.array(assistant.retriever.analyse(work.form.search_text).tokens),
        **told,  # type: ignore[arg-type]
    )


def own_questions(assistant: Assistant, wanted: Callable[[str], bool]) -> Iterator[Labelled]:
    """``benchmarks/data/questions.jsonl`` over the bundled articles, each a group of its own, as far as wanted."""
    for line in (ROOT / "benchmarks" / "data" / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not wanted(row["question"]):
            continue
        work = worked(assistant, row["question"])
        right, near = set(row["facts"]), set(row.get("also", ()))
        labels = [_label(e.facts, right, near) for e in work.evidence]
        yield _labelled(
            assistant,
            work,
            labels,
            known_as=" ".join(row["question"].split()),
            group=row["question"],
            kind=row.get("kind", "own"),
            answerable=bool(right),
            reach=1.0,
        )


def gold_questions(assistant: Assistant, half: str) -> Iterator[Labelled]:
    """One half of the gold set over the bundled articles, multi-turn questions in their stand-alone form."""
    for line in (ROOT / "eval" / "data" / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["half"] != half or row["kind"] == "other_sense":
            continue
        work = worked(assistant, row.get("standalone") or row["question"])
        right = {fact for nugget in row["nuggets"] for fact in nugget["facts"]}
        stated = [e.facts for e in work.evidence]
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


def clapnq_questions(path: Path, wanted: Callable[[str], bool]) -> Iterator[Labelled]:
    """The dev part of ClapNQ (Apache-2.0), its 600 passages indexed together; sentences of other passages are ignored."""
    folder = CLAPNQ.parent
    (folder / "files").mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    for number, row in enumerate(rows):
        target = folder / "files" / f"{number}.md"
        if not target.exists():
            body = " ".join(_plain(sentence) for sentence in row["sentences"])
            target.write_text(f"---\ntitle: {json.dumps(row['title'])}\n---\n\n{body}\n", encoding="utf-8")
    build_index(folder / "files", index=CLAPNQ)
    assistant = open_assistant(index=CLAPNQ)
    for number, row in enumerate(rows):
        if not wanted(str(number)):
            continue
        work = worked(assistant, row["question"])
        chosen = [set(terms(_plain(sentence))) for sentence in row["selected_sentences"]] if row["answerable"] else []
        labels = [_label_by_words(e, chosen, own=e.passage.doc_id == f"{number}.md") for e in work.evidence]
        yield _labelled(
            assistant, work, labels, group=str(number), kind="clapnq", answerable=row["answerable"], reach=1.0
        )


def source_questions(folder: Path, wanted: Callable[[str], bool]) -> Iterator[Labelled]:
    """The same questions over the source articles, as anybody's documents: no fact is tied to a sentence there.

    A fact of article n (S00n-…) is taken to stand in the sentence of that article that is nearest to it, from LIKENESS
    on; a question is answerable where such a fact answers it, and left out where one only comes near.
    """
    build_index(folder, index=SOURCES)
    assistant = open_assistant(index=SOURCES)
    stands_in = _places(assistant)
    for line in (ROOT / "benchmarks" / "data" / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        right, near = (frozenset(f for f in row[key] if f in stands_in) for key in ("facts", "also"))
        if not wanted(row["question"]) or (near and not right):
            continue
        work = worked(assistant, row["question"])
        stated = [frozenset(f for f in right | near if e.key in stands_in[f]) for e in work.evidence]
        yield _labelled(
            assistant,
            work,
            [_label(s, set(right), set(near)) for s in stated],
            group=row["question"],
            kind="source",
            answerable=bool(right),
            reach=1.0,
        )


def _places(assistant: Assistant) -> dict[str, set[tuple[str, int]]]:
    """Where each fact of the source articles stands: the sentences nearest to it by cosine."""
    retriever, encoder = assistant.retriever, assistant.retriever.encoder
    found: dict[str, set[tuple[str, int]]] = {}
    for entry in retriever.documents():
        rows = [row for p in retriever.passages(entry.doc_id) for row in retriever.sentences(p.passage_id)]
        rows = [row for row in rows if row.sentence.kind != "heading"]
        vectors = encoder.encode_passages([("", row.sentence.text) for row in rows]).vectors
        for line in (ROOT / "corpus" / "facts.jsonl").read_text(encoding="utf-8").splitlines():
            fact = json.loads(line)
            if not fact["id"].startswith(f"S{entry.doc_id[:3]}-"):
                continue
            near = vectors @ encoder.encode_query(fact["fact"]).vector
            if near.max() >= LIKENESS:
                best = list(np.flatnonzero(near >= near.max() - 0.02))
                found[fact["id"]] = {(entry.doc_id, rows[n].sentence.start) for n in best}
    return found


def _label(stated: frozenset[str], right: set[str], near: set[str]) -> int:
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
