"""The page in a real browser: ask, open a quote, close it, keep the conversation; and nothing leaves the machine."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from benchmarks.browser import launched, served
from corpus.errors import UserError
from tests.fakes_ui import ScriptedAssistant
from tests.visits import QUESTION, Visit, browser_test
from ui.__main__ import main
from ui.serving import build_app, claim_port

QUOTE_IN_VIEW = """() => {
  const [quote, body, panel] = ['mark', '.panel-body', '.panel-inner'].map(
    (part) => document.querySelector(`#panel ${part}`).getBoundingClientRect());
  const top = Math.max(0, body.top, panel.top), bottom = Math.min(innerHeight, body.bottom, panel.bottom);
  return top <= quote.top && quote.bottom <= bottom && quote.left >= body.left && quote.right <= body.right;
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(build_app(ScriptedAssistant())) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    visited = Visit(browser, address)
    yield visited
    visited.context.close()
    assert visited.complaints == []
    assert visited.hosts() == {"127.0.0.1"}


@pytest.fixture(scope="module")
def reading(browser: Browser, address: str) -> Iterator[Visit]:
    """One visit for all tests that only read an answer: opening the page is most of what a test costs."""
    visited = Visit(browser, address)
    visited.ask("What does a CMO do?")
    yield visited
    visited.context.close()


@pytest.fixture
def answered(reading: Visit) -> Iterator[Visit]:
    """A page with an answer, nothing open and nothing pointed at."""
    reading.page.keyboard.press("Escape")
    reading.page.keyboard.press("Escape")  # a card goes first, the panel next
    reading.page.wait_for_selector("#panel", state="hidden")
    reading.page.mouse.move(0, 0)
    yield reading
    assert reading.complaints == []
    assert reading.hosts() == {"127.0.0.1"}


class TestInABrowser:
    pytestmark = browser_test

    def test_a_mark_opens_its_quote_and_escape_gives_the_focus_back(self, answered: Visit) -> None:
        page = answered.page
        page.locator("#chat a.cite").nth(2).focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#panel mark")
        assert page.inner_text("#panel mark") == "Oversee the quality of care."
        page.wait_for_function("document.activeElement.id === 'panel-title'")
        page.keyboard.press("Escape")
        page.wait_for_selector("#panel mark", state="hidden")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#cite-0-2-3"

    def test_the_whole_document_opens_at_the_quote_and_leads_back(self, answered: Visit) -> None:
        page = answered.page
        page.locator("#chat a.cite").first.click()
        page.click("#panel [data-do=document]")
        page.wait_for_selector("#panel .document mark")
        assert "Some organizations forbid it." in page.inner_text("#panel .document")
        page.click("#panel [data-do=cite]")
        page.wait_for_selector("#panel blockquote mark")

    @pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
    def test_a_long_document_opens_with_the_quote_in_view_and_scrolls(
        self, visit: Visit, width: int, height: int
    ) -> None:
        visit.ask("What of the rules?")
        page = visit.page
        page.set_viewport_size({"width": width, "height": height})
        for place, number in enumerate((1, 30, 60)):  # at the beginning, in the middle, at the end of sixty screens
            page.locator("#chat a.cite").nth(place).evaluate("mark => mark.click()")  # on a phone the panel covers it
            page.wait_for_selector(f"#panel .kicker:has-text('Source {place + 1}')")
            page.click("#panel [data-do=document]")
            page.wait_for_selector(f"#panel .document mark:has-text('The CMO reads rule {number} twice.')")
            page.wait_for_function(QUOTE_IN_VIEW)
        page.focus("#panel .panel-body")
        page.keyboard.press("Home")
        page.wait_for_function("document.querySelector('#panel .panel-body').scrollTop === 0")

    def test_the_panel_lies_to_the_right_on_a_wide_screen_and_below_on_a_phone(
        self, visit: Visit, browser: Browser, address: str
    ) -> None:
        narrow = Visit(browser, address, width=390, height=844)
        boxes = []
        for each in (visit, narrow):
            each.ask("What does a CMO do?")
            each.page.locator("#chat a.cite").first.click()
            each.page.wait_for_selector("#panel mark")
            boxes.append(each.page.locator("#panel").bounding_box())
        wide, phone = boxes
        assert wide is not None
        assert phone is not None
        assert wide["x"] > 640
        assert wide["y"] == 0
        assert phone["x"] == 0
        assert phone["y"] > 100
        assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert narrow.complaints == []
        narrow.context.close()

    def test_a_refusal_offers_questions_that_can_be_clicked(self, visit: Visit) -> None:
        visit.ask("What about the weather?", expect="#chat .refusal")
        assert "Pay of physician leaders" in visit.page.inner_text("#chat .refusal")
        visit.page.click("#chat button.option >> text=What does a CMO do?")
        visit.page.wait_for_selector("#chat a.cite")
        assert visit.page.locator("#chat .question").count() == 2

    def test_an_example_is_asked_by_a_click_and_the_examples_make_room(self, visit: Visit) -> None:
        visit.page.click("#examples button.ask >> nth=0")
        visit.page.wait_for_selector("#chat a.cite")
        assert not visit.page.is_visible("#examples")

    def test_hostile_text_is_shown_as_text_and_fetches_nothing(self, visit: Visit) -> None:
        title = visit.page.title()
        visit.ask("hostile <img src=http://evil.example/q.png onerror=document.title=3> **x** $$y$$")
        page = visit.page
        assert "<img src=http://evil.example/q.png" in page.inner_text("#chat .question h2")
        assert "**x** $$y$$" in page.inner_text("#chat .question h2")
        page.locator("#chat a.cite").first.click()
        page.wait_for_selector("#panel mark")
        page.click("#panel [data-do=document]")
        page.wait_for_selector("#panel .document mark")
        assert page.locator("#chat .answer img, #chat .question img, #panel img, #panel script").count() == 0
        assert page.title() == title

    def test_a_running_answer_shows_its_stage_and_can_be_stopped(self, visit: Visit) -> None:
        visit.page.fill(QUESTION, "slow please")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#chat .stage")
        visit.page.click("#question button:has-text('Stop')")
        notice = visit.page.wait_for_selector("#chat .notice")
        assert notice
        assert "You stopped this" in notice.inner_text()

    def test_search_only_lists_passages_that_open(self, visit: Visit) -> None:
        visit.page.click("#mode label:has-text('Search only')")
        visit.ask("pay", expect="#chat ol.hits")
        visit.page.click("#chat a.passage-link >> nth=1")
        visit.page.wait_for_selector("#panel blockquote")
        assert "Median pay was" in visit.page.inner_text("#panel blockquote")

    def test_the_conversation_outlives_a_reload_with_its_marks_and_can_be_cleared(self, visit: Visit) -> None:
        visit.ask("What does a CMO do?")
        visit.page.wait_for_timeout(500)
        visit.open()
        visit.page.wait_for_selector("#chat a.cite")
        visit.page.locator("#chat a.cite").first.click()
        visit.page.wait_for_selector("#panel mark")
        visit.page.keyboard.press("Escape")
        visit.page.click("#toolbar button >> text=New conversation")
        visit.page.wait_for_selector("#examples button.ask")
        visit.page.wait_for_timeout(500)
        visit.open()
        visit.page.wait_for_selector("#examples button.ask")
        assert visit.page.locator("#chat a.cite").count() == 0

    def test_an_export_is_saved_with_its_sources(self, answered: Visit) -> None:
        answered.page.click("#take-along summary")
        with answered.page.expect_download() as saved:
            answered.page.click("#take-along button >> text=Save as Markdown")
        assert saved.value.suggested_filename.endswith(".md")
        assert "“Oversee the quality of care.”" in Path(saved.value.path()).read_text(encoding="utf-8")

    def test_copying_takes_the_sources_along(self, answered: Visit) -> None:
        answered.page.click("#chat a[href='#copy']")
        answered.page.wait_for_selector("text=Copied")
        assert "[1] What a CMO does" in answered.page.evaluate("navigator.clipboard.readText()")

    def test_sentences_that_were_not_shown_can_be_unfolded(self, answered: Visit) -> None:
        assert not answered.page.is_visible("text=A CMO flies planes.")
        answered.page.click("#chat .dropped summary")
        assert answered.page.is_visible("text=A CMO flies planes.")
        assert "No passage that was found bears this out." in answered.page.inner_text("#chat .dropped")

    @pytest.mark.parametrize(("question", "sides"), [("Do CMOs see patients?", 2), ("What of these three?", 3)])
    def test_disagreements_stand_in_two_columns_and_nowhere_else(self, visit: Visit, question: str, sides: int) -> None:
        visit.ask(question, expect="#chat .conflict")
        boxes = [visit.page.locator("#chat .side").nth(n).bounding_box() for n in range(sides)]
        assert visit.page.locator("#chat .side").count() == sides
        assert len({round(box["x"]) for box in boxes if box}) == 2
        assert visit.page.inner_text("#chat .answer").count("Some organizations forbid it.") == 1
        visit.page.set_viewport_size({"width": 390, "height": 844})
        boxes = [visit.page.locator("#chat .side").nth(n).bounding_box() for n in range(sides)]
        assert len({round(box["x"]) for box in boxes if box}) == 1

    def test_a_question_back_asks_for_a_word_and_offers_whole_questions(self, visit: Visit) -> None:
        visit.ask("What about it?", expect="#chat .clarify")
        assert "Name the post" in visit.page.inner_text("#chat .clarify")
        assert "none of which" not in visit.page.inner_text("#chat .answer")
        visit.page.click("#chat button.option >> text=What does a CMO do?")
        visit.page.wait_for_selector("#chat a.cite")

    def test_a_long_answer_begins_in_view_and_leaves_a_reader_where_they_read(self, visit: Visit) -> None:
        page = visit.page
        visit.ask("A long one, please")
        box = page.locator("#chat .question").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 300
        page.mouse.move(400, 300)
        page.mouse.wheel(0, 900)
        page.wait_for_function("window.scrollY > 500")
        before = page.evaluate("window.scrollY")
        page.locator("#chat a.cite:visible").nth(40).click()
        page.wait_for_selector("#panel mark")
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)
        assert abs(page.evaluate("window.scrollY") - before) < 400

    def test_a_link_opens_its_question_once(self, visit: Visit) -> None:
        visit.ask("Do CMOs see patients?", expect="#chat .conflict")
        visit.page.click("#chat a[href^='#link-']")
        visit.page.wait_for_selector("text=Copied")
        link = visit.page.evaluate("navigator.clipboard.readText()")
        assert link == f"{visit.address}/?q=Do%20CMOs%20see%20patients%3F"
        visit.page.wait_for_timeout(500)
        visit.open("/?q=What%20does%20a%20%3CCMO%3E%20do%3F")
        visit.page.wait_for_selector("#chat .question >> nth=1")
        visit.page.wait_for_selector("#question button:has-text('Ask')")
        assert visit.page.locator("#chat h2").nth(1).inner_text() == "What does a <CMO> do?"
        assert visit.page.url == visit.address + "/"

    def test_asking_again_takes_the_place_of_the_newest_answer(self, visit: Visit) -> None:
        visit.ask("What does a CMO do?")
        visit.page.click("#chat a[href='#again-0']")
        visit.page.wait_for_selector("#chat .stage", state="detached")
        visit.page.wait_for_selector("#chat a.cite")
        assert visit.page.locator("#chat .question").count() == 1

    def test_the_conversation_is_copied_in_both_forms(self, answered: Visit) -> None:
        for form, expected in (("Markdown", "[1] What a CMO does"), ("JSON", '"publisher": "Example Press"')):
            answered.page.click("#take-along summary")
            answered.page.click(f"#take-along button >> text=Copy as {form}")
            answered.page.wait_for_selector("#take-along summary:has-text('Copied')")
            assert expected in answered.page.evaluate("navigator.clipboard.readText()")
            answered.page.wait_for_selector("#take-along summary:has-text('Copy or save')")

    def test_a_question_can_be_edited_and_asked_again(self, visit: Visit) -> None:
        visit.ask("What does a <CMO> do?")
        visit.page.click("#chat a[href='#edit-0']")
        visit.page.wait_for_function(f"document.querySelector('{QUESTION}').value === 'What does a <CMO> do?'")

    def test_a_kind_of_employer_that_is_chosen_is_asked_for_and_told(self, visit: Visit) -> None:
        visit.page.click("#setting input")
        visit.page.click("[role=option]:has-text('Health center')")
        visit.ask("What does a CMO do?")
        assert "Health center" in visit.page.inner_text("#chat .question")

    def test_pointing_at_a_mark_shows_its_quote_highlighted_in_its_passage(self, answered: Visit) -> None:
        page = answered.page
        page.locator("#chat a.cite").nth(2).hover()
        page.wait_for_selector("#preview mark")
        assert page.inner_text("#preview mark") == "Oversee the quality of care."
        told = page.inner_text("#preview")
        for part in (
            "Source 3",
            "Quoted word for word",
            "What a CMO does",
            "Lead the medical staff.",
            "Acme Institute",
        ):
            assert part in told
        page.locator("#preview").hover()  # whoever reads it may rest on it
        page.wait_for_timeout(600)
        assert page.is_visible("#preview")
        page.locator("#chat a.cite").nth(3).hover(force=True)
        page.wait_for_selector("#preview mark:has-text('Lead the medical staff.')")
        page.hover("h1")
        page.wait_for_selector("#preview", state="hidden")
        page.locator("#chat a.cite").nth(2).hover()
        page.wait_for_selector("#preview mark")
        page.keyboard.press("Escape")
        assert not page.is_visible("#preview")
        assert not page.is_visible("#panel")

    def test_reaching_a_mark_by_keyboard_shows_the_same_and_opening_it_takes_the_card_away(
        self, answered: Visit
    ) -> None:
        page = answered.page
        page.evaluate("document.querySelectorAll('#chat a.cite')[3].focus()")
        page.keyboard.press("Shift+Tab")
        page.wait_for_selector("#preview mark:has-text('Oversee the quality of care.')")
        described = "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
        assert page.evaluate(described) == "Oversee the quality of care."
        page.keyboard.press("Enter")
        page.wait_for_selector("#panel mark")
        assert not page.is_visible("#preview")
        page.keyboard.press("Escape")
        page.wait_for_selector("#panel", state="hidden")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#cite-0-2-3"
        assert not page.is_visible("#preview")
        page.keyboard.press("Tab")
        page.wait_for_selector("#preview mark:has-text('Lead the medical staff.')")

    def test_a_message_has_no_accessible_name_that_repeats_it(self, answered: Visit) -> None:
        answered.page.wait_for_selector("#chat [data-testid][aria-label]", state="detached")


def test_the_page_answers_its_health(address: str) -> None:
    with urlopen(address + "/healthz") as response:
        assert json.load(response) == {"status": "ok"}


def test_programs_see_two_endpoints(address: str) -> None:
    from gradio_client import Client

    client = Client(address, verbose=False)
    try:
        assert list(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == ["/ask", "/search"]
        assert client.predict("What does a CMO do?", None, api_name="/ask")["status"] == "answered"
    finally:
        client.close()


def test_a_port_in_use_is_one_line_with_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    with claim_port("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"--port {port + 1}"):
            claim_port("127.0.0.1", port)
        assert main(["--port", str(port)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_that_is_missing_is_a_user_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--docs", str(tmp_path / "none"), "--port", "0"]) == 2
    assert "is no folder" in capsys.readouterr().err
