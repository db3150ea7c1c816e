"""An answer as HTML: sentences with marks that open their quotes, disagreements, refusals, and what was held back.

Pure functions, and one line each: a chat renders Markdown, and an HTML block without line ends is the one thing that
Markdown leaves alone. A mark's address says where its citation is: ``#cite-EXCHANGE-STATEMENT-MARKER``.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from urllib.parse import quote

from assistant.answers import Answer, Citation, Conflict, Dropped, Statement
from index.hits import Hit
from ui.conversation import Exchange
from ui.export import answer_to_markdown
from ui.markup import escape, escape_lines, inline, plain_line
from ui.words import DROP_EXPLAINED, DROP_WORDS, VERDICT_WORDS, count_words, setting_words

PARAGRAPH = 3  # sentences: independent findings read as a wall when more of them run on

HEADLINE = 240  # characters of a question up to which it is set as a headline


def question_html(exchange: Exchange, number: int) -> str:
    """What the person asked, and a way to change it; ``number`` is the exchange's place in the conversation."""
    setting = f'<span class="of">{escape(setting_words((exchange.setting,)))}</span>' if exchange.setting else ""
    # A follow-up says little by itself: a link to it asks what it was understood as.
    whole = quote(exchange.answer.query if exchange.answer else exchange.question, safe="", errors="replace")
    long = ' class="long"' if len(exchange.question) > HEADLINE else ""
    return (
        f'<div class="question"><h2{long}>{escape(exchange.question)}</h2>'
        f'<p class="tools"><a class="tool" href="#edit-{number}">Edit</a> '
        f'<a class="tool" href="#again-{number}">Ask again</a> '
        f'<a class="tool" href="#link-{whole}">Copy a link</a>{setting}</p></div>'
    )


def exchange_html(exchange: Exchange, number: int, *, remarks: bool = False) -> str:
    """What came back: an answer, found passages, a note, or the sign that work is going on."""
    if exchange.note:
        return f'<div class="answer"><p class="notice">{escape(exchange.note)}</p></div>'
    if exchange.search_only:
        return hits_html(exchange, number)
    if exchange.answer is None:
        return working_html("searching")
    return answer_html(exchange.answer, number, remarks=remarks)


def working_html(stage: str) -> str:
    """The stage that an answer is in; nothing that wasn't checked."""
    words = escape(stage[:1].upper() + stage[1:]) or "Working"
    return f'<div class="answer"><p class="stage"><span class="pulse"></span>{words}…</p></div>'


def all_statements(answer: Answer) -> tuple[Statement, ...]:
    """Every statement that carries marks, in the order in which marks count them."""
    sides = (side for conflict in answer.conflicts for side in conflict.sides)
    return tuple(dict.fromkeys((*answer.statements, *sides)))


def answer_html(answer: Answer, number: int = 0, *, remarks: bool = False) -> str:
    """One answer, whatever its status; ``number`` is its place in the conversation and part of each mark's address.

    ``remarks`` asks the reader what they think of it.
    """
    if answer.status == "working":
        return working_html(answer.stage)
    if answer.status == "answered":
        body = _searched(answer) + statements_html(answer, number) + conflicts_html(answer, number)
        body += f'<p class="notice">{escape(answer.reason)}</p>' if answer.reason else ""
    else:
        body = refusal_html(answer, number)
    tools = _tools(answer, number, remarks=remarks)
    return f'<div class="answer">{body}{dropped_html(answer.dropped)}{_foot(answer)}{tools}{_next(answer)}</div>'


def _searched(answer: Answer) -> str:
    """What a follow-up was understood as; nothing where the question was searched as it stands."""
    if answer.query.casefold().split() == answer.question.casefold().split():
        return ""
    return f'<p class="searched">Searched for <q>{escape(answer.query)}</q></p>'


