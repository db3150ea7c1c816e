"""Read the document that a passage or an entry of the index comes from, and what a folder of documents covers."""

import re
from collections.abc import Sequence

from assistant.answers import Topic
from corpus import Document, UserError
from index import DocumentEntry, Retriever

_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")


def document_of(retriever: Retriever, doc_id: str) -> Document:
    """The whole document of that id.

    Raises:
        UserError: the index holds no document of that id.

    """
    document = retriever.document(doc_id)
    if document is None:
        raise UserError(
            f"the index holds no document {doc_id!r}; it may have been removed since. Ask the question again."
        )
    return document


def topic_of(name: str, entries: Sequence[DocumentEntry], retriever: Retriever) -> Topic:
    """What the documents of one folder cover; reads each of them, for the publications behind its facts."""
    documents = [document_of(retriever, entry.doc_id) for entry in entries]
    sources = {source for document in documents for a in document.attributions for source in a.sources}
    dated = sources or documents
    years = sorted(year[0] for each in dated if each.date and (year := _YEAR.search(each.date)))  # some say "c.2013"
    return Topic(
        name=name,
        documents=len(entries),
        passages=sum(entry.passages for entry in entries),
        sources=len(sources),
        published=(years[0], years[-1]) if years else None,
        titles=tuple(entry.title for entry in entries),
        questions=tuple(q for entry in entries for q in entry.questions),
    )
