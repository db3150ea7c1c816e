"""Chat models as guests: opened by name, asked for a draft, their marks read as hints; the gate decides the rest."""

import re
import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from assistant.answers import Turn
from assistant.composing import DraftStatement, Quote
from assistant.prompts import NO_ANSWER, answer_messages
from assistant.questions import readable
from assistant.secrets import without_secrets
from assistant.terms import terms, words
from corpus import UserError
from corpus.sentences import sentence_spans
from index import Hit, Retriever

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

EXTRAS = {"openai": "openai", "anthropic": "anthropic", "google_genai": "google", "ollama": "ollama"}
KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "google_genai": "GOOGLE_API_KEY"}
LONGEST_DRAFT = 20_000  # characters of a model's answer that are read
MOST_STATEMENTS = 40  # of a draft; a model that runs on is not checked to its end
_NUMBERS = r"\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*"
_MARK = re.compile(
    rf"\s*(?:[\[【［]{_NUMBERS}[\]】］]|[\[【［(](?:(?:passages?|sources?|no\.)\s|\^){_NUMBERS}[\]】］)])", re.I
)
_MARKS = re.compile(rf"(?:{_MARK.pattern})+\s*", re.I)
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")


class ChatFailedError(UserError):
    """A chat model gave no draft: it could not be reached, refused the key, or ran out of time."""


def open_chat(name: str, *, base_url: str = "", timeout: float = 60.0) -> "BaseChatModel":
    """Open "provider:model" by LangChain's ``init_chat_model``; keys come from the environment alone.

    Raises:
        UserError: the name has no provider, or the provider's package or key is missing.

    """
    provider, _, model = name.partition(":")
    if not model:
        raise UserError(
            f'model {name!r} has no provider. Write "extractive", or "provider:name" such as "ollama:llama3".'
        )
    from langchain.chat_models import init_chat_model

    options: dict[str, object] = {"timeout": timeout, "max_retries": 2, "temperature": 0}
    if provider == "ollama":
        options = {"temperature": 0, "client_kwargs": {"timeout": timeout}}
    if base_url:
        options["base_url"] = base_url
    try:
        return init_chat_model(model, model_provider=provider, **options)  # type: ignore[no-any-return, call-overload]
    except ImportError as error:
        extra = EXTRAS.get(provider)
        step = f"pip install 'cmo-assistant[{extra}]'" if extra else f"install LangChain's package for {provider}"
        raise UserError(f"the package for {provider!r} models is not installed. Run: {step}") from error
    except ValueError as error:
        reason = _first_line(error).partition(" Supported")[0].rstrip(".:")
        raise UserError(
            f'model {name!r} cannot be opened: {reason}. Write "extractive" or "provider:name" with one of the '
            f"providers {', '.join(EXTRAS)}."
        ) from error
    except Exception as error:  # a provider's own errors have no common parent
        raise UserError(
            f"model {name!r} cannot be opened: {_first_line(error)} Is its key set in the environment?"
        ) from error


def draft_by_chat(
    model: "BaseChatModel",
    question: str,
    hits: Sequence[Hit],
    history: Sequence[Turn],
    retriever: Retriever,
    *,
    name: str,
    timeout: float = 60.0,
) -> list[DraftStatement] | None:
    """A draft by a chat model; None when the model says that the passages hold no answer.

    Raises:
        ChatFailedError: the model raised something, wrote nothing, or took more than ``timeout`` seconds; one line that
            names the model, as ``name`` has it, and what to do.

    """
    reply, error = _within(timeout, lambda: str(model.invoke(answer_messages(question, hits, history)).text))
    if error is not None:
        told = f"the chat model {name} failed: {type(error).__name__}: {_first_line(error).rstrip('.')}."
        raise ChatFailedError(f"{told} {next_step(name, error)}") from error
    if reply is None:
        raise ChatFailedError(
            f"the chat model {name} gave no answer within {timeout:g} seconds. {next_step(name, TimeoutError())}"
        )
    draft = read_draft(_THOUGHT.sub("", reply[:LONGEST_DRAFT]), hits, retriever)
    if draft == []:
        raise ChatFailedError(
            f"the chat model {name} wrote nothing that can be read. Ask again, or set another model (CMO_MODEL)."
        )
    return draft


