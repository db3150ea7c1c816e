"""A guest over HTTP, through LangChain's OpenAI package: what comes of each way in which a provider can fail."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assistant import Assistant, UserError
from assistant.chat import ChatFailedError, open_chat

QUESTION = "When did Northfield Hospital appoint its first chief medical officer?"
KEY = "sk-not-a-real-key-0123456789"


@dataclass(kw_only=True)
class Provider:
    """A server on this machine that answers as an OpenAI-compatible one: each call by ``reply`` of its request.

    A reply is (HTTP status, body); ``seen`` keeps the requests.
    """

    reply: Callable[[dict[str, Any]], tuple[int, str]] = lambda _: (500, "")
    seen: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    given = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            given.seen.append(request)
            status, body = given.reply(request)
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body.encode())
            except ConnectionError:
                pass  # the assistant no longer waits

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    given.address = f"http://127.0.0.1:{server.server_port}/v1"
    yield given
    server.shutdown()
    thread.join()
    server.server_close()


def written(text: Any) -> str:
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "small", "choices": choices})


def guided(assistant: Assistant, provider: Provider, *, timeout: float = 20.0, fallback: bool = True) -> Assistant:
    chat = open_chat("openai:small", base_url=provider.address, timeout=timeout).model_copy(update={"max_retries": 0})
    return replace(assistant, chat=chat, model="openai:small", timeout=timeout, fallback=fallback)


def test_what_a_provider_writes_is_shown_with_the_quote_that_supports_it(
    assistant: Assistant, provider: Provider
) -> None:
    provider.reply = lambda _: (200, written("Northfield Hospital named its first CMO in 1987 [7]. It is on Mars [1]."))
    answer = guided(assistant, provider).answer(QUESTION)
    assert [statement.text for statement in answer.statements] == ["Northfield Hospital named its first CMO in 1987."]
    assert "1987" in answer.citations[0].quote
    assert answer.reason == ""
    assert [message["role"] for message in provider.seen[0]["messages"]] == ["system", "user"]


FAILURES: list[tuple[str, Callable[[dict[str, Any]], tuple[int, str]], str]] = [
    ("a wrong key", lambda _: (401, json.dumps({"error": {"message": f"wrong key {KEY}"}})), "Set OPENAI_API_KEY"),
    ("an unknown model", lambda _: (404, json.dumps({"error": {"message": "no such model"}})), "of that name"),
    ("no quota", lambda _: (429, json.dumps({"error": {"message": "quota"}})), "limit is reached"),
    ("an error of its own", lambda _: (500, "oops"), "set another model"),
    ("a page of another service", lambda _: (200, "<html>Welcome</html>"), "set another model"),
    ("no choice", lambda _: (200, json.dumps({"id": "1", "choices": []})), "set another model"),
    ("something else", lambda _: (200, "[1, 2"), "set another model"),
    ("nothing", lambda _: (200, written("")), "set another model"),
    ("null", lambda _: (200, written(None)), "set another model"),
]


@pytest.mark.parametrize(("reply", "step"), [each[1:] for each in FAILURES], ids=[each[0] for each in FAILURES])
def test_a_provider_that_fails_is_named_with_the_next_step(
    assistant: Assistant, provider: Provider, reply: Callable[[dict[str, Any]], tuple[int, str]], step: str
) -> None:
    provider.reply = reply
    with pytest.raises(ChatFailedError) as failure:
        guided(assistant, provider, fallback=False).answer(QUESTION)
    told = str(failure.value)
    assert re.match("the chat model openai:small (failed|wrote nothing)", told), told
    assert step in told
    assert KEY not in told
    assert "\n" not in told
    answer = guided(assistant, provider).answer(QUESTION)
    assert answer.reason.startswith(told)
    assert "composed of quotes" in answer.reason
    assert "1987" in answer.text


def test_a_provider_that_does_not_answer_is_left_with_a_word_on_patience(
    assistant: Assistant, provider: Provider
) -> None:
    ended = threading.Event()
    provider.reply = lambda _: (ended.wait(10), (200, written("late")))[1]
    begun = time.monotonic()
    answer = guided(assistant, provider, timeout=0.5).answer(QUESTION)
    ended.set()
    assert time.monotonic() - begun < 8
    assert "openai:small" in answer.reason
    assert "CMO_TIMEOUT" in answer.reason
    assert "1987" in answer.text


def test_a_provider_that_is_not_there_is_told_with_its_address_setting(
    assistant: Assistant, provider: Provider
) -> None:
    absent = replace(provider, address="http://127.0.0.1:9/v1")
    answer = guided(assistant, absent).answer(QUESTION)
    assert "openai:small" in answer.reason
    assert "CMO_BASE_URL" in answer.reason


def test_without_a_key_no_model_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        open_chat("openai:small")
