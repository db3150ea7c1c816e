"""A visitor of the page without a browser: adds documents, asks, removes, in the words that the page's script uses."""

import json
import urllib.request
import uuid
from typing import Any

_LIMIT = 600.0
"""Seconds for one request; a busy machine answers late, and that is no fault."""


class PageVisit:
    """One open page: the server knows it by its session, and keeps its conversation and its documents for it."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}"
        self._session = uuid.uuid4().hex[:12]
        config = self._json("/config")
        self._parts = {part["id"]: part["props"] for part in config["components"]}
        self._events = {(self._elem(i), event): d for d in config["dependencies"] for i, event in d["targets"]}

    def add(self, name: str, text: str) -> str:
        """Add a document; the list of documents as HTML."""
        path = self._upload(name, text)
        file = {"path": path, "orig_name": name, "size": len(text.encode()), "meta": {"_type": "gradio.FileData"}}
        return self._listed(self._queued(self._events["add", "upload"], {"add": [file]}))

    def remove(self, name: str) -> str:
        """Remove a document; the list of those that are left as HTML, "" where there are none."""
        event = self._events["own", "delete"]
        body = {**self._body(event, {}), "event_data": {"name": name}}
        return self._listed(self._json("/gradio_api/run/predict", body)["data"])

    def ask(self, question: str) -> str:
        """Ask of one's own documents only; all that the page is given to show, as JSON."""
        event = self._events["question", "submit"]
        return json.dumps(self._queued(event, {"question": question, "only": "Only mine"}))

    def _elem(self, part: int | None) -> str:
        return str(self._parts.get(part, {}).get("elem_id"))

    def _listed(self, outputs: list[Any]) -> str:
        return str(outputs[0]["value"] if isinstance(outputs[0], dict) else outputs[0])

    def _body(self, event: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        data = [values.get(self._elem(part), self._parts[part].get("value")) for part in event["inputs"]]
        return {"data": data, "fn_index": event["id"], "session_hash": self._session}

    def _queued(self, event: dict[str, Any], values: dict[str, Any]) -> list[Any]:
        """The last outputs of an event that waits in the server's line."""
        self._json("/gradio_api/queue/join", self._body(event, values))
        address = f"{self._root}/gradio_api/queue/data?session_hash={self._session}"
        outputs: list[Any] | None = None
        with urllib.request.urlopen(address, timeout=_LIMIT) as stream:
            # To its end: who hangs up early takes the events with them that this session asks for next.
            for line in stream:
                told = json.loads(line[5:]) if line.startswith(b"data:") else {}
                if told.get("msg") == "process_completed":
                    if not told["success"]:
                        raise ValueError(f"the page failed: {str(told['output'])[:200]}")
                    outputs = told["output"]["data"]
        if outputs is None:
            raise ValueError("the page hung up before it was done")
        return outputs

    def _upload(self, name: str, text: str) -> str:
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\ncontent-disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        kind = {"content-type": f"multipart/form-data; boundary={edge}"}
        body = f"{head}{text}\r\n--{edge}--\r\n".encode()
        request = urllib.request.Request(f"{self._root}/gradio_api/upload", body, kind)
        with urllib.request.urlopen(request, timeout=_LIMIT) as response:
            return str(json.load(response)[0])

    def _json(self, place: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._root + place, data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=_LIMIT) as response:
            return json.load(response)
