"""Documents that a reader drops on the page, in a real browser: answered from, kept from others, removed, inert."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from assistant import Assistant
from benchmarks.browser import launched, served
from tests.fakes_ui import HOSTILE
from tests.test_ui_uploads import bomb
from tests.visits import Visit, browser_test
from ui.extras import Extras
from ui.serving import build_app
from ui.uploads import Collections, UploadLimits

pytestmark = browser_test

RULES = "# Rules of Southgate Clinic\n\nThe gardener of Southgate Clinic waters the ferns on Mondays.\n"
QUESTION = "Who waters the ferns of Southgate Clinic?"
DROP = """([name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def collections(assistant: Assistant) -> Iterator[Collections]:
    made = Collections(UploadLimits(files=3, megabytes=1), assistant.retriever.encoder)
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(assistant: Assistant, collections: Collections) -> Iterator[str]:
    with served(build_app(assistant, extras=Extras(collections=collections))) as url:
        yield url


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    visited = Visit(browser, address)
    yield visited
    visited.context.close()
    assert visited.complaints == []
    assert visited.hosts() == {"127.0.0.1"}


def add(visit: Visit, *files: Path) -> None:
    visit.page.set_input_files("#choices input[type=file]", [str(file) for file in files])
    for file in files:
        visit.page.wait_for_selector(f"#own li:not(.busy):has-text('{file.name}')")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.md"
    path.write_text(RULES, encoding="utf-8")
    return path


def test_a_file_answers_its_own_visitor_and_nobody_else(
    visit: Visit, browser: Browser, address: str, rules: Path
) -> None:
    add(visit, rules)
    assert "1 passage" in visit.page.inner_text("#own")
    visit.ask(QUESTION)
    assert "The gardener of Southgate Clinic" in visit.page.inner_text("#chat .answer")
    visit.page.locator("#chat a.cite").first.click()
    visit.page.wait_for_selector("#panel mark")
    assert "A document that was added here" in visit.page.inner_text("#panel")
    visit.page.click("#panel [data-do=document]")
    visit.page.wait_for_selector("#panel .document mark")
    other = Visit(browser, address)
    other.ask(QUESTION, expect="#chat .refusal")
    assert "gardener" not in other.page.inner_text("body")
    assert other.page.locator("#own li").count() == 0
    assert other.complaints == []
    other.context.close()


def test_a_file_dropped_anywhere_is_taken_in_and_answers_can_keep_to_it(visit: Visit) -> None:
    visit.page.evaluate(DROP, ["dropped.md", RULES])
    visit.page.wait_for_selector("#own li.ready:has-text('dropped.md')")
    visit.page.click("#only label:has-text('Only mine')")
    visit.ask("What is a chief medical officer?", expect="#chat .refusal")
    visit.page.click("#only label:has-text('All documents')")
    visit.ask("What is a chief medical officer?")


def test_a_file_that_is_left_out_says_why_and_the_others_come_in(visit: Visit, rules: Path, tmp_path: Path) -> None:
    broken, kind = tmp_path / "broken.pdf", tmp_path / "tool.exe"
    broken.write_text("no pdf", encoding="utf-8")
    kind.write_text("x", encoding="utf-8")
    add(visit, broken, bomb(tmp_path), rules, kind)
    listed = visit.page.inner_text("#own")
    assert "left out: damaged: not a PDF file inside" in listed
    assert "left out: too large: unpacks" in listed
    assert "left out: not a kind that can be read" in listed
    assert visit.page.locator("#own li.ready").count() == 1
    visit.page.wait_for_selector("[role=status]:has-text('1 document added, 3 left out')", state="attached")


def test_own_documents_and_the_choice_outlive_a_reload_and_can_be_removed(visit: Visit, rules: Path) -> None:
    add(visit, rules)
    visit.page.click("#only label:has-text('Only mine')")
    visit.page.wait_for_timeout(500)
    visit.open()
    visit.page.wait_for_selector("#own li.ready")
    assert visit.page.locator("#only label:has-text('Only mine') input").is_checked()
    visit.page.click("#only label:has-text('All documents')")
    visit.page.click("#own button[aria-label='Remove rules.md']")
    visit.page.wait_for_selector("#own li", state="detached")
    visit.ask(QUESTION, expect="#chat .refusal")
    assert not visit.page.is_visible("#only")


def test_live_markup_in_a_document_and_its_name_stays_text(visit: Visit, tmp_path: Path) -> None:
    title = visit.page.title()
    hostile = tmp_path / "<img src=x onerror=document.title=4>.txt"
    hostile.write_text(f"The gardener waters the ferns {HOSTILE} daily.\n", encoding="utf-8")
    visit.page.set_input_files("#choices input[type=file]", str(hostile))
    visit.page.wait_for_selector("#own li.ready")
    visit.ask("Who waters the ferns?")
    visit.page.locator("#chat a.cite").first.click()
    visit.page.wait_for_selector("#panel mark")
    visit.page.click("#panel [data-do=document]")
    visit.page.wait_for_selector("#panel .document mark")
    assert "<script>document.title=2</script>" in visit.page.inner_text("#panel .document")
    assert visit.page.locator("#own img, #panel img, #panel script, #chat .answer img").count() == 0
    assert visit.page.title() == title
