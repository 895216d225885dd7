# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A language model that says what a test tells it to, behind OpenAI's protocol; it keeps what it was told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

# A text, {"tool", "command"}, {"http": status} or {"wait": seconds, "then": a step}.
Step: TypeAlias = "str | dict[str, Any]"


@dataclass
class Seen:
    """One request: its headers and JSON."""

    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """All that the model's side was told."""
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def tool_results(self) -> list[Any]:
        """What commands gave, the newest last."""
        said = [item for item in self.body["messages"] if item["role"] == "tool"]
        return [json.loads(item["content"]) for item in said]


@dataclass
class Model:
    """Each turn of a conversation takes the next step; the last step repeats."""

    steps: Sequence[Step]
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Model:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """For OPENAI_ENDPOINT."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"


def _handler(model: Model) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            model.seen.append(Seen(dict(self.headers), body))
            turn = sum(message["role"] == "assistant" for message in body["messages"])
            step = model.steps[min(turn, len(model.steps) - 1)]
            while isinstance(step, dict) and "wait" in step:
                time.sleep(step["wait"])
                step = step["then"]
            if isinstance(step, dict) and "http" in step:
                self._send(step["http"], "application/json", b'{"error": {"message": "boom", "type": "x"}}')
            else:
                self._send(200, "text/event-stream", _events(step, turn))

        def _send(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing to tell."""

    return Handler


def _events(step: Step, turn: int) -> bytes:
    if isinstance(step, str):
        delta: dict[str, Any] = {"role": "assistant", "content": step}
        end = "stop"
    else:
        arguments = json.dumps({"command": step["command"], "modifies_resource": step.get("modifies", "no")})
        call = {"name": step.get("tool", "kubectl"), "arguments": arguments}
        delta = {
            "role": "assistant",
            "tool_calls": [{"index": 0, "id": f"call_{turn}", "type": "function", "function": call}],
        }
        end = "tool_calls"
    return b"".join((_chunk(delta, None), _chunk({}, end), b"data: [DONE]\n\n"))


def _chunk(delta: dict[str, Any], end: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": end}
    chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"
