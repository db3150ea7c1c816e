"""Odd, encrypted, fuzzed, empty and damaged files, one by one and as a folder: none may end, stall or escape the reader.

Run: PYTHONPATH=. python benchmarks/odd_documents.py [--files FOLDER] [--out OUT.jsonl]. The set lies beside the checkout and is not
part of it; its score.py reads what this writes. Each file is read in a process of its own, killed after LIMIT seconds
(which counts as a crash); then all of them are indexed as one folder, and each must be in the report.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpus import SourceFile, UnreadableFile, find_files, read_document

FILES = Path(__file__).parents[2] / "shared" / "bench" / "odd_documents" / "files"
LIMIT = 120.0  # seconds


def read_one(path: Path) -> None:
    """Print one prediction: what becomes of a file."""
    begun = time.perf_counter()
    found = {"id": path.name, "chars": 0, "message": ""}
    try:
        document = read_document(SourceFile(doc_id=path.name, path=path, size=path.stat().st_size))
        found |= {"status": "indexed", "chars": len(document.text)}
    except UnreadableFile as error:
        found |= {"status": "skipped", "message": error.reason}
    print(json.dumps({**found, "seconds": round(time.perf_counter() - begun, 2)}))


def one_by_one(files: list[SourceFile]) -> list[dict[str, object]]:
    """What becomes of each file, read in a process of its own."""
    found = []
    for file in files:
        command = [sys.executable, __file__, "--one", str(file.path)]
        begun = time.perf_counter()
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
            row = (
                json.loads(done.stdout) if done.returncode == 0 else {"status": "crash", "message": done.stderr[-300:]}
            )
        except subprocess.TimeoutExpired:
            row = {"status": "crash", "message": f"more than {LIMIT:.0f} seconds"}
        found.append({"id": file.doc_id, "chars": 0, "seconds": round(time.perf_counter() - begun, 2), **row})
    return found


def as_folder(folder: Path, files: list[SourceFile], rows: list[dict[str, object]]) -> list[str]:
    """Index the folder; the faults found, such as a file that the report does not name."""
    from index import build_index, load_manifest  # not needed by the process of a single file
    from tests.fakes import KeywordEncoder  # which text has which vector is not what is tried

    with tempfile.TemporaryDirectory() as place:
        begun = time.perf_counter()
        report = build_index(folder, index=place, embeddings=KeywordEncoder())
        records = load_manifest(Path(place)).files
    print(
        f"as a folder: {len(report.added)} indexed, {len(report.skipped)} skipped, {report.passages} passages, "
        f"{time.perf_counter() - begun:.1f} s, {_peak()} MB at most"
    )
    alone = {str(row["id"]): row["status"] == "indexed" for row in rows}
    named = {**dict.fromkeys(report.added, True), **dict.fromkeys((name for name, _ in report.skipped), False)}
    faults = [f"{file.doc_id} is not in the report" for file in files if file.doc_id not in named]
    faults += [f"{name} is not in the manifest" for name in named if name not in records]
    faults += [f"{name} fares differently alone" for name, fine in named.items() if fine != alone[name]]
    return faults + [f"{name} is skipped without a reason" for name, reason in report.skipped if not reason]


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> int:
    """Read all, say what happened; 1 where a file ended the reader or is not accounted for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path, default=FILES)
    parser.add_argument("--out", type=Path, help="where the predictions go, for the set's score.py")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        read_one(options.one)
        return 0
    if not options.files.is_dir():
        print(f"the odd documents are not at {options.files}: nothing was measured")
        return 0
    files = find_files(options.files)
    rows = one_by_one(files)
    if options.out:
        options.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for row in rows:
        if row["status"] != "indexed":
            print(f"{row['status']}: {row['id']}: {row['message']}")
    slowest = max(rows, key=lambda row: float(str(row["seconds"])))
    print(f"one by one: {len(rows)} files, slowest {slowest['id']} {slowest['seconds']} s")
    faults = as_folder(options.files, files, rows)
    faults += [f"{row['id']} ended the reader" for row in rows if row["status"] == "crash"]
    print("\n".join(faults) or "each file is accounted for, none ended or stalled the reader")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
