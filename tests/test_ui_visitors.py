"""Several visitors at once: who is answered, who waits and sees it, who is told to come back."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from gradio import Blocks
from gradio.queueing import Queue
from gradio.state_holder import StateHolder
from gradio_client import Client
from gradio_client.exceptions import AppError

from assistant.answers import Answer, Turn
from benchmarks.browser import served
from benchmarks.page_visit import PageVisit
from corpus.errors import UserError
from tests.fakes_ui import ScriptedAssistant, duties_answer
from ui.page import build_page
from ui.serving import build_app
from ui.sessions import SESSIONS_KEPT, Waiting, keep_few
from ui.visitors import Attended, Limits, Line


class HeldAssistant(ScriptedAssistant):
    """Answers once it is let go; ``most`` is how many questions were being answered at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.most = self._now = 0
        self._lock = threading.Lock()

    def stream(self, question: str, *, history: Sequence[Turn] = (), setting: str | None = None) -> Iterator[Answer]:
        """One snapshot at once, then the answer."""
        final = duties_answer(question)
        yield replace(final, statements=(), citations=(), text="", status="working", stage="searching")
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self.begun.release()
        assert self.go.wait(timeout=30)
        with self._lock:
            self._now -= 1
        yield final


def read(stream: Iterator[Answer], into: list[Answer]) -> threading.Thread:
    """Read a stream to its end in a thread of its own."""
    thread = threading.Thread(target=lambda: into.extend(stream), daemon=True)
    thread.start()
    return thread


class TestTheLine:
    def test_places_are_served_in_order_of_arrival(self) -> None:
        line = Line(Limits(at_once=2, waiting=3))
        places = [line.join() for _ in range(5)]
        assert [line.before(place) for place in places] == [0, 0, 1, 2, 3]
        line.leave(places[1])
        line.leave(places[3])
        assert [line.before(places[n]) for n in (0, 2, 4)] == [0, 0, 1]

    def test_a_full_line_takes_nobody_until_someone_leaves(self) -> None:
        line = Line(Limits(at_once=1, waiting=1))
        first = line.join()
        line.join()
        with pytest.raises(UserError, match="ask again in a minute"):
            line.join()
        line.leave(first)
        line.join()


class TestAttended:
    def test_no_more_are_answered_at_once_than_the_limit_and_all_are_answered(self) -> None:
        held = HeldAssistant()
        attended = Attended(held, Limits(at_once=2, waiting=6))
        answers: list[list[Answer]] = [[] for _ in range(8)]
        threads = [read(attended.stream("What does a CMO do?"), into) for into in answers]
        for _ in range(2):
            assert held.begun.acquire(timeout=10)
        held.go.set()
        for thread in threads:
            thread.join(timeout=30)
        assert held.most == 2
        assert [snapshots[-1].status for snapshots in answers] == ["answered"] * 8

    def test_whoever_waits_is_told_how_many_are_before(self) -> None:
        held = HeldAssistant()
        attended = Attended(held, Limits(at_once=1, waiting=2))
        thread = read(attended.stream("first"), [])
        assert held.begun.acquire(timeout=10)
        second, third = attended.stream("second"), attended.stream("third")
        assert next(second).stage == "waiting, 1 question before yours"
        assert next(third).stage == "waiting, 2 questions before yours"
        second.close()  # type: ignore[attr-defined]
        assert next(third).stage == "waiting, 1 question before yours"
        held.go.set()
        thread.join(timeout=10)
        assert list(third)[-1].status == "answered"

    def test_whoever_finds_it_full_is_told_so_and_a_failure_frees_the_place(self) -> None:
        attended = Attended(ScriptedAssistant(), Limits(at_once=1, waiting=1))
        for _ in range(3):
            with pytest.raises(UserError, match="index is missing"):
                attended.answer("broken")
        leading, waiting = attended.stream("one"), attended.stream("two")
        next(leading)
        next(waiting)
        for ask in (attended.answer, attended.search):
            with pytest.raises(UserError, match="ask again in a minute"):
                ask("three")

    def test_documents_and_topics_are_never_waited_for(self) -> None:
        attended = Attended(ScriptedAssistant(), Limits(at_once=1, waiting=1))
        holding = attended.stream("slow")
        next(holding)
        assert attended.document("career/pay.md").title == "Pay of physician leaders"
        assert len(attended.topics()) == 3
        assert (attended.model, attended.index_version) == ("scripted", "test")


