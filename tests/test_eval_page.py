import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from eval.__main__ import EXIT_OK, main
from eval.plots import Dot, bars, curve, dots, histogram
from tests.fakes_eval import SENTENCES, opened_over
from tests.test_eval_report import ROWS, SCRIPT

CHROMIUM = Path("/usr/bin/chromium")
ATTACK = "<script>alert(1)</script><img src=http://elsewhere.example/x.png>"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    rows = [
        *ROWS,
        {"id": "attack", "question": ATTACK, "nuggets": [{"text": ATTACK, "importance": "vital", "facts": ["E1"]}]},
    ]
    path = tmp_path / "examples.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    script = SCRIPT | {ATTACK: ("E1",)}
    assert (
        main(["run", "--examples", str(path), "--out", str(tmp_path)], opened=lambda _: opened_over(script)) == EXIT_OK
    )
    return tmp_path / "report.html"


def test_the_page_asks_nothing_of_another_machine_and_escapes_what_it_shows(written: Path) -> None:
    text = written.read_text()
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    assert ATTACK not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_page_shows_each_question_with_its_answer_verdicts_and_misses(written: Path) -> None:
    text = written.read_text()
    boss = text[text.index('id="q-boss"') :].partition("</details>")[0]
    assert SENTENCES["E1"] in boss
    assert "supported by its quotes" in boss
    assert "handbook.md#" in boss
    assert "not chosen" in boss
    assert 'data-outcome="partial"' in boss
    talk = text[text.index('id="q-talk-01.1"') :].partition("</details>")[0]
    assert "The director." in talk
    assert "vital recall 1.00, here 0.00" in talk
    assert "KeyError" in text[text.index('id="q-broken"') :].partition("</details>")[0]


def test_figures_stand_beside_their_plots_as_text() -> None:
    row = Dot(label="lists & more", value=0.5, interval=(0.25, 0.75), n=9, hollow=0.4)
    drawn = dots([row], title="t")
    assert "lists &amp; more" in drawn
    assert "0.50" in drawn
    assert "n 9" in drawn
    assert "all: 3 of 4 said" in bars([("all", {"said": 3, "lost": 1})], ["said", "lost"], title="t")
    assert "any order 0.40" in curve([(0.5, 0.0), (1.0, 0.4)], marks=[], title="t", level=0.4)
    binned = histogram([("time", [0.1, 0.1, 9.0])], edges=[0.0, 0.5, 1.0], unit="s", title="t")
    assert "time: 2 from 0 to 0.5 s" in binned


@pytest.fixture
def report_page() -> Iterator[Page]:
    with sync_playwright() as driver:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield browser.new_page(viewport={"width": 390, "height": 844})
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing; apt install chromium")
def test_in_a_browser_nothing_is_requested_and_the_filters_work(written: Path, report_page: Page) -> None:
    requested: list[str] = []
    problems: list[str] = []
    report_page.on("request", lambda request: requested.append(request.url))
    report_page.on("pageerror", lambda error: problems.append(str(error)))
    report_page.goto(written.as_uri())
    assert requested == [written.as_uri()]
    assert report_page.locator("details.q:visible").count() == 8
    report_page.select_option('[data-filter="outcome"]', "false refusal")
    assert report_page.locator("details.q:visible").count() == 2
    report_page.fill('[data-filter="words"]', "department")
    assert report_page.locator(".filters output").inner_text() == "2 of 8"
    report_page.goto(f"{written.as_uri()}#q-boss")
    report_page.wait_for_selector("#q-boss[open]")
    assert report_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert problems == []
