"""Pack a section's paragraphs, lists and sentences into passages of even size."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.outline import Line
from corpus.sentences import sentence_spans

LARGEST_UNIT = 180  # words; what is longer is cut
FILLED = 0.9  # of the largest passage that an average one may take

CHARACTERS_PER_WORD = 10  # at least so many make a word's weight, for scripts and strings without spaces

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A run of text that is not cut further; ``glued`` ones stay with the unit that follows."""

    start: int
    end: int
    words: int
    glued: bool = False


def weight(text: str, start: int, end: int) -> int:
    """The words of a span; a string without spaces weighs as much as words of its length would."""
    return max(len(_WORD.findall(text, start, end)), (end - start) // CHARACTERS_PER_WORD)


def units(text: str, lines: Sequence[Line]) -> list[Unit]:
    """The units of a section in order, every character of it in one of them, white space between them aside."""
    blocks = _merge_short_lists(_blocks(text, lines))
    return [unit for block in blocks for unit in _cut(text, block)]


def pack(found: Sequence[Unit], largest: int) -> Iterator[tuple[int, int]]:
    """Start and end of each passage: as few as hold the units, of sizes as even as the units allow."""
    groups = _groups(found)
    rest = sum(unit.words for unit in found)
    size, start, end = 0, -1, -1
    for group in groups:
        words = sum(unit.words for unit in group)
        left = rest + size
        # Somewhat less than the largest is aimed at: sentences and lists seldom fill a passage to the word.
        target = left if left <= largest else left / -(-left // (FILLED * largest))
        # Closed when the next group would lead further beyond the even share than the passage now falls short of it.
        if size and (size + words > largest or size + words - target > target - size):
            yield start, end
            size, start = 0, -1
        start = group[0].start if start < 0 else start
        end = group[-1].end
        size += words
        rest -= words
    if start >= 0:
        yield start, end


def _groups(found: Sequence[Unit]) -> Iterator[list[Unit]]:
    group: list[Unit] = []
    for unit in found:
        group.append(unit)
        if not unit.glued:
            yield group
            group = []
    if group:
        yield group


def _blocks(text: str, lines: Sequence[Line]) -> list[tuple[Unit, str]]:
    """Headings, paragraphs and items, each with its kind; a lead-in is glued to its list."""
    found: list[tuple[Unit, str]] = []
    run: list[Line] = []
    for line in (*lines, None):
        if run and (line is None or line.kind != "text" or run[-1].kind in ("heading", "row")):
            found.append(_block(text, run))
            run = []
        if line is not None and line.kind != "blank":
            run.append(line)
    for at in range(len(found) - 1):
        unit, kind = found[at]
        if kind == "text" and found[at + 1][1] == "item" and text[unit.end - 1] == ":":
            found[at] = Unit(start=unit.start, end=unit.end, words=unit.words, glued=True), "lead"
    return found


def _block(text: str, run: Sequence[Line]) -> tuple[Unit, str]:
    start, end = run[0].start, run[-1].end
    return Unit(start=start, end=end, words=weight(text, start, end), glued=run[0].kind == "heading"), run[0].kind


def _merge_short_lists(blocks: Sequence[tuple[Unit, str]]) -> Iterator[tuple[Unit, str]]:
    """A list with its lead-in as one unit where it fits a passage; of a longer one the lead-in and the first item."""
    at = 0
    while at < len(blocks):
        unit, kind = blocks[at]
        stop = at + 1
        while stop < len(blocks) and blocks[stop][1] == "item":
            stop += 1
        if kind in ("lead", "item") and stop > at + 1:
            run = [block for block, _ in blocks[at:stop]]
            words = sum(block.words for block in run)
            if words <= LARGEST_UNIT:
                yield Unit(start=unit.start, end=run[-1].end, words=words), "list"
            else:
                yield from blocks[at:stop]
            at = stop
        else:
            yield blocks[at]
            at += 1


def _cut(text: str, block: tuple[Unit, str]) -> Iterator[Unit]:
    unit, kind = block
    if unit.words <= LARGEST_UNIT or kind == "heading":
        yield unit
        return
    pieces = [piece for span in sentence_spans(text, unit.start, unit.end) for piece in _cut_sentence(text, *span)]
    for piece in pieces:
        last = piece is pieces[-1]
        yield Unit(start=piece.start, end=piece.end, words=piece.words, glued=unit.glued and last)


def _cut_sentence(text: str, start: int, end: int) -> Iterator[Unit]:
    """The sentence, or where it is longer than a passage its parts, cut between words, or within a word without end."""
    if weight(text, start, end) <= LARGEST_UNIT:
        yield Unit(start=start, end=end, words=weight(text, start, end))
        return
    begin = last = start
    words = 0
    for found in _WORD.finditer(text, start, end):
        if last > begin and max(words + 1, (found.end() - begin) // CHARACTERS_PER_WORD) > LARGEST_UNIT:
            yield Unit(start=begin, end=last, words=weight(text, begin, last))
            begin, words = found.start(), 0
        last, words = found.end(), words + 1
        while last - begin > LARGEST_UNIT * CHARACTERS_PER_WORD:
            cut = begin + LARGEST_UNIT * CHARACTERS_PER_WORD
            yield Unit(start=begin, end=cut, words=LARGEST_UNIT)
            begin = cut
    if last > begin:
        yield Unit(start=begin, end=last, words=weight(text, begin, last))
