"""What stands behind a mark: the passage with its quote highlighted, who published it, and the whole document.

Pure functions. Their HTML goes into the page as it is, without a sanitiser, so every text passes through `ui.markup`.
"""

from assistant.answers import Citation, Statement, Verdict
from corpus.documents import Document, Passage, Source
from index.hits import Hit
from ui.markup import document_html, escape, inline, link
from ui.words import OWN_FACT, OWN_TOPIC, VERDICT_ICONS, VERDICT_WORDS, setting_words

_VERDICT_EXPLAINED: dict[Verdict, str] = {
    "quoted": "The sentence stands in the document as it is shown.",
    "supported": "The sentence was checked against this quote before it was shown.",
}


def citation_html(citation: Citation, statement: Statement, address: str, *, remarks: bool = False) -> str:
    """The panel for one mark; ``address`` names the citation, so that its document can be asked for.

    ``remarks`` lets the reader say that the evidence is wrong.
    """
    body = [
        _verdict(statement),
        f'<p class="claim">{inline(statement.text)}</p>' if statement.verdict != "quoted" else "",
        f'<p class="label">The passage</p>{passage_html(citation.passage, citation.start, citation.end)}',
        _apart(citation),
        _button("document", address, "See it in the document"),
        facts_html(citation.publisher, citation.date, citation.settings, citation.url, citation.passage),
        sources_html(citation.sources),
        _wrong(address) if remarks else "",
    ]
    return _panel(f"Source {citation.marker}", citation.passage.title, "".join(body))


def hit_html(hit: Hit, document: Document, address: str) -> str:
    """The panel for a passage that was found: the passage whole, nothing highlighted."""
    body = [
        f'<p class="label">The passage</p>{passage_html(hit.passage, 0, 0)}',
        _button("document", address, "See it in the document"),
        facts_html(document.publisher, document.date, document.settings, document.url, hit.passage),
    ]
    return _panel(f"Passage {hit.rank}", hit.passage.title, "".join(body))


def document_view_html(document: Document, start: int, end: int, address: str) -> str:
    """A whole document with the span ``start`` to ``end`` highlighted."""
    text = document_html(document.text, mark_start=start, mark_end=end, title=document.title)
    body = [
        _button("cite", address, "Back to the passage"),
        facts_html(document.publisher, document.date, document.settings, document.url, None),
        f'<div class="document">{text}</div>',
    ]
    return _panel("Document", document.title, "".join(body), wide=True)


def missing_html(message: str) -> str:
    """The panel where what was asked for is gone, say after the documents were indexed anew."""
    return _panel("Not found", "This can’t be opened", f'<p class="notice">{escape(message)}</p>')


def passage_html(passage: Passage, start: int, end: int) -> str:
    """A passage under its headings; ``start`` and ``end`` are offsets into the document, as citations have them."""
    mark_start, mark_end = start - passage.start, end - passage.start
    text = document_html(passage.text, mark_start=mark_start, mark_end=mark_end, title=passage.title)
    above = [heading for heading in passage.headings if heading != passage.title and heading not in passage.text]
    trail = f'<p class="trail">{" › ".join(escape(heading) for heading in above)}</p>' if above else ""
    return f'{trail}<blockquote class="passage">{text}</blockquote>'


def facts_html(
    publisher: str | None, date: str | None, settings: tuple[str, ...], url: str | None, passage: Passage | None
) -> str:
    """Who published the document, when, of which setting it speaks and where it is."""
    own = passage is not None and passage.doc_id.startswith(f"{OWN_TOPIC}/")
    rows = [("From", OWN_FACT)] if own else []
    rows += [("Publisher", escape(publisher))] if publisher else []
    rows.append(("Date", escape(date) if date else "not given"))
    rows.append(("Setting", escape(setting_words(settings))))
    if passage is not None and passage.page is not None:
        rows.append(("Page", str(passage.page)))
    if url:
        rows.append(("Original", link(url, url)))
    cells = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    return f'<dl class="facts">{cells}</dl>'


def sources_html(sources: tuple[Source, ...]) -> str:
    """The publications that the document itself names for the sentence."""
    if not sources:
        return ""
    items = "".join(f"<li>{_source(source)}</li>" for source in sources)
    return f'<p class="label">The document’s own sources for this sentence</p><ol class="sources">{items}</ol>'


def _source(source: Source) -> str:
    facts = " · ".join(escape(fact) for fact in (source.publisher, source.date) if fact)
    return link(source.url, source.title) + (f'<span class="by">{facts}</span>' if facts else "")


def _verdict(statement: Statement) -> str:
    verdict = statement.verdict
    return (
        f'<p class="verdict {verdict}"><span class="icon" aria-hidden="true">{VERDICT_ICONS[verdict]}</span>'
        f"<strong>{VERDICT_WORDS[verdict]}.</strong> {_VERDICT_EXPLAINED[verdict]}</p>"
    )


def _apart(citation: Citation) -> str:
    """The quote by itself where it lies outside its passage and so can't be highlighted there."""
    passage = citation.passage
    if passage.start <= citation.start and citation.end <= passage.end:
        return ""
    return (
        f'<p class="label">The quote</p><blockquote class="passage"><mark>{inline(citation.quote)}</mark></blockquote>'
    )


def _wrong(address: str) -> str:
    """Where a reader says that a quote does not bear its sentence out."""
    return (
        '<details class="wrong"><summary>This evidence is wrong</summary>'
        '<label for="wrong-comment">What is wrong with it? (optional)</label>'
        '<textarea id="wrong-comment" rows="3" maxlength="2000"></textarea>'
        f'<button type="button" class="action" data-opinion="wrong evidence" data-ref="{escape(address)}">'
        "Send to the keepers of this server</button></details>"
    )


def _button(action: str, address: str, words: str) -> str:
    return (
        f'<p><button type="button" class="action" data-do="{action}" data-ref="{escape(address)}">{words}</button></p>'
    )


def _panel(kicker: str, title: str, body: str, *, wide: bool = False) -> str:
    return (
        f'<div class="panel-inner{" wide" if wide else ""}"><div class="panel-head"><div>'
        f'<p class="kicker">{kicker}</p><h2 id="panel-title" tabindex="-1">{escape(title)}</h2></div>'
        '<button type="button" class="close" data-do="close" aria-label="Close the panel">×</button></div>'
        # It scrolls: whoever uses the keyboard must be able to reach it.
        f'<div class="panel-body" tabindex="0" role="region" aria-labelledby="panel-title">{body}</div></div>'
    )
