"""What a first visitor sees: what this is, what the documents cover, and questions that they answer."""

from collections.abc import Sequence

from assistant.answers import Topic
from ui.markup import escape, inline
from ui.words import count_words, topic_order, topic_words

EXAMPLES = 6
QUESTIONS_PER_TOPIC = 8


def header_html() -> str:
    """The name and one sentence on what to expect."""
    return (
        '<header class="masthead"><h1>CMO Assistant</h1>'
        "<p>Answers about the Chief Medical Officer role in healthcare, from a fixed set of documents. "
        "Every sentence links to the quote that it was checked against; where the documents are silent, it says so."
        "</p></header>"
    )


def examples_html(topics: Sequence[Topic]) -> str:
    """The first question of each topic, one card each, so that the cards show the breadth of the documents."""
    shown = [topic for topic in sorted(topics, key=topic_order) if topic.questions][:EXAMPLES]
    if not shown:
        return ""
    cards = "".join(_question(topic.questions[0], topic_words(topic.name)) for topic in shown)
    return f'<section class="examples"><h2>Try a question</h2><div class="cards">{cards}</div></section>'


def coverage_html(topics: Sequence[Topic]) -> str:
    """What the documents cover: totals in a line, each topic with counts, newest date, titles and questions."""
    documents = sum(topic.documents for topic in topics)
    newest = max((topic.newest for topic in topics if topic.newest), default=None)
    total = f"{count_words(documents, 'document')} on {count_words(len(topics), 'topic')}"
    total += f", newest {escape(newest)}" if newest else ""
    rows = "".join(_topic(topic) for topic in sorted(topics, key=topic_order))
    return (
        '<details class="coverage"><summary><span>What the documents cover</span>'
        f'<span class="total">{total}</span></summary><div class="topics">{rows}</div></details>'
    )


def _topic(topic: Topic) -> str:
    facts = [count_words(topic.documents, "document"), count_words(topic.passages, "passage")]
    facts += [f"newest {escape(topic.newest)}"] if topic.newest else []
    titles = "".join(f"<li>{inline(title)}</li>" for title in topic.titles)
    step = -(-len(topic.questions) // QUESTIONS_PER_TOPIC) or 1  # every so many, so that all its documents have a say
    questions = "".join(f"<li>{_question(question, '')}</li>" for question in topic.questions[::step])
    inner = f"<ul>{titles}</ul>" + (f'<p class="kicker">Ask</p><ul class="asks">{questions}</ul>' if questions else "")
    return (
        f'<details class="topic"><summary><span class="name">{escape(topic_words(topic.name))}</span>'
        f'<span class="counts">{" · ".join(facts)}</span></summary>{inner}</details>'
    )


def _question(question: str, label: str) -> str:
    head = f'<span class="kicker">{escape(label)}</span>' if label else ""
    words = escape(question)
    return f'<button type="button" class="ask" data-ask="{words}">{head}<span>{words}</span></button>'
