"""The assistant behind the driver of the public development benchmarks: python run.py benchmarks/adapter.py mtrag_cloud."""

import logging
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from assistant import Assistant, Turn, open_assistant
from index import build_index

logging.disable(logging.WARNING)


def build(folder: str, store: str) -> Assistant:
    """Index a folder of text files into an empty store and open it; an index named by CMO_BENCH_INDEX is used again."""
    kept = os.environ.get("CMO_BENCH_INDEX")
    index = Path(kept) / Path(folder).parent.name if kept else Path(store)
    build_index(folder, index=index)
    return open_assistant(index=index, model="extractive")


def ask(handle: Assistant, question: str, history: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """Answer one question in its conversation, in the driver's terms; passages are named by their file."""
    turns = [Turn(role="user" if t["role"] == "user" else "assistant", text=t["content"]) for t in history]
    answer = handle.answer(question, history=turns)
    return {
        "answer": " ".join(statement.text for statement in answer.statements),
        "abstained": answer.status == "refused",
        "clarified": answer.status == "clarify",
        "retrieved": list(dict.fromkeys(hit.passage.doc_id for hit in answer.hits)),
        "citations": list(dict.fromkeys(citation.passage.doc_id for citation in answer.citations)),
        "score": answer.answerability,
        "conflict": bool(answer.conflicts),
        "query": answer.query,
    }


@cache
def _judge() -> Assistant:
    return open_assistant(model="extractive")


def support(evidence: Sequence[str], claim: str) -> float:
    """How far the evidence supports the claim, 0 to 1."""
    return _judge().check(claim, list(evidence)).score
