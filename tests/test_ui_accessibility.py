"""Everybody can use the page: axe-core finds nothing serious, the keyboard reaches all, one thing is said at a time."""

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.browser import CHROMIUM, MISSING, launched, served
from index import Encoder
from tests.fakes_ui import ScriptedAssistant
from ui.components import STATIC
from ui.extras import Extras
from ui.feedback import Feedback
from ui.serving import build_app
from ui.uploads import Collections, UploadLimits

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING)]

QUESTION = "#question textarea"
WIDE, PHONE = (1440, 900), (390, 844)
SERIOUS = ("serious", "critical")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page that offers everything there is: own documents, feedback and another model."""
    collections = Collections(UploadLimits(), Encoder())
    feedback = Feedback(tmp_path_factory.mktemp("data") / "feedback.sqlite")
    models = (ScriptedAssistant(model="another"),)
    with served(
        build_app(ScriptedAssistant(), extras=Extras(models=models, collections=collections, feedback=feedback))
    ) as url:
        yield url
    collections.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


PATIENCE = 90_000
"""Milliseconds: what is tested here is not speed."""


def visit(browser: Browser, address: str, *, size: tuple[int, int] = WIDE, scale: int = 1) -> Page:
    """A new reader's page, who prefers that nothing moves."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, device_scale_factor=scale, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(f"document.activeElement === document.querySelector('{QUESTION}')")
    return page


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = visit(browser, address)
    yield opened
    opened.context.close()


def ask(page: Page, question: str, expect: str) -> None:
    page.fill(QUESTION, question)
    page.keyboard.press("Enter")
    page.wait_for_selector(expect)
    page.wait_for_selector("#question button:has-text('Ask')")


def first_visit(page: Page) -> None:
    page.click(".coverage > summary")
    page.click(".topic > summary >> nth=0")


def answer_with_panel(page: Page) -> None:
    ask(page, "What does a CMO do?", "#chat a.cite")
    page.click("#chat details.dropped summary")
    page.locator("#chat a.cite").first.click()
    page.wait_for_selector("#panel mark")
    page.click("#panel .wrong summary")


def whole_document(page: Page) -> None:
    answer_with_panel(page)
    page.click("#panel [data-do=document]")
    page.wait_for_selector("#panel .document mark")


def refusal(page: Page) -> None:
    ask(page, "What about the weather?", "#chat .refusal")
    page.click("#chat details.near summary")


def disagreement(page: Page) -> None:
    ask(page, "Do CMOs see patients?", "#chat .conflict")


def search_only(page: Page) -> None:
    page.click("#mode label:has-text('Search only')")
    ask(page, "pay", "#chat ol.hits")


def menu(page: Page) -> None:
    ask(page, "What about it?", "#chat .clarify")
    page.click("#take-along summary")


def own_documents(page: Page) -> None:
    ask(page, "What does a CMO do?", "#chat a.cite")
    files = [("rules.md", b"# Rules\n\nThe gardener waters the ferns.\n"), ("broken.pdf", b"no pdf")]
    page.set_input_files(
        "#choices input[type=file]",
        [{"name": name, "mimeType": "text/plain", "buffer": data} for name, data in files],  # type: ignore[arg-type]
    )
    page.wait_for_selector("#own li.ready")
    page.wait_for_selector("#own li.out")


SCENES = (first_visit, answer_with_panel, whole_document, refusal, disagreement, menu, own_documents, search_only)


def start_anew(page: Page) -> None:
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    if page.is_visible("#toolbar"):
        page.keyboard.press("Escape")
        page.click("#toolbar button >> text=New conversation")
        page.wait_for_selector("#examples button.ask")


def violations(page: Page) -> list[str]:
    """What axe-core finds serious, or wrong with the order of headings; one line for each element."""
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    assert len(found["passes"]) > 10  # it has looked
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
        if rule["impact"] in SERIOUS or rule["id"] == "heading-order"
    ]


@pytest.mark.slow
def test_axe_finds_nothing_serious_in_any_scene_light_or_dark_wide_or_on_a_phone(page: Page) -> None:
    page.evaluate(AXE)  # from outside, since the page's policy lets no script in
    found = []
    for scene in SCENES:
        start_anew(page)
        scene(page)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for width, height in (WIDE, PHONE):
                page.set_viewport_size({"width": width, "height": height})
                page.wait_for_function(f"document.body.classList.contains('dark') === {str(scheme == 'dark').lower()}")
                where = f"{scene.__name__}, {scheme}, {width} wide"
                assert page.evaluate("document.documentElement.scrollWidth") <= width, where
                found += [f"{where}: {line}" for line in violations(page)]
    assert found == [], "\n".join(found)


def test_the_tab_key_reaches_every_control_and_the_reader_sees_where_it_is(page: Page) -> None:
    ask(page, "What does a CMO do?", "#chat a.cite")
    page.locator("#chat a.cite").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel mark")
    page.evaluate(MARK_CONTROLS)
    page.evaluate("document.activeElement.blur()")
    for _ in range(page.locator("[data-control]").count() + 10):
        page.keyboard.press("Tab")
        page.evaluate("document.activeElement.dataset.reached = getComputedStyle(document.activeElement).outlineStyle")
    missed = page.evaluate("[...document.querySelectorAll('[data-control]:not([data-reached])')].map(e => e.outerHTML)")
    assert missed == []
    unseen = "[...document.querySelectorAll('#chat a[data-reached=none], #panel [data-control][data-reached=none]')]"
    assert page.evaluate(f"{unseen}.map(e => e.outerHTML)") == []


