"""Take the pictures of the page that the documentation shows.

    python benchmarks/screenshots.py                     # serves the bundled articles itself
    python benchmarks/screenshots.py --url http://…      # a page that is being served

Needs Debian's chromium. Writes first, answer, refusal, disagreement, documents, phone, phone-panel and dark (.png) to
docs/images; --only takes some of them.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from browser import CHROMIUM, MISSING, launched, served
from playwright.sync_api import Browser, Page

ANSWERED = "How does a CMO differ from a medical director?"
LISTED = "What does a chief medical officer do?"
OWN = "# Rules of Southgate Clinic\n\nThe chief medical officer of Southgate Clinic approves the on-call rota every month.\n"
ASKED_OF_OWN = "Who approves the on-call rota?"
BYLAWS = "---\ndate: 2024\n---\n# Bylaws of Northgate Hospital\n\nThe chief medical officer must have at least ten years of clinical experience.\n"
POLICY = "---\ndate: 2019\n---\n# Hiring policy of Northgate Hospital\n\nThe chief medical officer must have at least five years of clinical experience.\n"
DISPUTED = "How many years of clinical experience must the chief medical officer have?"
REFUSED = "What is the best recipe for sourdough bread?"
WIDE = {"width": 1360, "height": 880}
PHONE = {"width": 390, "height": 844}


def address(url: str | None) -> AbstractContextManager[str]:
    """The address of a page: the given one, or one that is served while the block runs."""
    if url:
        return nullcontext(url)
    from assistant import open_assistant
    from assistant.settings import load_settings
    from ui.offers import open_extras
    from ui.serving import build_app

    assistant = open_assistant()
    return served(build_app(assistant, extras=open_extras(assistant, load_settings())))


def open_page(browser: Browser, url: str, *, size: dict[str, int], scheme: str = "light") -> Page:
    """A visit by a reader who was never here."""
    context = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=1.5, reduced_motion="reduce")
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#question textarea", timeout=60_000)
    page.wait_for_timeout(1500)
    return page


def ask(page: Page, question: str, *, expect: str) -> None:
    """Type a question and wait for what comes back."""
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_selector(expect, timeout=60_000)
    page.wait_for_timeout(900)


def open_mark(page: Page, place: int) -> None:
    """Open the panel of a mark."""
    page.locator("#chat a.cite").nth(place).click()
    page.wait_for_selector("#panel mark")
    page.wait_for_timeout(500)


def add(page: Page, texts: dict[str, str]) -> None:
    """Add documents of one's own."""
    files = [{"name": name, "mimeType": "text/markdown", "buffer": text.encode()} for name, text in texts.items()]
    page.set_input_files("#choices input[type=file]", files)  # type: ignore[arg-type]
    page.wait_for_function(f"document.querySelectorAll('#own li.ready').length === {len(texts)}", timeout=60_000)


def first(page: Page) -> None:
    """As it is."""


def answer(page: Page) -> None:
    """An answer with its panel."""
    ask(page, ANSWERED, expect="#chat a.cite")
    open_mark(page, 1)


def refusal(page: Page) -> None:
    """A refusal."""
    ask(page, REFUSED, expect="#chat .refusal")


def disagreement(page: Page) -> None:
    """Documents that disagree: the bundled articles tell in a sentence where their sources do."""
    add(page, {"northgate-bylaws.md": BYLAWS, "northgate-hiring.md": POLICY})
    page.click("#only label:has-text('Only mine')")
    ask(page, DISPUTED, expect="#chat .conflict")


def documents(page: Page) -> None:
    """An answer from a document of one's own."""
    add(page, {"southgate-rules.md": OWN})
    ask(page, ASKED_OF_OWN, expect="#chat a.cite")
    open_mark(page, 0)


def listed(page: Page) -> None:
    """An answer with a list."""
    ask(page, LISTED, expect="#chat a.cite")


def listed_panel(page: Page) -> None:
    """The same with its panel."""
    listed(page)
    open_mark(page, 0)


def whole_document(page: Page) -> None:
    """A document that is open at a quote."""
    listed_panel(page)
    page.click("#panel [data-do=document]")
    page.wait_for_selector("#panel .wide mark")
    page.wait_for_timeout(500)


PICTURES: dict[str, tuple[Callable[[Page], None], dict[str, int], str]] = {
    "first": (first, WIDE, "light"),
    "answer": (answer, WIDE, "light"),
    "refusal": (refusal, WIDE, "light"),
    "disagreement": (disagreement, WIDE, "light"),
    "documents": (documents, WIDE, "light"),
    "phone": (listed, PHONE, "light"),
    "phone-panel": (listed_panel, PHONE, "light"),
    "dark": (whole_document, WIDE, "dark"),
}


def take(browser: Browser, url: str, folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """Take the pictures of these names; yields each file."""
    for name in names:
        scene, size, scheme = PICTURES[name]
        page = open_page(browser, url, size=size, scheme=scheme)
        scene(page)
        page.screenshot(path=str(folder / f"{name}.png"))
        page.context.close()
        yield folder / f"{name}.png"


def main() -> int:
    """Take the pictures; 2 where there is no chromium."""
    parser = argparse.ArgumentParser(description="Take the pictures of the page that the documentation shows.")
    parser.add_argument("--url", help="a page that is being served (default: serve the bundled articles)")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="where to (default: docs/images)")
    parser.add_argument("--only", nargs="*", choices=PICTURES, help="these pictures only (default: all)")
    options = parser.parse_args()
    if not CHROMIUM.exists():
        print(MISSING, file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    with address(options.url) as url, launched() as browser:
        for path in take(browser, url, options.out, options.only or list(PICTURES)):
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
