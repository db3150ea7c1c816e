"""What a text is: files read as documents in one form, cut into passages and sentences that keep every character.

``read_documents`` -> ``split`` -> ``split_sentences``; ``bundled_articles`` is the folder of the articles bundled here.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.documents import Attribution, Document, Passage, Sentence, Source
from corpus.errors import UnreadableFile, UserError
from corpus.files import SourceFile, find_files

if TYPE_CHECKING:
    from corpus.readers import read_document, read_documents
    from corpus.splitting import split, split_sentences

__all__ = [
    "Attribution",
    "Document",
    "Passage",
    "Sentence",
    "Source",
    "SourceFile",
    "UnreadableFile",
    "UserError",
    "bundled_articles",
    "find_files",
    "read_document",
    "read_documents",
    "split",
    "split_sentences",
]

# The readers' libraries are loaded on first use: who only asks questions never needs them.
_LATE = {
    "read_document": "corpus.readers",
    "read_documents": "corpus.readers",
    "split": "corpus.splitting",
    "split_sentences": "corpus.splitting",
}


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)


def bundled_articles() -> Path:
    """The folder of the bundled articles, to be read like any other folder of documents."""
    return Path(__file__).parent / "articles"
