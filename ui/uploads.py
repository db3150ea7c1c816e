"""Documents that a visitor brings along: a private folder and index for each collection, gone when its visitor is.

A collection is reached by its ticket, a secret that only its visitor's browser holds; a ticket that this server did not
give out opens nothing. Where documents are shared, there is one collection that every visitor reads and writes.
"""

import re
import secrets
import shutil
import tempfile
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from assistant import Assistant
from assistant.together import reading_also, reading_only
from corpus.errors import UnreadableFile, UserError
from corpus.files import SourceFile
from corpus.readers import read_document
from index import Retriever, TextEncoder, build_index
from ui.words import OWN_TOPIC, count_words

KINDS: Final = (".pdf", ".docx", ".html", ".htm", ".md", ".txt")
LONGEST_TEXT: Final = 1_500_000  # characters of one document: about a minute of encoding on two cores
LONGEST_NAME: Final = 120
GRACE: Final = 900.0  # seconds that a collection outlives its visitor's last open page, so that a reload loses nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """How much one collection may hold, files and megabytes for each of them, and how many visitors may have one."""

    files: int = 20
    megabytes: int = 20
    visitors: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDocument:
    """A document of a collection; ``name`` is its file's."""

    name: str
    passages: int


class Collection:
    """The documents in one folder, and the index over them."""

    def __init__(self, folder: Path, limits: UploadLimits, encoder: TextEncoder) -> None:
        self._files = folder / "documents" / OWN_TOPIC
        self._files.mkdir(parents=True, exist_ok=True)
        self._index = folder / "index"
        self.folder = folder
        self._limits = limits
        self._encoder = encoder
        self._lock = threading.RLock()
        self._retriever: Retriever | None = None
        self._readers: dict[tuple[str, bool], Assistant] = {}  # by model, and whether these documents are all it reads
        if any(self._files.iterdir()):  # a shared collection of an earlier start
            self._build()

    @property
    def documents(self) -> tuple[OwnDocument, ...]:
        """What the collection holds, by name."""
        with self._lock:
            entries = self._retriever.documents() if self._retriever else []
        return tuple(OwnDocument(name=e.doc_id.partition("/")[2], passages=e.passages) for e in entries)

    def add(self, file: Path, name: str) -> str:
        """Take in one file, in place of one of the same name; "" or the reason why it was left out."""
        name = safe_name(name)
        with self._lock:
            kept = self._files / name
            if reason := self._refused(file, name, new=not kept.exists()):
                return reason
            before = kept.read_bytes() if kept.exists() else None
            shutil.copyfile(file, kept)
            try:
                self._build()
            except UserError as error:
                self._put_back(kept, before)
                return str(error)
            except BaseException:
                self._put_back(kept, before)
                raise
        return ""

    def _refused(self, file: Path, name: str, *, new: bool) -> str:
        if Path(name).suffix.lower() not in KINDS:
            return f"not a kind that can be read ({', '.join(kind[1:].upper() for kind in KINDS if kind != '.htm')})"
        if file.stat().st_size > self._limits.megabytes * 1024 * 1024:
            return f"larger than {self._limits.megabytes} MB"
        if new and len(self.documents) >= self._limits.files:
            return f"the limit is {count_words(self._limits.files, 'document')}; remove one first"
        try:
            document = read_document(SourceFile(doc_id=name, path=file, size=file.stat().st_size))
        except UnreadableFile as error:
            return error.reason
        return f"longer than {LONGEST_TEXT:,} characters" if len(document.text) > LONGEST_TEXT else ""

    def _put_back(self, kept: Path, before: bytes | None) -> None:
        kept.unlink() if before is None else kept.write_bytes(before)

    def remove(self, name: str) -> None:
        """Delete a document and what the index knows of it; nothing happens where there is none of that name."""
        with self._lock:
            if name not in {document.name for document in self.documents}:
                return
            (self._files / name).unlink()
            if any(self._files.iterdir()):
                self._build()
            else:
                self._forget()

    def _build(self) -> None:
        build_index(self._files.parent, index=self._index, embeddings=self._encoder)
        if self._retriever is None:
            self._retriever = Retriever.open(self._index, embeddings=self._encoder)
        else:
            self._retriever.reload_if_changed()
        self._readers = {}

    def _forget(self) -> None:
        if self._retriever:
            self._retriever.close()
        self._retriever = None
        self._readers = {}
        shutil.rmtree(self._index, ignore_errors=True)

    def reader(self, assistant: Assistant, *, only: bool) -> Assistant:
        """The assistant over its own documents and these, or over these only; as it was where there are none."""
        with self._lock:
            if self._retriever is None:
                return assistant
            key = assistant.model, only
            if key not in self._readers:
                reading = reading_only if only else reading_also
                self._readers[key] = reading(assistant, self._retriever)
            return self._readers[key]

    def close(self, *, delete: bool) -> None:
        """Close the index; ``delete`` removes every file of it too."""
        with self._lock:
            if self._retriever:
                self._retriever.close()
            self._retriever = None
            if delete:
                shutil.rmtree(self.folder, ignore_errors=True)


