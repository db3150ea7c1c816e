"""What a text becomes on the page: marks, lists, refusals, exports, and never live markup."""

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import Assistant, open_assistant
from tests.fakes_ui import (
    BAD,
    DUTIES,
    HOSTILE,
    RULES,
    SURVEY,
    ScriptedAssistant,
    answer,
    cite,
    conflict_answer,
    document,
    duties_answer,
    hit,
    hostile_answer,
    passage,
    refusal,
    state,
)
from ui import Exchange, answer_html, conversation_to_json, conversation_to_markdown, exchange_html
from ui.conversation import from_stored, history_of, to_stored
from ui.handlers import BROKEN, Handlers, messages
from ui.markup import document_html, escape, inline, link, plain_line, safe_url
from ui.panel import citation_html, document_view_html, hit_html
from ui.preview import SPARE, around, previews_html
from ui.rendering import all_statements, question_html
from ui.welcome import coverage_html, examples_html, header_html

ALLOWED = {
    *(
        "a",
        "aside",
        "blockquote",
        "button",
        "code",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "header",
        "li",
        "mark",
        "ol",
        "p",
    ),
    *("h1", "h2", "h3", "h4", "h5", "h6", "pre", "q", "section", "span", "strong", "summary", "sup", "ul"),
}
ATTRIBUTES = {
    *("class", "href", "title", "target", "rel", "start", "id", "tabindex", "type", "role"),
    *("aria-label", "aria-labelledby", "aria-hidden"),
}


class Tags(HTMLParser):
    """Every tag and attribute of a fragment, and its text."""

    def __init__(self, fragment: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        self.text += data


def live(fragment: str) -> list[str]:
    """What a fragment holds beyond the elements, attributes and addresses that the page itself writes."""
    parsed = Tags(fragment)
    found = [tag for tag in parsed.tags if tag not in ALLOWED]
    for name, value in parsed.attributes:
        if name not in ATTRIBUTES and not name.startswith("data-"):
            found.append(name)
        if name == "href" and not value.startswith(("#", "https://", "http://")):
            found.append(value)
    return found


def exchange(answer: object = None, **changes: object) -> Exchange:
    values: dict[str, object] = {
        "question": "What does a CMO do?",
        "setting": None,
        "search_only": False,
        "answer": answer,
        "hits": (),
        "note": "",
    }
    return Exchange(**{**values, **changes})  # type: ignore[arg-type]


def every_view(text: str) -> list[str]:
    """A text in every place where the page can show one."""
    hostile = document(f"notes/{text}.md", text, f"# {text}\n\nBefore. {text}\n\n- {text}\n", publisher=text)
    quote = "Before."
    found = hit(hostile, quote)
    answered = hostile_answer(text)
    asked = exchange(answered, question=text, note="")
    return [
        question_html(asked, 0),
        exchange_html(asked, 0),
        previews_html(answered, 0),
        exchange_html(exchange(refusal(text), question=text), 0),
        exchange_html(exchange(None, note=text), 0),
        exchange_html(exchange(None, search_only=True, hits=(found,)), 0),
        hit_html(found, hostile, text),
        document_view_html(hostile, 0, len(hostile.text), text),
        inline(text),
        link(text, text),
    ]


def test_every_citation_has_a_mark_with_an_address_and_hidden_words() -> None:
    html = answer_html(duties_answer(), 3)
    assert '<a class="cite quoted" href="#cite-3-2-3"' in html
    assert '<span class="vh"> Source 3: What a CMO does. Quoted word for word.</span>' in html
    assert '<a class="cite supported" href="#cite-3-4-5"' in html


def test_a_title_that_ends_a_sentence_is_given_no_second_full_stop() -> None:
    cited = cite(1, replace(DUTIES, title="What does a CMO do?"), "Lead the medical staff.")
    assert "Source 1: What does a CMO do? Quoted" in answer_html(answer("?", state("Lead.", cited)))


@pytest.mark.parametrize("number", [1, 30, 60])
def test_a_mark_shows_its_quote_amid_as_much_of_the_passage_as_a_glance_takes(number: int) -> None:
    cited = cite(1, RULES, f"The CMO reads rule {number} twice.")
    html = previews_html(answer("?", state(cited.quote, cited)), 4)
    assert html.startswith('<div class="previews"><div class="mark-4-0-1">')
    assert f"<mark>{cited.quote}</mark> Nobody skips it." in html
    assert html.endswith('…</p></blockquote><p class="who">Acme Institute · 2025-04-02 · Hospital</p></div></div>')
    assert len(html) < 900


@given(st.text(alphabet="ab .\n#-", min_size=1, max_size=1500), st.data())
def test_what_stands_around_a_quote_holds_it_where_its_offsets_say(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(len(text), start + 90)))
    whole = replace(passage(DUTIES, "A CMO may"), text=text, start=70, end=70 + len(text))
    cited = replace(cite(1, DUTIES, "A CMO may"), passage=whole, quote=text[start:end], start=70 + start, end=70 + end)
    near = around(cited)
    assert near.text[cited.start - near.start : cited.end - near.start] == cited.quote
    assert near.text.strip("…\n ") in text
    assert len(near.text) <= 2 * SPARE + len(cited.quote)
    apart = around(replace(cited, passage=replace(whole, start=9_000, end=9_000 + len(text))))
    assert apart.text == cited.quote


