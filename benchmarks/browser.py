"""A page that is being served and a real browser to look at it with: what the benchmarks and the page's tests share."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from starlette.types import ASGIApp

from ui.serving import claim_port, make_server

CHROMIUM = Path("/usr/bin/chromium")
MISSING = f"{CHROMIUM} is missing. Install Debian's chromium: apt install chromium"
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START = 60.0
"""Seconds that a server may take to begin answering."""


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The address of an ASGI app that is served on a free port while the block runs."""
    claimed = claim_port("127.0.0.1", 0)
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [claimed]}, daemon=True)
    thread.start()
    until = time.monotonic() + START
    try:
        while not server.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise RuntimeError("the server did not start")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{claimed.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        claimed.close()


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's Chromium without a window, closed when the block ends."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()