def test_the_keyboard_alone_asks_opens_a_quote_and_its_document_and_comes_back(page: Page) -> None:
    page.keyboard.type("What of the rules?")  # the box has the focus
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat a.cite")
    page.wait_for_selector("#question button:has-text('Ask')")
    press_until(page, "Shift+Tab", "focused.getAttribute('href') === '#cite-0-1-2'")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel mark")
    page.wait_for_function("document.activeElement.id === 'panel-title'")
    order = []
    for _ in range(3):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.dataset.do ?? document.activeElement.className"))
    assert order == ["close", "panel-body", "document"]
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .document mark")
    page.wait_for_function("document.activeElement.id === 'panel-title'")
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel", state="hidden")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#cite-0-1-2"
    press_until(page, "Tab", "focused.matches('#question textarea')")


def test_a_mark_keeps_the_focus_when_the_chat_is_drawn_anew(page: Page) -> None:
    ask(page, "What does a CMO do?", "#chat a.cite")
    page.locator("#chat a.cite").first.focus()
    page.evaluate("(chat => chat.replaceWith(chat.cloneNode(true)))(document.querySelector('#chat .answer'))")
    page.wait_for_function("document.activeElement.matches('#chat a.cite')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel mark")


def press_until(page: Page, key: str, reached: str) -> None:
    """Press a key until the focus is where it should be; it goes by at most a hundred controls."""
    for _ in range(100):
        if page.evaluate(f"(focused => {reached})(document.activeElement)"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} never reached {reached}")


def test_each_finished_answer_is_announced_exactly_once(page: Page) -> None:
    page.evaluate(LISTEN)
    for _ in range(2):
        ask(page, "What does a CMO do?", "#chat a.cite")
        page.wait_for_function("window.said.at(-1)?.startsWith('Answer ready')")
    page.locator("#chat a.cite").first.click()
    page.wait_for_selector("#panel mark")
    page.keyboard.press("Escape")
    ask(page, "What about the weather?", "#chat .refusal")
    page.wait_for_timeout(500)
    told = "Answer ready: 5 sentences, 5 sources."
    assert page.evaluate("window.said") == [told, told, "No answer in the documents."]


# What a screen reader would say: each new text of each region that is not told to be quiet.
LISTEN = """() => {
  const texts = new Map();
  window.said = [];
  const regions = '[aria-live], [role=status], [role=alert], [role=log]';
  const listen = () => document.querySelectorAll(regions).forEach((region) => {
    const text = region.textContent.trim();
    if (region.ariaLive !== 'off' && texts.get(region) !== text && text) window.said.push(text);
    texts.set(region, text);
  });
  listen();
  window.said = [];
  const everything = {subtree: true, childList: true, characterData: true, attributes: true};
  new MutationObserver(listen).observe(document.body, everything);
}"""


# Of a group of radio buttons Tab reaches the one that is chosen; the arrow keys reach the others.
MARK_CONTROLS = """() => document.querySelectorAll('a[href], button, summary, textarea, input').forEach((control) => {
  const shown = control.checkVisibility({ visibilityProperty: true }) && control.getClientRects().length;
  const other = control.type === 'radio' && !control.checked;
  if (shown && !other && !control.disabled && control.tabIndex >= 0) control.dataset.control = 1;
})"""


def test_nothing_moves_for_those_who_prefer_that(page: Page) -> None:
    page.fill(QUESTION, "slow please")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .stage")
    assert page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length") == 0
    page.wait_for_selector("#chat a.cite")


def test_at_twice_the_size_nothing_is_cut_off_and_the_box_is_in_reach(browser: Browser, address: str) -> None:
    zoomed = visit(browser, address, size=(WIDE[0] // 2, WIDE[1] // 2), scale=2)  # as a browser does it
    answer_with_panel(zoomed)
    assert zoomed.evaluate("document.documentElement.scrollWidth") <= WIDE[0] // 2
    zoomed.keyboard.press("Escape")
    box = zoomed.locator(QUESTION).bounding_box()
    assert box is not None
    assert 0 <= box["y"] < WIDE[1] // 2
    zoomed.context.close()


TEXT_ON = [(ink, ground) for ink in ("ink", "ink-soft", "ink-faint", "accent") for ground in ("paper", "card")] + [
    ("ink", "mark"),
    ("ink", "accent-soft"),
    ("ink-soft", "accent-soft"),
    ("accent", "accent-soft"),
    ("card", "accent"),
    ("ink", "warn-soft"),
    ("warn", "card"),
]


@pytest.mark.parametrize("scheme", [":root", ".dark"])
def test_every_pair_of_colours_that_carries_text_has_a_contrast_of_four_and_a_half(scheme: str) -> None:
    css = (STATIC / "page.css").read_text(encoding="utf-8")
    block = css[css.index(f"{scheme} {{") :].partition("}")[0]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    low = {pair: ratio for pair in TEXT_ON if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < 4.5}
    assert low == {}


def contrast(first: str, second: str) -> float:
    """The contrast of two colours as WCAG defines it, 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
