"""Lines that a page's machinery adds around a text: comment forms, cookie notices, counters, empty references."""

import re
from collections.abc import Sequence

from corpus.headings import Piece

_ANYWHERE = re.compile(
    r"your e-?mail address will not be published.*|required fields are marked.*|save my name, email.*|"
    r"(?:this (?:web)?site|we|our (?:web)?site) uses? cookies\b.*|cookie (?:policy|settings)|"
    r"(?:accept|reject|manage)(?: all)?(?: cookies)?|"
    r"by (?:continuing|using) (?:to (?:use|browse) )?(?:this|our) (?:web)?site\b.{0,80}cookies.*|"
    r"skip to (?:main )?content|(?:share|tweet|pin|print|email) this(?: (?:post|page|article|story))?[:!]?|"
    r"[\d,.]+k? (?:views?|shares?|likes?)|\d+ ?min(?:ute)?s? read|(?:comments are closed|no comments(?: yet)?)\.?|"
    r"log in to (?:reply|leave a comment)|advertisements?|back to top|post comment",
    re.I,
)
_TAIL = re.compile(
    r"leave (?:a|your) (?:reply|comment)|(?:previous|next) (?:post|article)|"
    r"(?:references|sources|related (?:posts|articles)|tags|categories|share|comments?)\s*:?|"
    r"(?:copyright\b|©|\(c\)).{0,100}|all rights reserved\.?",
    re.I,
)
_BYLINE = re.compile(
    r"(?:written |posted |published )?by (?:[A-Z][\w.'’-]*|de|van|von|la)(?: (?:[A-Z][\w.'’-]*|de|van|von|la)){0,3},?"
    r"(?:\s+(?:[\d,.]+k? views?|\d+ min(?:ute)?s? read|(?:on |[-|•·] )?[A-Z][a-z]{2,8} \d{1,2}, \d{4}))*"
)
_LONGEST = 240  # characters of a line of boilerplate
_BYLINE_WITHIN = 4  # first pieces of a text


def drop_boilerplate(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without boilerplate; of a text that is nothing else, all of them."""
    kept = [piece for at, piece in enumerate(pieces) if not _is_boilerplate(piece, at)]
    while kept and is_tail(kept[-1].text):
        kept.pop()
    return kept or list(pieces)


def is_boilerplate_line(text: str) -> bool:
    """Whether the line is boilerplate wherever it stands."""
    return len(text) <= _LONGEST and _ANYWHERE.fullmatch(text) is not None


def is_tail(text: str) -> bool:
    """Whether the line is boilerplate where nothing follows it."""
    return len(text) <= _LONGEST and _TAIL.fullmatch(text) is not None


def _is_boilerplate(piece: Piece, at: int) -> bool:
    text = piece.text.rstrip(" *")
    return is_boilerplate_line(text) or (0 < at < _BYLINE_WITHIN and _BYLINE.fullmatch(text) is not None)
