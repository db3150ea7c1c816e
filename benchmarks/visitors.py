"""Twenty visitors at once, each asking five questions through the page's queue, beside one visitor alone.

    python benchmarks/visitors.py                       # serves the bundled articles itself
    python benchmarks/visitors.py --url http://…        # a page that is being served

Prints percentiles of the seconds from a question to its answer. Exits with 1 if a question failed, or if a visitor got
another answer than the one that the same question gets alone: then answers were mixed up.
"""

import argparse
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from gradio_client import Client
from speed import QUESTIONS

from ui.serving import claim_port

START = 180.0
"""Seconds that the page may take to open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one question got: what was said, or the error."""

    question: str
    seconds: float
    said: str
    error: str


@contextmanager
def page(url: str | None) -> Iterator[str]:
    """The address of the given page, or of one that a process of its own serves while the block runs."""
    if url:
        yield url
        return
    with claim_port("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "ui", "--port", str(port)])
    try:
        own = f"http://127.0.0.1:{port}"
        until = time.monotonic() + START
        while not _is_up(own):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the page did not open")
            time.sleep(0.5)
        yield own
    finally:
        process.terminate()
        process.wait(timeout=30)


def _is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def ask(client: Client, question: str) -> Reply:
    """Ask one question and wait for its answer."""
    begun = time.perf_counter()
    said = error = ""
    try:
        answer = client.predict(question, None, api_name="/ask")
        said = f"{answer['question']}: {answer['status']}: {answer['text']}"
        if answer["status"] not in ("answered", "refused", "clarify"):
            error = f"{question}: {answer['status']}"
    except Exception as failure:  # any failure at all is what this counts
        error = f"{question}: {type(failure).__name__}: {failure}"
    return Reply(question=question, seconds=time.perf_counter() - begun, said=said, error=error)


def measure(url: str, visitors: int, each: int) -> tuple[list[Reply], float]:
    """Every reply, and the seconds that all took; visitors begin at different questions."""
    clients = [Client(url, verbose=False) for _ in range(visitors)]
    lists = [[QUESTIONS[(n + at) % len(QUESTIONS)] for at in range(each)] for n in range(visitors)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(visitors) as pool:
        done = list(
            pool.map(lambda client, questions: [ask(client, question) for question in questions], clients, lists)
        )
    wall = time.perf_counter() - begun
    for client in clients:
        client.close()
    return [reply for replies in done for reply in replies], wall


def mixed_up(replies: Sequence[Reply], alone: Sequence[Reply]) -> list[str]:
    """The replies that differ from what the same question got alone."""
    expected = {reply.question: reply.said for reply in alone}
    return [
        f"{reply.question}: got {reply.said[:200]!r}, alone {expected[reply.question][:200]!r}"
        for reply in replies
        if not reply.error and reply.said != expected[reply.question]
    ]


def told(name: str, replies: Sequence[Reply], wall: float) -> str:
    """One line of percentiles."""
    seconds = [reply.seconds for reply in replies]
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return (
        f"{name}: {len(seconds)} questions in {wall:.1f} s, p50 {cuts[49]:.2f} s, p95 {cuts[94]:.2f} s, "
        f"longest {max(seconds):.2f} s, {sum(bool(reply.error) for reply in replies)} errors"
    )


def main() -> int:
    """Measure one visitor, then many."""
    parser = argparse.ArgumentParser(description="Many visitors at once through the page's queue, beside one alone.")
    parser.add_argument("--url", help="a page that is being served (default: serve the bundled articles)")
    parser.add_argument("--visitors", type=int, default=20, help="how many at once (default: 20)")
    parser.add_argument("--each", type=int, default=5, help="questions of each (default: 5)")
    options = parser.parse_args()
    with page(options.url) as url:
        measure(url, 1, len(QUESTIONS))  # to warm up
        alone, alone_wall = measure(url, 1, 3 * len(QUESTIONS))
        many, many_wall = measure(url, options.visitors, options.each)
    mixed = mixed_up([*alone, *many], alone)
    print(told("one visitor", alone, alone_wall))
    print(told(f"{options.visitors} visitors at once", many, many_wall))
    print(f"{len(mixed)} answers mixed up, of {len({reply.said for reply in alone})} different ones")
    wrong = sorted({*(reply.error for reply in (*alone, *many) if reply.error), *mixed})
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
