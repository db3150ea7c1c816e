"""Which bare lines of a text without markup are headings: a false one costs more than a missed one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Shape = Literal["question", "title", "numbered", "sentence"]

LONGEST_HEADING = 110  # characters
SHORTEST_BODY = 60  # characters of the prose under a heading

_SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "and",
        "or",
        "nor",
        "but",
        "for",
        "to",
        "in",
        "on",
        "at",
        "by",
        "with",
        "from",
        "as",
        "is",
        "are",
        "vs",
        "via",
        "into",
        "per",
        "its",
        "your",
        "our",
    ]
)
_CONTAINER = re.compile(r"(frequently asked questions|faqs?|common questions|questions and answers)\b.{0,40}", re.I)
_TOP = re.compile(
    r"(introduction|overview|background|summary|conclusions?|references|further reading|key takeaways)\b.*", re.I
)
_NUMBERED = re.compile(
    r"(?:(?:chapter|section|part|appendix)\s+[\dIVXA-Z]+[.:]?\s+|(\d+(?:\.\d+)+)\.?\s+|(\d+)[.)]\s+)(?=[A-Z])", re.I
)
_ASKS = re.compile(
    r"(who|what|when|where|why|how|which|whose|is|are|was|do|does|did|can|could|should|would|will|may|must|has|have)\b",
    re.I,
)
_NO_HEADING = re.compile(r"[|@{}<>=\\_\t]|https?:|www\.|\s{3,}|\.{3}")
_ENDS_PROSE = re.compile(r"[.!?:…][\"'”’)\]]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A paragraph, item or odd line of a text without markup; ``alone`` when blank lines stand around it.

    ``level`` is that of a heading that the file marks as one itself, 0 otherwise; a ``field`` ("To: …") heads nothing.
    """

    text: str
    kind: Literal["text", "item", "lines", "page"] = "text"
    marker: str = "- "
    depth: int = 0
    alone: bool = True
    level: int = 0
    field: bool = False


def shape(text: str) -> Shape | None:
    """What kind of heading the line looks like by itself, None for none."""
    words = text.split()
    if not words or len(text) > LONGEST_HEADING or len(words) > 18 or "\n" in text or _NO_HEADING.search(text):
        return None
    if not (text[0].isupper() or text[0].isdigit()) or text[-1] in ".!,;:…\"'”’-–—*" or _mostly_figures(words):
        return None
    if text.endswith("?"):
        return "question" if len(words) > 2 and _ASKS.match(text) else None
    if _NUMBERED.match(text) or text[0].isdigit():
        return "numbered" if _NUMBERED.match(text) and len(words) <= 14 else None
    if is_title_case(words):
        return "title"
    return "sentence" if len(words) <= 8 and not re.search(r"[,;:]", text) else None


def is_title_case(words: Sequence[str]) -> bool:
    """Whether nearly all words that carry meaning begin with a capital; headings like "Residency" count."""
    bare = [re.sub(r"^[^\w]+|[^\w]+$", "", word) for word in words]
    weighty = [word for word in bare if word and word.lower() not in _SMALL]
    capital = sum(1 for word in weighty if word[0].isupper() or word[0].isdigit())
    return bool(weighty) and len(words) <= 15 and capital >= 0.8 * len(weighty)


def find_headings(pieces: Sequence[Piece]) -> dict[int, int]:
    """The pieces that are headings: position -> level, 1 only for the document's title at its beginning."""
    levels = {at: piece.level for at, piece in enumerate(pieces) if piece.level}
    shapes = {at: found for at, piece in enumerate(pieces) if (found := _shape(piece)) and not piece.level}
    kept: dict[int, Shape] = {
        at: found for at, found in shapes.items() if found != "sentence" and _heads(pieces, shapes, at)
    }
    if not any(found == "title" for at, found in kept.items() if at) and not levels:
        plain = [at for at, found in shapes.items() if found == "sentence" and _heads_alone(pieces, at)]
        kept |= dict.fromkeys(plain, "sentence") if len(plain) > 1 else {}
    kept = _without_runs(_with_series(pieces, shapes, kept))
    levels |= _levels(pieces, dict(sorted(kept.items())), marked=bool(levels))
    if _is_title(pieces, levels, shapes):
        levels[0] = 1
    return levels


def _shape(piece: Piece) -> Shape | None:
    return shape(piece.text) if piece.kind == "text" and not piece.field else None


def _mostly_figures(words: Sequence[str]) -> bool:
    return sum(any(c.isdigit() for c in word) for word in words) * 2 > len(words)


def is_prose(piece: Piece, *, shortest: int = SHORTEST_BODY) -> bool:
    """Whether the piece reads as running text: long enough, and most often ended as a sentence is."""
    return piece.kind == "text" and (
        len(piece.text) >= 160 or (len(piece.text) >= shortest and bool(_ENDS_PROSE.search(piece.text)))
    )


