"""Find what changed in a folder since it was indexed: by size and time first, by content where those differ."""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import corpus
from corpus import SourceFile
from index.manifest import FileRecord, Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file of the folder; ``known`` is its record where the content is the one last seen, else None."""

    file: SourceFile
    mtime_ns: int
    known: FileRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The files of a folder, by document id, and whether they are what was indexed, and nothing else."""

    files: tuple[FoundFile, ...]
    none: bool


def find_changes(folder: Path, old: Manifest | None, *, leave_out: Path) -> Changes:
    """Compare a folder with the manifest of its index (None: everything is new); ``leave_out`` is the index itself.

    Raises UserError where there is no such folder.
    """
    records = old.files if old else {}
    present = corpus.find_files(folder)
    if leave_out.is_relative_to(folder):
        present = [file for file in present if not file.path.is_relative_to(leave_out)]
    files = tuple(_found(file, records.get(file.doc_id)) for file in present)
    same = all(found.known for found in files) and {found.file.doc_id for found in files} == set(records)
    return Changes(files=files, none=same)


def _found(file: SourceFile, record: FileRecord | None) -> FoundFile:
    if file.fault:
        same = record is not None and record.reason == file.fault
        return FoundFile(file=file, mtime_ns=0, known=record if same else None)
    try:
        stat = file.path.stat()
    except OSError:  # it went away, or may not be seen: reading it will say so
        return FoundFile(file=file, mtime_ns=0, known=None)
    known = None
    if record and _is_same(file, stat, record):
        known = replace(record, size=stat.st_size, mtime_ns=stat.st_mtime_ns)
    return FoundFile(file=file, mtime_ns=stat.st_mtime_ns, known=known)


def _is_same(file: SourceFile, stat: os.stat_result, record: FileRecord) -> bool:
    if not record.sha256:  # it could not be opened: that may end without a trace in size and date
        return file_hash(file.path) == ""
    return (stat.st_size, stat.st_mtime_ns) == (record.size, record.mtime_ns) or file_hash(file.path) == record.sha256


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes; "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def splitting_identity() -> str:
    """Identifies the code that reads and splits: where it differs, every document is read and split again."""
    digest = hashlib.sha256()
    for path in sorted(Path(corpus.__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
