"""What a first visitor sees: what this is, what the documents cover, and questions that they answer."""

import re
from collections.abc import Sequence
from typing import Final

from assistant.answers import Topic
from ui.markup import escape, inline
from ui.words import count_words, topic_order, topic_words

EXAMPLES = 6
QUESTIONS_PER_TOPIC = 8
PER_AUDIENCE = 2

# Who asks what: the documents' own questions, told apart by their words.
_AUDIENCES: Final = (
    ("Physicians who aim for the post", re.compile(r"\bI become\b|\bneed an MBA\b|\bcareer path\b", re.I)),
    ("Boards and recruiters", re.compile(r"\bwe look for in a CMO\?|\bboard decide\b", re.I)),
    ("Health centers", re.compile(r"\bhealth center\b|\bFQHC\b", re.I)),
    ("Students", re.compile(r"^What (?:is a chief medical officer|does a chief medical officer do)\?$", re.I)),
)


def header_html(topics: Sequence[Topic]) -> str:
    """The name and one sentence on what to expect; of documents other than the bundled ones, only how many they are."""
    documents = count_words(sum(topic.documents for topic in topics), "document")
    bundled = any(topic.sources for topic in topics)  # these name the publications behind their facts
    answers = (
        "about the Chief Medical Officer role in healthcare, from a fixed set of documents"
        if bundled
        else f"from {documents}"
    )
    return (
        '<header class="masthead"><h1>CMO Assistant</h1>'
        f"<p>Answers {answers}. "
        "Every sentence links to the quote that it was checked against; where the documents are silent, it says so."
        "</p></header>"
    )


def examples_html(topics: Sequence[Topic]) -> str:
    """Questions by kind of user; of documents that tell no such kinds apart, the first question of each topic."""
    ordered = sorted(topics, key=topic_order)
    cards = _by_audience(ordered) or [
        _card(topic_words(topic.name), topic.questions[:1]) for topic in ordered if topic.questions
    ]
    if not cards:
        return ""
    return (
        '<section class="examples"><h2>Try a question</h2>'
        f'<div class="cards">{"".join(cards[:EXAMPLES])}</div></section>'
    )


def _by_audience(topics: Sequence[Topic]) -> list[str]:
    """A card for each kind of user; none where the documents answer fewer than two kinds."""
    questions = [question for topic in topics for question in topic.questions]
    found = [(name, [q for q in questions if words.search(q)][:PER_AUDIENCE]) for name, words in _AUDIENCES]
    cards = [_card(name, fitting) for name, fitting in found if len(fitting) == PER_AUDIENCE]
    return cards if len(cards) > 1 else []


def _card(label: str, questions: Sequence[str]) -> str:
    asks = "".join(_question(question) for question in questions)
    return f'<div class="card"><h3 class="kicker">{escape(label)}</h3>{asks}</div>'


def coverage_html(topics: Sequence[Topic]) -> str:
    """What the documents cover: totals in a line, each topic with counts, years, titles and questions."""
    documents = sum(topic.documents for topic in topics)
    total = f"{count_words(documents, 'document')} on {count_words(len(topics), 'topic')}"
    years = [topic.published for topic in topics if topic.published]
    if years:
        drawn = "from publications of" if any(topic.sources for topic in topics) else "of"
        total += f", {drawn} {_span(min(first for first, _ in years), max(last for _, last in years))}"
    rows = "".join(_topic(topic) for topic in sorted(topics, key=topic_order))
    return (
        '<details class="coverage"><summary><span>What the documents cover</span>'
        f'<span class="total">{total}</span></summary><div class="topics">{rows}</div></details>'
    )


def _span(first: str, last: str) -> str:
    return escape(first) if first == last else f"{escape(first)} to {escape(last)}"


def _topic(topic: Topic) -> str:
    facts = [count_words(topic.documents, "document"), count_words(topic.passages, "passage")]
    facts += [count_words(topic.sources, "publication")] if topic.sources else []
    facts += [_span(*topic.published)] if topic.published else []
    titles = "".join(f"<li>{inline(title)}</li>" for title in topic.titles)
    step = -(-len(topic.questions) // QUESTIONS_PER_TOPIC) or 1  # every so many, so that all its documents have a say
    questions = "".join(f"<li>{_question(question)}</li>" for question in topic.questions[::step])
    inner = f"<ul>{titles}</ul>" + (f'<p class="kicker">Ask</p><ul class="asks">{questions}</ul>' if questions else "")
    return (
        f'<details class="topic"><summary><span class="name">{escape(topic_words(topic.name))}</span>'
        f'<span class="counts">{" · ".join(facts)}</span></summary>{inner}</details>'
    )


def _question(question: str) -> str:
    words = escape(question)
    return f'<button type="button" class="ask" data-ask="{words}">{words}</button>'