def statements_html(answer: Answer, number: int) -> str:
    """Sentences as paragraphs, lead-ins and lists; sentences that disagree are left to the block that shows both."""
    out: list[str] = []
    sides = {side for conflict in answer.conflicts for side in conflict.sides if side.layout == "prose"}
    placed = [(place, statement) for place, statement in enumerate(all_statements(answer)) if statement not in sides]
    for layout, run in groupby(placed, key=lambda pair: pair[1].layout):
        shown = [statement_html(statement, number, place) for place, statement in run]
        if layout == "item":
            out.append("<ul>" + "".join(f"<li>{sentence}</li>" for sentence in shown) + "</ul>")
        elif layout == "lead":
            out.extend(f'<p class="lead">{sentence}</p>' for sentence in shown)
        else:
            pieces = range(0, len(shown), PARAGRAPH)
            out.extend(f"<p>{' '.join(shown[start : start + PARAGRAPH])}</p>" for start in pieces)
    return "".join(out)


def statement_html(statement: Statement, number: int, place: int) -> str:
    """One checked sentence with its connective and its marks."""
    connective = f'<span class="connective">{escape(statement.connective)}</span> ' if statement.connective else ""
    marks = "".join(mark_html(citation, statement, number, place) for citation in statement.citations)
    return f'<span class="statement">{connective}{inline(statement.text)}{marks}</span>'


def mark_html(citation: Citation, statement: Statement, number: int, place: int) -> str:
    """The superscript that opens a quote; `ui.preview` has its card, the style sheet the verdict's icon."""
    title = citation.passage.title
    stop = "" if title.endswith((".", "?", "!")) else "."
    words = f"Source {citation.marker}: {title}{stop} {VERDICT_WORDS[statement.verdict]}."
    return (
        f'<sup class="mark"><a class="cite {statement.verdict}" href="#cite-{number}-{place}-{citation.marker}">'
        f'{citation.marker}<span class="vh"> {escape(words)}</span></a></sup>'
    )


def _short(text: str, length: int = 260) -> str:
    """The text on one line, cut at a word where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[:length].rsplit(" ", 1)[0] + " …"


def conflicts_html(answer: Answer, number: int) -> str:
    """Disagreements between sources, side by side, each with who says it, when and of which setting."""
    places = {statement: place for place, statement in enumerate(all_statements(answer))}
    said = (answer.question, answer.query)
    return "".join(_conflict(conflict, number, places, said=said) for conflict in answer.conflicts)


def _conflict(conflict: Conflict, number: int, places: dict[Statement, int], *, said: tuple[str, ...]) -> str:
    sides = "".join(
        f'<div class="side"><p class="who">{"".join(who_html(cited) for cited in side.citations[:1])}</p>'
        f"<p>{statement_html(side, number, places[side])}</p></div>"
        for side in conflict.sides
    )
    topic = f": {escape(conflict.topic)}" if conflict.topic and conflict.topic not in said else ""
    return f'<div class="conflict"><p class="kicker">Sources disagree{topic}</p><div class="sides">{sides}</div></div>'


def who_html(cited: Citation) -> str:
    """Who says it, when and of which setting: the publication that the document names for it, or the document."""
    said_by, date = cited.publisher or cited.passage.title, cited.date
    if cited.sources:
        said_by, date = cited.sources[0].publisher or cited.sources[0].title, cited.sources[0].date
        said_by += f" and {len(cited.sources) - 1} more" if len(cited.sources) > 1 else ""
    return " · ".join(escape(fact) for fact in (said_by, date or "no date", setting_words(cited.settings)))


def refusal_html(answer: Answer, number: int) -> str:
    """An honest refusal: why, what was searched, what is near and what the documents do cover; or a question back."""
    if answer.status == "clarify":
        return _clarify(answer)
    short = 0 < len(answer.reason) <= 90
    out = [
        f'<div class="refusal"><p class="kicker">{escape(answer.reason if short else "No answer in the documents")}</p>'
    ]
    if answer.reason and not short:
        out.append(f"<p>{escape(answer.reason)}</p>")
    out.append(f'<p class="searched">Searched for <q>{escape(answer.query)}</q>; {_read(answer.hits)}.</p>')
    if answer.covers:
        items = "".join(f"<li>{inline(topic)}</li>" for topic in answer.covers)
        out.append(f'<p class="kicker">Near it, the documents cover</p><ul class="covers">{items}</ul>')
    if answer.statements:
        out.append(statements_html(answer, number))
    if answer.hits:
        near = "".join(_near(hit, number) for hit in answer.hits[:3])
        out.append(f'<details class="near"><summary>The nearest passages</summary><ul>{near}</ul></details>')
    out.append("</div>")
    return "".join(out)


def _clarify(answer: Answer) -> str:
    """A question back: what is missing, and questions that are whole, to choose from."""
    reason = f"<p>{escape(answer.reason)}</p>" if answer.reason else ""
    return f'<div class="clarify"><p class="kicker">One more word, please</p>{reason}</div>'


def _next(answer: Answer) -> str:
    """What the suggestions are, which the chat shows below a refusal or a question back."""
    if answer.status == "answered" or not answer.suggestions:
        return ""
    words = "Or did you mean" if answer.status == "clarify" else "Questions that the documents do answer"
    return f'<p class="kicker next">{words}</p>'


def _read(hits: Sequence[Hit]) -> str:
    if not hits:
        return "no passage was near it"
    return f"{count_words(len(hits), 'passage')} read, none of which holds the answer"


def _near(hit: Hit, number: int) -> str:
    return f'<li><a class="passage-link" href="#hit-{number}-{hit.rank}">{_place(hit)}</a></li>'


def _place(hit: Hit) -> str:
    """Where a hit stands: the document's title and the headings above the passage."""
    path = [hit.passage.title, *(h for h in hit.passage.headings if h != hit.passage.title)]
    return " › ".join(escape(part) for part in path)


