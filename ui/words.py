"""The page's own words for the values that it shows: verdicts, reasons, settings, topics."""

from typing import Final

from assistant.answers import DropReason, Topic, Verdict

VERDICT_WORDS: Final[dict[Verdict, str]] = {
    "quoted": "Quoted word for word",
    "supported": "Supported by its quote",
}
VERDICT_ICONS: Final[dict[Verdict, str]] = {"quoted": "❞", "supported": "✓"}

DROP_WORDS: Final[dict[DropReason, str]] = {
    "unsupported": "unsupported",
    "contradicted": "contradicted",
    "uncited": "without a source",
    "repeated": "repeated",
}
DROP_EXPLAINED: Final[dict[DropReason, str]] = {
    "unsupported": "No passage that was found bears this out.",
    "contradicted": "A passage says otherwise.",
    "uncited": "It points to no passage.",
    "repeated": "The answer says it already.",
}

SEARCH_ONLY: Final = "Search only"
MODES: Final = ("Answer", SEARCH_ONLY)

ANY_SETTING: Final = "any"
SETTING_WORDS: Final[dict[str, str]] = {
    "any": "Any setting",
    "hospital": "Hospital",
    "health_center": "Health center",
    "payer": "Payer",
    "pharma": "Pharma",
    "government": "Government",
}

OWN_TOPIC: Final = "yours"
"""The folder that a visitor's own documents lie in, and so their topic."""
OWN_FACT: Final = "A document that was added here, not one of the assistant’s own"

_TOPIC_WORDS: Final[dict[str, str]] = {
    "role": "The role",
    "duties": "Duties",
    "qualify": "Qualifications",
    "career": "Career and hiring",
    "compare": "CMO and other posts",
    "settings": "Kinds of employer",
    "rules": "Law and rules",
    "metrics": "Measures",
    "future": "Outlook",
    OWN_TOPIC: "Your documents",
}


def topic_words(name: str) -> str:
    """A folder's name as a reader would say it."""
    return _TOPIC_WORDS.get(name, name.replace("-", " ").replace("_", " ").strip().capitalize() or "Documents")


def topic_order(topic: Topic) -> tuple[int, str]:
    """A sort key: the bundled topics as a reader would meet them, others after them by name."""
    known = list(_TOPIC_WORDS)
    return (known.index(topic.name) if topic.name in known else len(known), topic.name)


def setting_words(settings: tuple[str, ...]) -> str:
    """The kinds of employer that a document speaks of, as one phrase."""
    return ", ".join(SETTING_WORDS.get(name, name) for name in settings) or SETTING_WORDS[ANY_SETTING]


def count_words(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 passage", "3 passages"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
