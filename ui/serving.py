"""The page behind an address: a FastAPI app with ``/healthz``, headers that keep the page at home, and the server."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported: it looks hosts up otherwise

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import UserError
from ui.access import HEALTH, Door, Guard
from ui.answering import Answering
from ui.components import STATIC, theme
from ui.extras import Extras
from ui.page import build_page
from ui.sessions import keep_few
from ui.visitors import Attended, Limits

# Even if a text got through as markup, the browser would fetch nothing from elsewhere. Gradio needs inline styles and
# scripts, and its HTML templates are compiled in the page ('unsafe-eval').
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
)
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_TO_FINISH: Final = 5
"""Seconds that answers under way have to finish when the server is stopped; an open page would hold it for ever."""
_SPARE_THREADS: Final = 16
"""Beside those of the questions, which each hold one while they wait: for opening a quote, exporting, and the like."""


class KeepHome:
    """ASGI middleware that adds the headers; it never buffers, so that answers stream."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with the headers added where a response starts."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Below:
    """ASGI middleware that takes the root path off where a proxy has left it on."""

    def __init__(self, app: ASGIApp, *, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, the path as if the page lay at the root."""
        path = scope.get("path", "")
        if self._root_path and f"{path}/".startswith(f"{self._root_path}/"):
            scope = {**scope, "path": path[len(self._root_path) :] or "/"}
        await self._app(scope, receive, send)


def build_app(
    assistant: Answering,
    *,
    door: Door | None = None,
    names: Collection[str] = (),
    root_path: str = "",
    limits: Limits | None = None,
    mcp: bool = False,
    extras: Extras | None = None,
) -> FastAPI:
    """The page at ``/``, its health at ``/healthz`` and, where asked for, the MCP tools at ``/mcp``.

    ``door`` lets people in, everybody where there is none; ``names`` are the host names that it answers to, all where
    there are none; ``root_path`` is where a proxy shows the page ("/cmo"); ``extras`` is offered beside the assistant.
    """
    limits = limits or Limits()
    attended = Attended(assistant, limits)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get(HEALTH)
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    if mcp:
        _add_tools(app, attended)
    app.add_middleware(Guard, door=door, names=names)
    app.add_middleware(KeepHome)
    app.add_middleware(Below, root_path=root_path)
    threads = limits.at_once + limits.waiting + _SPARE_THREADS
    _in_a_loop(partial(_mount, app, attended, extras or Extras(), root_path=root_path, threads=threads))
    return app


def _in_a_loop(build: Callable[[], None]) -> None:
    """Run while an event loop does: without one Gradio makes a dozen of them for a page, and closes none."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:

        async def built() -> None:
            build()

        asyncio.run(built())
    else:
        build()


def _mount(app: FastAPI, attended: Attended, extras: Extras, *, root_path: str, threads: int) -> None:
    page = build_page(attended, extras)
    page.max_threads = threads  # before the queue, which takes the number over
    page.queue(default_concurrency_limit=None)
    keep_few(page._queue)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        root_path=root_path or None,
        theme=theme(),
        head=_style(),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        max_file_size=_largest(extras),
    )


def _add_tools(app: FastAPI, attended: Attended) -> None:
    from ui.tools import build_tools, over_http

    routes, running = over_http(build_tools(attended))
    app.router.routes.extend(routes)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running:
            yield

    app.router.lifespan_context = lifespan


def _largest(extras: Extras) -> str:
    """How much one file may measure on its way in: more than a document may, so that its owner can be told why."""
    return f"{2 * extras.collections.limits.megabytes if extras.collections else 1}mb"


def _style() -> str:
    """The page's CSS as it is: Gradio's own ``css`` argument rewrites selectors that reach above its container."""
    return f"<style>{(STATIC / 'page.css').read_text(encoding='utf-8')}</style>"


def claim_port(host: str, port: int) -> socket.socket:
    """A bound socket, so that a port in use is known before anything slow begins.

    Raises:
        UserError: the address can't be had; the message names the next step.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    claimed = socket.socket(family, socket.SOCK_STREAM)
    claimed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        claimed.bind((host, port))
    except OSError as error:
        claimed.close()
        raise UserError(
            f"Port {port} on {host} can't be used ({error.strerror}). "
            f"Try another: make serve PORT={port + 1}, or python -m ui --port {port + 1}"
        ) from None
    return claimed


def make_server(app: ASGIApp) -> uvicorn.Server:
    """A server for the app. It takes no address from a header: who is calling is who opened the connection."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, proxy_headers=False, timeout_graceful_shutdown=_TO_FINISH
    )
    return uvicorn.Server(config)


def serve(app: FastAPI, claimed: socket.socket) -> None:
    """Serve the app on a bound socket until the process is told to stop."""
    make_server(app).run(sockets=[claimed])
