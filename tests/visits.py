"""A reader's visit in a real browser, with everything recorded that a page should not do."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.browser import CHROMIUM, MISSING

browser_test = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING),
]
QUESTION = "#question textarea"


class Visit:
    """A new reader's page, with every request and every complaint of the console recorded."""

    def __init__(self, browser: Browser, address: str, *, width: int = 1280, height: int = 860) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        self.address = address
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(90_000)  # ms; a busy machine takes long to open a page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.open()

    def open(self, query: str = "") -> None:
        self.page.goto(self.address + query)
        self.page.wait_for_selector(QUESTION)
        self.page.wait_for_function("document.activeElement === document.querySelector('#question textarea')")

    def ask(self, question: str, expect: str = "#chat a.cite") -> None:
        self.page.fill(QUESTION, question)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(expect)
        self.page.wait_for_selector("#question button:has-text('Ask')")

    def hosts(self) -> set[str | None]:
        return {urlsplit(url).hostname for url in self.requests if not url.startswith(("data:", "blob:"))}
