# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An API server on the loopback interface that answers from a table, for tests of collecting."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import connection_from_params

# Path → body (JSON, bytes), status of an error, or a function of the query that gives one of these.
Table = Mapping[str, Any]


class Slow:
    """An answer that comes late."""

    def __init__(self, seconds: float, body: Any) -> None:
        self.seconds, self.body = seconds, body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Any

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.server.seen.append((parts.path, query, self.headers.get("Accept", "")))
        answer = self.server.table.get(parts.path, {"items": []} if _is_list(parts.path) else 404)
        if isinstance(answer, Callable):  # type: ignore[arg-type]
            answer = answer(query)
        if isinstance(answer, Slow):
            time.sleep(answer.seconds)
            answer = answer.body
        status = answer if isinstance(answer, int) else 200
        if status != 200:
            reason = {403: "Forbidden", 404: "NotFound"}.get(status, "InternalError")
            answer = {"kind": "Status", "code": status, "reason": reason, "message": f"{reason} {parts.path}"}
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        with suppress(OSError):
            self.end_headers()
        # A client whose time is up does not wait for the rest.
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


def _is_list(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in (
        *("services", "resourcequotas", "limitranges", "networkpolicies", "events", "pods", "nodes"),
        *("replicasets", "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs"),
    )


@contextmanager
def cluster(table: Table) -> Iterator[tuple[Client, list[tuple[str, dict[str, str], str]]]]:
    """A client of a server that answers from `table`, and the requests that it saw: path, query, Accept."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.table, server.seen = table, []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        params = {"host": f"http://127.0.0.1:{server.server_address[1]}", "api_key": "t", "validate_certs": False}
        yield Client(connection_from_params(params, {}), retries=0), server.seen  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


def pod(name: str = "web-1", **status: Any) -> dict[str, Any]:
    """A pod of one container `app` that runs and is ready, but for what `status` says."""
    running = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    container = {"name": "app", "ready": True, "restartCount": 0, "state": running, "lastState": {}}
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}", "labels": {"app": "web"}},
        "spec": {"nodeName": "n1", "containers": [{"name": "app", "image": "web:1"}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [container],
            **status,
        },
    }
