"""The page's components and their order; what happens on an event is in `ui.page`.

Gradio's session state holds the conversation; the browser's storage keeps a copy, so that a reload loses nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gradio as gr

from assistant.journey import LONGEST_QUESTION
from ui.answering import Answering
from ui.extras import Extras
from ui.markup import escape
from ui.own_documents import OwnParts, add_button, only_choice, own_list
from ui.welcome import coverage_html, examples_html, header_html
from ui.words import ANY_SETTING, MODES, SETTING_WORDS

STATIC: Final = Path(__file__).parent / "static"

# Gradio encrypts what it stores in the browser with this. It guards nothing: it only has to stay the same from one
# start to the next, or stored conversations would be lost.
_STORAGE_SECRET: Final = "cmo-assistant"  # noqa: S105

# The reader's own fonts: nothing is fetched from anywhere.
_FONTS: Final = ("ui-sans-serif", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Helvetica Neue", "sans-serif")
_MONO: Final = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Every component that an event reads or writes."""

    page: gr.Blocks
    conversation: gr.State
    stored: gr.BrowserState
    toolbar: gr.Row
    new: gr.Button
    examples: gr.HTML
    chat: gr.Chatbot
    question: gr.Textbox
    mode: gr.Radio
    setting: gr.Dropdown
    model: gr.Dropdown
    own: OwnParts
    status: gr.HTML
    panel: gr.HTML
    download: gr.HTML


# The browser's script knows what each of these asks for.
_TAKE_ALONG: Final = (
    '<details class="menu"><summary>Copy or save</summary><div>'
    '<button type="button" data-take="copy-markdown">Copy as Markdown</button>'
    '<button type="button" data-take="copy-json">Copy as JSON</button>'
    '<button type="button" data-take="save-markdown">Save as Markdown</button>'
    '<button type="button" data-take="save-json">Save as JSON</button></div></details>'
)


def theme() -> gr.themes.Base:
    """Gradio's plainest theme; ``page.css`` does the rest."""
    return gr.themes.Base(font=_FONTS, font_mono=_MONO)


def lay_out(page: gr.Blocks, assistant: Answering, extras: Extras) -> Components:
    """Place the components from top to bottom; called once, while the page is open."""
    topics = assistant.topics()
    _html(header_html(topics), "header")
    toolbar, new = _toolbar()
    examples = _html(examples_html(topics), "examples")
    _html(coverage_html(topics), "coverage")
    chat = _chat()
    with gr.Column(elem_id="composer"):
        shown = own_list(_script("own.js"))
        only = only_choice()
        question = _question()
        with gr.Row(elem_id="choices"):
            mode = _mode()
            add = add_button(extras)
            model = _model(assistant, extras)
            setting = _setting()
        _html(_foot(assistant), "foot")
    return Components(
        page=page,
        conversation=gr.State(()),
        stored=gr.BrowserState([], storage_key="cmo-assistant-conversation", secret=_STORAGE_SECRET),
        toolbar=toolbar,
        new=new,
        examples=examples,
        chat=chat,
        question=question,
        mode=mode,
        setting=setting,
        model=model,
        own=OwnParts(
            add=add,
            shown=shown,
            only=only,
            ticket=gr.State(""),
            kept=gr.BrowserState("", storage_key="cmo-assistant-documents", secret=_STORAGE_SECRET),
            chosen=gr.BrowserState("", storage_key="cmo-assistant-answer-from", secret=_STORAGE_SECRET),
        ),
        status=gr.HTML(
            "", elem_id="status", html_template='<div role="status" aria-live="polite" class="vh">${value}</div>'
        ),
        panel=gr.HTML(
            "",
            elem_id="panel",
            html_template='<aside aria-label="Source">${value}</aside>',
            apply_default_css=False,
            js_on_load=_script("page.js") + _script("preview.js"),
        ),
        download=gr.HTML(
            None,
            elem_id="download",
            html_template="",
            js_on_load=_script("download.js"),
        ),
    )


def _html(value: str, elem_id: str) -> gr.HTML:
    """Our own markup under our own styles."""
    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, padding=False)


def _script(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _toolbar() -> tuple[gr.Row, gr.Button]:
    """What can be done with a conversation, once there is one."""
    with gr.Row(visible=False, elem_id="toolbar") as toolbar:
        new = gr.Button("New conversation", size="sm")
        _html(_TAKE_ALONG, "take-along")
    return toolbar, new


def _chat() -> gr.Chatbot:
    """The conversation: our own HTML in Gradio's chat, with its Markdown extras off and its sanitiser on."""
    return gr.Chatbot(
        elem_id="chat",
        visible="hidden",
        show_label=False,
        container=False,
        height=None,
        autoscroll=False,
        buttons=[],
        latex_delimiters=[],
        line_breaks=False,
        allow_tags=False,
        group_consecutive_messages=False,
        feedback_options=None,
    )


def _question() -> gr.Textbox:
    return gr.Textbox(
        elem_id="question",
        label="Your question",
        placeholder="Ask a question",
        show_label=False,
        container=False,
        autofocus=True,
        lines=1,
        max_lines=6,
        max_length=2 * LONGEST_QUESTION,  # what is beyond that, the answer says, was not read
        submit_btn="Ask",
    )


def _mode() -> gr.Radio:
    """Whether to answer, or to list passages only."""
    return gr.Radio(list(MODES), value=MODES[0], label="Mode", show_label=False, container=False, elem_id="mode")


def _setting() -> gr.Dropdown:
    """For which kind of employer."""
    settings = [(words, name) for name, words in SETTING_WORDS.items()]
    return _dropdown(settings, ANY_SETTING, "Kind of employer", "setting")


def _model(assistant: Answering, extras: Extras) -> gr.Dropdown:
    """Who writes the answers; shown where there is a choice."""
    names = [assistant.model, *(other.model for other in extras.models)]
    dropdown = _dropdown([(name, name) for name in names], assistant.model, "Model", "model")
    dropdown.visible = len(names) > 1
    return dropdown


def _dropdown(choices: list[tuple[str, str]], value: str, label: str, elem_id: str) -> gr.Dropdown:
    return gr.Dropdown(
        choices,
        value=value,
        label=label,
        show_label=False,
        container=False,
        filterable=False,
        elem_id=elem_id,
    )


def _foot(assistant: Answering) -> str:
    return (
        '<p class="small">General information, not medical, legal or career advice. '
        f"Model: {escape(assistant.model)}. Documents: version {escape(assistant.index_version)}.</p>"
    )
