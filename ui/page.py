"""The page: which event goes to which handler, and how a view becomes values for the components."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import gradio as gr

from ui.answering import Answering
from ui.components import Components, lay_out
from ui.conversation import Conversation
from ui.extras import Choices, Extras
from ui.feedback import Opinion
from ui.handlers import THANKS, Handlers, View, export, messages, restore, store
from ui.own_documents import ONLY_OWN, connect_own
from ui.programs import publish
from ui.sessions import SESSIONS_KEPT
from ui.words import SEARCH_ONLY

_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "api_visibility": "private"}
_LIGHT: Final[dict[str, Any]] = {**_QUIET, "queue": False}  # answers at once, even while others wait for answers
_ASK: Final[dict[str, Any]] = {**_QUIET, "concurrency_limit": None}  # how many at once is for `ui.visitors` to say

_OPINIONS: Final[dict[str, Opinion]] = {"like": "like", "dislike": "dislike", "wrong evidence": "wrong evidence"}
_FOLLOW_LINK: Final = "() => window.dispatchEvent(new Event('conversation-restored'))"

Updates = tuple[Any, ...]


class Update(Protocol):
    """Turns a view into values for the components that show it."""

    def __call__(self, view: View, *, clear: bool = False) -> Updates:
        """The values; ``clear`` empties the question box."""


def build_page(assistant: Answering, extras: Extras | None = None) -> gr.Blocks:
    """The page for one assistant and what is offered beside it, ready to be mounted."""
    extras = extras or Extras()
    # What was uploaded is deleted when it has been read; what a broken upload left, after a while.
    page = gr.Blocks(title="CMO Assistant", analytics_enabled=False, delete_cache=(1800, 1800))
    page.state_session_capacity = SESSIONS_KEPT
    with page:
        connect(lay_out(page, assistant, extras), Handlers(assistant, extras), extras)
        publish(assistant)
    return page


def connect(parts: Components, handlers: Handlers, extras: Extras) -> None:
    """Tie every event of the page to its handler; called once, while the page is open."""
    updates = Shown(remarks=extras.feedback is not None).updates
    shown = [parts.chat, parts.conversation, parts.question, parts.status, parts.examples, parts.toolbar]
    asks = _connect_asking(parts, handlers, shown, updates)

    def stop(conversation: Conversation) -> Updates:
        return updates(handlers.stop(conversation))

    def start_anew() -> Updates:
        return updates(View((), False, "New conversation"), clear=True)

    def reload(stored: object, begun: Conversation) -> Updates:
        # A quick reader on a slow machine has asked before the page had loaded: what is begun is not swept away.
        return tuple(gr.skip() for _ in shown) if begun else updates(restore(stored))

    stopped = parts.question.stop(stop, [parts.conversation], shown, cancels=asks, **_LIGHT)
    cleared = parts.new.click(start_anew, None, shown, cancels=asks, **_LIGHT)
    for event in (*asks, stopped, cleared):
        event.then(store, [parts.conversation], [parts.stored], **_LIGHT)
    restored = parts.page.load(reload, [parts.stored, parts.conversation], shown, **_LIGHT)
    # A link to a question is followed when the stored conversation is back: the answer is added to it.
    restored.then(None, None, None, js=_FOLLOW_LINK, **_LIGHT)
    connect_own(parts.own, parts.page, parts.status, extras, _LIGHT)
    _connect_panel(parts, handlers)
    _connect_export(parts)


def _connect_asking(parts: Components, handlers: Handlers, shown: list[Any], updates: Update) -> list[Any]:
    """The ways to ask: typing, an example or a link, a follow-up, and once more."""

    def typed(question: str, conversation: Conversation, setting: str, mode: str, *who: Any) -> Iterator[Updates]:  # noqa: ANN401
        if not question.strip():
            yield tuple(gr.skip() for _ in shown)
            return
        views = handlers.ask(question, conversation, setting, mode == SEARCH_ONLY, _choices(*who))
        for step, view in enumerate(views):
            yield updates(view, clear=step == 0)

    def followed(event: gr.SelectData, *given: Any) -> Iterator[Updates]:  # noqa: ANN401
        yield from typed(str(event.value), *given)

    def picked(event: gr.EventData, *given: Any) -> Iterator[Updates]:  # noqa: ANN401
        yield from typed(str(_data(event).get("question", "")), *given)

    def again(event: gr.EventData, conversation: Conversation, *who: Any) -> Iterator[Updates]:  # noqa: ANN401
        number = _number(event, conversation)
        if number is None:
            yield tuple(gr.skip() for _ in shown)
            return
        for view in handlers.again(number, conversation, _choices(*who)):
            yield updates(view)

    who = [parts.model, parts.own.ticket, parts.own.only]
    given = [parts.conversation, parts.setting, parts.mode, *who]
    return [
        parts.question.submit(typed, [parts.question, *given], shown, **_ASK),
        parts.chat.option_select(followed, given, shown, **_ASK),
        parts.panel.submit(picked, given, shown, **_ASK),
        parts.panel.retry(again, [parts.conversation, *who], shown, **_ASK),
    ]


def _choices(model: str, ticket: str, only: str) -> Choices:
    return Choices(model=model, ticket=ticket, only_own=only == ONLY_OWN)


def _number(event: gr.EventData, conversation: Conversation) -> int | None:
    """Which exchange the page's script speaks of; None where the conversation has none such."""
    number = str(_data(event).get("number", ""))
    return int(number) if number.isdecimal() and int(number) < len(conversation) else None


