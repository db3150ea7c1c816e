"""The visitor's own documents on the page: adding them with progress for each file, the list, removing, the choice."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import gradio as gr

from corpus.errors import UserError
from ui.extras import Extras
from ui.markup import escape
from ui.uploads import Collection, Collections
from ui.words import count_words

ALL, ONLY_OWN = "All documents", "Only mine"
_PRIVATE: Final = "Only you can see these. They are deleted a while after you close the page."
_SHARED: Final = "Everyone who opens this page sees these, and can remove them."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnParts:
    """The components of one's own documents."""

    add: gr.UploadButton
    shown: gr.HTML
    only: gr.Radio
    ticket: gr.State
    kept: gr.BrowserState  # the ticket, for the next visit of the same browser
    chosen: gr.BrowserState  # what ``only`` was set to, for the same


def own_html(collection: Collection | None, extras: Extras, pending: Sequence[tuple[str, str]] = ()) -> str:
    """The documents with what is being done with others: (name, "" for at work or the reason why it was left out)."""
    documents = collection.documents if collection else ()
    if not documents and not pending:
        return ""
    shared = extras.collections is not None and extras.collections.shared
    rows = [_row(document.name, count_words(document.passages, "passage"), "ready") for document in documents]
    rows += [_row(name, f"left out: {why}" if why else "reading …", "out" if why else "busy") for name, why in pending]
    title = "Documents added here" if shared else "Your documents"
    return (
        f'<section class="own" aria-label="{title}"><p class="kicker">{title} '
        f'<span class="small">{_SHARED if shared else _PRIVATE}</span></p><ul>{"".join(rows)}</ul></section>'
    )


def _row(name: str, fact: str, state: str) -> str:
    shown = escape(name)
    remove = (
        ""
        if state == "busy"
        else f'<button type="button" class="forget" data-forget="{shown}" aria-label="Remove {shown}">×</button>'
    )
    return (
        f'<li class="{state}"><span class="name">{shown}</span> <span class="fact">{escape(fact)}</span>{remove}</li>'
    )


def connect_own(parts: OwnParts, page: gr.Blocks, status: gr.HTML, extras: Extras, quiet: dict[str, Any]) -> None:
    """Tie adding, removing and coming back to the collection; nothing where the page offers none."""
    collections = extras.collections
    if collections is None:
        return
    shown = [parts.shown, parts.only, parts.ticket, parts.kept, status]

    def add(files: list[str] | None, ticket: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        paths = [Path(file) for file in files or []]
        try:
            ticket = ticket if collections.of(ticket) else collections.begin()
            collections.arrive(ticket, request.session_hash or "")
            yield from _add(paths, ticket, collections, extras)
        except UserError as error:
            yield (*_view(collections.of(ticket), extras, ticket), escape(str(error)))
            gr.Warning(escape(str(error)), duration=8)
        finally:
            for path in paths:  # the server's copy of the upload; Gradio gives each a folder of its own
                shutil.rmtree(path.parent, ignore_errors=True)

    def forget(ticket: str, event: gr.EventData) -> tuple[Any, ...]:
        name, collection = str((event._data or {}).get("name", "")), collections.of(ticket)
        if collection:
            collection.remove(name)
        return (*_view(collection, extras, ticket), f"Removed {escape(name)}")

    def come_back(kept: object, chosen: object, request: gr.Request) -> tuple[Any, ...]:
        ticket = kept if isinstance(kept, str) and collections.of(kept) else ""
        collections.arrive(ticket, request.session_hash or "")
        own, choice, *tickets = _view(collections.of(ticket), extras, ticket)
        if choice["visible"] and chosen == ONLY_OWN:
            choice = gr.update(visible=True, value=ONLY_OWN)
        return (own, choice, *tickets, "")

    def leave(request: gr.Request) -> None:
        collections.leave(request.session_hash or "")

    work = {**quiet, "queue": True, "concurrency_limit": 1, "concurrency_id": "index"}  # encoding takes the machine
    parts.add.upload(add, [parts.add, parts.ticket], shown, **work)
    parts.shown.delete(forget, [parts.ticket], shown, **quiet)
    parts.only.input(str, [parts.only], [parts.chosen], **quiet)
    page.load(come_back, [parts.kept, parts.chosen], shown, **quiet)
    page.unload(leave)


def _add(paths: Sequence[Path], ticket: str, collections: Collections, extras: Extras) -> Iterator[tuple[Any, ...]]:
    """Take the files in one by one; yields the list after each, the last time with what to announce."""
    collection = collections.of(ticket)
    assert collection is not None  # noqa: S101 - begun just before
    out: list[tuple[str, str]] = []
    for place, path in enumerate(paths):
        waiting = [(later.name, "") for later in paths[place:]]
        yield (*_view(collection, extras, ticket, [*out, *waiting]), gr.skip())
        if reason := collection.add(path, path.name):
            out.append((path.name, reason))
    added = count_words(len(paths) - len(out), "document")
    said = f"{added} added" + (f", {len(out)} left out" if out else "")
    yield (*_view(collection, extras, ticket, out), said)


def _view(
    collection: Collection | None, extras: Extras, ticket: str, pending: Sequence[tuple[str, str]] = ()
) -> tuple[Any, ...]:
    """Values for the list, the choice (only where there are documents), the ticket and its copy in the browser."""
    some = bool(collection and collection.documents)
    choice = gr.update(visible=True) if some else gr.update(visible=False, value=ALL)
    return own_html(collection, extras, pending), choice, ticket, ticket


def own_list(script: str) -> gr.HTML:
    """Where the documents are listed."""
    return gr.HTML("", elem_id="own", apply_default_css=False, padding=False, js_on_load=script)


def add_button(extras: Extras) -> gr.UploadButton:
    """The button that opens the file chooser; files dropped on the page go the same way."""
    offered = extras.collections is not None
    return gr.UploadButton("Add documents", file_count="multiple", size="sm", elem_id="add", visible=offered)


def only_choice() -> gr.Radio:
    """Whether answers come from all documents or one's own alone; shown where there are own ones."""
    return gr.Radio(
        [ALL, ONLY_OWN],
        value=ALL,
        label="Answer from",
        show_label=False,
        container=False,
        visible=False,
        elem_id="only",
    )
