# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A notice reaches what is there, says why it did not reach what is not, and never carries a secret."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.notifying.sending import notify
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.notifying.shapes import Notice

NOTICE = Notice("Rollout halted", "9 of 120 failed, password=hunter2hunter2", {"errors": 9})


class Hook:
    def __init__(self) -> None:
        self.received: list[Any] = []
        self.code = 200


@pytest.fixture
def hook() -> Iterator[tuple[Hook, str]]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.append((self.headers.get("X-Key"), json.loads(body)))
            self.send_response(hook.code)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield hook, f"http://127.0.0.1:{server.server_port}/services/T0KEN"
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_redacted_json(hook: tuple[Hook, str]) -> None:
    received, url = hook
    [delivery] = notify([{"webhook": {"url": url, "headers": {"X-Key": "k"}}}], NOTICE)
    assert delivery.ok and "T0KEN" not in delivery.channel
    [(key, body)] = received.received
    assert key == "k"
    assert body["details"] == {"errors": 9}
    assert "hunter2" not in json.dumps(body)


@pytest.mark.parametrize("code", [302, 404, 500])
def test_another_answer_than_2xx_is_said(hook: tuple[Hook, str], code: int) -> None:
    received, url = hook
    received.code = code
    [delivery] = notify([{"webhook": {"url": url}}], NOTICE)
    assert (delivery.ok, delivery.message) == (False, f"it answered HTTP {code}")


def test_a_command_gets_json_on_its_standard_input(tmp_path: Path) -> None:
    kept = tmp_path / "notice.json"
    program = f"import sys,pathlib; pathlib.Path({str(kept)!r}).write_text(sys.stdin.read())"
    [delivery] = notify([{"command": {"argv": [sys.executable, "-c", program]}}], NOTICE)
    assert delivery.ok
    assert json.loads(kept.read_text())["subject"] == "Rollout halted"


class Mailbox:
    """The least of an SMTP server."""

    def __init__(self) -> None:
        import socket

        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.text = ""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _address = self.listening.accept()
        with connection, connection.makefile("rw", newline="\r\n") as talk:
            talk.write("220 here\r\n")
            talk.flush()
            while line := talk.readline():
                if line.upper().startswith("DATA"):
                    talk.write("354 go on\r\n")
                    talk.flush()
                    while (text := talk.readline().rstrip("\r\n")) != ".":
                        self.text += text + "\n"
                talk.write("221 bye\r\n" if line.upper().startswith("QUIT") else "250 ok\r\n")
                talk.flush()
                if line.upper().startswith("QUIT"):
                    return


def test_an_email_is_sent() -> None:
    mailbox = Mailbox()
    settings = {
        "host": "127.0.0.1",
        "port": mailbox.port,
        "security": "none",
        "sender": "a@b.example",
        "to": "c@d.example",
    }
    [delivery] = notify([{"email": settings}], NOTICE)
    assert delivery.ok, delivery
    assert "Subject: Rollout halted" in mailbox.text and "9 of 120" in mailbox.text
    assert "hunter2" not in mailbox.text


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        ({"webhook": {"url": "http://127.0.0.1:1/x"}}, "could not be reached"),
        ({"webhook": {"url": "file:///etc/passwd"}}, "begins with https://"),
        ({"email": {"host": "127.0.0.1", "port": 1, "sender": "a@b", "to": ["c@d"]}}, "did not take it"),
        (
            {"email": {"host": "h", "sender": "a@b", "to": "c@d", "security": "none", "username": "u"}},
            "not sent without",
        ),
        ({"email": {}}, "needs host, sender and to"),
        ({"command": {"argv": ["/does/not/exist"]}}, "could not be run"),
        ({"command": {"argv": ["false"]}}, "exit code 1"),
        ({"command": {"argv": "rm -rf /"}}, "as a list"),
        ({"pigeon": {}}, "one key of"),
        ("webhook", "one key of"),
        ({"webhook": "url"}, "are a map"),
    ],
)
def test_what_cannot_be_delivered_says_why_and_keeps_no_other_from_it(channel: Any, message: str) -> None:
    failed, delivered = notify([channel, {"command": {"argv": ["true"]}}], NOTICE, 5)
    assert not failed.ok
    assert message in failed.message
    assert delivered.ok


def test_without_channels_nobody_is_told() -> None:
    assert notify([], NOTICE) == []
