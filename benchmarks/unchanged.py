"""What it costs to look through a folder that has not changed: many small files, indexed once and then again.

Run: PYTHONPATH=. python benchmarks/unchanged.py [--files 10000] [--place DIR]. The encoder is that of the tests: what is
unchanged is not encoded.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from index import build_index
from tests.fakes import KeywordEncoder

TIMES = 5


def write_files(folder: Path, files: int) -> None:
    """So many documents of a line each, 500 to a folder."""
    for number in range(files):
        path = folder / f"{number // 500:03}" / f"{number:06}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Document {number}\n\nThe board met {number} times.\n", encoding="utf-8")


def main() -> None:
    """Index, index again, and print the seconds of both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--place", type=Path, help="where documents and index lie, kept for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = options.place or Path(temporary)
        if not (place / "documents").exists():
            write_files(place / "documents", options.files)
        clock, computing, _ = _built(place)
        print(f"{options.files} files: indexed in {clock:.1f} s, {computing:.1f} s of CPU")
        again = [_built(place) for _ in range(TIMES)]
        assert all(unchanged == options.files for _, _, unchanged in again), again
        clocks, cpus = [run[0] for run in again], [run[1] for run in again]
        print(
            f"unchanged, medians of {TIMES}: {statistics.median(clocks):.2f} s (least {min(clocks):.2f}), "
            f"{statistics.median(cpus):.2f} s of CPU (least {min(cpus):.2f})"
        )


def _built(place: Path) -> tuple[float, float, int]:
    """Seconds on the clock and of CPU of one build, and how many documents it found unchanged."""
    begun, cpu = time.perf_counter(), time.process_time()
    report = build_index(place / "documents", index=place / "index", embeddings=KeywordEncoder())
    return time.perf_counter() - begun, time.process_time() - cpu, len(report.unchanged)


if __name__ == "__main__":
    main()
