"""Open what is evaluated: the assistant over an index, its documents, and the judge of its citations."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.documents import Document
from eval.stamp import Stamp, digest, stamp_of
from eval.tracing import Judge, Subject

if TYPE_CHECKING:
    from assistant.support import Judge as SupportJudge

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user asked to evaluate: an index or a folder of documents (None: the bundled corpus), and models."""

    index: Path | None = None
    corpus: Path | None = None
    work: Path = Path("var/eval")  # where the index of ``corpus`` is kept
    model: str = "extractive"
    judge: str | None = None  # "provider:name" of a chat model; None for the assistant's own check


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is evaluated, the documents that it answers from, the judge of its citations, and their stamp."""

    subject: Subject
    documents: Iterable[Document]
    judge: Judge
    stamp: Stamp


def open_wanted(wanted: Wanted, *, progress: Progress) -> Opened:
    """Open the assistant that was asked for; an index of the corpus is built or brought up to date where need be.

    Raises:
        UserError: there is no such index, folder or model.

    """
    from assistant import open_assistant
    from index import build_index

    index = wanted.index
    if wanted.corpus is not None:
        index = wanted.work / "index"
        build_index(wanted.corpus, index=index, progress=progress)
    assistant = open_assistant(index=index, model=wanted.model, progress=progress)
    judge, name = open_judge(wanted.judge, own=assistant.gate.judge)
    return Opened(
        subject=assistant,
        documents=(assistant.document(entry.doc_id) for entry in assistant.retriever.documents()),
        judge=judge,
        stamp=stamp_of(assistant, judge=name),
    )


def open_judge(wanted: str | None, *, own: "SupportJudge") -> tuple[Judge, str]:
    """The judge of citations with the name that it is stamped with; ``own`` is the assistant's."""
    if wanted is None:
        from assistant.crossencoder import CrossEncoderJudge

        return own.check, f"own check by {own.name}" if isinstance(own, CrossEncoderJudge) else "own check"
    from assistant.chat import open_chat
    from eval.chat_judge import PROMPT, ChatJudge

    return ChatJudge(open_chat(wanted)), f"{wanted}, prompt {digest([PROMPT])}"
