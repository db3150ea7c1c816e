"""Open what a mark or a hit of the conversation points to: the passage, or the whole document around it."""

from collections.abc import Sequence

from assistant.answers import Citation, Statement
from corpus.documents import Document
from corpus.errors import UserError
from ui.answering import Answering
from ui.conversation import Conversation
from ui.panel import citation_html, document_view_html, hit_html, missing_html
from ui.rendering import all_statements

GONE = "This conversation no longer holds that passage. Ask again to open it."
_CHANGED = "The document has changed since this answer, so the quote can’t be shown in it."


def opened(reader: Answering, address: str, conversation: Conversation, *, whole: bool, remarks: bool) -> str:
    """The panel's HTML for a mark ("EXCHANGE-STATEMENT-MARKER") or a hit ("EXCHANGE-RANK"), or why there is none.

    ``whole`` asks for the document in place of the passage; ``remarks`` lets the reader say that evidence is wrong.
    """
    try:
        numbers = [int(part) for part in address.split("-")]
        if len(numbers) == 3:
            return _citation(reader, *cited(numbers, conversation), address, whole=whole, remarks=remarks)
        return _hit(reader, numbers, conversation, address, whole=whole)
    except (ValueError, IndexError, StopIteration):
        return missing_html(GONE)
    except UserError as error:
        return missing_html(str(error))


def cited(numbers: Sequence[int], conversation: Conversation) -> tuple[Statement, Citation]:
    """The statement and the citation of a mark; IndexError or StopIteration where the conversation has none such."""
    answer = conversation[numbers[0]].answer
    if answer is None:
        raise IndexError(numbers[0])
    statement = all_statements(answer)[numbers[1]]
    return statement, next(c for c in statement.citations if c.marker == numbers[2])


def _citation(
    reader: Answering, statement: Statement, citation: Citation, address: str, *, whole: bool, remarks: bool
) -> str:
    if not whole:
        return citation_html(citation, statement, address, remarks=remarks)
    document = _document(reader, citation.passage.doc_id)
    if document.text[citation.start : citation.end] != citation.quote:
        return missing_html(_CHANGED)
    return document_view_html(document, citation.start, citation.end, address)


def _hit(reader: Answering, numbers: Sequence[int], conversation: Conversation, address: str, *, whole: bool) -> str:
    exchange = conversation[numbers[0]]
    hits = exchange.hits or (exchange.answer.hits if exchange.answer else ())
    hit = next(h for h in hits if h.rank == numbers[1])
    document = _document(reader, hit.passage.doc_id)
    if whole:
        return document_view_html(document, hit.passage.start, hit.passage.end, address)
    return hit_html(hit, document, address)


def _document(reader: Answering, doc_id: str) -> Document:
    try:
        return reader.document(doc_id)
    except KeyError:
        raise UserError(f"{doc_id} is no longer among the documents.") from None
