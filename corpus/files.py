"""Which files of a folder are documents to be, and under which names."""

import os
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


def find_files(folder: Path) -> list[SourceFile]:
    """The files below ``folder``, sorted by doc_id; hidden ones are left out. A single file is accepted too.

    A link to a file inside the folder is left out where the file itself is found; a link to a folder is not followed,
    nor one to a file outside. Raises UserError where ``folder`` is neither a folder nor a file.
    """
    if folder.is_file():
        return [SourceFile(doc_id=folder.name, path=folder, size=folder.stat().st_size)]
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise UserError(f"{folder} {what}. Give the folder that holds the documents, for example: docs/")
    found = sorted(_walk(folder), key=lambda file: (file.path.is_symlink(), file.doc_id))
    by_place: dict[Path, SourceFile] = {}
    for file in found:
        by_place.setdefault(file.path.resolve(), file)
    return sorted(by_place.values(), key=lambda file: file.doc_id)


def _walk(folder: Path) -> Iterator[SourceFile]:
    root = folder.resolve()
    for parent, names, file_names in os.walk(folder):
        names[:] = [name for name in names if not name.startswith(".")]
        for name in file_names:
            path = Path(parent) / name
            if name.startswith(".") or not path.is_file():
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                continue
            yield SourceFile(doc_id=path.relative_to(folder).as_posix(), path=path, size=path.stat().st_size)
