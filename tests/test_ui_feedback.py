"""What readers think of answers is asked, kept in SQLite and read by the evaluation; and they choose the model."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from assistant.settings import Settings
from benchmarks.browser import launched, served
from eval.examples import read_examples
from tests.fakes_ui import HOSTILE, ScriptedAssistant, duties_answer, refusal
from tests.visits import Visit, browser_test
from ui.conversation import Exchange
from ui.extras import Choices, Extras
from ui.feedback import Feedback
from ui.handlers import THANKS, Handlers
from ui.offers import export_feedback
from ui.serving import build_app


def exchanged(answer: object, question: str = "What does a CMO do?") -> Exchange:
    return Exchange(question=question, setting=None, search_only=False, answer=answer, hits=(), note="")  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=str(tmp_path / "data"))


@pytest.fixture
def handlers(settings: Settings) -> Handlers:
    return Handlers(ScriptedAssistant(), Extras(feedback=Feedback(settings.data_folder / "feedback.sqlite")))


def exported(settings: Settings, tmp_path: Path) -> list[dict[str, object]]:
    out = io.StringIO()
    count = export_feedback(settings, out)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(rows) == count
    return rows


def test_remarks_become_candidates_that_the_evaluation_reads(
    handlers: Handlers, settings: Settings, tmp_path: Path
) -> None:
    talk = (exchanged(duties_answer()), exchanged(refusal("What about the weather?"), "What about the weather?"))
    assert handlers.opine("like", "0", "", talk) == THANKS
    assert handlers.opine("wrong evidence", "0-4-5", "Pay is\nnot growth.", talk) == THANKS
    assert handlers.opine("dislike", "0", "", talk) == THANKS
    assert handlers.opine("like", "1", "", talk) == THANKS
    assert handlers.opine("dislike", "1", "It should know.", talk) == THANKS
    out = tmp_path / "candidates.jsonl"
    with out.open("w", encoding="utf-8") as file:
        export_feedback(settings, file)
    liked, wrong, disliked, silent, missing = read_examples(out)
    assert [nugget.importance for nugget in liked.nuggets] == ["vital", "okay", "okay", "okay"]
    assert liked.topic == "duties"
    assert wrong.nuggets == disliked.nuggets == missing.nuggets == ()
    assert "Pay is\nnot growth." in wrong.note
    assert "Pay rises with the size of the system." in wrong.note
    assert (silent.kind, silent.answerable) == ("unanswerable", False)
    assert (missing.kind, missing.answerable, missing.standalone) == ("multi_turn", True, "What about the weather?")


def test_nothing_kept_exports_nothing(settings: Settings, tmp_path: Path) -> None:
    assert exported(settings, tmp_path) == []


@pytest.mark.parametrize("comment", [HOSTILE, "'); DROP TABLE feedback; --", "\ud800 \x00 ﷽", "x" * 10_000])
def test_any_comment_is_kept_as_text(handlers: Handlers, settings: Settings, tmp_path: Path, comment: str) -> None:
    assert handlers.opine("dislike", "0", comment, (exchanged(duties_answer()),)) == THANKS
    (row,) = exported(settings, tmp_path)
    assert comment[:500].encode("utf-8", "replace").decode().strip() in str(row["note"])


@pytest.mark.parametrize("ref", ["", "7", "x", "0-9-9", "-1"])
def test_a_remark_on_nothing_is_not_kept(handlers: Handlers, settings: Settings, tmp_path: Path, ref: str) -> None:
    assert handlers.opine("like", ref, "", (exchanged(duties_answer()),)) != THANKS
    assert exported(settings, tmp_path) == []


def test_a_disk_that_does_not_take_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    handlers = Handlers(ScriptedAssistant(), Extras(feedback=Feedback(tmp_path / "file" / "feedback.sqlite")))
    assert "could not be saved" in handlers.opine("like", "0", "", (exchanged(duties_answer()),))


@pytest.fixture(scope="module")
def feedback(tmp_path_factory: pytest.TempPathFactory) -> Feedback:
    return Feedback(tmp_path_factory.mktemp("data") / "feedback.sqlite")


@pytest.fixture(scope="module")
def address(feedback: Feedback) -> Iterator[str]:
    extras = Extras(feedback=feedback, models=(ScriptedAssistant(model="another"),))
    with served(build_app(ScriptedAssistant(), extras=extras)) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    visited = Visit(browser, address)
    yield visited
    visited.context.close()
    assert visited.complaints == []
    assert visited.hosts() == {"127.0.0.1"}


class TestInABrowser:
    pytestmark = browser_test

    def test_opinions_and_wrong_evidence_are_kept_and_thanked_for(self, visit: Visit, feedback: Feedback) -> None:
        page = visit.page
        visit.ask("What does a CMO do?")
        page.click("#chat a[href='#dislike-0']")
        page.wait_for_selector(f"[role=status]:has-text('{THANKS}')", state="attached")
        page.locator("#chat a.cite").nth(4).click()
        page.wait_for_selector("#panel mark")
        page.click("#panel .wrong summary")
        page.fill("#wrong-comment", "<b>Size</b> is not growth.")
        page.click("#panel .wrong button")
        page.wait_for_function("!document.querySelector('#panel .wrong').open")
        page.wait_for_timeout(700)
        disliked, wrong = feedback.candidates()
        assert disliked["question"] == "What does a CMO do?"
        assert "Comment: <b>Size</b> is not growth. Sentence: Pay grows with the system." in wrong["note"]

    def test_another_model_answers_when_it_is_chosen(self, visit: Visit) -> None:
        visit.page.click("#model input")
        visit.page.click("[role=option]:has-text('another')")
        visit.ask("What does a CMO do?")
        visit.page.click("#chat a[href='#copy']")
        visit.page.wait_for_selector("text=Copied")
        assert "Model another" in visit.page.evaluate("navigator.clipboard.readText()")


def test_an_unknown_model_means_the_first() -> None:
    asked = ScriptedAssistant()
    handlers = Handlers(asked, Extras(models=(ScriptedAssistant(model="another"),)))
    view = list(handlers.ask("What does a CMO do?", (), "any", False, Choices(model="gone")))[-1]
    assert view.conversation[-1].answer.model == "scripted"  # type: ignore[union-attr]
    assert len(asked.asked) == 1