def _connect_panel(parts: Components, handlers: Handlers) -> None:
    """Marks open the panel; "edit" puts the question back into the box; opinions are kept."""

    def show(conversation: Conversation, ticket: str, event: gr.EventData) -> str:
        asked = _data(event)
        action, ref = str(asked.get("action", "")), str(asked.get("ref", ""))
        inner = handlers.panel(action, ref, conversation, Choices(ticket=ticket))
        stamp = asked.get("stamp")
        return f'<div data-stamp="{stamp if isinstance(stamp, int) else 0}">{inner}</div>'

    def edit(conversation: Conversation, event: gr.EventData) -> str:
        number = _number(event, conversation)
        return "" if number is None else conversation[number].question

    def opine(conversation: Conversation, event: gr.EventData) -> str:
        said = _data(event)
        opinion = _OPINIONS.get(str(said.get("opinion")))
        if opinion is None:
            return ""
        told = handlers.opine(opinion, str(said.get("ref", "")), str(said.get("comment", "")), conversation)
        (gr.Info if told == THANKS else gr.Warning)(told, duration=5)
        return told

    parts.panel.select(show, [parts.conversation, parts.own.ticket], [parts.panel], **_LIGHT)
    parts.panel.edit(edit, [parts.conversation], [parts.question], **_LIGHT)
    # Through the queue: outside it Gradio has no way to show a notice.
    parts.panel.like(opine, [parts.conversation], [parts.status], concurrency_limit=None, **_QUIET)


def _connect_export(parts: Components) -> None:
    def take_along(conversation: Conversation, event: gr.EventData) -> dict[str, str]:
        how, _, form = str(_data(event).get("how", "")).partition("-")
        return {**export(conversation, form), "how": how}

    parts.panel.download(take_along, [parts.conversation], [parts.download], **_LIGHT)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a view is shown; ``remarks`` asks the reader what they think of answers."""

    remarks: bool

    def updates(self, view: View, *, clear: bool = False) -> Updates:
        """A view as values for the components that show it; ``clear`` empties the question box."""
        begun = bool(view.conversation)
        box: dict[str, Any] = {"value": ""} if clear else {}
        box["submit_btn"] = False if view.working else "Ask"
        box["stop_btn"] = "Stop" if view.working else False
        chat = messages(view.conversation, working=view.working, remarks=self.remarks)
        return (
            gr.update(value=chat, visible=True if begun else "hidden"),
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
