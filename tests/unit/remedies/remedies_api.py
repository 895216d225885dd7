# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small API server on the loopback interface: keeps objects, bumps resourceVersions, applies JSON patches.

No controllers run behind it. `before_write` lets a test change something in the very moment of a write.
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Document = dict[str, Any]


class Refusal(Exception):
    def __init__(self, code: int, reason: str, message: str = "") -> None:
        self.code, self.reason = code, reason
        super().__init__(message or reason)


class Api:
    """Objects by path, such as `/apis/apps/v1/namespaces/shop/deployments/web`."""

    def __init__(self) -> None:
        self.objects: dict[str, Document] = {}
        self.writes: list[tuple[str, str]] = []
        self.dry_runs: list[tuple[str, str]] = []
        self.before_write: Callable[[], None] = lambda: None
        self.refuse: dict[str, Refusal] = {}
        self.drop_answers = 0
        self.version = 100

    def put(self, path: str, document: Document) -> Document:
        self.version += 1
        document = copy.deepcopy(document)
        document["metadata"]["resourceVersion"] = str(self.version)
        self.objects[path] = document
        return document

    def touch(self, path: str) -> None:
        """What a controller does to a status: nothing that a plan relies on, but another resourceVersion."""
        self.put(path, self.objects[path])

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
        if method == "GET":
            return self._read(path)
        dry = "All" in query.get("dryRun", [])
        (self.dry_runs if dry else self.writes).append((method, path))
        if not dry:
            self.before_write()
        if path in self.refuse:
            raise self.refuse[path]
        if method == "PATCH":
            return self._patch(path, body, dry)
        if method == "POST" and path.endswith("/horizontalpodautoscalers"):
            return self._create(f"{path}/{body['metadata']['name']}", body, dry)
        if path.endswith("/eviction") or method == "DELETE":
            return self._remove(path.removesuffix("/eviction"), body, dry)
        return body

    def _read(self, path: str) -> Any:
        if path in self.objects:
            return self.objects[path]
        items = [item for known, item in self.objects.items() if known.rpartition("/")[0] == path]
        if items or path.rpartition("/")[2].endswith("s"):
            return {"kind": "List", "metadata": {"resourceVersion": str(self.version)}, "items": items}
        raise Refusal(404, "NotFound", f"{path} not found")

    def _patch(self, path: str, body: list[Document], dry: bool) -> Document:
        if path not in self.objects:
            raise Refusal(404, "NotFound", f"{path} not found")
        changed = copy.deepcopy(self.objects[path])
        for operation in body:
            _carry_out(changed, operation)
        if changed["metadata"]["resourceVersion"] != self.objects[path]["metadata"]["resourceVersion"]:
            raise Refusal(409, "Conflict", "the object has been modified")
        return changed if dry else self.put(path, changed)

    def _create(self, path: str, body: Document, dry: bool) -> Document:
        if path in self.objects:
            raise Refusal(409, "AlreadyExists", f"{path} already exists")
        made = copy.deepcopy(body)
        made["metadata"]["uid"] = f"uid-{self.version + 1}"
        made["spec"].setdefault("minReplicas", 1)
        return made if dry else self.put(path, made)

    def _remove(self, path: str, body: Any, dry: bool) -> Document:
        if path not in self.objects:
            raise Refusal(404, "NotFound", f"{path} not found")
        options = body.get("deleteOptions", body)
        held = options.get("preconditions", {})
        if held.get("uid") != self.objects[path]["metadata"]["uid"]:
            raise Refusal(409, "Conflict", "the UID in the precondition does not match")
        if (
            held.get("resourceVersion", self.objects[path]["metadata"]["resourceVersion"])
            != (self.objects[path]["metadata"]["resourceVersion"])
        ):
            raise Refusal(409, "Conflict", "the ResourceVersion in the precondition does not match")
        if not dry and "All" not in options.get("dryRun", []):
            del self.objects[path]
        return {"kind": "Status", "status": "Success"}


def _carry_out(document: Document, operation: Document) -> None:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
    parent: Any = document
    try:
        for part in parts[:-1]:
            parent = parent[int(part) if isinstance(parent, list) else part]
        key: Any = int(parts[-1]) if isinstance(parent, list) else parts[-1]
        if operation["op"] == "test" and parent[key] != operation["value"]:
            raise Refusal(422, "Invalid", "testing path value failed")
        if operation["op"] == "remove":
            del parent[key]
        elif operation["op"] != "test":
            parent[key] = operation["value"]
    except (KeyError, IndexError):
        raise Refusal(422, "Invalid", f"{operation['path']} is missing") from None


@contextmanager
def serving(api: Api) -> Iterator[str]:
    """The server's address while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one segment, or each answer waits for a delayed acknowledgement

        def _serve(self) -> None:
            where = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            try:
                code, answer = 200, api.answer(self.command, where.path, parse_qs(where.query), body)
            except Refusal as refusal:
                code = refusal.code
                answer = {"kind": "Status", "code": code, "reason": refusal.reason, "message": str(refusal)}
            if self.command == "PATCH" and api.drop_answers and "dryRun" not in where.query:
                api.drop_answers -= 1
                self.close_connection = True
                self.connection.close()
                return
            text = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PATCH = do_POST = do_DELETE = _serve

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
