"""How long things take, as medians and ratios: cold and warm answers by step, indexing against bare encoding.

Run: python benchmarks/speed.py. Reference for indexing: the same passages through the encoder alone.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assistant import open_assistant
from corpus import bundled_articles, read_documents, split
from index import Encoder, build_index

QUESTIONS = (
    "What does a chief medical officer do?",
    "How does a CMO differ from a medical director?",
    "How many years of experience does a CMO need?",
    "Who does the CMO report to?",
    "What is QAPI?",
    "When must a hospital report to the NPDB?",
    "Does a CMO need an MBA?",
    "What does a CMO earn in Ohio?",
    "How do CMOs work with chief nurses?",
    "What is a fractional CMO?",
)


def cold(arguments: list[str], *, runs: int = 5) -> tuple[float, float]:
    """Median wall and CPU seconds of a whole process."""
    walls, cpus = [], []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(time.perf_counter() - begun)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(walls), statistics.median(cpus)


def warm(rounds: int = 5) -> None:
    """Print the percentiles of a warm answer, and the median of each step."""
    assistant = open_assistant()
    steps: dict[str, list[float]] = {}
    walls: list[float] = []
    for question in QUESTIONS:
        assistant.answer(question)
    for _ in range(rounds):
        for question in QUESTIONS:
            begun = time.perf_counter()
            answer = assistant.answer(question)
            walls.append(time.perf_counter() - begun)
            for name, seconds in answer.seconds.items():
                steps.setdefault(name, []).append(seconds)
    walls.sort()
    print(f"warm answer: p50 {walls[len(walls) // 2] * 1000:.0f} ms, p95 {walls[int(len(walls) * 0.95)] * 1000:.0f} ms")
    for name, values in steps.items():
        print(f"  {name}: median {statistics.median(values) * 1000:.1f} ms")


def indexing() -> None:
    """Print the wall time and CPU time of indexing the bundled articles, of doing it again, and of encoding alone."""
    passages = [p for d in read_documents(bundled_articles())[0] for p in split(d)]
    encoder = Encoder()
    encoder.encode_query("warm")
    begun, cpu = time.perf_counter(), time.process_time()
    encoder.encode_passages([(" > ".join((p.title, *p.headings)) + "\n", p.text) for p in passages])
    alone, cpu_alone = time.perf_counter() - begun, time.process_time() - cpu
    with tempfile.TemporaryDirectory() as folder:
        begun, cpu = time.perf_counter(), time.process_time()
        build_index(bundled_articles(), index=Path(folder), embeddings=encoder)
        whole, cpu_whole = time.perf_counter() - begun, time.process_time() - cpu
        begun = time.perf_counter()
        build_index(bundled_articles(), index=Path(folder), embeddings=encoder)
        again = time.perf_counter() - begun
    print(
        f"indexing {len(passages)} passages: {whole:.1f} s, encoding alone {alone:.1f} s (ratio {alone / whole:.2f}); "
        f"in CPU {cpu_whole:.1f} s, {cpu_alone:.1f} s (ratio {cpu_alone / cpu_whole:.2f}); "
        f"again, unchanged: {again * 1000:.0f} ms"
    )


def main() -> None:
    """Run all."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    starts = {
        "python -m assistant ask": ["-m", "assistant", "ask", QUESTIONS[0]],
        "import assistant": ["-c", "import assistant"],
        "import chromadb, which every ask pays": ["-c", "import chromadb"],
    }
    for name, arguments in starts.items():
        wall, cpu = cold(arguments)
        print(f"cold {name}: {wall:.2f} s wall, {cpu:.2f} s CPU (median of 5 processes)", flush=True)
    warm()
    indexing()


if __name__ == "__main__":
    main()
