"""Put every payload of a benchmark of live markup before a real browser, in every place that others write, and look.

    PYTHONPATH=. python benchmarks/payloads.py ../shared/bench/xss/data.jsonl

1. As the text and the name of documents that are added on the page, each opened whole in its panel; and as what a chat
   model writes about them: sentences that stand there and sentences that do not, which the real gate holds back (they
   are unfolded).
2. As questions, with a chat model that repeats them.

A page load holds many payloads, several to a sentence or a question. Each time it is looked whether a script ran,
whether an element came to be of a kind that the page has not with harmless text in the same places, whether the page's
policy had to stop anything, whether a request left, and whether the words around the payloads are all still there: one
that became markup could hide those behind it. The control is the same look at each raw payload in an empty page.
Needs Debian's chromium; exits with 1 if anything was found.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from browser import CHROMIUM, MISSING, launched, served
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from playwright.sync_api import Browser, Page

from assistant import open_assistant
from index import build_index
from ui.extras import Extras
from ui.serving import build_app
from ui.uploads import Collections, UploadLimits

SENTENCE, TYPED = 300, 1900  # characters of payloads in a sentence and in a question
SENTENCES, QUESTIONS = 18, 8  # in a document, each in a draft twice (the gate reads forty); in a conversation
HARMLESS = [f"harmless `words` and **more** of them {n}" for n in range(60)]
RULES = "# Rules\n\nThe chief medical officer signs the rules of the clinic. The rules are read once a year.\n"
QUESTION = "What do the rules of the clinic read?"

# Runs before anything of the page does.
_WATCH = """
window.ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
  window[name] = (...given) => { window.ran.push(`${name}(${given})`) };
