"""The MCP tools, called by the protocol's own client over HTTP and over stdio."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from benchmarks.browser import served
from corpus.documents import SETTINGS
from tests.fakes_ui import ScriptedAssistant
from ui.access import PasswordDoor
from ui.serving import build_app
from ui.tools import PATH, Setting
from ui.users import add_user, read_users

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def scripted() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture(scope="module")
def address(scripted: ScriptedAssistant) -> Iterator[str]:
    with served(build_app(scripted, mcp=True)) as url:
        yield url + PATH


def call(server: Any, tool: str, **arguments: object) -> Any:
    """What a tool answers to a client that has just connected."""

    async def once() -> Any:
        async with Client(server) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(once)


class TestOverHttp:
    def test_there_are_two_tools_that_only_read(self, address: str) -> None:
        async def listed() -> Any:
            async with Client(address) as client:
                return (await client.list_tools()).tools

        tools = {tool.name: tool for tool in anyio.run(listed)}
        assert set(tools) == {"ask", "search"}
        assert all(tool.annotations.read_only_hint for tool in tools.values())
        settings = json.dumps(tools["ask"].input_schema)
        assert all(f'"{name}"' in settings for name in SETTINGS if name != "any")

    def test_an_answer_comes_as_text_with_its_quotes_and_as_the_one_json_form(
        self, address: str, scripted: ScriptedAssistant
    ) -> None:
        told = call(address, "ask", question="What does a CMO do?", setting="hospital")
        assert not told.is_error
        assert "Oversee the quality of care. [3]" in told.content[0].text
        assert "[3] What a CMO does" in told.content[0].text
        assert told.structured_content["citations"][2]["quote"] == "Oversee the quality of care."
        assert scripted.asked[-1] == ("What does a CMO do?", (), "hospital")

    def test_a_refusal_is_an_answer(self, address: str) -> None:
        told = call(address, "ask", question="What about the weather?")
        assert not told.is_error
        assert told.structured_content["status"] == "refused"
        assert "No passage speaks of this." in told.content[0].text

    def test_a_search_gives_passages_with_publisher_and_date(self, address: str) -> None:
        told = call(address, "search", query="pay", k=2)
        second = told.structured_content["passages"][1]
        assert (second["title"], second["publisher"]) == ("Pay of physician leaders", "Pay Observatory")
        assert "480,000 dollars" in told.content[0].text

    @pytest.mark.parametrize(
        ("tool", "arguments", "said"),
        [
            ("ask", {"question": "broken"}, "index is missing"),
            ("search", {"query": " "}, "query is blank"),
            ("search", {"query": "pay", "k": 1000}, "1 to 50"),
            ("ask", {"question": "What?", "setting": "marketing"}, "setting"),
            ("ask", {}, "question"),
        ],
    )
    def test_what_goes_wrong_is_told_to_the_model(
        self, address: str, tool: str, arguments: dict[str, object], said: str
    ) -> None:
        told = call(address, tool, **arguments)
        assert told.is_error
        assert said in told.content[0].text

    def test_the_settings_are_those_of_the_documents(self) -> None:
        assert set(get_args(Setting)) == set(SETTINGS) - {"any"}

    def test_a_password_guards_the_tools_too(self, scripted: ScriptedAssistant, tmp_path: Path) -> None:
        add_user(tmp_path / "users.txt", "ann", PASSWORD)
        door = PasswordDoor(read_users(tmp_path / "users.txt"))

        async def asked(url: str, password: str) -> Any:
            async with (
                httpx2.AsyncClient(auth=("ann", password)) as http,
                Client(streamable_http_client(url, http_client=http)) as client,
            ):
                return await client.call_tool("ask", {"question": "What does a CMO do?"})

        with served(build_app(scripted, door=door, mcp=True)) as url:
            assert not anyio.run(asked, url + PATH, PASSWORD).is_error
            with pytest.raises(Exception, match=r"401|unhandled errors|Unauthorized"):
                anyio.run(asked, url + PATH, "wrong password")

    def test_without_the_flag_there_are_no_tools(self, scripted: ScriptedAssistant) -> None:
        with served(build_app(scripted)) as url, httpx2.Client() as http:
            assert http.post(url + PATH, json={}).status_code in (404, 405)


@pytest.mark.slow
def test_over_stdio_a_client_starts_it_and_asks(small_index: Path) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = ["-m", "ui", "--mcp", "stdio", "--index", str(small_index)]
    server = StdioServerParameters(command=sys.executable, args=command, env=environment, cwd=Path(__file__).parents[1])
    told = call(server, "ask", question="How does a CMO differ from a medical director?")
    assert told.structured_content["status"] == "answered"
    assert "[1]" in told.content[0].text


def test_without_the_extra_the_flag_names_the_command_to_run() -> None:
    program = (
        "import sys; sys.modules['mcp'] = None\n"
        "from ui.__main__ import main\n"
        "sys.exit(main(['--mcp', 'stdio', '--index', 'none']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'cmo-assistant[mcp]'" in done.stderr
