"""Questions with labelled candidate sentences: what the ranker is trained on and the weights are fitted on."""

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import own_documents
from blind import known_texts, of_talks

from assistant import Assistant, open_assistant
from assistant.asked import Asked, load_asked
from assistant.evidence import Evidence, Said, by_sentence, nearest_asked
from assistant.journey import Work, begin, find, understand, weigh
from assistant.questions import Question
from assistant.terms import terms
from index import Hit, build_index

ROOT = Path(__file__).parent.parent
CLAPNQ = ROOT / "var" / "clapnq" / "index"
SOURCES = ROOT / "var" / "sources" / "index"
KNOWN = tuple(
    ROOT / "benchmarks" / "data" / name
    for name in ("questions.jsonl", "questions_in_talks.jsonl", "questions_of_strangers.jsonl")
)
TO_THE_POINT, IGNORED, BESIDE_IT = 1, -1, 0
LEARNT_FROM = 2527  # known questions, from the first on
OF_SOURCES = 10_024  # known questions, from the first on, that tell of the source articles; the others ask for more
# The last known questions that were asked alone: the weights are fitted on them as if they were not known.
LATEST = range(32_801, 35_029)
LIKENESS = 0.55  # cosine from which a sentence is taken to state a fact
Wanted = Callable[[int, Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """A question, the sentences that were found for it, and which of them are to the point.

    ``labels`` are TO_THE_POINT, BESIDE_IT or IGNORED, one for each of ``evidence``; ``asked`` what the other known
    questions say of each; ``group`` is what splits go by; ``reach`` the share of the vital nuggets that some found
    sentence states (1.0 where the set names none).
    """

    question: Question
    known: Asked | None  # the known texts that it was compared with, None for all
    group: str
    kind: str
    answerable: bool
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...]
    labels: tuple[int, ...]
    asked: tuple[Said, ...]
    question_tokens: np.ndarray  # (tokens, dimension) float32
    reach: float


def part(group: str, *, of: int) -> int:
    """Which part, 0 to ``of`` less one, a group of questions falls in; the same in each run."""
    return int(hashlib.md5(group.encode()).hexdigest(), 16) % of


def for_ranker(number: int, row: Mapping[str, Any]) -> bool:
    """Whether the ranker learns from a known question: three quarters of the first ones.

    The later ones say each thing in several wordings; from those it learnt the things by heart, and ranked unseen ones worse.
    """
    return number < LEARNT_FROM and part(str(row["question"]), of=4) != 0


def for_weights(number: int, row: Mapping[str, Any]) -> bool:
    """Whether the weights are fitted on a known question; neither the space nor the ranker is.

    On the bundled articles those are the latest questions, asked by people who knew none of the others, as users do; on
    the source articles a quarter of those that tell of them, with all rewordings.
    """
    of_sources = number < OF_SOURCES and part(known_group(row), of=4) == 0 and not for_ranker(number, row)
    return of_sources or latest(number, row)


def latest(number: int, row: Mapping[str, Any]) -> bool:
    """Whether a known question is of the last round of single ones."""
    return number in LATEST


def known_group(row: Mapping[str, Any]) -> str:
    """What keeps a known question together with its rewordings: the facts that a short answer must state."""
    return " ".join(sorted(row.get("vital") or row["facts"])) or str(row["question"])


def worked(assistant: Assistant, question: str, *, known: Asked | None = None) -> Work:
    """The question taken through the steps up to its evidence, ``known`` as for ``nearest_asked``."""
    retriever, vocabulary, passages = assistant.retriever, assistant.vocabulary, assistant.passages
    work = replace(begin(question, (), None, version=assistant.index_version), known=known)
    understand(work, vocabulary=vocabulary)
    find(work, retriever=retriever, vocabulary=vocabulary, passages=passages)
    weigh(work, retriever=retriever, vocabulary=vocabulary, passages=passages)
    return work


def _but(wanted: Wanted) -> Asked:
    """The known texts but for the questions that are wanted, and so must not be known."""
    return load_asked().leaving_out({row["number"] for row in known_questions(wanted)})


def known_questions(wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The rows of KNOWN and of the known talks, as far as wanted by their number, from 0 on, and what they say.

    A follow-up of a talk is known twice, made to stand alone and behind the turn before it.
    """
    lines = [line for path in KNOWN for line in path.read_text(encoding="utf-8").splitlines()]
    in_talks = ({**row, "question": text} for row in of_talks(half="known") for text in known_texts(row))
    rows = chain(map(json.loads, lines), in_talks)
    return ({"number": n, **row} for n, row in enumerate(rows) if wanted(n, row))


def _labelled(
    assistant: Assistant, work: Work, labels: Sequence[int], *, known: Asked | None = None, **told: object
) -> Labelled:
    asked = nearest_asked(
        work.form,
        [e.facts for e in work.evidence],
        [e.tokens for e in work.evidence],
        assistant.retriever,
        known=known,
    )
    return Labelled(
        question=work.form,
        known=known,
        hits=tuple(work.hits),
        evidence=tuple(work.evidence),
        labels=tuple(labels),
        asked=tuple(by_sentence(asked)),
        question_tokens=np.array(assistant.retriever.analyse(work.form.search_text).tokens),
        **told,  # type: ignore[arg-type]
    )


def own_questions(assistant: Assistant, wanted: Wanted) -> Iterator[Labelled]:
    """The known questions over the bundled articles, grouped by what they ask, as far as wanted."""
    known = _but(wanted)
    for row in known_questions(wanted):
        work = worked(assistant, row["question"], known=known)
        right, near = set(row["facts"]), set(row.get("also", ()))
        labels = [_label(e.facts, right, near) for e in work.evidence]
        yield _labelled(
            assistant,
            work,
            labels,
            known=known,
            group=known_group(row),
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


def source_questions(folder: Path, wanted: Wanted) -> Iterator[Labelled]:
    """The same questions over the source articles, as anybody's documents: no fact is tied to a sentence there.

    A fact of article n (S00n-…) is taken to stand in the sentence of that article that is nearest to it, from LIKENESS
    on; a question is answerable where such a fact answers it, and left out where one only comes near.
    """
    build_index(folder, index=SOURCES)
    assistant = open_assistant(index=SOURCES)
    stands_in = _places(assistant)
    known = _but(wanted)
    for row in known_questions(lambda number, row: number < OF_SOURCES and wanted(number, row)):
        right, near = (frozenset(f for f in row[key] if f in stands_in) for key in ("facts", "also"))
        if near and not right:
            continue
        work = worked(assistant, row["question"], known=known)
        stated = [frozenset(f for f in right | near if e.key in stands_in[f]) for e in work.evidence]
        yield _labelled(
            assistant,
            work,
            [_label(s, set(right), set(near)) for s in stated],
            group=known_group(row),
            kind="source",
            answerable=bool(right),
            reach=1.0,
        )


def brought_questions(but: Collection[str] = ()) -> Iterator[Labelled]:
    """The questions over the made-up organisations' documents that lean on no turn before; the group is the set.

    ``but`` are sets that are left out.
    """
    for name in (name for name in own_documents.names() if name not in but):
        assistant = own_documents.opened(name)
        found = own_documents.sentences(assistant)
        for row, *_ in chain(own_documents.rows(name), own_documents.rows(name, own_documents.UNREAD)):
            answers, fitting = own_documents.labelled(row, found)
            work = worked(assistant, row["question"])
            keys = [own_documents.key(e.key) for e in work.evidence]
            labels = [TO_THE_POINT if k in answers else IGNORED if k in fitting else BESIDE_IT for k in keys]
            yield _labelled(assistant, work, labels, group=name, kind="brought", answerable=bool(answers), reach=1.0)


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