def test_a_link_to_a_follow_up_asks_what_it_was_understood_as() -> None:
    understood = replace(duties_answer("And his duties?"), query="What are the duties of a CMO?")
    asked = exchange(understood, question="And his duties?")
    assert 'href="#link-What%20are%20the%20duties%20of%20a%20CMO%3F"' in question_html(asked, 0)
    assert 'href="#link-Why%3F"' in question_html(exchange(None, question="Why?", note="stopped"), 0)
    assert '<h2 class="long">' in question_html(exchange(None, question="Why? " * 60, note="stopped"), 0)
    assert "<h2>" in question_html(asked, 0)


def test_a_list_of_passages_shows_how_each_begins_below_its_heading() -> None:
    listed = exchange_html(exchange(None, search_only=True, hits=(hit(DUTIES, "Oversee the quality"),)), 0)
    begun = (
        "<p>The chief medical officer is the senior physician executive of a hospital. The post carries these duties:"
    )
    assert f"{begun} • Oversee the quality of care. • Lead" in listed
    assert "##" not in listed
    assert plain_line("# Only a heading") == "Only a heading"


def test_list_items_are_a_list_below_their_lead() -> None:
    html = answer_html(duties_answer())
    assert html.index('<p class="lead">') < html.index("<ul><li>") < html.index("Lead the medical staff.")
    assert html.count("<ul>") == 2  # the duties, and the reasons of what was not shown


def test_what_was_not_shown_can_be_unfolded_with_its_reason_and_is_in_no_copy() -> None:
    html = answer_html(duties_answer())
    assert "2 sentences were not shown: unsupported (1), contradicted (1)</summary>" in html
    folded = html[html.index('<details class="dropped">') : html.index("</details>")]
    assert "<li><q>A CMO flies planes.</q> No passage that was found bears this out.</li>" in folded
    assert html.count("flies planes") == 1
    assert "flies planes" not in conversation_to_markdown((exchange(duties_answer()),))


def test_an_answer_says_how_its_sentences_were_checked() -> None:
    text = Tags(answer_html(duties_answer())).text
    assert "5 sentences, each checked against its quote: 4 quoted word for word, 1 supported by the quote" in text


def test_a_refusal_names_what_was_searched_and_what_is_covered() -> None:
    text = Tags(answer_html(refusal("What about the weather?"))).text
    for part in (
        "No passage speaks of this.",
        "What about the weather?",
        "2 passages read",
        "Pay of physician leaders",
    ):
        assert part in text


