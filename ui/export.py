"""A conversation as a file: Markdown to read, JSON for programs, both with every citation.

The Markdown is inert too: what people and documents wrote is escaped, so that a viewer shows it and nothing more.
"""

import json
import re
from collections.abc import Sequence

from assistant.answers import Answer, Citation
from ui.conversation import Exchange
from ui.markup import safe_url
from ui.words import setting_words

_SPECIAL = re.compile(r"([\\`*_\[\]~|$#])")


def plain(text: str) -> str:
    """Text as one line of Markdown that shows these very characters."""
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", line)


def conversation_to_markdown(exchanges: Sequence[Exchange]) -> str:
    """The whole conversation: questions as headings, answers with numbered sources."""
    parts = ["# Conversation with the CMO assistant"]
    for exchange in exchanges:
        parts.append(f"## {plain(exchange.question)}")
        if exchange.setting:
            parts.append(f"Setting: {plain(setting_words((exchange.setting,)))}")
        if exchange.note:
            parts.append(plain(exchange.note))
        elif exchange.search_only:
            parts.extend(_hits(exchange))
        elif exchange.answer is not None:
            parts.append(answer_to_markdown(exchange.answer))
    return "\n\n".join(parts) + "\n"


def conversation_to_json(exchanges: Sequence[Exchange]) -> str:
    """The whole conversation; each answer is `Answer.to_dict()`, the one JSON form."""
    value = [
        {
            "question": exchange.question,
            "setting": exchange.setting,
            "search_only": exchange.search_only,
            "note": exchange.note,
            "answer": None if exchange.answer is None else exchange.answer.to_dict(),
            "passages": [{"rank": hit.rank, "passage_id": hit.passage.passage_id} for hit in exchange.hits],
        }
        for exchange in exchanges
    ]
    return json.dumps({"conversation": value}, ensure_ascii=False, indent=2) + "\n"


def answer_to_markdown(answer: Answer) -> str:
    """One answer with its sources below, each with the quote, its publisher, date and address."""
    parts = [_body(answer)] if answer.statements else []
    if answer.reason:
        parts.append(plain(answer.reason))
    if answer.covers and answer.status != "answered":
        parts.append("The documents cover:\n\n" + "\n".join(f"- {plain(topic)}" for topic in answer.covers))
    for conflict in answer.conflicts:
        sides = "\n".join(f"- {_with_marks(side.text, side.citations)}" for side in conflict.sides)
        parts.append(f"Sources disagree: {plain(conflict.topic)}\n\n{sides}")
    if answer.citations:
        parts.append("Sources\n\n" + "\n".join(_source(citation) for citation in answer.citations))
    parts.append(f"Model {plain(answer.model)}, index {plain(answer.index_version)}")
    return "\n\n".join(parts)


def _body(answer: Answer) -> str:
    """Statements with marks: items as a list, the rest as paragraphs."""
    out = ""
    before = ""
    for statement in answer.statements:
        connective = f"{plain(statement.connective)} " if statement.connective else ""
        line = connective + _with_marks(statement.text, statement.citations)
        if statement.layout == "item":
            out += ("\n" if before == "item" else "\n\n") + f"- {line}"
        else:
            out += (" " if before == statement.layout == "prose" else "\n\n") + line
        before = statement.layout
    return out.strip()


def _with_marks(text: str, citations: Sequence[Citation]) -> str:
    return plain(text) + "".join(f" [{citation.marker}]" for citation in citations)


def _source(citation: Citation) -> str:
    """A citation with its quote, and below it the publications that its document names for the sentence."""
    facts = [citation.passage.title, citation.publisher, citation.date, citation.passage.passage_id]
    line = f"- [{citation.marker}] {_listed(facts, citation.url)}: “{plain(citation.quote)}”"
    behind = [_listed([source.title, source.publisher, source.date], source.url) for source in citation.sources]
    return "\n".join([line, *(f"  - after: {publication}" for publication in behind)])


def _listed(facts: Sequence[str | None], url: str | None) -> str:
    address = safe_url(url)
    shown = [f"<{address}>"] if address and not set(address) & set("<>") else []
    return ", ".join([*(plain(fact) for fact in facts if fact), *shown])


def _hits(exchange: Exchange) -> list[str]:
    lines = [f"{hit.rank}. {plain(hit.passage.title)} ({plain(hit.passage.passage_id)})" for hit in exchange.hits]
    return ["Passages found", "\n".join(lines)] if lines else ["No passage found"]