class TestPrograms:
    @pytest.fixture
    def held(self) -> HeldAssistant:
        return HeldAssistant()

    def test_a_program_that_finds_it_full_is_told_so_and_the_others_are_answered(self, held: HeldAssistant) -> None:
        app = build_app(held, limits=Limits(at_once=1, waiting=1))
        with served(app) as url:
            client = Client(url, verbose=False)
            try:
                jobs = [client.submit("What does a CMO do?", api_name="/ask") for _ in range(3)]
                assert held.begun.acquire(timeout=30)
                done = [job for job in jobs if _full(job)]
                assert len(done) == 1
                held.go.set()
                kept = [job.result(timeout=30)["status"] for job in jobs if job not in done]
                assert kept == ["answered", "answered"]
                assert held.most == 1
            finally:
                client.close()

    def test_programs_search_as_they_ask_and_are_told_what_is_wrong(self) -> None:
        with served(build_app(ScriptedAssistant())) as url:
            client = Client(url, verbose=False)
            try:
                found = client.predict("pay", 1, "hospital", api_name="/search")
                assert [hit["passage"]["title"] for hit in found] == ["What a CMO does"]
                with pytest.raises(AppError, match="k must be 1 to 50, not 0"):
                    client.predict("pay", 0, api_name="/search")
                with pytest.raises(AppError, match="query is blank"):
                    client.predict(" ", api_name="/search")
                with pytest.raises(AppError, match="index is missing"):
                    client.predict("broken", api_name="/ask")
            finally:
                client.close()


def _full(job: object) -> bool:
    """Whether a job was turned away because the line is full; the others go on."""
    try:
        job.result(timeout=3)  # type: ignore[attr-defined]
    except AppError as error:
        return "ask again in a minute" in str(error)
    except TimeoutError:
        return False
    return False


def test_the_state_of_so_many_visitors_is_kept_and_no_more() -> None:
    async def page() -> Blocks:  # Gradio leaves a loop open where it finds none
        return build_page(ScriptedAssistant())

    kept = StateHolder()
    kept.set_blocks(asyncio.run(page()))
    for visitor in range(SESSIONS_KEPT + 1):
        assert kept[str(visitor)]
    assert "0" not in kept
    assert "1" in kept
    assert len(kept.session_data) == SESSIONS_KEPT


def _waiting() -> Waiting:
    async def page() -> Blocks:
        return build_page(ScriptedAssistant())

    queue: Queue = asyncio.run(page())._queue
    keep_few(queue)
    waiting = queue.pending_messages_per_session
    assert isinstance(waiting, Waiting)
    return waiting


def test_a_page_that_waits_for_its_answer_is_kept_whatever_number_of_programs_ask_meanwhile() -> None:
    waiting = _waiting()
    waiting["page"] = "its messages"
    for call in range(3 * SESSIONS_KEPT):
        waiting[f"call {call}"] = "messages"
        if call % 100 == 0:
            assert waiting["page"] == "its messages"
    assert len(waiting) == SESSIONS_KEPT
    assert "call 0" not in waiting


def test_with_the_messages_of_a_session_go_the_ids_of_its_events() -> None:
    ids = {str(call): {"event"} for call in range(SESSIONS_KEPT + 1)}
    waiting = Waiting(ids)
    for call in list(ids):
        waiting[call] = "messages"
    assert "0" not in ids
    assert len(ids) == SESSIONS_KEPT


def test_an_answer_reaches_its_page_though_two_thousand_programs_have_asked_since_it_was_opened() -> None:
    held = HeldAssistant()
    app = build_app(held)
    queue = next(route.app.get_blocks()._queue for route in app.routes if hasattr(route.app, "get_blocks"))
    with served(app) as url:
        page, told = PageVisit(int(url.rpartition(":")[2])), []
        held.go.set()
        assert "physician executive" in page.ask("What does a CMO do?")
        held.go.clear()
        assert held.begun.acquire(timeout=30)
        for call in range(SESSIONS_KEPT - 1):
            queue.pending_messages_per_session[f"call {call}"] = "messages"
        asking = threading.Thread(target=lambda: told.append(page.ask("What does a CMO do?")))
        asking.start()
        assert held.begun.acquire(timeout=30)
        queue.pending_messages_per_session["one more"] = "messages"
        held.go.set()
        asking.join(timeout=30)
    assert "physician executive" in told[0]
