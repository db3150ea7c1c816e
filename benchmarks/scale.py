"""What growth costs: build, disk, memory, search and recall at several sizes, on disk and on a Chroma server.

Run: python benchmarks/scale.py --work DIR [--sizes 10000 100000] [--stores disk server] [--plot docs/images/scale.svg]

Documents are sentences of the bundled articles, shuffled with a seed, ten sections each; they go through the whole of
`build_index`. Only encoding is spared: a passage's vector lies near those of two bundled passages, and it has TOKENS
token vectors, where a real passage of this length has about 130. Queries are real questions, really encoded.
The server answers behind a proxy that asks for a header. Each size and store runs in a process of its own.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.chroma_server import HEADERS, guarded, running
from corpus import bundled_articles, read_documents, split, split_sentences
from index import Encoded, Encoder, ModelIdentity, QueryEncoding, Retriever, build_index
from index.encodings import Floats, quantised, unit_rows

SEED, SECTIONS, SENTENCES, TOKENS, QUERIES, K = 7, 10, 5, 16, 200, 10
QUESTIONS = Path(__file__).parent / "data" / "questions.jsonl"


class NearbyEncoder:
    """Vectors near real ones at no cost, the same for the same text; queries are encoded by the real model."""

    name = "nearby"

    def __init__(self, real: Floats) -> None:
        self._real = real

    def identity(self) -> ModelIdentity:
        """A model of its own."""
        return ModelIdentity(name=self.name, sha256="0" * 64, dimension=self._real.shape[1])

    def encode_passages(self, passages: list[tuple[str, str]]) -> Encoded:
        """Between two real passages, with noise as long as a third of that."""
        made = [self._one(body) for _, body in passages]
        return Encoded(
            vectors=np.stack([vector for vector, _ in made]),
            tokens=tuple(quantised(tokens) for _, tokens in made),
            spans=tuple(_spans(body) for _, body in passages),
            pieces=tuple(np.arange(TOKENS, dtype=np.int32) for _ in passages),
        )

    def _one(self, body: str) -> tuple[Floats, Floats]:
        seed = int.from_bytes(hashlib.blake2b(body.encode(), digest_size=8).digest(), "big")
        draw = np.random.default_rng(seed)
        a, b = self._real[draw.integers(len(self._real), size=2)]
        vector = unit_rows((a + draw.random() * b + _noise(draw, 1, len(a))).astype(np.float32))[0]
        return vector, unit_rows(vector + 2 * _noise(draw, TOKENS, len(a)))

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(cache=_cache())

    def encode_query(self, text: str) -> QueryEncoding:
        """As the real model does."""
        return self._encoder.encode_query(text)


def _noise(draw: np.random.Generator, rows: int, dimension: int) -> Floats:
    return (draw.standard_normal((rows, dimension)) * (0.33 / dimension**0.5)).astype(np.float32)


def _spans(body: str) -> np.ndarray:
    edges = np.linspace(0, len(body), TOKENS + 1).astype(np.int32)
    return np.stack([edges[:-1], edges[1:]], axis=1)


def _cache() -> Path | None:
    given = os.environ.get("CMO_CACHE")
    return Path(given) if given else None


def write_documents(folder: Path, passages: int) -> None:
    """Markdown files that split into about that many passages."""
    draw = random.Random(SEED)
    documents, _ = read_documents(bundled_articles())
    sentences = [s.text for d in documents for p in split(d) for s in split_sentences(p) if s.kind == "prose"]
    words = sorted({word for sentence in sentences for word in sentence.split() if word.isalpha() and len(word) > 4})
    for number in range(passages // SECTIONS):
        lines = [f"# Document {number}: {draw.choice(words)} {draw.choice(words)}", ""]
        for section in range(SECTIONS):
            # A made-up word in each section: a real corpus never stops bringing new ones.
            unheard = "".join(draw.choice("bdfgklmnprstvz") + draw.choice("aeiou") for _ in range(4))
            chosen = " ".join(draw.sample(sentences, SENTENCES))
            lines += [f"## {draw.choice(words)} {section}", "", f"{chosen} It is called {unheard}.", ""]
        path = folder / f"{number // 1000:03}" / f"{number:06}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines), encoding="utf-8")


def real_vectors(work: Path) -> tuple[Floats, list[str]]:
    """The vectors of the bundled passages, made once, and some real questions."""
    path = work / "real.npy"
    if not path.exists():
        passages = [p for d in read_documents(bundled_articles())[0] for p in split(d)]
        np.save(path, Encoder(cache=_cache()).encode_passages([(p.title + "\n", p.text) for p in passages]).vectors)
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return np.load(path), random.Random(SEED).sample(sorted(set(questions)), QUERIES)


def measure(work: Path, size: int, chroma: str | None, server_pid: int) -> dict[str, float | str]:
    """Build and search one index; in seconds, megabytes, milliseconds and shares."""
    real, questions = real_vectors(work)
    encoder = NearbyEncoder(real)
    documents, index = work / f"documents-{size}", work / f"index-{size}-{'server' if chroma else 'disk'}"
    shutil.rmtree(index, ignore_errors=True)
    stages: dict[str, float] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if done >= total:
            stages[stage] = time.perf_counter()

    begun, cpu = time.perf_counter(), time.process_time()
    report = build_index(
        documents,
        index=index,
        embeddings=encoder,
        chroma=chroma,
        headers=HEADERS if chroma else None,
        progress=progress,
    )
    built, cpu = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    again = _seconds(lambda: build_index(documents, index=index, embeddings=encoder, chroma=chroma, headers=HEADERS))
    version = index / "versions" / report.version
    found: dict[str, float | str] = {
        "store": "server" if chroma else "disk",
        "passages": report.passages,
        "documents": len(report.added),
        "build_s": built,
        "build_cpu_s": cpu,
        "of_it_chroma_s": stages["vectors"] - stages["words"],
        "unchanged_s": again,
        "build_peak_mb": peak,
        "server_mb": _resident(server_pid) if server_pid else 0.0,
        **{f"disk_{name}_mb": size for name, size in _disk(version).items()},
    }
    with Retriever.open(index, embeddings=encoder, headers=HEADERS if chroma else None) as retriever:
        found |= _searches(retriever, version, questions)
    found["search_resident_mb"] = _resident(os.getpid())
    return found


def _searches(retriever: Retriever, version: Path, questions: list[str]) -> dict[str, float | str]:
    found: dict[str, float | str] = {"first_search_s": _seconds(lambda: retriever.search(questions[0]))}
    live = retriever._live
    queries = [retriever.analyse(question) for question in questions]
    vectors = np.load(version / "vectors.npy")
    numbers = {live.catalog.numbered(n).passage.passage_id: n for n in range(len(vectors))}
    exact = [set(np.argpartition(-(vectors @ query.vector), K)[:K].tolist()) for query in queries]
    hits = [{numbers[key] for key, _ in live.store.query(query.vector, k=K)} for query in queries]
    found["recall_at_10"] = statistics.mean(len(a & b) / K for a, b in zip(exact, hits, strict=True))
    timed: dict[str, Callable[[int], object]] = {
        "exact": lambda n: vectors @ queries[n].vector,
        "dense": lambda n: live.store.query(queries[n].vector, k=50),
        "bm25": lambda n: live.lexical.query(questions[n], k=50),
        "search": lambda n: retriever.ranked(queries[n], k=10),
    }
    for name, call in timed.items():
        times = sorted(_seconds(lambda n=n, call=call: call(n)) * 1000 for n in range(len(queries)))
        found[f"{name}_p50_ms"] = times[len(times) // 2]
        found[f"{name}_p95_ms"] = times[int(len(times) * 0.95)]
    return found


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _resident(pid: int) -> float:
    """Megabytes of memory that a process holds now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _disk(version: Path) -> dict[str, float]:
    sizes: dict[str, float] = {}
    for path in version.rglob("*"):
        if path.is_file():
            part = path.relative_to(version).parts[0].partition(".")[0]
            sizes[part] = sizes.get(part, 0.0) + path.stat().st_size / 2**20
    return sizes


