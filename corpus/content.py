"""What one file holds before it has a place in the corpus: the value that every format's reader returns."""

from dataclasses import dataclass, field

from corpus.front_matter import FrontMatter
from corpus.normal_form import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The blocks of a file and what it states of itself; ``property_title`` is the one beside the text, if any."""

    blocks: tuple[Block, ...]
    about: FrontMatter = field(default_factory=FrontMatter)
    property_title: str | None = None
