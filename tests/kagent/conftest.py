# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The real agent runtime from its package, with a scripted model and a tool that leaves a mark where it runs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = ROOT / ".venv-kagent" / "bin"
TOOL = "k8s_rollout_restart"
# Started cold on a busy machine.
READY_SECONDS = 300


@dataclass
class Model:
    """OpenAI's protocol, not streamed. `calls_tool`: it wants the tool first. `status`, `wait_seconds`: bad days."""

    reply: str = ""
    calls_tool: bool = False
    status: int = 200
    wait_seconds: float = 0.0
    seen: list[dict[str, Any]] = field(default_factory=list)

    def forget(self) -> None:
        self.reply, self.calls_tool, self.status, self.wait_seconds = "", False, 200, 0.0
        self.seen.clear()

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        self.seen.append(body)
        if self.calls_tool and body["messages"][-1]["role"] != "tool":
            arguments = json.dumps({"deployment": "web", "namespace": "shop"})
            call = {"id": "call_1", "type": "function", "function": {"name": TOOL, "arguments": arguments}}
            message, why = {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
        else:
            message, why = {"role": "assistant", "content": self.reply}, "stop"
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        choice = {"index": 0, "message": message, "finish_reason": why}
        about = {"id": "c1", "object": "chat.completion", "created": 1, "model": body["model"]}
        return {**about, "choices": [choice], "usage": usage}


def _handler(model: Model) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(model.wait_seconds)
            told = model.answer(body) if model.status == 200 else {"error": {"message": "boom"}}
            text = json.dumps(told).encode()
            try:
                self.send_response(model.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            except OSError:
                pass

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler


@dataclass
class Runtime:
    """A running agent: its address, its model, and the file that its tool writes to."""

    url: str
    model: Model
    marks: Path

    @property
    def executed(self) -> list[str]:
        return self.marks.read_text().splitlines() if self.marks.exists() else []


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def until_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail(f"nothing listens on {port}:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder = tmp_path_factory.mktemp("kagent")
    model = Model()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(model))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    agent, tools = free_port(), free_port()
    one_tool = {"params": {"url": f"http://127.0.0.1:{tools}/mcp", "timeout": 10}, "tools": [TOOL]}
    config = {
        "model": {"type": "openai", "model": "scripted", "base_url": f"http://127.0.0.1:{server.server_port}/v1"},
        "description": "analyst",
        "instruction": "Reply with one JSON object only.",
        "http_tools": [{**one_tool, "require_approval": [TOOL]}],
        "stream": False,
    }
    (folder / "config.json").write_text(json.dumps(config))
    environment = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(folder),
        "AGENT_CONFIG": str(folder / "config.json"),
        "OPENAI_API_KEY": "x",
        # Nobody listens there: with --local the runtime keeps sessions itself.
        "KAGENT_URL": "http://127.0.0.1:9",
        "KAGENT_NAME": "diag",
        "KAGENT_NAMESPACE": "default",
    }
    where = ["--working-dir", str(HERE / "agents"), "--local", "--host", "127.0.0.1", "--port", str(agent)]
    commands = {
        tools: [str(BIN / "python"), str(HERE / "tools.py"), str(tools), str(folder / "marks")],
        agent: [str(BIN / "kagent-adk"), "run", "diag", *where],
    }
    running = []
    try:
        for port, command in commands.items():
            log = folder / f"{port}.log"
            with log.open("wb") as output:
                running.append(subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=folder))
            until_listening(port, running[-1], log)
        yield Runtime(f"http://127.0.0.1:{agent}/", model, folder / "marks")
    finally:
        for process in running:
            process.terminate()
            process.wait(20)
        server.shutdown()


@pytest.fixture
def runtime(started: Runtime) -> Runtime:
    """The same runtime, and a model that has forgotten what the test before wanted."""
    started.model.forget()
    started.marks.unlink(missing_ok=True)
    return started
