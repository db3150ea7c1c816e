"""Our search beside a plain LangChain quick start, txtai and haiku.rag: the same articles, model and questions, in one run.

Run: python -m benchmarks.peers [--half test] [--questions 50] [--haiku PYTHON]. Each question is put to all in turn.
txtai is no dependency: it takes part where it is installed; haiku.rag where PYTHON names an interpreter that has it. It
gets its vectors from our MiniLM over loopback; its CPU is that of both processes.

The quick start is Chroma over pieces of 1,000 characters that overlap by 200, as LangChain's own tutorial cuts them; the
peers read the text that our reader made, so none pays for markup. A piece is relevant when it overlaps a sentence tied
to a fact of the question's evidence, as in `eval`. What is relevant depends on the cutting, so R@5 and nDCG@10 are given
over documents too, and the share of vital facts in five pieces beside their length.
"""

import argparse
import importlib.util
import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant import open_assistant
from benchmarks.served_vectors import minilm_served
from corpus import Document, bundled_articles, read_documents, split
from eval.examples import GOLD, Example, read_examples
from eval.intervals import group_of, mean_interval
from eval.ranking import evidence_recall, ndcg, recall
from eval.tracing import facts_between
from index.embeddings import default_folder

SIZE, OVERLAP, DEPTH, SHOWN = 1000, 200, 10, 5
MEASURES = ("R@5", "nDCG@10", "R@5 documents", "nDCG@10 documents", "vital facts in 5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What a peer finds: a span of a document, and the facts that the sentences in it are tied to."""

    doc_id: str
    text: str
    facts: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A way to search, over pieces of its own; ``search`` gives the ids of the DEPTH best, best first."""

    name: str
    pieces: Mapping[str, Piece]
    search: Callable[[str], list[str]]
    elsewhere: Callable[[], float] = lambda: 0.0  # seconds of CPU of the last search in another process


def piece(document: Document, start: int, end: int) -> Piece:
    """The piece between two offsets of a document."""
    facts = frozenset(facts_between(document, start, end))
    return Piece(doc_id=document.doc_id, text=document.text[start:end], facts=facts)


def ours(documents: Sequence[Document]) -> Peer:
    """The assistant's search."""
    assistant = open_assistant()
    return Peer(
        name="ours",
        pieces={p.passage_id: piece(d, p.start, p.end) for d in documents for p in split(d)},
        search=lambda question: [hit.passage.passage_id for hit in assistant.search(question, k=DEPTH)],
    )


def recursive(documents: Sequence[Document]) -> dict[str, Piece]:
    """The documents cut as LangChain's tutorial cuts them."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=SIZE, chunk_overlap=OVERLAP, add_start_index=True)
    pieces: dict[str, Piece] = {}
    for document in documents:
        for number, made in enumerate(splitter.create_documents([document.text])):
            start = made.metadata["start_index"]
            pieces[f"{document.doc_id}#{number}"] = piece(document, start, start + len(made.page_content))
    return pieces


def langchain(pieces: Mapping[str, Piece]) -> Peer:
    """Chroma in memory with the same MiniLM through sentence-transformers."""
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(default_folder()), device="cpu", local_files_only=True)

    class MiniLM(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = model.encode(texts, show_progress_bar=False).tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    store = Chroma(collection_name="peers", embedding_function=MiniLM())
    store.add_texts([p.text for p in pieces.values()], ids=list(pieces))
    return Peer(
        name="LangChain quick start",
        pieces=pieces,
        search=lambda question: [str(found.id) for found in store.similarity_search(question, k=DEPTH)],
    )


def txtai(pieces: Mapping[str, Piece]) -> Peer:
    """The txtai library with the same MiniLM and its own BM25 beside it."""
    from txtai import Embeddings

    embeddings = Embeddings(path=str(default_folder()), hybrid=True)
    embeddings.index([(key, p.text, None) for key, p in pieces.items()])
    return Peer(
        name="txtai, hybrid",
        pieces=pieces,
        search=lambda question: [key for key, _ in embeddings.search(question, DEPTH)],
    )


@contextmanager
def haiku(pieces: Mapping[str, Piece], python: Path) -> Iterator[Peer]:
    """haiku.rag's hybrid search, as it comes but for the model, in a process of the Python that has it."""
    with minilm_served() as (address, dimension):
        command = [str(python), str(Path(__file__).with_name("haiku_rag.py"))]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        assert process.stdin
        assert process.stdout
        told: dict[str, float] = {"cpu": 0.0}

        def put(asked: object) -> dict[str, list[str]]:
            print(json.dumps(asked), file=process.stdin, flush=True)
            found: dict[str, list[str]] = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            return found

        def search(question: str) -> list[str]:
            found = put(question)
            told["cpu"] = float(str(found["cpu"]))
            return found["keys"]

        listed = [{"key": key, "document": p.doc_id, "text": p.text} for key, p in pieces.items()]
        put({"pieces": listed, "address": address, "dimension": dimension, "depth": DEPTH})
        try:
            yield Peer(name="haiku.rag, hybrid", pieces=pieces, search=search, elsewhere=lambda: told["cpu"])
        finally:
            process.stdin.close()
            process.wait(60)


def scores(example: Example, peer: Peer, found: Sequence[str]) -> dict[str, float | None]:
    """The MEASURES of one ranking, each 0 to 1; None where nothing that is asked for is in the documents."""
    grades = {key: _grade(example, p) for key, p in peer.pieces.items()}
    relevant = {key: grade for key, grade in grades.items() if grade}
    documents: dict[str, int] = {}
    for key, grade in relevant.items():
        doc_id = peer.pieces[key].doc_id
        documents[doc_id] = max(grade, documents.get(doc_id, 0))
    read = list(dict.fromkeys(peer.pieces[key].doc_id for key in found))
    return {
        "R@5": recall(relevant, found, k=SHOWN),
        "nDCG@10": ndcg(relevant, found, k=DEPTH),
        "R@5 documents": recall(documents, read, k=SHOWN),
        "nDCG@10 documents": ndcg(documents, read, k=DEPTH),
        "vital facts in 5": evidence_recall(example.vital, [peer.pieces[key].facts for key in found], k=SHOWN),
    }


def _grade(example: Example, one: Piece) -> int:
    return max((grade for fact, grade in example.evidence.items() if fact in one.facts), default=0)


def measure(peers: Sequence[Peer], examples: Sequence[Example]) -> None:
    """Put each question to all peers in turn; print means, differences from the first peer, and times."""
    found: dict[str, list[dict[str, float | None]]] = {peer.name: [] for peer in peers}
    walls: dict[str, list[float]] = {peer.name: [] for peer in peers}
    cpus: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for peer in peers:
        peer.search("What is this about?")  # what is opened on first use is no part of a query
    for example in examples:
        for peer in peers:
            wall, cpu = time.perf_counter(), time.process_time()
            ranking = peer.search(example.standalone or example.question)
            walls[peer.name].append((time.perf_counter() - wall) * 1000)
            cpus[peer.name].append((time.process_time() - cpu + peer.elsewhere()) * 1000)
            found[peer.name].append(scores(example, peer, ranking))
    groups = [group_of(example.id) for example in examples]
    for peer in peers:
        length = statistics.mean(len(p.text) for p in peer.pieces.values())
        print(f"\n{peer.name}: {len(peer.pieces)} pieces of {length:.0f} characters (mean)")
        times = statistics.median(walls[peer.name]), statistics.median(cpus[peer.name])
        print(f"  a query, medians: {times[0]:.0f} ms, {times[1]:.0f} ms of CPU")
        for name in MEASURES:
            print(f"  {name:18} {_compared(name, found[peers[0].name], found[peer.name], groups)}")


def _compared(
    name: str,
    first: Sequence[Mapping[str, float | None]],
    other: Sequence[Mapping[str, float | None]],
    groups: Sequence[str],
) -> str:
    """The mean over the questions where both have one, and the 95 % interval of what the first has more."""
    paired = [
        (a, b, group)
        for one, two, group in zip(first, other, groups, strict=True)
        if (a := one[name]) is not None and (b := two[name]) is not None
    ]
    mean = f"{statistics.mean(b for _, b, _ in paired):.3f} (n={len(paired)})"
    more = mean_interval([a - b for a, b, _ in paired], [group for _, _, group in paired])
    return mean if first is other or not more else f"{mean}, ours more by [{more[0]:.3f}, {more[1]:.3f}]"


def main() -> None:
    """Measure every peer that is installed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=["dev", "test"], help="only this half of the gold set")
    parser.add_argument("--haiku", type=Path, metavar="PYTHON", help="an interpreter that has haiku.rag")
    parser.add_argument("--questions", type=int, help="only the first so many")
    options = parser.parse_args()
    examples = [e for e in read_examples(GOLD, half=options.half) if e.answerable][: options.questions]
    documents, _ = read_documents(bundled_articles())
    pieces = recursive(documents)
    peers = [ours(documents), langchain(pieces)]
    if importlib.util.find_spec("txtai"):
        peers.append(txtai(pieces))
    else:
        print("txtai is not installed and left out")
    print(f"{len(examples)} questions, follow-ups in their stand-alone form")
    with ExitStack() as open_peers:
        if options.haiku:
            peers.append(open_peers.enter_context(haiku(pieces, options.haiku)))
        measure(peers, examples)


if __name__ == "__main__":
    main()
