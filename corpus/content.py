"""What one file holds before it has a place in the corpus: the value that every format's reader returns."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from corpus.documents import Source
from corpus.front_matter import Fact, FrontMatter
from corpus.normal_form import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The blocks of a file and what it states of itself; ``property_title`` is the one beside the text, if any."""

    blocks: tuple[Block, ...]
    about: FrontMatter = field(default_factory=FrontMatter)
    property_title: str | None = None

    def to_json(self) -> str:
        """The content as ASCII JSON; no pickle, since it comes from a process that read a stranger's file."""
        return json.dumps(asdict(self))


def content_from_fields(fields: dict[str, Any]) -> Content:
    """The content whose ``to_json`` gave these fields."""
    return Content(
        blocks=tuple(_block(block) for block in fields["blocks"]),
        about=_front_matter(fields["about"]),
        property_title=fields["property_title"],
    )


def _block(fields: dict[str, Any]) -> Block:
    return Block(**{**fields, "marks": tuple((at, comment) for at, comment in fields["marks"])})


def _front_matter(fields: dict[str, Any]) -> FrontMatter:
    whole = {
        "questions": tuple(fields["questions"]),
        "settings": tuple(fields["settings"]),
        "sources": {name: Source(**source) for name, source in fields["sources"].items()},
        "facts": {name: Fact(**fact) for name, fact in fields["facts"].items()},
    }
    return FrontMatter(**{**fields, **whole})
