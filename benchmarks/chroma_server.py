"""A Chroma server of one's own, behind a door that asks for a header: what a benchmark and the store's tests share.

`chroma run` asks nobody for anything; whoever needs a check puts a proxy before it. This is the smallest such proxy.
"""

import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HEADERS = {"authorization": "Bearer a-token-of-this-run-only"}
START = 60.0
"""Seconds that the server may take to begin answering."""
_OF_ONE_HOP = {"connection", "transfer-encoding", "keep-alive", "host", "content-length"}


class ChromaServer:
    """`chroma run` on a free port; ``stop`` and ``start`` again keep its address and what it holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers, to anybody."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process that is running."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = Path(sys.executable).with_name("chroma")
        command = [program, "run", "--path", self._folder, "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START
        while not _answers(self.port):
            if time.monotonic() > until or self._process.poll() is not None:
                self.stop()
                raise TimeoutError(f"`chroma run` did not answer on port {self.port} within {START:.0f} s")
            time.sleep(0.1)

    def stop(self, *, kill: bool = False) -> None:
        """End it, ``kill`` without a warning; nothing happens where that was done."""
        if self._process is not None:
            self._process.kill() if kill else self._process.terminate()
            self._process.wait(30)
            self._process = None


@contextmanager
def running(folder: Path) -> Iterator[ChromaServer]:
    """A server over a folder, as long as the block runs."""
    server = ChromaServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def guarded(port: int) -> Iterator[str]:
    """The address of a proxy that passes on to the port what carries HEADERS, and answers 401 to all else."""
    door = ThreadingHTTPServer(("127.0.0.1", 0), _door_to(port))
    door.daemon_threads = True
    thread = threading.Thread(target=door.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.server_port}"
    finally:
        door.shutdown()
        door.server_close()
        thread.join()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        connection.request("GET", "/api/v2/heartbeat")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _door_to(port: int) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        _behind: http.client.HTTPConnection | None = None

        def handle_one_request(self) -> None:
            self.do_GET = self.do_POST = self.do_PUT = self.do_DELETE = self._pass_on  # type: ignore[attr-defined]
            super().handle_one_request()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if any(self.headers.get(name) != value for name, value in HEADERS.items()):
                self._answer(401, [("content-type", "text/plain")], b"who are you?")
                return
            kept = {k: v for k, v in self.headers.items() if k.lower() not in _OF_ONE_HOP}
            self._behind = self._behind or http.client.HTTPConnection("127.0.0.1", port)
            try:
                self._behind.request(self.command, self.path, body=body, headers=kept)
                found = self._behind.getresponse()
                content = found.read()
            except OSError:
                self._behind.close()
                self._answer(502, [("content-type", "text/plain")], b"nobody behind the door")
            else:
                self._answer(found.status, found.getheaders(), content)

        def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in _OF_ONE_HOP | {"date", "server"}:
                    self.send_header(name, value)
            if status in (401, 502):
                self.send_header("connection", "close")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def finish(self) -> None:
            super().finish()
            if self._behind:
                self._behind.close()

        def log_message(self, *_: object) -> None:
            """Nothing: a log of requests would hold what they ask."""

    return Door
