"""The Python call: ``ask`` for one answer, ``open_assistant`` for an assistant of one's own."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answering import Assistant
from assistant.answers import Answer, Turn
from assistant.grounding import Gate
from assistant.reading import document_of
from assistant.settings import Settings, load_settings
from assistant.vocabulary import Vocabulary
from corpus import bundled_articles
from index import Retriever, build_index
from index.embeddings import DEFAULT_MODEL
from index.encoder import Encoder

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Progress = Callable[[str, int, int], None]


def ask(question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Answer:
    """Answer a question from the bundled corpus, whose index is built on first use.

    The environment and a settings file are heeded (``CMO_MODEL`` and others); see ``Assistant.answer``.
    """
    return _default_assistant().answer(question, history=history, setting=setting)


@cache
def _default_assistant() -> Assistant:
    return open_assistant()


def open_assistant(
    *,
    index: str | Path | None = None,
    model: "str | BaseChatModel | None" = None,
    progress: Progress | None = None,
    **arguments: str | float | bool | None,
) -> Assistant:
    """Open an assistant over an index.

    Args:
        index: the folder of an index that ``build_index`` made; None for the bundled corpus, which is brought up to
            date first.
        model: "extractive", "provider:name", or a LangChain chat model.
        progress: called with (stage, done, total) while the bundled corpus is indexed.
        arguments: any other of ``assistant.settings.Settings``.

    Raises:
        UserError: the index is missing, damaged or of another model; or the chat model cannot be opened.

    """
    name = model if isinstance(model, str) or model is None else f"{type(model).__name__}"
    settings = load_settings({"index": str(index) if index is not None else None, "model": name, **arguments})
    if not settings.index:
        ensure_bundled_index(settings, progress=progress)
    encoder = open_encoder(settings)
    retriever = Retriever.open(settings.index_folder, embeddings=encoder)
    chat = None
    if model is not None and not isinstance(model, str):
        chat = model
    elif settings.model != "extractive":
        from assistant.chat import open_chat

        chat = open_chat(settings.model, base_url=settings.base_url, timeout=settings.timeout)
    return Assistant(
        retriever=retriever,
        vocabulary=Vocabulary(words=retriever.vocabulary, acronyms=_acronyms(retriever)),
        gate=Gate(retriever=retriever, encoder=encoder, idf=retriever.idf),
        model=settings.model,
        chat=chat,
        passages=settings.passages,
        fallback=settings.fallback,
    )


def ensure_bundled_index(settings: Settings, *, progress: Progress | None = None) -> None:
    """Bring the index of the bundled corpus up to date; under a second when it is."""
    build_index(
        bundled_articles(),
        index=settings.index_folder,
        embeddings=open_encoder(settings),
        chroma=settings.chroma or None,
        progress=progress,
    )


@cache
def _opened_encoder(name: str, cache_folder: Path) -> Encoder:
    """One encoder for each model in a process: it holds the model's weights."""
    return Encoder(DEFAULT_MODEL if name == "minilm" else name, cache=cache_folder)


def open_encoder(settings: Settings) -> Encoder:
    """The embedding model that the settings name; loaded when it is first used."""
    return _opened_encoder(settings.embeddings, settings.cache_folder)


def _acronyms(retriever: Retriever) -> dict[str, str]:
    from corpus.acronyms import learn_acronyms

    found: dict[str, str] = {}
    for entry in retriever.documents():
        found = learn_acronyms(document_of(retriever, entry.doc_id).text) | found
    return found