def plot(results: list[dict[str, float]], path: Path) -> None:
    """Cost against size as a small SVG: search, building a passage, and disk, each beside its unit."""
    panels = (("search p50, ms", "search_p50_ms"), ("dense p50, ms", "dense_p50_ms"), ("build, s", "build_s"))
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="210" font-family="sans-serif" font-size="11">'
    ]
    colours = {"disk": "#1f5f8b", "server": "#b4552d"}
    for place, (title, key) in enumerate(panels):
        left, top, width, height = 30 + place * 235, 30, 180, 130
        most = max(r[key] for r in results) or 1.0
        sizes = sorted({r["passages"] for r in results})
        parts.append(f'<text x="{left}" y="{top - 12}" font-weight="bold">{title}</text>')
        parts.append(f'<path d="M{left} {top}V{top + height}H{left + width}" fill="none" stroke="#888"/>')
        for store, colour in colours.items():
            rows = sorted((r for r in results if r["store"] == store), key=lambda r: r["passages"])
            points = []
            for row in rows:
                x = left + width * (sizes.index(row["passages"]) + 0.5) / len(sizes)
                y = top + height * (1 - row[key] / most)
                points.append(f"{x:.0f},{y:.0f}")
                parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{colour}"/>')
                parts.append(f'<text x="{x + 5:.0f}" y="{y - 5:.0f}" fill="{colour}">{row[key]:.0f}</text>')
                parts.append(
                    f'<text x="{x:.0f}" y="{top + height + 15}" text-anchor="middle">{row["passages"]:,.0f}</text>'
                )
            parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}"/>')
    parts.append('<text x="30" y="200">passages; </text><text x="90" y="200" fill="#1f5f8b">on disk</text>')
    parts.append('<text x="140" y="200" fill="#b4552d">on a server behind a proxy</text></svg>')
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def main() -> None:
    """Measure every size and store; results go to DIR/results.jsonl too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="a folder for documents and indexes (2 GB at 100,000)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--stores", nargs="+", choices=["disk", "server"], default=["disk", "server"])
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--one", nargs=3, metavar=("SIZE", "CHROMA", "PID"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    work = options.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    if options.one:
        size, chroma, pid = options.one
        print(json.dumps(measure(work, int(size), chroma or None, int(pid))))
        return
    for size in options.sizes:
        if not (work / f"documents-{size}").exists():
            write_documents(work / f"documents-{size}", size)
        for store in options.stores:
            _run(work, size, store)
    lines = (work / "results.jsonl").read_text(encoding="utf-8").splitlines()
    if options.plot:
        plot([json.loads(line) for line in lines], options.plot)


def _run(work: Path, size: int, store: str) -> None:
    def one(chroma: str, pid: int) -> None:
        command = [sys.executable, "-m", "benchmarks.scale", "--work", str(work), "--one", str(size), chroma, str(pid)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        with (work / "results.jsonl").open("a", encoding="utf-8") as file:
            file.write(done.stdout)
        for name, value in json.loads(done.stdout).items():
            print(f"{name:>24} {value if isinstance(value, str) else round(value, 3)}", flush=True)

    if store == "disk":
        one("", 0)
        return
    served = work / f"served-{size}"
    shutil.rmtree(served, ignore_errors=True)
    with running(served) as server, guarded(server.port) as address:
        one(address, server.pid)
        size_mb = sum(path.stat().st_size for path in served.rglob("*") if path.is_file()) / 2**20
        print(f"{'server_disk_mb':>24} {size_mb:.0f}", flush=True)


if __name__ == "__main__":
    main()
