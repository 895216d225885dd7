# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An agent that speaks A2A as kagent's runtime does (0.3) and as its controller can (1.0), and behaves as it is told.

It has one tool that changes something. It runs the tool where that is approved, or on any batch decision, as the real
runtime does: `executed` then is not empty.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

TOOL = {"id": "call_1", "name": "k8s_rollout_restart", "args": {"deployment": "web", "namespace": "shop"}}
READ = {"id": "call_0", "name": "k8s_get_events", "args": {"namespace": "shop"}}


@dataclass
class Asked:
    """One request: its method, the text and data of its message, its headers, the path."""

    method: str
    text: str
    values: dict[str, Any]
    headers: dict[str, str]
    path: str
    params: dict[str, Any]


@dataclass
class A2AAgent:
    """A server on the loopback interface, from `with` on.

    `reply`: the text of the answer, or a function of the question that gives it. `behaviour`: completed, failed, pauses
    (once), pauses-always, hangs (accepts and never answers), works-forever (an update now and then, never an end), cut,
    cut-and-done (the connection ends, the task goes on), not-json, huge, redirect, or an HTTP status.
    """

    reply: str | Callable[[str], str] = ""
    behaviour: str | int = "completed"
    speaks: tuple[str, ...] = ("0.3",)
    streams: bool = True
    after_seconds: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> A2AAgent:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def questions(self) -> list[str]:
        return [asked.text for asked in self.asked if asked.text]

    @property
    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]

    @property
    def decisions(self) -> list[str]:
        return [asked.values["decision_type"] for asked in self.asked if "decision_type" in asked.values]

    def wait(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def answer_to(self, text: str) -> str:
        return self.reply(text) if callable(self.reply) else self.reply

    # --- tasks, in the shapes of 0.3 ---

    def task_of(self, params: dict[str, Any]) -> dict[str, Any]:
        message = params["message"]
        known = self.tasks.get(message.get("taskId", ""))
        if known is not None:
            return known
        context = message.get("contextId") or str(uuid.uuid4())
        task = {"kind": "task", "id": str(uuid.uuid4()), "contextId": context, "history": [message], "status": {}}
        self.tasks[task["id"]] = task
        return task

    def carry_on(self, task: dict[str, Any], text: str, values: dict[str, Any]) -> None:
        """What the agent does with a message: it answers, pauses or fails."""
        decision = values.get("decision_type")
        if decision in ("approve", "batch"):
            self.executed.append(TOOL["name"])
        pauses = self.behaviour == "pauses-always" or (self.behaviour == "pauses" and decision is None)
        if pauses:
            task["history"].append(_said(task, [_call(TOOL)]))
            call = {"name": "adk_request_confirmation", "id": "adk-1", "args": {"originalFunctionCall": TOOL}}
            task["status"] = {"state": "input-required", "message": _said(task, [_call(call)])}
        elif self.behaviour == "failed":
            task["status"] = {"state": "failed", "message": _said(task, [_text("the model gave up")])}
        else:
            task["history"].append(_said(task, [_call(READ)]))
            answer = self.answer_to(text or self.questions[0])
            task["artifacts"] = [{"artifactId": "a1", "parts": [_text(answer)]}]
            task["metadata"] = {"kagent_usage_metadata": {"promptTokenCount": 11, "candidatesTokenCount": 7}}
            task["status"] = {"state": "completed"}

    def updates(self, task: dict[str, Any], text: str, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The same as a stream: submitted (repeating the question), working, the artifact, the end."""
        about = {"taskId": task["id"], "contextId": task["contextId"], "kind": "status-update"}
        asked = {**_said(task, [_text(text)]), "role": "user"}
        yield {**about, "final": False, "status": {"state": "submitted", "message": asked}}
        yield {**about, "final": False, "status": {"state": "working"}}
        if self.behaviour in ("cut", "cut-and-done"):
            self.carry_on(task, text, values)
            if self.behaviour == "cut":
                del self.tasks[task["id"]]
            return
        while self.behaviour == "works-forever" and not self._stop.is_set():
            self.wait(0.1)
            yield {**about, "final": False, "status": {"state": "working"}}
        self.wait(self.after_seconds)
        self.carry_on(task, text, values)
        for message in task["history"][1:]:
            yield {**about, "final": False, "status": {"state": "working", "message": message}}
        for artifact in task.get("artifacts", []):
            ids = {"taskId": task["id"], "contextId": task["contextId"]}
            yield {**ids, "kind": "artifact-update", "artifact": artifact, "lastChunk": True}
        metadata = {"metadata": task["metadata"]} if "metadata" in task else {}
        yield {**about, "final": True, "status": task["status"], **metadata}


def _said(task: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    ids = {"taskId": task["id"], "contextId": task["contextId"], "messageId": str(uuid.uuid4())}
    return {"kind": "message", "role": "agent", "parts": parts, **ids}


def _text(text: str) -> dict[str, Any]:
    return {"kind": "text", "text": text}


def _call(call: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "data", "data": call, "metadata": {"kagent_type": "function_call"}}


_WRAPPERS = {"task": "task", "message": "message", "status-update": "statusUpdate", "artifact-update": "artifactUpdate"}
_METHODS = {
    "message/send": ("send", "0.3"),
    "message/stream": ("stream", "0.3"),
    "tasks/get": ("get", "0.3"),
    "tasks/cancel": ("cancel", "0.3"),
    "SendMessage": ("send", "1.0"),
    "SendStreamingMessage": ("stream", "1.0"),
    "GetTask": ("get", "1.0"),
    "CancelTask": ("cancel", "1.0"),
}


def _in_1_0(value: Any, *, wrap: bool) -> Any:
    """A shape of 0.3 in the words of 1.0."""
    if isinstance(value, list):
        return [_in_1_0(item, wrap=False) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _in_1_0(item, wrap=False) for key, item in value.items() if key not in ("kind", "final")}
    if "state" in plain:
        plain["state"] = "TASK_STATE_" + plain["state"].upper().replace("-", "_")
    if plain.get("role") in ("user", "agent"):
        plain["role"] = "ROLE_" + plain["role"].upper()
    return {_WRAPPERS[value["kind"]]: plain} if wrap else plain


def _handler(agent: A2AAgent) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_arguments: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = _asked(body, self)
            agent.asked.append(asked)
            self.close_connection = True
            if not self._misbehaves():
                self._answers(body, asked)

        def _misbehaves(self) -> bool:
            if agent.behaviour == "hangs":
                agent.wait(60)
            elif isinstance(agent.behaviour, int):
                self._send(agent.behaviour, b'{"error": "no"}', "application/json")
            elif agent.behaviour == "redirect":
                self.send_response(307)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif agent.behaviour == "not-json":
                self._send(200, b"<html>Welcome</html>", "text/html")
            elif agent.behaviour == "huge":
                self._send(200, b'{"jsonrpc": "2.0", "result": "' + b"x" * (2 << 20), "application/json")
            else:
                return False
            return True

        def _answers(self, body: dict[str, Any], asked: Asked) -> None:
            what, version = _METHODS.get(asked.method, ("", ""))
            wanted = self.headers.get("A2A-Version", "0.3")
            if not what or version != wanted or version not in agent.speaks:
                return self._result(body, {"error": {"code": -32601, "message": "Method not found"}})
            if what == "stream" and not agent.streams:
                return self._result(body, {"error": {"code": -32004, "message": "Streaming is not supported"}})
            if what in ("get", "cancel"):
                return self._known(body, asked, what, version)
            task = agent.task_of(asked.params)
            if what == "stream":
                return self._stream(body, agent.updates(task, asked.text, asked.values), version)
            if agent.behaviour == "works-forever":
                task["status"] = {"state": "working"}
            else:
                agent.wait(agent.after_seconds)
                agent.carry_on(task, asked.text, asked.values)
            if agent.behaviour in ("cut", "cut-and-done"):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "5000")
                self.end_headers()
                self.wfile.write(b'{"jsonrpc": "2.0", "res')
                return None
            return self._result(body, {"result": task if version == "0.3" else _in_1_0(task, wrap=True)})

        def _known(self, body: dict[str, Any], asked: Asked, what: str, version: str) -> None:
            task = agent.tasks.get(asked.params["id"])
            if task is None:
                return self._result(body, {"error": {"code": -32001, "message": "Task not found"}})
            if what == "cancel":
                task["status"] = {"state": "canceled"}
            return self._result(body, {"result": task if version == "0.3" else _in_1_0(task, wrap=False)})

        def _stream(self, body: dict[str, Any], updates: Iterator[dict[str, Any]], version: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                for update in updates:
                    result = update if version == "0.3" else _in_1_0(update, wrap=True)
                    line = json.dumps({"jsonrpc": "2.0", "id": body["id"], "result": result})
                    event = f"data: {line}\r\n\r\n".encode()
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
                    self.wfile.flush()
                if agent.behaviour not in ("cut", "cut-and-done"):
                    self.wfile.write(b"0\r\n\r\n")
            except OSError:
                pass

        def _result(self, body: dict[str, Any], result: dict[str, Any]) -> None:
            text = json.dumps({"jsonrpc": "2.0", "id": body["id"], **result}).encode()
            self._send(200, text, "application/json")

        def _send(self, code: int, text: bytes, kind: str) -> None:
            try:
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            except OSError:
                pass

    return Handler


def _asked(body: dict[str, Any], handler: BaseHTTPRequestHandler) -> Asked:
    parts = body.get("params", {}).get("message", {}).get("parts", [])
    values: dict[str, Any] = {}
    for part in parts:
        values.update(part.get("data") or {})
    text = "".join(part.get("text", "") for part in parts)
    return Asked(body["method"], text, values, dict(handler.headers), handler.path, body.get("params", {}))


def after(seconds: float, text: str) -> Callable[[str], str]:
    """A reply that takes its time."""

    def reply(_question: str) -> str:
        time.sleep(seconds)
        return text

    return reply
