"""What growth costs: build, disk, memory, search and recall at several sizes, on disk and on a Chroma server.

Run: python benchmarks/scale.py --work DIR [--sizes 10000 100000] [--stores disk server] [--plot docs/images/scale.svg]

Made-up documents go through the whole of `build_index`; only encoding is spared (see `made_up_corpus`). Queries are real
questions, really encoded. The server answers behind a proxy that asks for a header. Each size and store runs in a process
of its own. --again searches what an earlier run left in DIR, and keeps what that run measured of building.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.chroma_server import HEADERS, guarded, running
from benchmarks.growth_chart import growth_chart
from benchmarks.made_up_corpus import NearbyEncoder, real_vectors, write_documents
from index import Retriever, build_index
from index.manifest import load_manifest

K = 10
Figures = dict[str, float | str]


def build(work: Path, size: int, chroma: str | None, server_pid: int) -> Figures:
    """Build one index; in seconds and megabytes."""
    encoder = NearbyEncoder(real_vectors(work)[0])
    documents, index = work / f"documents-{size}", _index(work, size, chroma)
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
    return {
        "store": "server" if chroma else "disk",
        "size": size,
        "passages": report.passages,
        "documents": len(report.added),
        "build_s": built,
        "build_cpu_s": cpu,
        "of_it_chroma_s": stages["vectors"] - stages["words"],
        "unchanged_s": again,
        "build_peak_mb": peak,
        "server_mb": _resident(server_pid) if server_pid else 0.0,
        **{f"disk_{name}_mb": size for name, size in _disk(_version(index)).items()},
    }


def search(work: Path, size: int, chroma: str | None) -> Figures:
    """Search one index that was built before; in seconds, megabytes, milliseconds and shares."""
    real, questions = real_vectors(work)
    index = _index(work, size, chroma)
    if chroma:  # it is another one in each run
        (_version(index) / "server").write_text(chroma, encoding="utf-8")
    with Retriever.open(index, embeddings=NearbyEncoder(real), headers=HEADERS if chroma else None) as retriever:
        found = _searches(retriever, _version(index), questions)
    return {**found, "search_resident_mb": _resident(os.getpid())}


def _index(work: Path, size: int, chroma: str | None) -> Path:
    return work / f"index-{size}-{'server' if chroma else 'disk'}"


def _version(index: Path) -> Path:
    return index / "versions" / load_manifest(index).version


def _searches(retriever: Retriever, version: Path, questions: list[str]) -> Figures:
    found: Figures = {"first_search_s": _seconds(lambda: retriever.search(questions[0]))}
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


def main() -> None:
    """Measure every size and store; results go to DIR/results.jsonl too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="a folder for documents and indexes (5 GB at 100,000)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--stores", nargs="+", choices=["disk", "server"], default=["disk", "server"])
    parser.add_argument("--again", action="store_true", help="search only")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--one", nargs=3, metavar=("SIZE", "CHROMA", "PID"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    work = options.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    if options.one:
        size, chroma, pid = int(options.one[0]), options.one[1] or None, int(options.one[2])
        built = {} if options.again else build(work, size, chroma, pid)
        print(json.dumps({**built, **search(work, size, chroma)}))
        return
    for size in options.sizes:
        if not (work / f"documents-{size}").exists():
            write_documents(work / f"documents-{size}", size)
        for store in options.stores:
            _keep(work, _measured(work, size, store, again=options.again))
    if options.plot:
        options.plot.write_text(growth_chart(_results(work)), encoding="utf-8")


def _measured(work: Path, size: int, store: str, *, again: bool) -> Figures:
    earlier = [row for row in _results(work) if (row["store"], row["size"]) == (store, size)]
    before = earlier[-1] if again else {}
    if store == "disk":
        return {**before, **_in_a_process(work, size, "", 0, again=again)}
    served = work / f"served-{size}"
    if not again:
        shutil.rmtree(served, ignore_errors=True)
    with running(served) as server, guarded(server.port) as address:
        found = _in_a_process(work, size, address, server.pid, again=again)
        written = sum(path.stat().st_size for path in served.rglob("*") if path.is_file()) / 2**20
        return {**before, **found, "server_disk_mb": written}


def _in_a_process(work: Path, size: int, chroma: str, pid: int, *, again: bool) -> Figures:
    command = [sys.executable, "-m", "benchmarks.scale", "--work", str(work), "--one", str(size), chroma, str(pid)]
    done = subprocess.run([*command, *(["--again"] * again)], check=True, stdout=subprocess.PIPE, text=True)
    found: Figures = json.loads(done.stdout)
    return found


def _results(work: Path) -> list[Figures]:
    path = work / "results.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _keep(work: Path, found: Figures) -> None:
    with (work / "results.jsonl").open("a", encoding="utf-8") as file:
        print(json.dumps(found), file=file)
    for name, value in found.items():
        print(f"{name:>24} {value if isinstance(value, str) else round(value, 3)}", flush=True)


if __name__ == "__main__":
    main()
