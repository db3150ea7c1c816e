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
        return [_regular(folder.name, folder, folder.stat().st_size)]
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise UserError(f"{folder} {what}. Give the folder that holds the documents, for example: docs/")
    found = sorted(_walk(folder), key=lambda file: (_is_link(file.path), file.doc_id))
    by_place: dict[str, SourceFile] = {}
    for file in found:
        by_place.setdefault(str(file.path) if file.fault else os.path.realpath(file.path), file)
    return sorted(by_place.values(), key=lambda file: file.doc_id)


def _walk(folder: Path) -> Iterator[SourceFile]:
    root = os.path.realpath(folder)
    unlisted: list[OSError] = []
    for parent, names, file_names in os.walk(folder, onerror=unlisted.append):
        names[:] = [name for name in names if not name.startswith(".")]
        links = [name for name in names if _is_link(Path(parent) / name)]
        for name in (*links, *file_names):
            if not name.startswith(".") and (file := _found(folder, Path(parent) / name, root)):
                yield file
    for error in unlisted:
        path = Path(os.fsdecode(error.filename))
        yield _faulty(folder, path, f"a folder that cannot be listed: {error.strerror}")


def _found(folder: Path, path: Path, root: str) -> SourceFile | None:
    """The file at a path, None for one that is gone by now and for a link to a folder that is walked anyway."""
    try:
        if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(root):
            return _faulty(folder, path, "a link that leads out of the folder: not followed")
        status = path.stat()
    except OSError as error:
        if _is_link(path):
            return _faulty(folder, path, f"a link that leads nowhere: {error.strerror}")
        gone = isinstance(error, FileNotFoundError)
        return None if gone else _faulty(folder, path, f"cannot be opened: {error.strerror}")
    if stat.S_ISDIR(status.st_mode):
        return None
    if not stat.S_ISREG(status.st_mode):
        return _faulty(folder, path, "no regular file")
    return _regular(path.relative_to(folder).as_posix(), path, status.st_size)


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # its folder can be listed and lets nothing be seen
        return False


def _regular(doc_id: str, path: Path, size: int) -> SourceFile:
    try:
        doc_id.encode("utf-8")
    except UnicodeEncodeError:
        return SourceFile(doc_id=doc_id, path=path, size=size, fault="its name is not valid Unicode")
    return SourceFile(doc_id=doc_id, path=path, size=size)


def _faulty(folder: Path, path: Path, fault: str) -> SourceFile:
    return SourceFile(doc_id=path.relative_to(folder).as_posix(), path=path, size=0, fault=fault)