def next_step(name: str, error: Exception) -> str:
    """What to do about an error of the model ``name``, by the HTTP status that it carries or by what kind it is."""
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    kind = " ".join(each.__name__ for each in type(error).__mro__)
    provider = name.partition(":")[0]
    if status in {401, 403} or "Authentication" in kind:
        key = KEYS.get(provider, "its key")
        return f"Set {key} in the environment to a key that {provider} accepts."
    if status == 404:
        return f"Does {provider} have a model of that name, and is base_url its address (CMO_BASE_URL)?"
    if status == 429:
        return "Its limit is reached: wait, or set another model (CMO_MODEL)."
    if "Timeout" in kind:
        return "Give it more time (CMO_TIMEOUT), or set another model (CMO_MODEL)."
    if "Connect" in kind:
        return "Is it running, and does base_url name it (CMO_BASE_URL)?"
    return "Ask again, or set another model (CMO_MODEL)."


def _within(seconds: float, call: Callable[[], str]) -> tuple[str | None, Exception | None]:
    """What a call gave or raised, (None, None) where it takes longer; it is then left to end by itself.

    A guest may ignore the time limit that its provider was given, so the wait is ours. The caller's context goes
    along: LangChain keeps its callbacks there.
    """
    outcome: SimpleQueue[tuple[str | None, Exception | None]] = SimpleQueue()
    context = copy_context()

    def run() -> None:
        try:
            outcome.put((context.run(call), None))
        except Exception as error:  # handed to the thread that waits
            outcome.put((None, error))

    threading.Thread(target=run, name="chat-model", daemon=True).start()
    try:
        return outcome.get(timeout=seconds)
    except Empty:
        return None, None


def read_draft(text: str, hits: Sequence[Hit], retriever: Retriever) -> list[DraftStatement] | None:
    """Split a model's answer into statements; each is given the sentences of the passages that it cites as quotes.

    A mark that names no passage is no citation. None when the model wrote only that the passages do not say.
    """
    draft: list[DraftStatement] = []
    for line in text.splitlines():
        item = bool(_BULLET.match(line))
        body = readable(_BULLET.sub("", line).strip().lstrip("#").replace("**", ""))
        for start, end in _with_marks(body):
            sentence = body[start:end]
            cited = [int(n) for mark in _MARK.finditer(sentence) for n in re.findall(r"\d+", mark[0])]
            plain = _MARK.sub("", sentence).strip()
            if not terms(plain) or _says_nothing(plain):
                continue
            lead = plain.endswith(":") and not item
            draft.append(
                DraftStatement(
                    text=plain,
                    quotes=_quotes(cited, hits, retriever),
                    layout="item" if item else "lead" if lead else "prose",
                )
            )
    return draft[:MOST_STATEMENTS] if draft or not _says_nothing(text) else None


def _says_nothing(text: str) -> bool:
    return NO_ANSWER.lower().rstrip(".") in text.lower()


def _with_marks(body: str) -> list[tuple[int, int]]:
    """The sentences of a line; a mark that follows the full stop belongs to the sentence before it."""
    spans: list[tuple[int, int]] = []
    for start, end in sentence_spans(body):
        if spans and not words(_MARK.sub("", body[start:end])):
            spans[-1] = (spans[-1][0], end)
        elif spans and (leading := _MARKS.match(body[start:end])):
            spans[-1] = (spans[-1][0], start + leading.end())
            spans.append((start + leading.end(), end))
        else:
            spans.append((start, end))
    return spans


def _quotes(cited: Sequence[int], hits: Sequence[Hit], retriever: Retriever) -> tuple[Quote, ...]:
    return tuple(
        Quote(passage=row.passage, sentence=row.sentence)
        for number in dict.fromkeys(cited)
        if 1 <= number <= len(hits)
        for row in retriever.sentences(hits[number - 1])
        if row.sentence.kind != "heading"
    )


def _first_line(error: BaseException) -> str:
    return without_secrets((str(error).strip().splitlines() or [type(error).__name__])[0])[:300]
