"""Take the pictures of the page that the documentation shows.

    python benchmarks/screenshots.py                     # serves the bundled articles itself
    python benchmarks/screenshots.py --url http://…      # a page that is being served

Needs Debian's chromium. Writes first, answer, refusal, documents, phone, phone-panel and dark (.png) to
docs/images.
"""

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from browser import CHROMIUM, MISSING, launched, served
from playwright.sync_api import Browser, Page

ANSWERED = "How does a CMO differ from a medical director?"
LISTED = "What does a chief medical officer do?"
OWN = "# Rules of Southgate Clinic\n\nThe chief medical officer of Southgate Clinic approves the on-call rota every month.\n"
ASKED_OF_OWN = "Who approves the on-call rota?"
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


def take(browser: Browser, url: str, folder: Path) -> list[Path]:
    """Take every picture; returns the files."""
    taken: list[Path] = []

    def shoot(page: Page, name: str) -> None:
        taken.append(folder / f"{name}.png")
        page.screenshot(path=str(taken[-1]))

    page = open_page(browser, url, size=WIDE)
    shoot(page, "first")
    ask(page, ANSWERED, expect="#chat a.cite")
    open_mark(page, 1)
    shoot(page, "answer")
    page = open_page(browser, url, size=WIDE)
    ask(page, REFUSED, expect="#chat .refusal")
    shoot(page, "refusal")
    page = open_page(browser, url, size=WIDE)
    file = {"name": "southgate-rules.md", "mimeType": "text/markdown", "buffer": OWN.encode()}
    page.set_input_files("#choices input[type=file]", file)  # type: ignore[arg-type]
    page.wait_for_selector("#own li.ready", timeout=60_000)
    ask(page, ASKED_OF_OWN, expect="#chat a.cite")
    open_mark(page, 0)
    shoot(page, "documents")
    page = open_page(browser, url, size=PHONE)
    ask(page, LISTED, expect="#chat a.cite")
    shoot(page, "phone")
    open_mark(page, 0)
    shoot(page, "phone-panel")
    page = open_page(browser, url, size=WIDE, scheme="dark")
    ask(page, LISTED, expect="#chat a.cite")
    open_mark(page, 0)
    page.click("#panel [data-do=document]")
    page.wait_for_selector("#panel .wide mark")
    page.wait_for_timeout(500)
    shoot(page, "dark")
    return taken


def main() -> int:
    """Take the pictures; 2 where there is no chromium."""
    parser = argparse.ArgumentParser(description="Take the pictures of the page that the documentation shows.")
    parser.add_argument("--url", help="a page that is being served (default: serve the bundled articles)")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="where to (default: docs/images)")
    options = parser.parse_args()
    if not CHROMIUM.exists():
        print(MISSING, file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    with address(options.url) as url, launched() as browser:
        for path in take(browser, url, options.out):
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
