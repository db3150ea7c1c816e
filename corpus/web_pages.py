"""HTML to blocks: the page's main content, without scripts, menus, forms and footers."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.boilerplate import is_boilerplate_line, is_tail
from corpus.content import Content
from corpus.front_matter import FrontMatter, iso_date
from corpus.labels import IN_BOLD, may_head, paragraphs_of, settled
from corpus.normal_form import Block, clean, one_line
from corpus.tables import Cell, laid_out, named_by_heads

MAIN_SHARE = 0.25  # of the page's text that <main> or <article> must hold to count as its content

_NEVER = "script, style, template, svg, math, iframe, object, select, [hidden]"
_MACHINERY = (
    "noscript, nav, footer, form, button, dialog, aside, header ul, [role=navigation], [role=banner] ul, "
    "[role=search], [role=contentinfo], [role=dialog], [class*=cookie-], [id*=cookie-], [class*=breadcrumb], "
    "[aria-hidden=true]"
)
_ROOTS = frozenset(("html", "body", "main", "article"))
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6]|header|hr|legend|li|main|menu|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)


def web_page_content(html: str) -> Content:
    """The content of an HTML page, from however broken markup; of a page that is all menu, everything but scripts."""
    page = LexborHTMLParser(html)
    title = _first_text(page, "title")
    about = FrontMatter(
        publisher=_meta(page, "property", "og:site_name"),
        url=_canonical(page),
        date=iso_date(_meta(page, "property", "article:published_time") or ""),
        summary=_meta(page, "name", "description") or "",
    )
    for node in page.css(_NEVER):
        node.decompose()
    blocks = settled(tuple(_Walk().blocks(page.body))) if page.body else ()
    for node in page.css(_MACHINERY):
        if node.tag not in _ROOTS:
            node.decompose()
    chosen = settled(_without_boilerplate(_Walk().blocks(root))) if (root := _main(page)) else ()
    return Content(blocks=chosen or blocks, about=about, property_title=title)


def _first_text(page: LexborHTMLParser, selector: str) -> str | None:
    node = page.css_first(selector)
    return (one_line(node.text()) or None) if node else None


def _meta(page: LexborHTMLParser, key: str, value: str) -> str | None:
    node = page.css_first(f'meta[{key}="{value}"]')
    return (one_line(node.attributes.get("content") or "") or None) if node else None


def _canonical(page: LexborHTMLParser) -> str | None:
    node = page.css_first('link[rel="canonical"]')
    address = (node.attributes.get("href") or "") if node else ""
    return address if address.startswith(("http://", "https://")) else None


def _main(page: LexborHTMLParser) -> LexborNode | None:
    body = page.body
    if body is None:
        return None
    whole = len(body.text())
    candidates = [*page.css("main, [role=main]"), *page.css("article")]
    fitting = [node for node in candidates[:50] if len(node.text()) >= max(MAIN_SHARE * whole, 1)]
    # Of several articles none is the page's content; of one, its headline may stand outside of it.
    if len(fitting) == 1 and (fitting[0].css_first("h1") or not body.css_first("h1")):
        return fitting[0]
    return body


def _without_boilerplate(blocks: Iterator[Block]) -> list[Block]:
    kept = [block for block in blocks if not is_boilerplate_line(block.text)]
    while kept and is_tail(kept[-1].text):
        kept.pop()
    return kept


class _Walk:
    """One pass over the tree, without recursion: fuzzed pages nest deeper than Python's stack."""

    def __init__(self) -> None:
        self._buffer: list[str] = []
        self._lists: list[int | None] = []  # the next number of an ordered list, None for bullets
        self._marker: str | None = None

    def blocks(self, root: LexborNode) -> Iterator[Block]:
        stack: list[tuple[LexborNode, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            tag = node.tag or ""
            if leaving:
                yield from self._flush(tag, bold=tag == "p" and _all_bold(node))
                self._leave(tag)
            elif tag == "-text":
                self._buffer.append(re.sub(r"[ \t\r\n\f]+", " ", node.text_content or ""))
            elif tag == "br":
                self._buffer.append("\n")
            elif tag in ("pre", "table") and (whole := _pre(node) if tag == "pre" else _table(node)) is not None:
                yield from self._flush("")
                yield from whole
            else:
                if _BLOCKS.fullmatch(tag):
                    yield from self._flush("")
                    self._enter(node, tag)
                    stack.append((node, True))
                stack += [(child, False) for child in reversed(list(node.iter(include_text=True)))]
        yield from self._flush("")

    def _enter(self, node: LexborNode, tag: str) -> None:
        if tag in ("ul", "menu"):
            self._lists.append(None)
        elif tag == "ol":
            start = node.attributes.get("start") or "1"
            self._lists.append(int(start) if re.fullmatch(r"\d{1,4}", start) else 1)
        elif tag in ("li", "dd"):
            number = self._lists[-1] if self._lists and tag == "li" else None
            self._marker = "- " if number is None else f"{number}. "
            if number is not None:
                self._lists[-1] = number + 1

    def _leave(self, tag: str) -> None:
        if tag in ("ul", "ol", "menu") and self._lists:
            self._lists.pop()
        elif tag in ("li", "dd"):
            self._marker = None

    def _flush(self, tag: str, *, bold: bool = False) -> Iterator[Block]:
        parts = re.split(r"\n\s*\n", "".join(self._buffer))
        self._buffer = []
        for part in parts:
            text = one_line(part)
            if not text:
                continue
            if re.fullmatch("h[1-6]", tag):
                yield Block(kind="heading", text=text, level=int(tag[1]))
            elif self._marker is not None:
                yield Block(kind="item", text=text, level=min(max(len(self._lists) - 1, 0), 8), marker=self._marker)
                self._marker = None
            elif tag == "dt":  # leads to what explains it
                yield Block(kind="paragraph", text=f"{text.rstrip(':')}:")
            elif bold and len(parts) == 1 and may_head(text):
                yield Block(kind="heading", text=text, level=IN_BOLD)
            else:
                yield from (Block(kind="paragraph", text=own) for own in paragraphs_of(part))


def _all_bold(node: LexborNode) -> bool:
    """Whether all that a paragraph says stands in bold."""
    bold = "".join(part.text() for part in node.css("strong, b") if part.parent == node)
    return bool(bold.strip()) and one_line(bold) == one_line(node.text())


def _pre(node: LexborNode) -> list[Block] | None:
    lines = ["    " + line.rstrip() for line in clean(node.text()).split("\n") if line.strip()]
    return [Block(kind="lines", text="\n".join(lines))] if lines else None


def _table(node: LexborNode) -> list[Block] | None:
    """The rows of a table of data, None for one that only lays out the page."""
    if node.css_first("table table, h1, h2, h3, p + p, ul, ol, pre") is not None:
        return None
    rows = laid_out([[_cell(cell) for cell in row.css("td, th")] for row in node.css("tr")])
    caption = node.css_first("caption")
    found = [Block(kind="paragraph", text=one_line(caption.text()))] if caption else []
    found += named_by_heads(rows)
    return [block for block in found if block.text] or None


def _cell(node: LexborNode) -> Cell:
    columns, rows = (node.attributes.get(name) or "1" for name in ("colspan", "rowspan"))
    return Cell(
        text=node.text(separator=" "),
        columns=int(columns) if re.fullmatch(r"[1-9]\d{0,3}", columns) else 1,
        rows=int(rows) if re.fullmatch(r"[1-9]\d{0,3}", rows) else 1,
        head=node.tag == "th",
    )
