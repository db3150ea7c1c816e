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
from eval.examples import read_examples
from index import Encoder, build_index

GOLD = Path(__file__).parent.parent / "eval" / "data" / "gold.jsonl"
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


def warm(each: int = 90) -> None:
    """Print the percentiles of warm answers beside one bare encoding of a question, and the median of each step.

    Each question of the gold set is asked once, for one that is asked again is not encoded again.
    """
    assistant, encoder = open_assistant(), Encoder()
    for question in QUESTIONS:
        assistant.answer(question)
    examples = read_examples(GOLD)
    for name, follows in (("question", False), ("follow-up", True)):
        steps: dict[str, list[float]] = {}
        walls: list[float] = []
        cpus: list[float] = []
        bare: list[float] = []
        for example in [e for e in examples if bool(e.history) == follows][:each]:
            cpu = time.process_time()
            encoder.encode_query(QUESTIONS[0])
            bare.append(time.process_time() - cpu)
            begun, cpu = time.perf_counter(), time.process_time()
            answer = assistant.answer(example.question, history=example.history)
            walls.append(time.perf_counter() - begun)
            cpus.append(time.process_time() - cpu)
            for step, seconds in answer.seconds.items():
                steps.setdefault(step, []).append(seconds)
        print(f"warm {name}: {_spread(walls)} on the clock, {_spread(cpus)} of CPU; one bare encoding {_spread(bare)}")
        print("  " + ", ".join(f"{step} {statistics.median(values) * 1000:.1f} ms" for step, values in steps.items()))


def _spread(values: list[float]) -> str:
    ordered = sorted(values)
    return f"p50 {ordered[len(ordered) // 2] * 1000:.0f} ms, p95 {ordered[int(len(ordered) * 0.95)] * 1000:.0f} ms"


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
        "import chromadb, for comparison": ["-c", "import chromadb"],
    }
    for name, arguments in starts.items():
        wall, cpu = cold(arguments)
        print(f"cold {name}: {wall:.2f} s wall, {cpu:.2f} s CPU (median of 5 processes)", flush=True)
    warm()
    indexing()


if __name__ == "__main__":
    main()
