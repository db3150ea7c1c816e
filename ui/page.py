"""The page: which event goes to which handler, and how a view becomes values for the components."""

from collections.abc import Iterator
from typing import Any, Final

import gradio as gr

from ui.components import Components, lay_out
from ui.handlers import Answering, Conversation, Handlers, View, export, messages, restore, store
from ui.programs import publish
from ui.words import SEARCH_ONLY

_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "api_visibility": "private"}
_LIGHT: Final[dict[str, Any]] = {**_QUIET, "queue": False}  # answers at once, even while others wait for answers
_ASK: Final[dict[str, Any]] = {**_QUIET, "concurrency_limit": None}  # how many at once is for `ui.visitors` to say

Updates = tuple[Any, ...]


def build_page(assistant: Answering) -> gr.Blocks:
    """The page for one assistant, ready to be mounted."""
    page = gr.Blocks(title="CMO Assistant", analytics_enabled=False)
    with page:
        connect(lay_out(page, assistant), Handlers(assistant))
        publish(assistant)
    return page


def connect(parts: Components, handlers: Handlers) -> None:
    """Tie every event of the page to its handler; called once, while the page is open."""
    shown = [parts.chat, parts.conversation, parts.question, parts.status, parts.examples, parts.toolbar]
    asks = _connect_asking(parts, handlers, shown)

    def stop(conversation: Conversation) -> Updates:
        return updates(handlers.stop(conversation))

    def start_anew() -> Updates:
        return updates(View((), False, "New conversation"), clear=True)

    def reload(stored: object) -> Updates:
        return updates(restore(stored))

    stopped = parts.question.stop(stop, [parts.conversation], shown, cancels=asks, **_LIGHT)
    cleared = parts.new.click(start_anew, None, shown, cancels=asks, **_LIGHT)
    for event in (*asks, stopped, cleared):
        event.then(store, [parts.conversation], [parts.stored], **_LIGHT)
    parts.page.load(reload, [parts.stored], shown, **_LIGHT)
    _connect_panel(parts, handlers)
    _connect_export(parts)


def _connect_asking(parts: Components, handlers: Handlers, shown: list[Any]) -> list[Any]:
    """The three ways to ask: typing, an example, a follow-up."""

    def typed(question: str, conversation: Conversation, setting: str, mode: str) -> Iterator[Updates]:
        if not question.strip():
            yield tuple(gr.skip() for _ in shown)
            return
        for step, view in enumerate(handlers.ask(question, conversation, setting, mode == SEARCH_ONLY)):
            yield updates(view, clear=step == 0)

    def followed(conversation: Conversation, setting: str, mode: str, event: gr.SelectData) -> Iterator[Updates]:
        yield from typed(str(event.value), conversation, setting, mode)

    def picked(conversation: Conversation, setting: str, mode: str, event: gr.EventData) -> Iterator[Updates]:
        yield from typed(str(_data(event).get("question", "")), conversation, setting, mode)

    given = [parts.conversation, parts.setting, parts.mode]
    return [
        parts.question.submit(typed, [parts.question, *given], shown, **_ASK),
        parts.chat.option_select(followed, given, shown, **_ASK),
        parts.panel.submit(picked, given, shown, **_ASK),
    ]


def _connect_panel(parts: Components, handlers: Handlers) -> None:
    """Marks open the panel; "edit and ask again" puts the question back into the box."""

    def show(conversation: Conversation, event: gr.EventData) -> str:
        asked = _data(event)
        inner = handlers.panel(str(asked.get("action", "")), str(asked.get("ref", "")), conversation)
        stamp = asked.get("stamp")
        return f'<div data-stamp="{stamp if isinstance(stamp, int) else 0}">{inner}</div>'

    def edit(conversation: Conversation, event: gr.EventData) -> str:
        number = str(_data(event).get("number", ""))
        known = number.isdecimal() and int(number) < len(conversation)
        return conversation[int(number)].question if known else ""

    parts.panel.select(show, [parts.conversation], [parts.panel], **_LIGHT)
    parts.panel.edit(edit, [parts.conversation], [parts.question], **_LIGHT)


def _connect_export(parts: Components) -> None:
    def as_markdown(conversation: Conversation) -> dict[str, str]:
        return export(conversation, "markdown")

    def as_json(conversation: Conversation) -> dict[str, str]:
        return export(conversation, "json")

    parts.markdown.click(as_markdown, [parts.conversation], [parts.download], **_LIGHT)
    parts.json.click(as_json, [parts.conversation], [parts.download], **_LIGHT)


def updates(view: View, *, clear: bool = False) -> Updates:
    """A view as values for the components that show it; ``clear`` empties the question box."""
    begun = bool(view.conversation)
    box: dict[str, Any] = {"value": ""} if clear else {}
    box["submit_btn"] = False if view.working else "Ask"
    box["stop_btn"] = "Stop" if view.working else False
    return (
        gr.update(value=messages(view.conversation, working=view.working), visible=True if begun else "hidden"),
        view.conversation,
        gr.update(**box),
        view.announcement,
        gr.update(visible=not begun),
        gr.update(visible=begun),
    )


def _data(event: gr.EventData) -> dict[str, Any]:
    """What the page's script sent with an event; an empty dict where it sent anything else."""
    data = event._data
    return data if isinstance(data, dict) else {}