def _heads(pieces: Sequence[Piece], shapes: dict[int, Shape], at: int) -> bool:
    """Whether a body follows, perhaps after one more line that looks like a heading too."""
    following = at + 1
    # Captions of pictures and advertisements often stand between a question and its answer.
    captions = shapes[at] == "question" and pieces[at].alone
    while (
        following < min(len(pieces), at + 4)
        and pieces[following].kind == "text"
        and (shapes.get(following, "sentence") != "sentence" or (captions and _is_caption(pieces[following])))
    ):
        following += 1
    if following >= len(pieces) or (pieces[at].level == 0 and not _stands_free(pieces, at)):
        return False
    body = pieces[following]
    return is_prose(body) or (body.kind == "item" and len(body.text) > 20) or _lead_to_items(pieces, following)


def _with_series(pieces: Sequence[Piece], shapes: dict[int, Shape], kept: dict[int, Shape]) -> dict[int, Shape]:
    """With the lines that stand alone and whose number goes on from that of a heading ("5. Steps", "6. Scoring")."""
    numbered = {at: _number(piece) for at, piece in enumerate(pieces) if at in kept or piece.level}
    result = dict(kept)
    for at in sorted(shapes):
        before = [numbered[other] for other in sorted(numbered) if other < at]
        after = [numbered[other] for other in sorted(numbered) if other > at]
        number = _number(pieces[at])
        listed = any(shapes.get(other) == "numbered" and pieces[other].alone for other in (at - 1, at + 1))
        if number and pieces[at].alone and not listed and (number - 1 in before[-1:] or number + 1 in after[:1]):
            result[at], numbered[at] = shapes[at], number
    return dict(sorted(result.items()))


def _number(piece: Piece) -> int:
    """The number before a line, of one figure ("6. Scoring"); 0 where there is none."""
    match = _NUMBERED.match(piece.text)
    return int(match[2]) if match and match[2] else 0


def _is_caption(piece: Piece) -> bool:
    return piece.alone and len(piece.text) < SHORTEST_BODY and not _ENDS_PROSE.search(piece.text)


def _lead_to_items(pieces: Sequence[Piece], at: int) -> bool:
    return pieces[at].text.endswith(":") and at + 1 < len(pieces) and pieces[at + 1].kind == "item"


def _stands_free(pieces: Sequence[Piece], at: int) -> bool:
    """Blank lines around it, or prose and list items, whose end is clear, before it."""
    return pieces[at].alone or at == 0 or pieces[at - 1].kind == "item" or is_prose(pieces[at - 1], shortest=1)


def _heads_alone(pieces: Sequence[Piece], at: int) -> bool:
    before_ok = at == 0 or is_prose(pieces[at - 1], shortest=1) or pieces[at - 1].kind == "item" or at == 1
    return pieces[at].alone and before_ok and at + 1 < len(pieces) and is_prose(pieces[at + 1], shortest=100)


def _without_runs(kept: dict[int, Shape]) -> dict[int, Shape]:
    """Without captions between a question and its answer, and menus: of three and more in a row only the last stays."""
    chosen = dict(kept)
    for at, found in kept.items():
        if found not in ("question", "numbered") and chosen.get(at - 1) == "question":
            del chosen[at]
            # The next line of the same run is a caption of the same kind.
            if kept.get(at + 1) == "title":
                chosen.pop(at + 1, None)
        elif at > 0 and found == "title" and kept.get(at + 1) == kept.get(at + 2) == "title":
            chosen.pop(at, None)
            chosen.pop(at + 1, None)
    return chosen


def _levels(pieces: Sequence[Piece], kept: dict[int, Shape], *, marked: bool) -> dict[int, int]:
    rest = [found for at, found in kept.items() if at > 0]
    # Questions that open sections and titles within them: one level each, where both are many.
    nested = not marked and rest.count("question") > 2 and rest.count("title") > 2 and rest[0] == "question"
    levels = {}
    within_questions = False
    for at, found in kept.items():
        text = pieces[at].text
        if _CONTAINER.fullmatch(text):
            within_questions, levels[at] = True, 2
        elif found == "numbered":
            number = _NUMBERED.match(text)
            levels[at] = min(2 + (number[1] or "").count("."), 6) if number else 2
        elif found == "question":
            levels[at] = 3 if within_questions else 2
        else:
            levels[at] = 3 if nested and not within_questions and not _TOP.fullmatch(text) else 2
            within_questions = False
    return levels


def _is_title(pieces: Sequence[Piece], levels: dict[int, int], shapes: dict[int, Shape]) -> bool:
    if not pieces or pieces[0].level or pieces[0].kind != "text":
        return False
    if len(pieces) > 1 and pieces[0].text.isupper() and shapes.get(0) == "title":
        return True
    if shapes.get(0) == "sentence":
        return _heads_alone(pieces, 0) or (1 in levels and pieces[0].alone)
    return 0 in levels or (0 in shapes and 1 in levels)
