"""What a document that states no title of its own in its front matter is called."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from corpus.content import Content
from corpus.labels import is_field
from corpus.normal_form import Block

LONGEST = 100  # characters of a first line that is taken for a title
_ABOUT = re.compile(r"(?:(?:job|position|working|document|policy) )?(?:title|position|role|subject|re):\s+", re.I)
_NUMBERED = re.compile(r"\d+(?:\.\d+)*[.)]?\s")
_WORD = re.compile(r"[^\W\d_]{2,}")
_TELLS_NOTHING = frozenset(
    "an and at by copy doc document download export file for from in index is of on or page pdf readme scan text the "
    "to txt untitled version with".split()
)
BEGINNING = 5  # letters by which words are told to be the same: "bylaws" and "bylaw"
FEW = 2  # words of a file's name, from which it says what a document is


def title_of(content: Content, doc_id: str) -> str:
    """The title of a document: its first heading of the highest level, with what the form or the file is named by.

    Many papers begin with the name of the house that they come from, and files are named for what they are: the name
    of the file follows where the heading has less than half of its words.

    Args:
        content: the blocks of the file and the title that it states beside its text.
        doc_id: the path of the file.

    """
    stem = PurePosixPath(doc_id).stem
    headings = sorted((b for b in content.blocks if b.kind == "heading"), key=lambda block: block.level > 1)
    if headings:
        heading, own = headings[0].text, _named_in_fields(content.blocks)
        if own and own not in heading:
            return f"{heading}: {own}"
        return _with_name(heading, stem, content.blocks)
    first = content.blocks[0].text if content.blocks else ""
    short = first if len(first) <= LONGEST and "\n" not in first else None
    return content.property_title or short or _readable(stem)


def _named_in_fields(blocks: Sequence[Block]) -> str:
    """What the fields at the head of a form or memorandum say it is about: "Job title: Chief Medical Officer"."""
    for block in blocks:
        if block.kind == "heading":
            continue
        if block.kind != "paragraph" or not is_field(block.text):
            return ""
        if named := _ABOUT.match(block.text):
            return block.text[named.end() :]
    return ""


def _with_name(heading: str, stem: str, blocks: Sequence[Block]) -> str:
    """A heading and the name of its file, if that says what the heading does not; the name alone for "1. Purpose"."""
    text = " ".join(block.text for block in blocks).lower()
    told = [w for w in _words(stem) if re.search(rf"\b{re.escape(w[:BEGINNING])}", text)]
    missing = [w for w in told if not re.search(rf"\b{re.escape(w[:BEGINNING])}", heading.lower())]
    if len(told) < FEW or 2 * len(missing) <= len(told):
        return heading
    name = _readable(re.sub(r"^\d{1,3}[\W_]+", "", stem))
    return name if _NUMBERED.match(heading) else f"{heading}: {name}"


def _words(stem: str) -> list[str]:
    return [word for word in (found.lower() for found in _WORD.findall(stem)) if word not in _TELLS_NOTHING]


def _readable(stem: str) -> str:
    """A file's name as a title: its words parted by spaces, a date as it stands."""
    words = re.sub(r"(?<!\d)[\W_]+|[\W_]+(?!\d)|_+", " ", stem).strip()
    return words[:1].upper() + words[1:] or stem