def test_sources_that_disagree_stand_side_by_side_once() -> None:
    answer = conflict_answer()
    html = answer_html(answer)
    assert html.count('class="side"') == 2
    assert Tags(html.split('<p class="foot">')[0]).text.count("Some organizations forbid it.") == 1
    assert len(all_statements(answer)) == 2
    assert html.count('<p class="who">Acme Institute · 2025-04-02 · Hospital</p>') == 2
    assert "Sources disagree: clinical practice" in html
    asked = replace(answer, conflicts=(replace(answer.conflicts[0], topic=answer.question),))
    assert "Sources disagree</p>" in answer_html(asked)  # the question need not be said twice


def test_a_connective_is_told_from_a_claim() -> None:
    assert '<span class="connective">But</span> Some organizations' in answer_html(conflict_answer())


def test_a_follow_up_says_what_it_was_understood_as() -> None:
    answer = replace(duties_answer("And his duties?"), query="What are the duties of a CMO?")
    assert "Searched for <q>What are the duties of a CMO?</q>" in answer_html(answer)
    assert "Searched for" not in answer_html(duties_answer())


def test_work_in_progress_shows_its_stage_and_no_sentence() -> None:
    snapshot = next(ScriptedAssistant().stream("What does a CMO do?"))
    assert Tags(answer_html(snapshot)).text == "Searching…"


def test_the_panel_highlights_exactly_the_quote_and_names_the_source() -> None:
    answer = duties_answer()
    html = citation_html(answer.citations[2], answer.statements[2], "0-2-3")
    assert "<mark>Oversee the quality of care.</mark>" in html
    assert 'href="https://acme.example/survey" target="_blank" rel="noopener noreferrer"' in html
    assert "Acme Institute · 2025-04-02" in html
    assert "Quoted word for word." in html


def test_a_quote_over_several_blocks_is_highlighted_in_each() -> None:
    start, end = DUTIES.text.index("Oversee"), DUTIES.text.index("Advise")
    html = document_html(DUTIES.text, mark_start=start, mark_end=end)
    assert html.count("<mark>") == 2
    assert "<li><mark>Lead the medical staff.</mark></li>" in html


def test_light_markdown_becomes_headings_lists_and_paragraphs() -> None:
    html = document_html("# A\n\nOne\ntwo **bold**\n\n2. x\n3. y\n- z\n\fEnd")
    lists = '<ol start="2"><li>x</li><li>y</li></ol><ul><li>z</li></ul>'
    assert html == f"<h3>A</h3><p>One two <strong>bold</strong></p>{lists}<p>End</p>"


def test_headings_skip_no_level_and_a_title_is_not_said_twice() -> None:
    text = "# T\n\n### A\n\n###### B\n\n### C\n\n## D\n\n# E\n\n"
    assert document_html(text, title="T") == "<h3>A</h3><h4>B</h4><h3>C</h3><h3>D</h3><h3>E</h3>"
    assert document_html(text, title="Other").startswith("<h3>T</h3><h4>A</h4><h5>B</h5><h4>C</h4><h4>D</h4><h3>E</h3>")
    assert document_html(text, title="T", mark_start=2, mark_end=3).startswith("<h3><mark>T</mark></h3>")
    assert document_html("Text\n\n# T", title="T") == "<p>Text</p><h3>T</h3>"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " https://x.example",
        "data:text/html,x",
        "//x.example",
        "https://",
        "http://[",
        "",
        None,
    ],
)
def test_an_address_that_is_not_plain_http_is_no_link(url: str | None) -> None:
    assert safe_url(url) is None
    assert link(url, "label") == "label"


def test_an_image_is_reduced_to_its_description() -> None:
    assert inline("see ![a chart](http://evil.example/x.png) now") == "see a chart now"


@pytest.mark.parametrize(
    "payload",
    [
        HOSTILE,
        '"><svg onload=alert(1)>',
        "</pre></div><iframe srcdoc='<script>alert(1)</script>'>",
        "[x](javascript:alert(1))",
        "`<b>`**<i>**",
        "<a href=javas&#99;ript:alert(1)>x</a>",
        "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
        "$$\\href{javascript:alert(1)}{x}$$",
    ],
)
def test_no_text_becomes_live_markup_anywhere(payload: str) -> None:
    for html in every_view(payload):
        assert live(html) == []


