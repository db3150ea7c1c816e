"""The Python call: ``ask`` for one answer, ``open_assistant`` for an assistant of one's own."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answering import Assistant
from assistant.answers import Answer, Turn
from assistant.grounding import Gate
from assistant.settings import Settings, chroma_headers, load_settings
from assistant.support import AlignmentJudge, Judge
from assistant.vocabulary import Vocabulary, vocabulary_of
from corpus import UserError, bundled_articles
from index import Retriever, load_manifest
from index.changes import find_changes, splitting_identity
from index.embeddings import DEFAULT_MODEL
from index.encoder import Encoder
from index.locking import BusyError
from index.manifest import rebuild

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Progress = Callable[[str, int, int], None]
PATIENCE = 300.0
"""Seconds that a first question waits for another process that is building the same index."""
_PROBE = "What does a chief medical officer do?"


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
    retriever, vocabulary = _open_index(settings)
    chat = _open_chat(settings, settings.model) if isinstance(model, str | None) else model
    return Assistant(
        retriever=retriever,
        vocabulary=vocabulary,
        gate=Gate(retriever=retriever, judge=open_judge(settings, retriever)),
        model=settings.model,
        chat=chat,
        passages=settings.passages,
        fallback=settings.fallback,
        timeout=settings.timeout,
    )


def with_model(assistant: Assistant, model: str, settings: Settings) -> Assistant:
    """The same assistant with another model writing its answers, given by name; UserError where it can't be opened."""
    return replace(assistant, model=model, chat=_open_chat(settings, model))


def _open_chat(settings: Settings, model: str) -> "BaseChatModel | None":
    if model == "extractive":
        return None
    from assistant.chat import open_chat

    return open_chat(model, base_url=settings.base_url, timeout=settings.timeout)


def _open_index(settings: Settings) -> tuple[Retriever, Vocabulary]:
    """The index, every part of which has been read from once: damage is told now, and in words."""
    retriever = Retriever.open(settings.index_folder, embeddings=open_encoder(settings), headers=chroma_headers())
    try:
        vocabulary = vocabulary_of(retriever)
        retriever.search(_PROBE, k=1)
    except UserError:
        retriever.close()
        raise
    except Exception as error:
        from assistant.mending import MEND
        from index.damage import damage

        retriever.close()
        index, manifest = settings.index_folder.absolute(), retriever.manifest
        if fault := damage(index, manifest, headers=chroma_headers()):
            step = rebuild(index, manifest.corpus) if settings.index else MEND
            raise UserError(f"the index is damaged ({fault}). Run: {step}") from error
        raise
    return retriever, vocabulary


def ensure_bundled_index(settings: Settings, *, progress: Progress | None = None, patience: float = PATIENCE) -> None:
    """Bring the index of the bundled corpus up to date; where it is, nothing is written and no lock is taken.

    Raises:
        UserError: the folder cannot be written, or another process is at it for more than ``patience`` seconds.

    """
    index, until = settings.index_folder.absolute(), time.monotonic() + patience
    while not _up_to_date(settings, index):
        from index import build_index

        _check_writable(index)
        try:
            build_index(
                bundled_articles(),
                index=index,
                embeddings=open_encoder(settings),
                chroma=settings.chroma or None,
                headers=chroma_headers(),
                progress=progress,
            )
        except BusyError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def _up_to_date(settings: Settings, index: Path) -> bool:
    try:
        manifest = load_manifest(index)
    except UserError:
        return False
    same = (manifest.model.name, manifest.splitting, manifest.chroma or "")
    asked = (open_encoder(settings).name, splitting_identity(), settings.chroma)
    return same == asked and find_changes(bundled_articles(), manifest, leave_out=index).none


def _check_writable(index: Path) -> None:
    try:
        index.mkdir(parents=True, exist_ok=True)
        problem = "" if os.access(index, os.W_OK) else "it is read-only"
    except OSError as error:
        problem = error.strerror or str(error)
    if problem:
        raise UserError(
            f"the index of the bundled articles cannot be written to {index} ({problem}). "
            "Set CMO_CACHE to a folder that can be written."
        )


def open_judge(settings: Settings, retriever: Retriever) -> Judge:
    """The judge that the settings name: the shipped one, or a cross-encoder in its place."""
    if settings.judge:
        from assistant.crossencoder import open_cross_encoder

        return open_cross_encoder(settings.judge)
    return AlignmentJudge(encoder=open_encoder(settings), idf=retriever.idf)


@cache
def _opened_encoder(name: str, cache_folder: Path) -> Encoder:
    """One encoder for each model in a process: it holds the model's weights."""
    return Encoder(DEFAULT_MODEL if name == "minilm" else name, cache=cache_folder)


def open_encoder(settings: Settings) -> Encoder:
    """The embedding model that the settings name; loaded when it is first used."""
    return _opened_encoder(settings.embeddings, settings.cache_folder)
