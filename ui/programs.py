"""What programs may call over HTTP: ``/ask`` and ``/search``, through gradio_client or plain requests."""

from dataclasses import asdict
from typing import Any, Final

import gradio as gr
from gradio.events import api

from corpus.errors import UserError
from ui.answering import Answering

MOST_PASSAGES: Final = 50


def publish(assistant: Answering) -> None:
    """Add the endpoints to the page that is open; called once."""

    def ask(question: str, setting: str | None = None) -> dict[str, Any]:
        """Answer a question from the documents, every sentence with its quotes.

        Args:
            question: in plain words.
            setting: hospital, health_center, payer, pharma or government; None for any.

        """
        try:
            return assistant.answer(question, setting=setting).to_dict()
        except UserError as error:
            raise gr.Error(str(error)) from None

    def search(query: str, k: int = 10, setting: str | None = None) -> list[dict[str, Any]]:
        """List the passages nearest to a query, best first.

        Args:
            query: words or a question.
            k: how many passages, 1 to 50.
            setting: hospital, health_center, payer, pharma or government; None for any.

        """
        try:
            return [asdict(hit) for hit in find(assistant, query, k, setting)]
        except UserError as error:
            raise gr.Error(str(error)) from None

    for function in (ask, search):
        api(function, api_name=function.__name__, concurrency_limit=None)


def find(assistant: Answering, query: str, k: int, setting: str | None) -> list[Any]:
    """The k passages nearest to a query.

    Raises:
        UserError: the query is blank, or k is not 1 to 50.

    """
    if not query.strip():
        raise UserError("the query is blank. Give it a word or a question.")
    if not 1 <= k <= MOST_PASSAGES:
        raise UserError(f"k must be 1 to {MOST_PASSAGES}, not {k}.")
    return assistant.search(query, k=k, setting=setting)
