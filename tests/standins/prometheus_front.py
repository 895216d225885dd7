# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Stands before a real Prometheus as Mimir's gateway does (a tenant is asked for), or is ill as a test wants it."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class PrometheusFront:
    """A server on the loopback interface, from `with` on, before the one at `url`.

    `behaviour`: passes, error (Prometheus' own), hangs, or a number that every value becomes. `tenant`: a request
    without it is refused. `tenants` are those that were asked for.
    """

    url: str
    behaviour: str = "passes"
    tenant: str = ""
    tenants: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> PrometheusFront:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body for a request."""
        tenant = headers.get("X-Scope-OrgID", "")
        self.tenants.append(tenant)
        if self.tenant and tenant != self.tenant:
            return 401, b"no org id"
        if self.behaviour == "hangs":
            self._stop.wait(120)
        if self.behaviour == "error":
            said = "query processing would load too many samples into memory in query execution"
            return 422, json.dumps({"status": "error", "errorType": "execution", "error": said}).encode()
        passed = {name: headers[name] for name in ("Authorization",) if name in headers}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=passed), timeout=60) as given:
                status, body = given.status, given.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()
        return status, body if self.behaviour == "passes" else _altered(body, self.behaviour)


def _altered(body: bytes, number: str) -> bytes:
    answer = json.loads(body)
    for item in answer["data"]["result"]:
        if "value" in item:
            item["value"][1] = number
        for point in item.get("values", []):
            point[1] = number
    return json.dumps(answer).encode()


def _handler(front: PrometheusFront) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            status, body = front.answer(self.path, dict(self.headers))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
