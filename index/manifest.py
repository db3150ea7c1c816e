"""The file that says which version of an index is live: read first, written last, replaced in one step."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.errors import UserError
from index.encodings import ModelIdentity

SCHEMA = 3
NAME = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """A file as it was last seen; ``reason`` says why it is not indexed, None where it is."""

    sha256: str
    size: int
    mtime_ns: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an index holds and how it was made."""

    schema: int
    version: str  # the live one: a folder below versions/
    previous: str | None  # kept for readers that still hold it
    model: ModelIdentity
    splitting: str  # identifies the code that reads and splits
    chroma: str | None  # a server's address; None for the version's own folder
    corpus: str  # the folder that was indexed
    files: dict[str, FileRecord]  # by doc_id
    documents: int
    passages: int
    created: str  # ISO 8601, UTC
    packages: dict[str, str]  # versions at build time

    def to_json(self) -> str:
        """The manifest as JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)


def version_folder(index: Path, version: str) -> Path:
    """Where the files of a version lie."""
    return index / "versions" / version


def rebuild(index: Path, corpus: str = "FOLDER") -> str:
    """The command that a user runs to build an index anew."""
    return f"python -m assistant index {corpus} --index {index}"


def load_manifest(index: Path) -> Manifest:
    """Read the manifest of an index folder.

    Raises UserError where there is none, it is damaged or of another schema, or its version's files are gone; the
    message names the command that repairs it.
    """
    path = index / NAME
    try:
        fields: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{index} holds no index. Run: {rebuild(index)}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({error}). Run: {rebuild(index)}") from error
    schema = fields.get("schema") if isinstance(fields, dict) else None
    if schema != SCHEMA:
        raise UserError(f"{path} has schema {schema!r}, this program reads {SCHEMA}. Run: {rebuild(index)}")
    try:
        manifest = _manifest(fields)
    except (TypeError, KeyError, AttributeError) as error:
        raise UserError(f"{path} is damaged ({error}). Run: {rebuild(index)}") from error
    if not version_folder(index, manifest.version).is_dir():
        missing = version_folder(index, manifest.version)
        raise UserError(f"{missing} is missing. Run: {rebuild(index, manifest.corpus)}")
    return manifest


def _manifest(fields: dict[str, Any]) -> Manifest:
    model = ModelIdentity(**fields["model"])
    files = {doc_id: FileRecord(**record) for doc_id, record in fields["files"].items()}
    return Manifest(**{**fields, "model": model, "files": files})


def save_manifest(index: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step that survives a crash: readers see the old one or the new one, whole."""
    temporary = index / f"{NAME}.part"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(manifest.to_json())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(index / NAME)
    sync_folder(index)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make a file's content survive a crash."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