def safe_name(name: str) -> str:
    """A file name as a name in our folder: no path, no control characters, not hidden, not long."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(ch for ch in last.encode("utf-8", "replace").decode() if ch.isprintable()).lstrip(". ")
    path = PurePosixPath(kept)
    stem = path.stem.encode()[:LONGEST_NAME].decode(errors="ignore")  # file systems count bytes, and take 255
    return stem + path.suffix[:10] or "document"


class Collections:
    """Every visitor's collection; with ``shared``, a folder, there is one for all, and it is kept."""

    def __init__(
        self, limits: UploadLimits, encoder: TextEncoder, *, shared: Path | None = None, grace: float = GRACE
    ) -> None:
        self.limits = limits
        self._encoder = encoder
        self._grace = grace
        self._lock = threading.Lock()
        self._by_ticket: dict[str, Collection] = {}
        self._pages: dict[str, set[str]] = {}  # by ticket, the open pages that hold it
        self._leaving: dict[str, threading.Timer] = {}
        self._shared = Collection(shared, limits, encoder) if shared else None
        self._root = Path(tempfile.mkdtemp(prefix="cmo-assistant-uploads-"))
        self._removal = weakref.finalize(self, shutil.rmtree, self._root, ignore_errors=True)

    @property
    def shared(self) -> bool:
        """Whether all visitors read and write the same documents."""
        return self._shared is not None

    def of(self, ticket: str) -> Collection | None:
        """The collection that a ticket opens; None for a ticket that opens none."""
        return self._shared or self._by_ticket.get(ticket)

    def begin(self) -> str:
        """Open a collection for a new visitor and give out its ticket.

        Raises:
            UserError: too many visitors have one.

        """
        if self._shared:
            return ""
        with self._lock:
            if len(self._by_ticket) >= self.limits.visitors:
                raise UserError("Too many visitors have documents here just now. Try again in a quarter of an hour.")
            ticket = secrets.token_urlsafe(24)
            folder = Path(tempfile.mkdtemp(dir=self._root))  # not named by the ticket: names are seen by others
            self._by_ticket[ticket] = Collection(folder, self.limits, self._encoder)
        return ticket

    def arrive(self, ticket: str, page: str) -> None:
        """A page of that name holds the ticket."""
        with self._lock:
            if ticket in self._by_ticket:
                self._pages.setdefault(ticket, set()).add(page)
                if timer := self._leaving.pop(ticket, None):
                    timer.cancel()

    def leave(self, page: str) -> None:
        """A page was closed; the collection that no page holds any more is deleted, after a while."""
        with self._lock:
            for ticket, pages in self._pages.items():
                if page in pages:
                    pages.discard(page)
                    if not pages:
                        self._leaving[ticket] = timer = threading.Timer(self._grace, self._delete, [ticket])
                        timer.daemon = True
                        timer.start()

    def _delete(self, ticket: str) -> None:
        with self._lock:
            if self._pages.get(ticket):  # a page came back while this waited for the lock
                return
            self._leaving.pop(ticket, None)
            self._pages.pop(ticket, None)
            gone = self._by_ticket.pop(ticket, None)
        if gone:
            gone.close(delete=True)

    def close(self) -> None:
        """Delete every private collection; the shared one stays on disk."""
        with self._lock:
            for timer in self._leaving.values():
                timer.cancel()
            for collection in self._by_ticket.values():
                collection.close(delete=True)
            self._by_ticket.clear()
            self._pages.clear()
            if self._shared:
                self._shared.close(delete=False)
        self._removal()
