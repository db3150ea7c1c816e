"""Ask the page every string of a benchmark of awkward ones, as a question, and count those that end in an error.

    python benchmarks/naughty.py ../shared/bench/naughty_strings/data.jsonl --out var/naughty.jsonl

Each goes through the page's own handler and its HTML over the bundled articles, as if it were typed; the predictions
are {"id", "ok", "error", "seconds"}. A refusal or a request for a question is an answer; a crash, a broken page or an
element in the HTML that is not the page's own is not.
"""

import argparse
import json
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

from ui.handlers import BROKEN, Handlers, messages

OURS = frozenset(
    "a blockquote br button code dd details div dl dt em h2 h3 h4 h5 h6 li ol p pre q span strong sub summary sup ul".split()
)


class Elements(HTMLParser):
    """Collects what is not one of the page's own elements, or has a handler or a script for an address."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a foreign element."""
        live = any(
            name.startswith("on") or "javascript:" in (value or "").lower() for name, value in attrs if name != "title"
        )
        if tag not in OURS or live:
            self.foreign.append(tag)


def problem(handlers: Handlers, text: str) -> str:
    """What went wrong with one string; "" where nothing did."""
    try:
        view = list(handlers.ask(text, (), "any", False))[-1]
        shown = "".join(message["content"] for message in messages(view.conversation, working=False, remarks=True))
    except Exception as error:  # any error at all is what this counts
        return f"{type(error).__name__}: {error}"
    if view.working or any(exchange.note == BROKEN for exchange in view.conversation):
        return "the page said that something went wrong"
    elements = Elements()
    elements.feed(shown)
    return f"foreign elements: {elements.foreign}" if elements.foreign else ""


def main() -> int:
    """Run them all; 1 where one ended in an error."""
    parser = argparse.ArgumentParser(description="Ask the page every string of a benchmark, as a question.")
    parser.add_argument("strings", type=Path, help='JSON Lines with "id" and "text" or "payload"')
    parser.add_argument("--out", type=Path, help="where to write the predictions")
    options = parser.parse_args()
    from assistant import open_assistant

    handlers, failed, lines = Handlers(open_assistant()), 0, []
    # splitlines() would cut at line separators that strings hold.
    for line in options.strings.read_text(encoding="utf-8").rstrip("\n").split("\n"):
        row = json.loads(line)
        begun = time.perf_counter()
        error = problem(handlers, row.get("text", row.get("payload", "")))
        failed += bool(error)
        if error:
            print(f"{row['id']}: {error}", file=sys.stderr)
        lines.append({"id": row["id"], "ok": not error, "error": error, "seconds": time.perf_counter() - begun})
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    times = sorted(each["seconds"] for each in lines)
    print(f"{len(lines)} strings, {failed} in error, median {times[len(times) // 2]:.3f} s, longest {times[-1]:.2f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
