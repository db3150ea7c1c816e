"""Which files of a folder are documents to be, and under which names."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that may become a document, whatever its type; ``size`` is in bytes."""

    doc_id: str  # path below the folder that was searched, with "/" whatever the system
    path: Path
    size: int
    fault: str | None = None  # why it can't be read, where finding it already shows that


def find_files(folder: Path) -> list[SourceFile]:
    """The files below ``folder``, sorted by doc_id; hidden ones are left out. A single file is accepted too.

    A link to a file inside the folder is left out where the file itself is found. Links that lead out of the folder or
    nowhere are not followed; they come with their fault, as do folders that can't be listed, what is no
    regular file, and names that are no Unicode.
    Raises UserError where ``folder`` is neither a folder nor a file.
    """
    if folder.is_file():
        return [_regular(folder.name, str(folder), folder.stat().st_size)]
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise UserError(f"{folder} {what}. Give the folder that holds the documents, for example: docs/")
    found: list[SourceFile] = []
    links: list[tuple[str, str]] = []
    for doc_id, entry in _entries(folder, found):
        if _is_link(entry):
            links.append((doc_id, entry.path))
        elif file := _found(doc_id, entry.path, entry):
            found.append(file)
    found += _linked(folder, sorted(links), {file.doc_id for file in found if not file.fault})
    return sorted(found, key=lambda file: file.doc_id)


def _entries(folder: Path, unlisted: list[SourceFile]) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """What is in a folder and in those below it, but no folder itself; links to folders are not followed.

    By strings and what the folder tells of its entries: paths, and a look at the disk for each step of each of them,
    were most of what looking through an unchanged folder took.
    """
    waiting = [(str(folder), "")]
    while waiting:
        place, prefix = waiting.pop()
        try:
            with os.scandir(place) as listed:
                entries = [entry for entry in listed if not entry.name.startswith(".")]
        except OSError as error:
            fault = f"a folder that cannot be listed: {error.strerror}"
            unlisted.append(_faulty(prefix.rstrip("/") or ".", place, fault))
            continue
        for entry in entries:
            doc_id = prefix + entry.name
            if _is_folder(entry):
                waiting.append((entry.path, f"{doc_id}/"))
            else:
                yield doc_id, entry


def _linked(folder: Path, links: list[tuple[str, str]], known: set[str]) -> Iterator[SourceFile]:
    """The files that links lead to, each once, and only where the folder does not hold it under its own name."""
    root = os.path.realpath(folder)
    for doc_id, path in links:
        target = Path(os.path.realpath(path))
        if not target.is_relative_to(root):
            yield _faulty(doc_id, path, "a link that leads out of the folder: not followed")
            continue
        place = target.relative_to(root).as_posix()
        file = _found(doc_id, path, Path(path))
        if file and (file.fault or place not in known):
            known.add(place)
            yield file


def _found(doc_id: str, path: str, seen: "os.DirEntry[str] | Path") -> SourceFile | None:
    """The file at a path, None for one that is gone by now and for a link to a folder that is walked anyway."""
    try:
        status = seen.stat()
    except OSError as error:
        if isinstance(seen, Path):
            return _faulty(doc_id, path, f"a link that leads nowhere: {error.strerror}")
        gone = isinstance(error, FileNotFoundError)
        return None if gone else _faulty(doc_id, path, f"cannot be opened: {error.strerror}")
    if stat.S_ISDIR(status.st_mode):
        return None
    if not stat.S_ISREG(status.st_mode):
        return _faulty(doc_id, path, "no regular file")
    return _regular(doc_id, path, status.st_size)


def _is_link(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_symlink()
    except OSError:  # its folder can be listed and lets nothing be seen
        return False


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _regular(doc_id: str, path: str, size: int) -> SourceFile:
    try:
        doc_id.encode("utf-8")
    except UnicodeEncodeError:
        return SourceFile(doc_id=doc_id, path=Path(path), size=size, fault="its name is not valid Unicode")
    return SourceFile(doc_id=doc_id, path=Path(path), size=size)


def _faulty(doc_id: str, path: str, fault: str) -> SourceFile:
    return SourceFile(doc_id=doc_id, path=Path(path), size=0, fault=fault)