@given(st.text(max_size=300))
def test_any_text_stays_inert_and_on_one_line(text: str) -> None:
    for html in (inline(text), question_html(exchange(question=text), 0), f"<p>{document_html(text)}</p>"):
        assert live(html) == []
        assert "\n" not in html


@given(st.text(alphabet="ab *`[]()!<>&\n#-1.", max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_highlighting_changes_no_words(text: str, one: int, other: int) -> None:
    start, end = sorted((one, other))
    plain = Tags(document_html(text)).text.split()
    marked = Tags(document_html(text, mark_start=start, mark_end=end)).text
    if not set("*`[]()") & set(text):
        assert "".join(marked.split()) == "".join(plain)


def test_escaped_text_is_fit_for_an_attribute() -> None:
    assert escape("a\"b'c<d>\n&") == "a&quot;b&#x27;c&lt;d&gt; &amp;"


def test_the_markdown_export_has_quotes_and_sources_and_shows_hostile_text_as_text() -> None:
    text = conversation_to_markdown([exchange(duties_answer()), exchange(hostile_answer("x"), question="<script>")])
    assert "- [3] What a CMO does, Example Press, 2026-03-01" in text
    assert "“Oversee the quality of care.”" in text
    assert f"\n  - after: {SURVEY.title}, " in text
    assert "## &lt;script&gt;" in text
    assert "<img" not in text
    assert "![" not in text.replace("!\\[", "")


def test_the_json_export_holds_the_answers_one_json_form() -> None:
    answer = duties_answer()
    (back,) = json.loads(conversation_to_json([exchange(answer)]))["conversation"]
    assert back["answer"] == json.loads(json.dumps(answer.to_dict()))


def test_a_stored_conversation_comes_back_with_its_citations() -> None:
    held = (exchange(duties_answer()), exchange(refusal("weather")), exchange(None, note="stopped"))
    back = from_stored(json.loads(json.dumps(to_stored(held))))
    assert [e.question for e in back] == [e.question for e in held]
    assert back[0].answer is not None
    assert back[0].answer.statements == duties_answer().statements
    assert back[1] == held[1]


@pytest.mark.parametrize("value", [None, "x", 3, {}, [1], [{"question": "x"}], [{"question": 1, "answer": []}]])
def test_anything_else_in_the_browsers_storage_is_an_empty_conversation(value: object) -> None:
    assert from_stored(value) == ()


def test_the_assistant_is_told_of_finished_answers_only() -> None:
    held = (exchange(duties_answer()), exchange(None, note="stopped"), exchange(None, search_only=True))
    assert [turn.role for turn in history_of(held)] == ["user", "assistant"]


def test_asking_shows_the_stages_and_then_the_answer_with_its_suggestions() -> None:
    assistant = ScriptedAssistant()
    views = list(Handlers(assistant).ask(" What does a CMO do? ", (), "hospital", False))
    assert [view.working for view in views] == [True, True, True, False]
    assert assistant.asked == [("What does a CMO do?", (), "hospital")]
    last = messages(views[-1].conversation, working=False)[-1]
    assert [option["value"] for option in last["options"]] == ["What is a CMO paid?", "Do CMOs see patients?"]
    assert views[-1].announcement == "Answer ready: 5 sentences, 5 sources."


def test_searching_only_lists_passages_without_an_answer() -> None:
    view = list(Handlers(ScriptedAssistant()).ask("pay", (), "any", True))[-1]
    assert [found.rank for found in view.conversation[0].hits] == [1, 2]
    assert '<a class="passage-link" href="#hit-0-2">' in exchange_html(view.conversation[0], 0)


def test_an_error_for_the_person_is_a_notice() -> None:
    view = list(Handlers(ScriptedAssistant()).ask("broken", (), "any", False))[-1]
    assert not view.working
    assert "Run: python -m assistant index docs/" in exchange_html(view.conversation[0], 0)


def test_stopping_says_so_and_keeps_what_was_finished() -> None:
    handlers = Handlers(ScriptedAssistant())
    done = list(handlers.ask("What does a CMO do?", (), "any", False))[-1].conversation
    working = next(handlers.ask("slow", done, "any", False)).conversation
    assert handlers.stop(done).conversation == done
    assert "You stopped this" in handlers.stop(working).conversation[-1].note


def test_a_mark_opens_its_passage_its_document_and_a_stale_one_says_so() -> None:
    handlers = Handlers(ScriptedAssistant())
    held = list(handlers.ask("What does a CMO do?", (), "any", False))[-1].conversation
    assert "<mark>Oversee the quality of care.</mark>" in handlers.panel("cite", "0-2-3", held)
    assert "<h3>On call</h3>" in handlers.panel("document", "0-2-3", held)
    for stale in ("7-0-1", "0-99-1", "0-0-9", "x", "", "0-1"):
        assert "<h2" in handlers.panel("cite", stale, held)


def test_the_coverage_card_counts_documents_and_offers_questions() -> None:
    topics = ScriptedAssistant().topics()
    assert "Chief Medical Officer role" in header_html(topics)
    assert "<p>Answers from 2 documents. Every sentence" in header_html(topics[1:])
    assert "3 documents on 3 topics, from publications of 2009 to 2026" in coverage_html(topics)
    assert examples_html(topics).count("data-ask=") == 2
    assert live(coverage_html(topics) + examples_html(topics)) == []
    assert "Bad &lt;b&gt;title&lt;/b&gt;" in coverage_html(topics)


SHARED = Path(__file__).parent.parent.parent / "shared" / "bench" / "xss" / "data.jsonl"


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason=f"no public payloads at {SHARED}")
def test_no_public_payload_is_live() -> None:
    payloads = [json.loads(line)["payload"] for line in SHARED.read_text(encoding="utf-8").splitlines()]
    assert [payload for payload in payloads if any(live(html) for html in every_view(payload))] == []


def test_a_hostile_publisher_title_and_quote_stay_text_in_the_panel() -> None:
    answer = hostile_answer("x")
    html = citation_html(answer.citations[0], answer.statements[0], "0-0-1")
    assert live(html) == []
    assert live(document_view_html(BAD, 0, 30, "0-0-1")) == []


@pytest.mark.slow
def test_every_example_for_a_kind_of_user_is_answered_by_the_bundled_articles() -> None:
    bundled = open_assistant()
    shown = examples_html(bundled.topics())
    questions = [unescape(found) for found in re.findall(r'data-ask="([^"]*)"', shown)]
    assert len(questions) == 8
    assert {bundled.answer(question).status for question in questions} == {"answered"}
    assert "from publications of 1990 to 2026" in coverage_html(bundled.topics())


NAUGHTY = (
    " ",
    "\x00\x01\x1f",
    "\ufeff\u202eright to left\u202c\u200b",
    "\ud800 alone",
    "Ω≈ç√∫˜µ≤≥÷ 田中さんにあげて下さい 👩‍👩‍👧",
    "1;DROP TABLE users -- ' OR 1=1",
    "{{7*7}} ${env:HOME} %s%n %(x)s {0.__class__}",
    "$(touch /tmp/x) `id` && ; | ../../etc/passwd",
    "null undefined NaN -1e309 0x0",
    "](((((**__``" * 50,
    "x" * 3000,
    HOSTILE,
)


@pytest.mark.parametrize("text", NAUGHTY)
def test_no_string_breaks_the_page_or_becomes_markup(assistant: Assistant, text: str) -> None:
    view = list(Handlers(assistant).ask(text, (), "any", False))[-1]
    assert not view.working
    assert view.conversation[-1].note != BROKEN
    shown = "".join(message["content"] for message in messages(view.conversation, working=False, remarks=True))
    assert live(shown) == []
    json.dumps(to_stored(view.conversation)).encode()
