"""Read the document that a passage or an entry of the index comes from."""

from corpus import Document, UserError
from index import Retriever


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