document.addEventListener('securitypolicyviolation', (event) => window.ran.push(`stopped: ${event.violatedDirective}`));
"""
# Each element as its kind: its name and those of its attributes; an address that runs something is told apart.
_KINDS = """() => [...new Set([...document.querySelectorAll('body *')].map((element) => {
  const attributes = [...element.attributes];
  const runs = attributes.some((one) => /^on/i.test(one.name) || /^[\\s\\x00-\\x20]*(javascript|data:text|vbscript)/i.test(one.value));
  return [element.tagName, ...attributes.map((one) => one.name).sort(), ...(runs ? ['RUNS'] : [])].join(' ');
}))]"""


class Echo(BaseChatModel):
    """Writes what it is told to, whatever it is asked."""

    said: str = ""

    @property
    def _llm_type(self) -> str:
        return "echo"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.said))])


class Watched:
    """A page in which everything is noted that no text may bring about."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._context = browser.new_context(viewport={"width": 1280, "height": 860})
        self.page: Page = self._context.new_page()
        self.found: list[str] = []
        self.page.add_init_script(_WATCH)
        self.page.on("dialog", lambda dialog: (self.found.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self._note_request(request.url))
        self.page.goto(url)
        self.page.wait_for_selector("#question textarea", timeout=120_000)
        self.page.wait_for_timeout(1500)
        self._url, self._title = self.page.url, self.page.title()

    def _note_request(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")) and urlsplit(url).hostname != "127.0.0.1":
            self.found.append(f"request: {url}")

    def ask(self, question: str) -> None:
        """Ask, and wait for what comes back."""
        before = self.page.locator("#chat .answer").count()
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")
        self.page.locator("#chat .answer").nth(before).wait_for(timeout=120_000)
        self.page.wait_for_selector("#chat .stage", state="detached", timeout=120_000)
        self.page.wait_for_selector("#question button:has-text('Ask')", timeout=120_000)

    def expect(self, selector: str, words: Sequence[str]) -> None:
        """Note the words that an element does not show."""
        shown = " ".join(self.page.locator(selector).last.inner_text().split())
        self.found += [f"gone from {selector}: {each}" for each in words if each not in shown]

    def kinds(self) -> set[str]:
        """The kinds of element that the page has."""
        return set(self.page.evaluate(_KINDS))

    def look(self, usual: set[str]) -> list[str]:
        """What happened so far that should not have, and closes the page."""
        self.page.wait_for_timeout(300)
        ran = self.page.evaluate("window.ran")
        strange = [f"element: {kind}" for kind in sorted(self.kinds() - usual)]
        moved = [] if (self.page.url, self.page.title()) == (self._url, self._title) else ["the page was changed"]
        self._context.close()
        return [*self.found, *ran, *strange, *moved]


def grouped(payloads: Sequence[str], length: int) -> list[str]:
    """The payloads, in order, as few texts of at most so many characters, or of one payload."""
    texts: list[str] = []
    for payload in payloads:
        if texts and len(texts[-1]) + len(payload) < length:
            texts[-1] += f" {payload}"
        else:
            texts.append(payload)
    return texts


def as_documents(browser: Browser, url: str, chat: Echo, payloads: Sequence[str]) -> Watched:
    """A visit that adds a document of the payloads, has it written about, and opens it whole."""
    sentences = [f"Rule {n} of the clinic reads {payload}." for n, payload in enumerate(payloads, 1)]
    chat.said = "\n".join([f"{s[:-1]} [1]." for s in sentences] + [f"Nobody knows {p} [1]." for p in payloads])
    text = "\n\n".join(["# Rules of the clinic", *sentences, "Here the rules end."])
    visit = Watched(browser, url)
    name = payloads[0].replace("/", "∕")[:60]
    file = {"name": f"{name}.md", "mimeType": "text/markdown", "buffer": text.encode()}
    visit.page.set_input_files("#choices input[type=file]", file)  # type: ignore[arg-type]
    visit.page.wait_for_selector("#own li.ready", timeout=120_000)
    visit.page.click("#only label:has-text('Only mine')")
    visit.ask(QUESTION)
    for summary in visit.page.locator("#chat details:not([open]) > summary").all():
        summary.click()
    visit.page.locator("#chat :is(a.cite, a.passage-link)").first.click()
    visit.page.wait_for_selector("#panel blockquote", timeout=120_000)
    visit.page.click("#panel [data-do=document]")
    visit.page.wait_for_selector("#panel .document", timeout=120_000)
    visit.expect("#panel .document", [f"Rule {n} of the clinic reads" for n in range(1, len(payloads) + 1)])
    visit.expect("#panel .document", ["Here the rules end."])
    return visit


def as_questions(browser: Browser, url: str, chat: Echo, payloads: Sequence[str]) -> Watched:
    """A conversation of the payloads."""
    visit = Watched(browser, url)
    for payload in payloads:
        chat.said = f"{payload} [1]."
        visit.ask(f"{payload} end")
        visit.expect("#chat .question h2", [" ".join(f"{payload} end".split())])
    return visit


PLACES = {
    "documents": (as_documents, SENTENCE, SENTENCES),
    "questions": (as_questions, TYPED, QUESTIONS),
}


def raw(browser: Browser, payloads: Sequence[str]) -> int:
    """How many payloads the same look finds live where nothing is done about them."""
    page, seen = browser.new_page(), 0
    page.add_init_script(_WATCH)
    for payload in payloads:
        page.goto("about:blank")
        page.evaluate("payload => { document.body.innerHTML = payload }", payload)
        seen += bool(page.evaluate(_KINDS) or page.evaluate("window.ran"))
    page.close()
    return seen


@contextmanager
def place(chat: Echo) -> Iterator[str]:
    """The address of a page over a document of two sentences, whose answers the chat model writes."""
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "documents"
        documents.mkdir()
        (documents / "rules.md").write_text(RULES, encoding="utf-8")
        build_index(documents, index=Path(folder) / "index")
        assistant = replace(open_assistant(index=Path(folder) / "index"), chat=chat, model="echo")
        collections = Collections(UploadLimits(), assistant.retriever.encoder)
        try:
            with served(build_app(assistant, extras=Extras(collections=collections))) as url:
                yield url
        finally:
            collections.close()
            assistant.retriever.close()


def main() -> int:
    """Look at all of them; 1 where something was found, 2 where there is no chromium."""
    parser = argparse.ArgumentParser(description="Every payload of live markup, before a real browser.")
    parser.add_argument("payloads", type=Path, help='JSON Lines with "payload"')
    parser.add_argument("--only", choices=PLACES, help="in one kind of place only")
    parser.add_argument("--first", type=int, default=None, help="only so many of them")
    options = parser.parse_args()
    if not CHROMIUM.exists():
        print(MISSING, file=sys.stderr)
        return 2
    lines = options.payloads.read_text(encoding="utf-8").rstrip("\n").split("\n")[: options.first]
    payloads = [json.loads(line)["payload"] for line in lines]
    chat, found = Echo(), 0
    with place(chat) as url, launched() as browser:
        print(f"control: {raw(browser, payloads)} of {len(payloads)} are live in an empty page")
        for what in [options.only] if options.only else PLACES:
            show, length, size = PLACES[what]
            usual = show(browser, url, chat, grouped(HARMLESS, length)[:size]).kinds()
            texts = grouped(payloads, length)
            for start in range(0, len(texts), size):
                for wrong in show(browser, url, chat, texts[start : start + size]).look(usual):
                    found += 1
                    print(f"{what}, from {texts[start][:60]!r}: {wrong}", file=sys.stderr)
            print(f"as {what}: {len(payloads)} in {len(texts)} texts", flush=True)
    print(f"{found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