def hits_html(exchange: Exchange, number: int) -> str:
    """The passages that a search found, best first, each with a way to open it."""
    if not exchange.hits:
        return '<div class="answer"><p class="kicker">No passage found</p><p>Try other words or any setting.</p></div>'
    rows = "".join(
        f'<li><a class="passage-link" href="#hit-{number}-{hit.rank}">{_place(hit)}</a><p>{_snippet(hit)}</p></li>'
        for hit in exchange.hits
    )
    found = count_words(len(exchange.hits), "passage")
    return f'<div class="answer"><p class="kicker">{found}, best first</p><ol class="hits">{rows}</ol></div>'


def _snippet(hit: Hit) -> str:
    """How the passage begins, below its headings, which the link names."""
    return inline(_short(plain_line(hit.passage.text)))


def dropped_html(dropped: Sequence[Dropped]) -> str:
    """The sentences of the draft that were held back and why, folded away: they are no part of the answer."""
    if not dropped:
        return ""
    kinds = Counter(drop.reason for drop in dropped)
    words = ", ".join(DROP_WORDS[why] + (f" ({count})" if len(kinds) > 1 else "") for why, count in kinds.items())
    was = "sentence was" if len(dropped) == 1 else "sentences were"
    items = "".join(f"<li><q>{inline(drop.text)}</q> {DROP_EXPLAINED[drop.reason]}</li>" for drop in dropped)
    return (
        f'<details class="dropped"><summary>{len(dropped)} {was} not shown: {words}</summary>'
        "<p>They stood in the draft and did not pass the check. Please do not rely on them.</p>"
        f"<ul>{items}</ul></details>"
    )


def _foot(answer: Answer) -> str:
    """The line of trust: how many sentences were checked and how, by icon and words."""
    if answer.status != "answered":
        return ""
    verdicts = Counter(statement.verdict for statement in answer.statements)
    each = "each " if len(answer.statements) > 1 else ""
    checked = f"{count_words(len(answer.statements), 'sentence')}, {each}checked against its quote"
    kinds = [
        f'<span class="verdict {verdict}">{count} {words}</span>'
        for verdict, words in (("quoted", "quoted word for word"), ("supported", "supported by the quote"))
        if (count := verdicts.get(verdict, 0))  # type: ignore[call-overload]
    ]
    return f'<p class="foot">{checked}: {", ".join(kinds)}</p>'


def _tools(answer: Answer, number: int, *, remarks: bool) -> str:
    """Copy with sources (the text to copy travels with the answer, unseen), and what the reader thinks of it."""
    copied = answer.status == "answered"
    tools = ['<a class="tool" href="#copy">Copy with sources</a>'] if copied else []
    if remarks:
        tools.append(f'<a class="tool opinion" href="#like-{number}">Helpful</a>')
        tools.append(f'<a class="tool opinion" href="#dislike-{number}">Not helpful</a>')
    if not tools:
        return ""
    text = f'<pre class="as-markdown">{escape_lines(answer_to_markdown(answer))}</pre>' if copied else ""
    return f'<p class="tools">{" ".join(tools)}</p>{text}'
