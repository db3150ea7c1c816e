"""Chat models as guests: opened by name, asked for a draft, their marks read as hints; the gate decides the rest."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.answers import Turn
from assistant.composing import DraftStatement, Quote
from assistant.prompts import NO_ANSWER, answer_messages
from assistant.terms import terms
from corpus import UserError
from corpus.sentences import sentence_spans
from index import Hit, Retriever

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

EXTRAS = {"openai": "openai", "anthropic": "anthropic", "google_genai": "google", "ollama": "ollama"}
LONGEST_DRAFT = 20_000  # characters of a model's answer that are read
_MARK = re.compile(r"\s*[\[【](\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)[\]】]")
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
        raise UserError(f"model {name!r} cannot be opened: {_first_line(error)}") from error
    except Exception as error:  # a provider's own errors have no common parent
        raise UserError(
            f"model {name!r} cannot be opened: {_first_line(error)} Is its key set in the environment?"
        ) from error


def draft_by_chat(
    model: "BaseChatModel", question: str, hits: Sequence[Hit], history: Sequence[Turn], retriever: Retriever
) -> list[DraftStatement] | None:
    """A draft by a chat model; None when the model says that the passages hold no answer.

    Raises:
        ChatFailedError: whatever the provider raised, in one line that names it.

    """
    try:
        reply = model.invoke(answer_messages(question, hits, history))
        text = str(reply.text)[:LONGEST_DRAFT]
    except Exception as error:
        raise ChatFailedError(
            f"the chat model {type(model).__name__} failed: {type(error).__name__}: {_first_line(error)}"
        ) from error
    return read_draft(text, hits, retriever)


def read_draft(text: str, hits: Sequence[Hit], retriever: Retriever) -> list[DraftStatement] | None:
    """Split a model's answer into statements; each is given the sentences of the passages that it cites as quotes.

    A mark that names no passage is no citation. None when the model wrote that the passages do not say.
    """
    if not text.strip() or NO_ANSWER.lower().rstrip(".") in text.lower():
        return None if text.strip() else []
    draft: list[DraftStatement] = []
    for line in text.splitlines():
        item = bool(_BULLET.match(line))
        body = _BULLET.sub("", line).strip().lstrip("#").replace("**", "").strip()
        for start, end in _with_marks(body):
            sentence = body[start:end]
            cited = [int(n) for group in _MARK.findall(sentence) for n in re.findall(r"\d+", group)]
            plain = _MARK.sub("", sentence).strip()
            if not terms(plain):
                continue
            lead = plain.endswith(":") and not item
            draft.append(
                DraftStatement(
                    text=plain,
                    quotes=_quotes(cited, hits, retriever),
                    layout="item" if item else "lead" if lead else "prose",
                )
            )
    return draft


def _with_marks(body: str) -> list[tuple[int, int]]:
    """The sentences of a line; a mark that follows the full stop belongs to the sentence before it."""
    spans: list[tuple[int, int]] = []
    for start, end in sentence_spans(body):
        if spans and not terms(_MARK.sub("", body[start:end])):
            spans[-1] = (spans[-1][0], end)
        elif spans and (leading := re.match(_MARK.pattern + r"(?:" + _MARK.pattern + r")*\s*", body[start:end])):
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
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
