"""What happens on each event of the page: values in, values for the components out, no layout.

A handler keeps nothing: the conversation comes in as the session's state and goes out as a new one.
"""

import html
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from assistant.answers import Answer, Topic, Turn
from corpus.documents import Document
from corpus.errors import UserError
from index.hits import Hit
from ui.conversation import Exchange, from_stored, history_of, to_stored
from ui.export import conversation_to_json, conversation_to_markdown
from ui.panel import citation_html, document_view_html, hit_html, missing_html
from ui.rendering import all_statements, exchange_html, question_html
from ui.words import ANY_SETTING, count_words

logger = logging.getLogger(__name__)

Conversation = tuple[Exchange, ...]
Message = dict[str, Any]

STOPPED = "You stopped this before the answer was ready."
BROKEN = "Something went wrong while answering. The server’s log has the details; the question can be asked again."
GONE = "This conversation no longer holds that passage. Ask again to open it."


class Answering(Protocol):
    """What the page needs of an assistant."""

    @property
    def model(self) -> str:
        """The model's name."""

    @property
    def index_version(self) -> str:
        """The version of the index that answers come from."""

    def answer(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Answer:
        """The finished answer."""

    def stream(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Iterator[Answer]:
        """Snapshots of the answer, the last one finished."""

    def search(self, query: str, *, k: int = 10, setting: str | None = None) -> list[Hit]:
        """Passages, best first."""

    def document(self, doc_id: str) -> Document:
        """A document by its id."""

    def topics(self) -> tuple[Topic, ...]:
        """What the documents cover."""


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows after a step: the conversation, whether work goes on, and what to announce."""

    conversation: Conversation
    working: bool
    announcement: str  # inert HTML


class Handlers:
    """The page's events, for one assistant."""

    def __init__(self, assistant: Answering) -> None:
        self._assistant = assistant

    def ask(self, question: str, conversation: Conversation, setting: str, search_only: bool) -> Iterator[View]:
        """Ask or search; yields a view for every stage, the last one with what came back."""
        asked = Exchange(
            question=question.strip(),
            setting=None if setting == ANY_SETTING else setting,
            search_only=search_only,
            answer=None,
            hits=(),
            note="",
        )
        for exchange, finished in self._progress(asked, history_of(conversation)):
            yield View((*conversation, exchange), not finished, announcement(exchange) if finished else "")

    def _progress(self, asked: Exchange, history: tuple[Turn, ...]) -> Iterator[tuple[Exchange, bool]]:
        """The exchange as it fills, and whether it is finished."""
        yield (replace(asked, search_only=False), False)
        try:
            if asked.search_only:
                hits = self._assistant.search(asked.question, k=10, setting=asked.setting)
                yield (replace(asked, hits=tuple(hits)), True)
                return
            for answer in self._assistant.stream(asked.question, history=history, setting=asked.setting):
                yield (replace(asked, answer=answer), answer.status != "working")
        except UserError as error:
            yield (replace(asked, note=str(error)), True)
        except Exception:
            logger.exception("no answer to %r", asked.question)
            yield (replace(asked, note=BROKEN), True)

    def stop(self, conversation: Conversation) -> View:
        """The conversation after the person pressed stop: the unfinished exchange says so."""
        if conversation and unfinished(conversation[-1]):
            last = replace(conversation[-1], answer=None, note=STOPPED)
            conversation = (*conversation[:-1], last)
        return View(conversation, False, "Stopped")

    def panel(self, action: str, ref: str, conversation: Conversation) -> str:
        """The panel's HTML for a mark ("EXCHANGE-STATEMENT-MARKER") or a hit ("EXCHANGE-RANK")."""
        try:
            numbers = [int(part) for part in ref.split("-")]
            if len(numbers) == 3:
                return self._citation(numbers, whole=action == "document", address=ref, exchanges=conversation)
            return self._hit(numbers, whole=action == "document", address=ref, exchanges=conversation)
        except (ValueError, IndexError, StopIteration):
            return missing_html(GONE)
        except UserError as error:
            return missing_html(str(error))

    def _citation(self, numbers: list[int], *, whole: bool, address: str, exchanges: Conversation) -> str:
        answer = exchanges[numbers[0]].answer
        if answer is None:
            raise IndexError(address)
        statement = all_statements(answer)[numbers[1]]
        citation = next(c for c in statement.citations if c.marker == numbers[2])
        if whole:
            document = self._document(citation.passage.doc_id)
            if document.text[citation.start : citation.end] != citation.quote:
                return missing_html("The document has changed since this answer, so the quote can’t be shown in it.")
            return document_view_html(document, citation.start, citation.end, address)
        return citation_html(citation, statement, address)

    def _hit(self, numbers: list[int], *, whole: bool, address: str, exchanges: Conversation) -> str:
        exchange = exchanges[numbers[0]]
        hits = exchange.hits or (exchange.answer.hits if exchange.answer else ())
        hit = next(h for h in hits if h.rank == numbers[1])
        document = self._document(hit.passage.doc_id)
        if whole:
            return document_view_html(document, hit.passage.start, hit.passage.end, address)
        return hit_html(hit, document, address)

    def _document(self, doc_id: str) -> Document:
        try:
            return self._assistant.document(doc_id)
        except KeyError:
            raise UserError(f"{doc_id} is no longer among the documents.") from None


def unfinished(exchange: Exchange) -> bool:
    """Whether work on the exchange was still going on."""
    nothing = exchange.answer is None and not exchange.note and not exchange.search_only
    return nothing or (exchange.answer is not None and exchange.answer.status == "working")


def announcement(exchange: Exchange) -> str:
    """One line, as inert HTML, for those who hear the page."""
    answer = exchange.answer
    if exchange.note:
        words = exchange.note
    elif answer is None:
        words = f"{count_words(len(exchange.hits), 'passage')} found."
    elif answer.status == "answered":
        sentences = count_words(len(answer.statements), "sentence")
        words = f"Answer ready: {sentences}, {count_words(len(answer.citations), 'source')}."
    else:
        words = "No answer in the documents." if answer.status == "refused" else "A question back."
    return html.escape(words)


def messages(conversation: Conversation, *, working: bool) -> list[Message]:
    """The conversation as the chat's messages; follow-ups hang on the last answer."""
    shown: list[Message] = []
    for number, exchange in enumerate(conversation):
        shown.append({"role": "user", "content": question_html(exchange, number)})
        shown.append({"role": "assistant", "content": exchange_html(exchange, number)})
    if shown and not working and conversation[-1].answer is not None:
        suggestions = conversation[-1].answer.suggestions
        shown[-1]["options"] = [{"label": question, "value": question} for question in suggestions]
    return shown


def export(conversation: Conversation, form: str) -> dict[str, str]:
    """A file for the browser to save: its name, type and text."""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    if form == "json":
        text, kind = conversation_to_json(conversation), "application/json"
    else:
        text, kind = conversation_to_markdown(conversation), "text/markdown"
    return {"name": f"cmo-assistant-{day}.{'json' if form == 'json' else 'md'}", "type": kind, "text": text}


def store(conversation: Conversation) -> list[dict[str, Any]]:
    """The conversation for the browser's storage."""
    return to_stored([exchange for exchange in conversation if not unfinished(exchange)])


def restore(stored: object) -> View:
    """The conversation that this browser held, as far as it is one."""
    return View(from_stored(stored), False, "")
