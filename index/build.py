"""Make an index of a folder: a new version beside the old one, live only when the manifest is replaced at the end."""

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpus.errors import UserError
from index.changes import Changes, FoundFile, find_changes, splitting_identity
from index.encoder import Encoder
from index.encodings import TextEncoder
from index.locking import only_writer, room_to_write
from index.manifest import SCHEMA, FileRecord, Manifest, load_manifest, rebuild, save_manifest, version_folder
from index.versions import OpenVersion, Progress, VersionWriter, open_store, other_versions, remove_version
from index.writing import DocumentSource, PassageBatch

_PACKAGES = ("chromadb", "numpy", "onnxruntime", "sentence-transformers")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did; documents by id, sorted."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]  # (document id, reason)
    passages: int  # in the whole index
    seconds: float
    version: str


def build_index(
    folder: Path | str,
    *,
    index: Path | str,
    embeddings: TextEncoder | str | None = None,
    chroma: str | None = None,
    headers: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Index every readable document below ``folder``, taking over what has not changed.

    ``embeddings`` is an encoder or a model's name; ``chroma`` the address of a server that is to hold the vectors and
    ``headers`` what it asks for. Until the last step, and after any failure, readers have the old version.

    Raises UserError where there is no such folder or no readable document in it, another build is at work, the disk is
    full, or the server does not answer.
    """
    folder, index = Path(folder).absolute(), Path(index).absolute()
    if not folder.exists():
        raise UserError(f"{folder} does not exist. Name a folder of documents: {rebuild(index)}")
    encoder = Encoder(embeddings or Encoder().name) if isinstance(embeddings, str | None) else embeddings
    with only_writer(index), room_to_write(index):
        build = _Build(
            folder=folder,
            index=index,
            encoder=encoder,
            chroma=chroma,
            headers=headers,
            progress=progress or _silent,
            old=_old_manifest(index),
            splitting=splitting_identity(),
            started=time.perf_counter(),
        )
        return build.run()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Build:
    """One run of ``build_index``, under the lock."""

    folder: Path
    index: Path
    encoder: TextEncoder
    chroma: str | None
    headers: dict[str, str] | None
    progress: Progress
    old: Manifest | None
    splitting: str
    started: float

    def run(self) -> BuildReport:
        changes = find_changes(self.folder, self.old, leave_out=self.index)
        old = self.old
        if old and changes.none and self._same_settings(old):
            self._prune(old)  # what a build that was killed after its last step has left
            records = _known(changes)
            if (records, str(self.folder)) != (old.files, old.corpus):  # touched, or moved as a whole
                save_manifest(self.index, self._manifest(old.version, old.previous, records, old.passages, old))
            return self._report(records, changes, old.version, old.passages)
        return self._write(changes)

    def _same_settings(self, old: Manifest) -> bool:
        # By name: comparing the weights of a model other than the default one means loading it.
        return (old.model.name, old.splitting, old.chroma) == (self.encoder.name, self.splitting, self.chroma)

    def _write(self, changes: Changes) -> BuildReport:
        old = self.old
        if old:  # make room first; without a manifest to go by, nothing is deleted before there is a new one
            self._prune(old)
        version = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
        target = version_folder(self.index, version)
        try:
            records, passages = self._write_version(target, changes)
            manifest = self._manifest(version, old.version if old else None, records, passages, None)
            self.progress("saving", passages, passages)
            save_manifest(self.index, manifest)
        except BaseException:
            if not self._is_live(version):  # it is, where the interruption came just after the last step
                remove_version(target, headers=self.headers)
            raise
        self._prune(manifest)
        return self._report(records, changes, version, passages)

    def _is_live(self, version: str) -> bool:
        try:
            return load_manifest(self.index).version == version
        except UserError:
            return False

    def _write_version(self, target: Path, changes: Changes) -> tuple[dict[str, FileRecord], int]:
        identity = self.encoder.identity()
        before = OpenVersion(self.index, self.old.version) if self.old else None
        # Connect first: a server that is away is to be told before the long work, not after it.
        store = open_store(target, chroma=self.chroma, headers=self.headers)
        writer = VersionWriter(target, dimension=identity.dimension, chroma=self.chroma)
        try:
            source = DocumentSource(before if self._same_splitting else None)
            same_model = self.old is not None and self.old.model == identity
            batch = PassageBatch(writer, self.encoder, reuse=before if same_model else None)
            records = self._add_documents(source, batch, writer, changes)
            writer.finish(store, progress=self.progress)
            return records, writer.passages
        finally:
            store.close()
            with suppress(OSError):
                writer.close()
            if before:
                before.close()

    @property
    def _same_splitting(self) -> bool:
        return self.old is not None and self.old.splitting == self.splitting

    def _add_documents(
        self, source: DocumentSource, batch: PassageBatch, writer: VersionWriter, changes: Changes
    ) -> dict[str, FileRecord]:
        records: dict[str, FileRecord] = {}
        for done, found in enumerate(changes.files, start=1):
            document, passages, record = source.read(found)
            records[found.file.doc_id] = record
            if document is not None:
                writer.add_document(document, passages=len(passages))
                for passage, sentences in passages:
                    batch.add(passage, sentences)
            self.progress("documents", done, len(changes.files))
        batch.flush()
        if not writer.passages:
            raise UserError(_nothing_readable(self.folder, records, kept=self.old is not None))
        return records

    def _manifest(
        self,
        version: str,
        previous: str | None,
        records: dict[str, FileRecord],
        passages: int,
        same: Manifest | None,
    ) -> Manifest:
        return Manifest(
            schema=SCHEMA,
            version=version,
            previous=previous,
            model=same.model if same else self.encoder.identity(),
            splitting=self.splitting,
            chroma=self.chroma,
            corpus=str(self.folder),
            files=records,
            documents=sum(record.reason is None for record in records.values()),
            passages=passages,
            created=same.created if same else datetime.now(UTC).isoformat(timespec="seconds"),
            packages=same.packages if same else _packages(),
        )

    def _prune(self, manifest: Manifest) -> None:
        """Delete every version but the live one and the one before, which long-lived readers may still hold."""
        for folder in other_versions(self.index, (manifest.version, manifest.previous)):
            remove_version(folder, headers=self.headers)

    def _report(self, records: dict[str, FileRecord], changes: Changes, version: str, passages: int) -> BuildReport:
        old = self.old
        before = {doc_id for doc_id, record in old.files.items() if record.reason is None} if old else set()
        now = {doc_id for doc_id, record in records.items() if record.reason is None}
        same = _unchanged(changes.files) if old and self._same_settings(old) else set()
        return BuildReport(
            added=tuple(sorted(now - before)),
            updated=tuple(sorted((now & before) - same)),
            unchanged=tuple(sorted(now & before & same)),
            removed=tuple(sorted(before - now)),
            skipped=tuple(sorted((key, record.reason) for key, record in records.items() if record.reason)),
            passages=passages,
            seconds=time.perf_counter() - self.started,
            version=version,
        )


def _packages() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in _PACKAGES}


def _old_manifest(index: Path) -> Manifest | None:
    try:
        return load_manifest(index)
    except UserError:  # none yet, or damaged: then everything is new
        return None


def _known(changes: Changes) -> dict[str, FileRecord]:
    return {found.file.doc_id: found.known for found in changes.files if found.known}


def _unchanged(files: tuple[FoundFile, ...]) -> set[str]:
    return {found.file.doc_id for found in files if found.known}


def _silent(stage: str, done: int, total: int) -> None:
    """The progress that nobody watches."""


def _nothing_readable(folder: Path, records: dict[str, FileRecord], *, kept: bool) -> str:
    reasons = [f"{doc_id}: {record.reason}" for doc_id, record in sorted(records.items())[:3]]
    found = "; ".join(reasons) if reasons else "no file of a kind that can be read"
    end = " The old index stays as it was." if kept else ""
    return f"{folder} holds no readable document ({found}). Name a folder with text, Markdown, PDF or DOCX.{end}"
