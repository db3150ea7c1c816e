"""The page behind an address: a FastAPI app with ``/healthz``, headers that keep the page at home, and the server."""

import os
import socket
from typing import Final

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported: it looks hosts up otherwise

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import UserError
from ui.components import STATIC, theme
from ui.handlers import Answering
from ui.page import build_page

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


def build_app(assistant: Answering) -> FastAPI:
    """The page at ``/`` and its health at ``/healthz``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "model": assistant.model, "index_version": assistant.index_version}

    app.add_middleware(KeepHome)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_page(assistant).queue(default_concurrency_limit=4),
        path="/",
        theme=theme(),
        head=_style(),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
    )
    return mounted


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
            f"Port {port} on {host} can't be used ({error.strerror}). Try another: python -m ui --port {port + 1}"
        ) from None
    return claimed


def make_server(app: ASGIApp) -> uvicorn.Server:
    """A server for the app. It takes no address from a header: who is calling is who opened the connection."""
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, proxy_headers=False))


def serve(app: FastAPI, claimed: socket.socket) -> None:
    """Serve the app on a bound socket until the process is told to stop."""
    make_server(app).run(sockets=[claimed])
