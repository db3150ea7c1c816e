"""What a text is: files read as documents in one form, cut into passages and sentences that keep every character.

``read_documents`` -> ``split`` -> ``split_sentences``; ``bundled_articles`` is the folder of the articles bundled here.
"""

from pathlib import Path

from corpus.documents import Attribution, Document, Passage, Sentence, Source
from corpus.errors import UnreadableFile, UserError
from corpus.files import SourceFile, find_files
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


def bundled_articles() -> Path:
    """The folder of the bundled articles, to be read like any other folder of documents."""
    return Path(__file__).parent / "articles"
