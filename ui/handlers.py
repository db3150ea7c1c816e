"""What happens on each event of the page: values in, values for the components out, no layout.

A handler keeps nothing: the conversation comes in as the session's state and goes out as a new one.
"""

import html
import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from assistant.answers import Turn
from corpus.errors import UserError
from ui.answering import Answering
from ui.conversation import Conversation, Exchange, from_stored, history_of, to_stored
from ui.export import conversation_to_json, conversation_to_markdown
from ui.extras import Choices, Extras
from ui.feedback import Opinion, Remark
from ui.opening import GONE, cited, opened
from ui.preview import previews_html
from ui.rendering import exchange_html, question_html
from ui.words import ANY_SETTING, count_words

logger = logging.getLogger(__name__)

Message = dict[str, Any]

STOPPED = "You stopped this before the answer was ready."
BROKEN = "Something went wrong while answering. The server’s log has the details; the question can be asked again."
THANKS: Final = "Thank you. Your feedback is kept on this server."
NOBODY: Final = Choices()


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows after a step: the conversation, whether work goes on, and what to announce."""

    conversation: Conversation
    working: bool
    announcement: str  # inert HTML


class Handlers:
    """The page's events, for one assistant and what is offered beside it."""

    def __init__(self, assistant: Answering, extras: Extras | None = None) -> None:
        self._assistant = assistant
        self._extras = extras or Extras()

    def ask(
        self,
        question: str,
        conversation: Conversation,
        setting: str,
        search_only: bool,
        choices: Choices = NOBODY,
    ) -> Iterator[View]:
        """Ask or search; yields a view for every stage, the last one with what came back."""
        asked = Exchange(
            question=question.strip(),
            setting=None if setting == ANY_SETTING else setting,
            search_only=search_only,
            answer=None,
            hits=(),
            note="",
        )
        for exchange, finished in self._progress(asked, history_of(conversation), choices):
            yield View((*conversation, exchange), not finished, announcement(exchange) if finished else "")

    def _progress(
        self, asked: Exchange, history: tuple[Turn, ...], choices: Choices
    ) -> Iterator[tuple[Exchange, bool]]:
        """The exchange as it fills, and whether it is finished."""
        yield (replace(asked, search_only=False), False)
        try:
            reader = self._extras.reader(self._assistant, choices)
            if asked.search_only:
                hits = reader.search(asked.question, k=10, setting=asked.setting)
                yield (replace(asked, hits=tuple(hits)), True)
                return
            for answer in reader.stream(asked.question, history=history, setting=asked.setting):
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

    def again(self, number: int, conversation: Conversation, choices: Choices = NOBODY) -> Iterator[View]:
        """Ask a question of the conversation once more: the newest in its place, an older one at the end."""
        exchange = conversation[number]
        before = conversation[:-1] if number == len(conversation) - 1 else conversation
        yield from self.ask(exchange.question, before, exchange.setting or ANY_SETTING, exchange.search_only, choices)

    def panel(self, action: str, ref: str, conversation: Conversation, choices: Choices = NOBODY) -> str:
        """The panel's HTML for a mark ("EXCHANGE-STATEMENT-MARKER") or a hit ("EXCHANGE-RANK")."""
        reader = self._extras.reader(self._assistant, replace(choices, only_own=False))
        remarks = self._extras.feedback is not None
        return opened(reader, ref, conversation, whole=action == "document", remarks=remarks)

    def opine(self, opinion: Opinion, ref: str, comment: str, conversation: Conversation) -> str:
        """Keep what a reader thought of an answer ("EXCHANGE") or of a mark's evidence; returns what to tell them."""
        feedback = self._extras.feedback
        if feedback is None:
            return "This server keeps no feedback."
        try:
            numbers = [int(part) for part in ref.split("-")]
            exchange = conversation[numbers[0]]
            evidence = cited(numbers, conversation) if len(numbers) == 3 else None
        except (ValueError, IndexError, StopIteration):
            return GONE
        if exchange.answer is None:
            return GONE
        remark = Remark(
            opinion=opinion,
            question=exchange.question,
            setting=exchange.setting,
            history=history_of(conversation[: numbers[0]]),
            answer=exchange.answer,
            statement=evidence[0].text if evidence else "",
            passage_id=evidence[1].passage.passage_id if evidence else "",
            quote=evidence[1].quote if evidence else "",
            comment=comment.strip(),
        )
        try:
            feedback.keep(remark)
        except (OSError, sqlite3.Error):
            logger.exception("feedback was not kept")
            return "Your feedback could not be saved on the server. Its log has the details."
        return THANKS


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


def messages(conversation: Conversation, *, working: bool, remarks: bool = False) -> list[Message]:
    """The conversation as the chat's messages; follow-ups hang on the last answer, ``remarks`` asks what one thinks."""
    shown: list[Message] = []
    for number, exchange in enumerate(conversation):
        shown.append({"role": "user", "content": question_html(exchange, number)})
        content = exchange_html(exchange, number, remarks=remarks) + previews_html(exchange.answer, number)
        shown.append({"role": "assistant", "content": content})
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
