# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an AI's program sees of the cluster: reads alone, with secrets taken out, without ever holding a credential.

A server on loopback that exists as long as one question. It sends GET requests on as the read-only ServiceAccount,
takes secrets out of what comes back, and refuses everything else. Its address has a path that nobody can guess, since
kubectl sends no token where there is no TLS.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction_json import redact_json

LARGEST_BYTES: Final = 4 * 1024 * 1024
# Streams would outlive the question, and pass by redaction line by line.
_NO_STREAMS: Final = {"watch": "watching", "follow": "following a log"}


@contextlib.contextmanager
def reading_room(client: Client, deadline: Deadline) -> Iterator[str]:
    """The address of a read-only view of the cluster, for as long as the context lasts."""
    path = f"/{secrets.token_urlsafe(24)}"
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(client, deadline, path))
    server.daemon_threads = True
    # It is told to stop many times a second, so that the end costs nothing.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True, name="reading-room")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{path}"
    finally:
        server.shutdown()
        server.server_close()


def kubeconfig_of(address: str) -> str:
    """A kubeconfig (JSON is YAML) for an address, with no user in it."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "cluster", "cluster": {"server": address}}],
            "contexts": [{"name": "read-only", "context": {"cluster": "cluster", "user": "nobody"}}],
            "users": [{"name": "nobody", "user": {}}],
            "current-context": "read-only",
        }
    )


def _handler(client: Client, deadline: Deadline, prefix: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if not url.path.startswith(f"{prefix}/"):
                self.close_connection = True
                self._send(404, "text/plain", b"")
                return
            self._send(*answer(client, url.path[len(prefix) :], dict(parse_qsl(url.query)), self._accept(), deadline))

        def _refuse(self) -> None:
            # What it wanted to send is not read.
            self.close_connection = True
            self._send(*_status(403, "Forbidden", f"{self.command} is refused: an advisor reads and writes nothing"))

        do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_CONNECT = _refuse

        def _accept(self) -> str:
            """What it would take, less the binary forms, which cannot be redacted, and those that a header names."""
            kinds = [kind.strip() for kind in self.headers.get("Accept", "").split(",")]
            plain = [kind for kind in kinds if kind.startswith("application/json") and "apidiscovery" not in kind]
            return ", ".join(plain) or "application/json"

        def _send(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """The commands are in the trace; nothing is said here."""

    return Handler


def answer(client: Client, path: str, query: dict[str, str], accept: str, deadline: Deadline) -> tuple[int, str, bytes]:
    """HTTP status, content type and body for one GET, as the API server has them, redacted."""
    for word, what in _NO_STREAMS.items():
        if query.get(word, "").lower() not in ("", "0", "false"):
            return _status(403, "Forbidden", f"{what} is refused: an advisor reads what there is")
    is_log = path.endswith("/log")
    try:
        body = client.get_raw(
            path, query, accept="*/*" if is_log else accept, limit_bytes=LARGEST_BYTES, deadline=deadline
        )
    except ClusterError as error:
        return _status(error.status or 502, error.reason, redact(str(error)))
    return redacted_body(body, is_log=is_log)


def redacted_body(body: bytes, *, is_log: bool) -> tuple[int, str, bytes]:
    """HTTP status, content type and body of an answer without its secrets; a log is text, everything else JSON."""
    if is_log:
        return 200, "text/plain", redact(body.decode("utf-8", "replace")).encode("utf-8", "replace")
    try:
        return 200, "application/json", json.dumps(redact_json(json.loads(body))).encode()
    except (ValueError, RecursionError):
        # /healthz and the like are a word or two; what is cut or binary is not passed on.
        if len(body) > 1024:
            return _status(406, "NotAcceptable", "this answer is too large or not JSON, and is not passed on")
        return 200, "text/plain", redact(body.decode("utf-8", "replace")).encode("utf-8", "replace")


def _status(code: int, reason: str, message: str) -> tuple[int, str, bytes]:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "message": message,
        "code": code,
    }
    return code, "application/json", json.dumps(body).encode()
