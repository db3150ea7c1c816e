"""What a Markdown file says about itself before its text: the YAML block between two lines of ``---``."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import yaml

from corpus.documents import SETTINGS, Source

Confidence = Literal["high", "medium", "low"]

LARGEST_FRONT_MATTER = 200_000  # characters; more is no front matter

_BLOCK = re.compile(r"---[ \t]*\n(.*?)(?:\n|^)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
_KEY = re.compile(r"^[A-Za-z_][\w -]*:(?:\s|$)", re.M)
_ISO_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact's source id and how far its compiler trusts it; anything but high and medium counts as low."""

    source_id: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What the file states of itself; what it leaves out, or gives in a form that can't be used, is None or empty."""

    title: str | None = None
    summary: str = ""
    questions: tuple[str, ...] = ()
    settings: tuple[str, ...] = ("any",)
    publisher: str | None = None
    url: str | None = None
    date: str | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """The front matter and the body. A block that is no valid YAML mapping is left out of both, unless it is prose."""
    found = _BLOCK.match(text)
    if found is None or len(found[1]) > LARGEST_FRONT_MATTER or (found[1].strip() and not _KEY.search(found[1])):
        return FrontMatter(), text
    body = text[found.end() :]
    try:
        values = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError):
        return FrontMatter(), body
    return (_front_matter(values) if isinstance(values, dict) else FrontMatter()), body


def iso_date(value: object) -> str | None:
    """The date in ISO 8601, whole, year and month or only the year, or None where it is not given so."""
    text = value.isoformat() if isinstance(value, datetime.date) else str(value)
    found = _ISO_DATE.match(text)
    return found[0] if found else None


def _front_matter(values: Mapping[object, object]) -> FrontMatter:
    return FrontMatter(
        title=_text(values.get("title")),
        summary=_text(values.get("summary")) or "",
        questions=_texts(values.get("questions")),
        settings=_settings(values.get("settings", values.get("setting"))),
        publisher=_text(values.get("publisher")),
        url=_text(values.get("url")),
        date=iso_date(values.get("date")) or iso_date(values.get("as_of")),
        sources=_sources(values.get("sources")),
        facts=_facts(values.get("facts")),
    )


def _text(value: object) -> str | None:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return " ".join(str(value).split()) or None
    return None


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(text for text in map(_text, values) if text)


def _settings(value: object) -> tuple[str, ...]:
    named = [text.lower().replace(" ", "_").replace("-", "_") for text in _texts(value)]
    return tuple(dict.fromkeys(name for name in named if name in SETTINGS)) or ("any",)


def _sources(value: object) -> dict[str, Source]:
    if not isinstance(value, dict):
        return {}
    return {
        str(source_id): Source(
            source_id=str(source_id),
            title=_text(given.get("title")) or str(source_id),
            publisher=_text(given.get("publisher")),
            url=_text(given.get("url")),
            date=_text(given.get("date")),
        )
        for source_id, given in value.items()
        if isinstance(given, dict)
    }


def _facts(value: object) -> dict[str, Fact]:
    if not isinstance(value, dict):
        return {}
    return {
        str(fact_id): Fact(source_id=str(given.get("source")), confidence=_confidence(given.get("confidence")))
        for fact_id, given in value.items()
        if isinstance(given, dict)
    }


def _confidence(value: object) -> Confidence:
    if value == "high":
        return "high"
    return "medium" if value == "medium" else "low"
