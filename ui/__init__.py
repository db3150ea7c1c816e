"""The page: what an `Answer` looks like, and how a reader gets from a sentence to the quote behind it.

``python -m ui`` serves it. ``rendering``, ``panel``, ``welcome`` and ``export`` are pure functions from values to text;
``page`` puts them into Gradio; ``serving`` puts the page behind an address.
"""

from ui.conversation import Exchange
from ui.export import conversation_to_json, conversation_to_markdown
from ui.rendering import answer_html, exchange_html

__all__ = ["Exchange", "answer_html", "conversation_to_json", "conversation_to_markdown", "exchange_html"]
