"""How soon the page is seen and can be typed into, beside a bare ``gr.ChatInterface`` in the same run.

    python benchmarks/first_paint.py [--runs 7]

Each visit is a new reader's, with nothing in the browser's cache; the two pages take turns. Needs Debian's chromium.
"""

import argparse
import statistics
import sys

import gradio as gr
from browser import CHROMIUM, MISSING, launched, served
from fastapi import FastAPI
from playwright.sync_api import Browser
from starlette.types import ASGIApp

from assistant import open_assistant
from ui.serving import build_app

# Looks at every frame whether there is a box to type into.
_WATCH = """
const look = () => {
  const box = document.querySelector('textarea');
  if (box && box.getClientRects().length && !box.disabled) window.readyToType = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def bare() -> ASGIApp:
    """A chat with nothing to it."""
    app = FastAPI()
    chat = gr.ChatInterface(lambda message, history: message, analytics_enabled=False)
    gr.mount_gradio_app(app, chat, path="/", ssr_mode=False)
    return app


def visit(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds from navigation to the first paint of content, and to a box that takes text."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(url, timeout=120_000)
    page.wait_for_function(f"window.readyToType && {_PAINT}", timeout=120_000)
    times = page.evaluate(f"[{_PAINT}, window.readyToType]")
    context.close()
    return times[0], times[1]


def main() -> int:
    """Print medians and ratios; 2 where there is no chromium."""
    parser = argparse.ArgumentParser(description="First paint and ready to type, beside a bare gr.ChatInterface.")
    parser.add_argument("--runs", type=int, default=7, help="visits of each page (default: 7)")
    options = parser.parse_args()
    if not CHROMIUM.exists():
        print(MISSING, file=sys.stderr)
        return 2
    times: dict[str, list[tuple[float, float]]] = {"ours": [], "bare": []}
    with served(build_app(open_assistant())) as ours, served(bare()) as plain, launched() as browser:
        for url in (ours, plain):
            visit(browser, url)  # the first visit of all warms the server up
        for _ in range(options.runs):
            times["ours"].append(visit(browser, ours))
            times["bare"].append(visit(browser, plain))
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in times.items()}
    for at, what in enumerate(("first contentful paint", "ready to type")):
        mine, theirs = medians["ours"][at], medians["bare"][at]
        print(f"{what}: {mine:.0f} ms, bare gr.ChatInterface {theirs:.0f} ms, ratio {mine / theirs:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
