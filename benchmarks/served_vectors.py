"""MiniLM's vectors for a peer in another process: an endpoint on loopback that speaks OpenAI's protocol."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from index import Encoder


@contextmanager
def minilm_served() -> Iterator[tuple[str, int]]:
    """The address of an OpenAI-compatible endpoint for MiniLM's vectors on loopback, and their dimension."""
    encoder = Encoder()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["input"]
            texts = [asked] if isinstance(asked, str) else asked
            rows = encoder.encode_passages([("", text) for text in texts]).vectors.tolist()
            data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)]
            usage = {"prompt_tokens": 0, "total_tokens": 0}
            body = json.dumps({"object": "list", "model": "minilm", "data": data, "usage": usage}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", encoder.identity().dimension
    finally:
        server.shutdown()
        server.server_close()
