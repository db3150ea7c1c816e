"""The files of one version of an index: written whole into a new folder, then never changed.

```
versions/<id>/catalog.sqlite   documents, passages, sentences
              vectors.npy      (passages, dimension) float32 unit rows
              tokens.npy       (rows, dimension) int8, 127 times each token's unit vector
              spans.npy        (rows, 2) int32, each token's characters in its passage
              pieces.npy       (rows, 1) int32, each token's word-piece id
              weights.npy      (ids + 1,) float32, inverse document frequency of each word-piece id
              bm25/  chroma/   the two searches
              server           instead of chroma/, the address of the Chroma server that holds the vectors
```
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Document, Passage, Sentence
from corpus.errors import UserError
from index.catalog import Catalog, PassageRow, SentenceRow
from index.catalog_writer import CatalogWriter
from index.encodings import Bytes8, Floats, Ints, StoredTokens
from index.exact import EXACT_UP_TO, check_files
from index.lexical import LexicalIndex, save_lexical
from index.manifest import sync_file, sync_folder, version_folder
from index.rerank import PieceFrequencies, overlapping, piece_weights, pooled
from index.rows import RowFile
from index.store import BATCH, VectorStore, passage_metadata

_CHROMA, _SERVER = "chroma", "server"
_PASSAGES_KEPT = 2_048  # whose sentences' vectors stay in memory: some ten kilobytes each

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, how much of it is done, and the total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageVectors:
    """What the encoder gave for one passage: see ``Encoded``."""

    vector: Floats
    tokens: Bytes8
    spans: Ints
    pieces: Ints


class VersionWriter:
    """Writes the files of a new version; nothing of it counts before the manifest names it."""

    def __init__(self, folder: Path, *, dimension: int, chroma: str | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if chroma:
            (folder / _SERVER).write_text(chroma, encoding="utf-8")
        self._folder = folder
        self._catalog = CatalogWriter(folder / "catalog.sqlite")
        self._vectors = RowFile(folder / "vectors.npy", np.float32, dimension)
        self._tokens = RowFile(folder / "tokens.npy", np.int8, dimension)
        self._spans = RowFile(folder / "spans.npy", np.int32, 2)
        self._pieces = RowFile(folder / "pieces.npy", np.int32, 1)
        self._frequencies = PieceFrequencies()

    @property
    def passages(self) -> int:
        """How many passages have been added."""
        return self._vectors.rows

    def add_document(self, document: Document, *, passages: int) -> None:
        """Add a document; its passages follow."""
        self._catalog.add_document(document, passages=passages)

    def add_passage(self, passage: Passage, sentences: Iterable[Sentence], key: str, vectors: PassageVectors) -> None:
        """Add a passage, its sentences and its vectors."""
        first = self._tokens.rows
        row = PassageRow(passage=passage, number=self.passages, key=key, first=first, last=first + len(vectors.tokens))
        self._catalog.add_passage(row, [_sentence_row(passage, s, vectors.spans) for s in sentences])
        self._vectors.append(vectors.vector[None, :])
        self._tokens.append(vectors.tokens)
        self._spans.append(vectors.spans)
        self._pieces.append(vectors.pieces[:, None])
        self._frequencies.add(vectors.pieces)

    def finish(self, store: VectorStore, *, progress: Progress) -> None:
        """Close the row files, then write both searches and force everything to disk."""
        self.close()
        np.save(self._folder / "weights.npy", piece_weights(self._frequencies.counts, passages=self.passages))
        catalog = Catalog(self._folder / "catalog.sqlite")
        try:
            save_lexical(_lexical_texts(catalog, self.passages), self._folder / "bm25")
            progress("words", self.passages, self.passages)
            self._fill(store, catalog, progress)
        finally:
            catalog.close()
        for path in sorted(self._folder.rglob("*")):
            sync_folder(path) if path.is_dir() else sync_file(path)
        sync_folder(self._folder)
        sync_folder(self._folder.parent)

    def _fill(self, store: VectorStore, catalog: Catalog, progress: Progress) -> None:
        settings = {entry.doc_id: entry.settings for entry in catalog.documents()}
        vectors = np.load(self._folder / "vectors.npy", mmap_mode="r")
        store.create()
        for first in range(0, self.passages, BATCH):
            numbers = range(first, min(first + BATCH, self.passages))
            passages = [catalog.numbered(number).passage for number in numbers]
            store.add(
                [passage.passage_id for passage in passages],
                vectors[first : numbers.stop],
                [passage.text for passage in passages],
                [passage_metadata(passage, settings[passage.doc_id]) for passage in passages],
            )
            progress("vectors", numbers.stop, self.passages)

    def close(self) -> None:
        """Close the files as they are."""
        self._catalog.close()
        for file in (self._vectors, self._tokens, self._spans, self._pieces):
            file.close()


def _sentence_row(passage: Passage, sentence: Sentence, spans: Ints) -> SentenceRow:
    first, last = overlapping(spans, sentence.start - passage.start, sentence.end - passage.start)
    return SentenceRow(sentence=sentence, passage=passage, first=first, last=last)


def _lexical_texts(catalog: Catalog, passages: int) -> Iterator[str]:
    for number in range(passages):
        passage = catalog.numbered(number).passage
        yield "\n".join((passage.title, *passage.headings, passage.text))


class OpenVersion:
    """A version to read from; each file is opened on first use."""

    def __init__(self, index: Path, version: str, *, headers: dict[str, str] | None = None) -> None:
        self.name = version
        self.folder = version_folder(index, version)
        self._headers = headers
        self._sentence_vectors = lru_cache(maxsize=_PASSAGES_KEPT)(self._read_sentence_vectors)

    @cached_property
    def catalog(self) -> Catalog:
        """Documents, passages and sentences."""
        return Catalog(self.folder / "catalog.sqlite")

    @cached_property
    def lexical(self) -> LexicalIndex:
        """The search by words."""
        return LexicalIndex(self.folder / "bm25")

    @cached_property
    def store(self) -> VectorStore:
        """The search by meaning."""
        server, files = _server(self.folder), self.folder / _CHROMA
        if server or not files.is_dir() or os.access(files, os.W_OK):
            return open_store(self.folder, chroma=server, headers=self._headers)
        # Chroma writes to what it reads: a folder that is mounted read-only is read from a copy.
        copied = Path(tempfile.mkdtemp(prefix="chroma-"))
        weakref.finalize(self, shutil.rmtree, copied, ignore_errors=True)
        shutil.copytree(files, copied, dirs_exist_ok=True, copy_function=shutil.copyfile)
        copied.chmod(0o700)  # copytree gave it the mode of the closed folder
        return VectorStore(copied, _collection(self.folder))

    @cached_property
    def compared(self) -> Floats | None:
        """The (passages, dimension) vectors where all are compared; None where Chroma has to search."""
        vectors = self._arrays["vectors"]
        if len(vectors) > EXACT_UP_TO or _server(self.folder):
            return None
        check_files(self.folder / _CHROMA)
        return vectors

    @cached_property
    def weights(self) -> Floats:
        """The inverse document frequency of each word-piece id."""
        return np.asarray(np.load(self.folder / "weights.npy"), dtype=np.float32)

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        names = ("vectors", "tokens", "spans", "pieces")
        # As plain arrays: each slice of a memmap costs several times as much.
        return {name: np.asarray(np.load(self.folder / f"{name}.npy", mmap_mode="r")) for name in names}

    def tokens(self, row: PassageRow) -> Bytes8:
        """The (tokens, dimension) int8 token vectors of a passage, mapped from disk."""
        return self._arrays["tokens"][row.first : row.last]

    def sentence_vectors(self, row: PassageRow) -> Floats:
        """(sentences, dimension) the mean token vector of each sentence of a passage, at unit length."""
        return self._sentence_vectors(row.passage.passage_id)

    def _read_sentence_vectors(self, passage_id: str) -> Floats:
        row = self.catalog.passage(passage_id)
        assert row is not None  # noqa: S101 - rows come from the catalog
        tokens = self.tokens(row).astype(np.float32)
        means = [pooled(tokens[s.first : s.last]) for s in self.catalog.sentences(passage_id)]
        return np.array(means, dtype=np.float32).reshape(len(means), tokens.shape[1])

    def sentence_tokens(self, row: PassageRow, sentence: Sentence) -> StoredTokens | None:
        """The token vectors of a sentence of a passage; None where it ends beyond what the model takes."""
        start = sentence.start - row.passage.start
        spans = self._arrays["spans"][row.first : row.last]
        first, last = overlapping(spans, start, sentence.end - row.passage.start)
        if first == last or any(map(str.isalnum, sentence.text[spans[last - 1, 1] - start :])):
            return None
        return StoredTokens(tokens=self.tokens(row)[first:last], spans=spans[first:last] - np.int32(start))

    def vectors(self, row: PassageRow) -> PassageVectors:
        """Everything that the encoder once gave for a passage."""
        rows = slice(row.first, row.last)
        arrays = self._arrays
        return PassageVectors(
            vector=arrays["vectors"][row.number],
            tokens=arrays["tokens"][rows],
            spans=arrays["spans"][rows],
            pieces=arrays["pieces"][rows, 0],
        )

    def allowed(self, setting: str) -> NDArray[np.bool_]:
        """(passages,) True where the passage's document fits the setting."""
        mask = np.zeros(len(self._arrays["vectors"]), dtype=bool)
        mask[self.catalog.numbers_of(setting)] = True
        return mask

    def close(self) -> None:
        """Close what was opened, and let go of what was mapped.

        Not when this object is collected: it is part of a cycle, so its files, deleted by then, would stay open and
        keep their room on the disk.
        """
        opened = self.__dict__
        for name in ("catalog", "store"):
            if name in opened:
                opened.pop(name).close()
        for name in ("lexical", "compared", "_arrays"):
            opened.pop(name, None)
        self._sentence_vectors.cache_clear()


def open_store(folder: Path, *, chroma: str | None, headers: dict[str, str] | None) -> VectorStore:
    """The vectors of a version: in its own folder, or on the server at ``chroma``."""
    return VectorStore(chroma or folder / _CHROMA, _collection(folder), headers=headers)


def _collection(folder: Path) -> str:
    return f"passages-{folder.name}"


def _server(folder: Path) -> str | None:
    path = folder / _SERVER
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def remove_version(folder: Path, *, headers: dict[str, str] | None) -> None:
    """Delete a version, with its collection where a server holds it.

    Where that server is away, its address stays behind, so that the next build can try again.
    """
    chroma = _server(folder)
    if chroma:
        try:
            store = open_store(folder, chroma=chroma, headers=headers)
            store.drop()
            store.close()
        except UserError:
            for path in folder.iterdir():
                if path.name != _SERVER:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            return
    shutil.rmtree(folder, ignore_errors=True)


def other_versions(index: Path, keep: Sequence[str | None]) -> list[Path]:
    """The version folders that are not to be kept, by name: older ones, and what crashed builds left."""
    folder = index / "versions"
    return sorted(path for path in folder.iterdir() if path.name not in keep) if folder.is_dir() else []
