"""Turn text that others wrote into markup that cannot act: escaped, without images, links only to http and https.

Everything that the page shows passes through here. The one rule: a text is escaped first or never shown.
"""

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

# Tabs and line ends are the only control characters with a meaning in a text.
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])

# Lengths are bounded, so that a hostile line of brackets costs linear time.
_INLINE = re.compile(
    r"!?\[(?P<label>[^\]\[\n]{0,300})\]\([^()\s]{0,2000}\)|\*\*(?P<strong>[^*\n]{1,500})\*\*|`(?P<code>[^`\n]{1,500})`"
)
_TOP_LEVEL = 3  # of the HTML headings of a document: the panel's own is an h2
_HEADING = re.compile(r"(#{1,6})[ \t]+")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|(?P<number>\d{1,9})[.)])[ \t]+")


def escape(text: str) -> str:
    """The text as one line of inert HTML, fit for an element and for a quoted attribute."""
    return " ".join(html.escape(text.translate(_CONTROL), quote=True).split())


def escape_lines(text: str) -> str:
    """The text as inert HTML on one line, its line ends kept as character references (for ``<pre>``)."""
    return html.escape(text.translate(_CONTROL), quote=True).replace("\r", "").replace("\n", "&#10;")


def safe_url(url: str | None) -> str | None:
    """The address if a reader may be sent there: absolute http or https; None otherwise."""
    if not url or any(ch.isspace() or ord(ch) < 32 for ch in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host else None


def link(url: str | None, label: str) -> str:
    """A link that opens a new tab and tells the other side nothing; just the label where the address isn't safe."""
    address = safe_url(url)
    if address is None:
        return escape(label)
    return (
        f'<a class="out" href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(label)}'
        '<span class="vh"> (opens a new tab)</span></a>'
    )


def inline(text: str) -> str:
    """Escaped text with strong and code; a link or an image is reduced to its label."""
    parts: list[str] = []
    done = 0
    for found in _INLINE.finditer(text):
        parts.append(_keep_edges(text[done : found.start()]))
        if found["strong"] is not None:
            parts.append(f"<strong>{escape(found['strong'])}</strong>")
        elif found["code"] is not None:
            parts.append(f"<code>{escape(found['code'])}</code>")
        else:
            parts.append(escape(found["label"]))
        done = found.end()
    parts.append(_keep_edges(text[done:]))
    return "".join(parts)


def _keep_edges(text: str) -> str:
    """Escape a piece of a sentence without losing the space that parts it from its neighbours."""
    inner = escape(text)
    if not inner:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + inner + (" " if text[-1].isspace() else "")


def marked_text(text: str, start: int, end: int, *, mark_start: int, mark_end: int) -> str:
    """The span ``text[start:end]`` as HTML, with what lies in ``mark_start`` to ``mark_end`` in ``<mark>``."""
    low, high = max(start, min(mark_start, end)), min(end, max(mark_end, start))
    if low >= high:
        return inline(text[start:end])
    return f"{inline(text[start:low])}<mark>{inline(text[low:high])}</mark>{inline(text[high:end])}"


@dataclass(slots=True)
class _Block:
    """A heading, a list item or a paragraph; ``spans`` are its lines without markers."""

    kind: str  # "h1" to "h6", "ul", "ol", "p"
    number: int
    spans: list[tuple[int, int]]


def document_html(text: str, *, mark_start: int = 0, mark_end: int = 0, title: str = "") -> str:
    """Light Markdown as headings, lists and paragraphs, the span ``text[mark_start:mark_end]`` highlighted.

    Headings begin at h3 and skip no level, whatever levels the text has; a first one that only repeats ``title`` is
    left out. Tables, quotes and fences stay plain paragraphs: a text by a stranger needs no more markup than makes it
    readable.
    """
    out: list[str] = []
    open_list = ""
    above: list[int] = []  # the levels, in the text, of the headings that the current place lies under
    for block in _blocks(text)[_repeats(title, text, mark_start, mark_end) :]:
        inner = " ".join(marked_text(text, a, b, mark_start=mark_start, mark_end=mark_end) for a, b in block.spans)
        if open_list and block.kind != open_list:
            out.append(f"</{open_list}>")
            open_list = ""
        if block.kind in ("ul", "ol"):
            if not open_list:
                out.append(f'<ol start="{block.number}">' if block.kind == "ol" else "<ul>")
                open_list = block.kind
            out.append(f"<li>{inner}</li>")
        elif block.kind == "p":
            out.append(f"<p>{inner}</p>")
        else:
            level = _level(int(block.kind[1]), above)
            out.append(f"<h{level}>{inner}</h{level}>")
    if open_list:
        out.append(f"</{open_list}>")
    return "".join(out)


def plain_line(text: str) -> str:
    """The paragraphs and items of light Markdown on one line; the headings only where there is nothing else."""
    blocks = _blocks(text)
    body = [block for block in blocks if not block.kind.startswith("h")] or blocks
    lines = [" ".join(text[start:end] for start, end in block.spans) for block in body]
    return " ".join(("• " if block.kind == "ul" else "") + line for block, line in zip(body, lines, strict=True))


def _repeats(title: str, text: str, mark_start: int, mark_end: int) -> bool:
    """Whether the text begins with its title as a heading, and the mark does not reach into that."""
    heading = _HEADING.match(text)
    end = heading.end() + len(title) if heading else 0
    marked = mark_start < end and mark_end > 0
    return bool(heading and title) and not marked and text[:end].endswith(title) and text[end : end + 1] in ("", "\n")


def _level(level: int, above: list[int]) -> int:
    """The HTML level of a heading; ``above`` is brought up to date."""
    while above and above[-1] >= level:
        above.pop()
    above.append(level)
    return min(6, _TOP_LEVEL + len(above) - 1)


def _blocks(text: str) -> list[_Block]:
    """The blocks of a text in order; a line that continues a paragraph or an item belongs to it."""
    blocks: list[_Block] = []
    fresh = True  # after a blank line or a heading nothing is continued
    for start, end in _lines(text):
        item, heading = _ITEM.match(text, start, end), _HEADING.match(text, start, end)
        if start == end:
            fresh = True
        elif heading:
            blocks.append(_Block(f"h{len(heading[1])}", 0, [(heading.end(), end)]))
            fresh = True
        elif item:
            kind = "ol" if item["number"] else "ul"
            blocks.append(_Block(kind, int(item["number"] or 0), [(item.end(), end)]))
            fresh = False
        elif fresh or not blocks:
            blocks.append(_Block("p", 0, [(start, end)]))
            fresh = False
        else:
            blocks[-1].spans.append((start, end))
    return blocks


def _lines(text: str) -> list[tuple[int, int]]:
    """Start and end of every line without the white space around it; an empty span where a line is blank."""
    spans: list[tuple[int, int]] = []
    start = 0
    for line in re.split(r"[\n\f]", text):
        stripped = line.strip()
        lead = line.index(stripped)
        spans.append((start + lead, start + lead + len(stripped)))
        start += len(line) + 1
    return spans
