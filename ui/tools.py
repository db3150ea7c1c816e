"""Ask and search as MCP tools, for assistants and editors that speak the Model Context Protocol.

The ``mcp`` package's own server rather than Gradio's: that one holds pydantic back and publishes every event's types;
this one is two tools whose words are written for the model that reads them.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from starlette.routing import BaseRoute

from corpus.errors import UserError
from index.hits import Hit
from ui.answering import Answering
from ui.export import answer_to_markdown
from ui.programs import find
from ui.words import setting_words

try:
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.server.transport_security import TransportSecuritySettings
    from mcp_types import CallToolResult, TextContent, ToolAnnotations
except ModuleNotFoundError as error:
    raise UserError("--mcp needs the mcp package. Run: pip install 'cmo-assistant[mcp]'") from error

PATH: Final = "/mcp"
Setting = Literal["hospital", "health_center", "payer", "pharma", "government"]

_ABOUT: Final = (
    "Answers about the Chief Medical Officer (CMO) role in healthcare from a fixed set of documents. Every sentence of "
    "an answer is bound to a verbatim quote and was checked against it; where the documents are silent, the answer "
    "says so. Keep the marks and quotes when you pass an answer on."
)
_READS_ONLY: Final = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def build_tools(assistant: Answering) -> "MCPServer[Any]":
    """A server with the tools ``ask`` and ``search`` over an assistant."""
    server: MCPServer[Any] = MCPServer("cmo-assistant", instructions=_ABOUT, log_level="WARNING")

    def ask(
        question: Annotated[str, "A question in plain words that can be understood by itself."],
        setting: Annotated[Setting | None, "Keep to documents on one kind of employer; leave out for all."] = None,
    ) -> CallToolResult:
        """Answer a question about the Chief Medical Officer role; every sentence comes with its quote and source."""
        try:
            answer = assistant.answer(question, setting=setting)
        except UserError as error:
            raise ToolError(str(error)) from None
        # The passages that were read but not cited are many; who wants them can search.
        return _result(answer_to_markdown(answer), replace(answer, hits=()).to_dict())

    def search(
        query: Annotated[str, "Words or a question."],
        k: Annotated[int, "How many passages, 1 to 50."] = 5,
        setting: Annotated[Setting | None, "Keep to documents on one kind of employer; leave out for all."] = None,
    ) -> CallToolResult:
        """List the passages nearest to a query, best first, in the documents' own words."""
        try:
            hits: list[Hit] = find(assistant, query, k, setting)
            passages = [_passage(assistant, hit) for hit in hits]
        except UserError as error:
            raise ToolError(str(error)) from None
        found = "\n\n".join(f"[{p['rank']}] {p['title']} ({p['passage_id']})\n{p['text']}" for p in passages)
        return _result(found or "No passage was found.", {"passages": passages})

    for tool in (ask, search):
        server.add_tool(tool, annotations=_READS_ONLY)
    return server


def over_http(server: "MCPServer[Any]") -> tuple[list[BaseRoute], AbstractAsyncContextManager[Any]]:
    """The routes of a server at ``/mcp``, and what has to run while they are served.

    Each call stands by itself, so no client holds anything here. Whose calls are answered is for `ui.access` to say.
    """
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return list(app.routes), server.session_manager.run()


def over_stdio(server: "MCPServer[Any]") -> None:
    """Serve one client over this process's input and output, until it hangs up."""
    server.run("stdio")


def _result(text: str, data: dict[str, Any]) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=data)


def _passage(assistant: Answering, hit: Hit) -> dict[str, Any]:
    """A hit with what a reader needs to weigh it."""
    document, passage = assistant.document(hit.passage.doc_id), hit.passage
    return {
        "rank": hit.rank,
        "score": hit.score,
        "passage_id": passage.passage_id,
        "title": passage.title,
        "headings": list(passage.headings),
        "text": passage.text,
        "publisher": document.publisher,
        "date": document.date,
        "url": document.url,
        "setting": setting_words(document.settings),
    }
