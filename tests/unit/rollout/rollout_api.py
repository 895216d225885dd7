# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small API server with watches and pods' metrics, and as much of a Deployment controller as a gate looks at."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Document = dict[str, Any]
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
SETS = "/apis/apps/v1/namespaces/shop/replicasets"
PODS = "/api/v1/namespaces/shop/pods"
_COLLECTIONS = {WEB.rpartition("/")[0]: "Deployment", SETS: "ReplicaSet", PODS: "Pod"}


class Shop:
    """Objects by path. `metrics` maps a pod's name to what its endpoint answers: bytes, an HTTP code, or seconds."""

    def __init__(self, replicas: int = 6) -> None:
        self.changed = threading.Condition()
        self.objects: dict[str, Document] = {}
        self.log: list[tuple[int, str, str, Document]] = []
        self.version = 100
        self.metrics: dict[str, Callable[[], Any]] = {}
        self.down = False
        self.patches: list[Any] = []
        template = {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {"name": "app", "image": "shop/web:1", "ports": [{"containerPort": 8080}], "readinessProbe": {}}
                ]
            },
        }
        self.put(
            WEB,
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {
                    "name": "web",
                    "namespace": "shop",
                    "uid": "uid-web",
                    "generation": 1,
                    "annotations": {"deployment.kubernetes.io/revision": "1"},
                },
                "spec": {
                    "replicas": replicas,
                    "selector": {"matchLabels": {"app": "web"}},
                    "strategy": {
                        "type": "RollingUpdate",
                        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
                    },
                    "progressDeadlineSeconds": 600,
                    "template": template,
                },
                "status": {
                    "observedGeneration": 1,
                    "replicas": replicas,
                    "updatedReplicas": replicas,
                    "availableReplicas": replicas,
                },
            },
        )
        self.replica_set("old", template)
        for number in range(replicas):
            self.pod(f"old-{number}", "old")

    @property
    def web(self) -> Document:
        return self.objects[WEB]

    def put(self, path: str, document: Document) -> None:
        with self.changed:
            self.version += 1
            document = copy.deepcopy(document)
            document["metadata"]["resourceVersion"] = str(self.version)
            kind = "MODIFIED" if path in self.objects else "ADDED"
            self.objects[path] = document
            self.log.append((self.version, kind, path.rpartition("/")[0], document))
            self.changed.notify_all()

    def delete(self, path: str) -> None:
        with self.changed:
            self.version += 1
            self.log.append((self.version, "DELETED", path.rpartition("/")[0], self.objects.pop(path)))
            self.changed.notify_all()

    def alter(self, path: str, change: Callable[[Document], Any]) -> None:
        with self.changed:
            document = copy.deepcopy(self.objects[path])
            change(document)
            self.put(path, document)

    def replica_set(self, mark: str, template: Document) -> None:
        labelled = copy.deepcopy(template)
        labelled["metadata"]["labels"]["pod-template-hash"] = mark
        labels = labelled["metadata"]["labels"]
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web", "controller": True}
        metadata = {"name": f"web-{mark}", "namespace": "shop", "uid": f"uid-{mark}", "ownerReferences": [owner]}
        revision = {"annotations": {"deployment.kubernetes.io/revision": "1"}, "labels": labels}
        self.put(f"{SETS}/web-{mark}", {"metadata": {**metadata, **revision}, "spec": {"template": labelled}})

    def pod(self, name: str, mark: str, ready: bool = True, **status: Any) -> None:
        owner = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": f"web-{mark}",
            "uid": f"uid-{mark}",
            "controller": True,
        }
        self.put(
            f"{PODS}/{name}",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": name,
                    "namespace": "shop",
                    "uid": f"uid-{name}",
                    "creationTimestamp": "2026-11-20T10:00:00Z",
                    "labels": {"app": "web", "pod-template-hash": mark},
                    "ownerReferences": [owner],
                },
                "spec": {"containers": [{"name": "app", "ports": [{"containerPort": 8080}]}]},
                "status": {
                    "phase": "Running",
                    "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
                    "containerStatuses": [{"name": "app", "restartCount": 0, "state": {"running": {}}}],
                    **status,
                },
            },
        )

    def roll_out(self, image: str = "shop/web:2", pods: int = 3, ready: bool = True) -> None:
        """What an upgrade and the controller do, up to the gate."""

        def changed(document: Document) -> None:
            document["spec"]["template"]["spec"]["containers"][0]["image"] = image
            document["metadata"]["generation"] += 1

        self.alter(WEB, changed)
        self.first_pods(pods, ready)

    def first_pods(self, pods: int = 3, ready: bool = True) -> None:
        self.replica_set("new", self.web["spec"]["template"])
        for number in range(pods):
            self.pod(f"new-{number}", "new", ready)

    def complete(self) -> None:
        """Every pod is new."""
        for path in [path for path in self.objects if path.startswith(f"{PODS}/old-")]:
            self.delete(path)
        replicas = self.web["spec"]["replicas"]
        for number in range(replicas):
            self.pod(f"new-{number}", "new")
        self.alter(WEB, lambda document: document["status"].update(_complete(document, replicas)))

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        with self.changed:
            if method == "PATCH":
                return self._patch(path, body)
            if path in self.objects:
                return 200, self.objects[path]
            if path in _COLLECTIONS:
                items = [item for known, item in self.objects.items() if known.rpartition("/")[0] == path]
                return 200, {"kind": "List", "metadata": {"resourceVersion": str(self.version)}, "items": items}
        return 404, {"kind": "Status", "code": 404, "reason": "NotFound", "message": f"{path} not found"}

    def _patch(self, path: str, body: Any) -> tuple[int, Any]:
        if path not in self.objects:
            return 404, {"kind": "Status", "code": 404, "reason": "NotFound", "message": f"{path} not found"}
        document = copy.deepcopy(self.objects[path])
        for operation in body:
            _carry_out(document, operation)
        if document["metadata"]["resourceVersion"] != self.objects[path]["metadata"]["resourceVersion"]:
            return 409, {"kind": "Status", "code": 409, "reason": "Conflict", "message": "it was modified"}
        document["metadata"]["generation"] += 1
        self.patches.append(body)
        self.put(path, document)
        return 200, self.objects[path]


def _complete(document: Document, replicas: int) -> Document:
    counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), replicas)
    return {"observedGeneration": document["metadata"]["generation"], **counts}


def _carry_out(document: Document, operation: Document) -> None:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
    parent: Any = document
    for part in parts[:-1]:
        parent = parent[int(part) if isinstance(parent, list) else part]
    if operation["op"] == "remove":
        del parent[parts[-1]]
    elif operation["op"] != "test":
        parent[parts[-1]] = operation["value"]


@contextmanager
def serving(shop: Shop) -> Iterator[str]:
    """The server's address while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def _serve(self) -> None:
            where = urlsplit(self.path)
            query = parse_qs(where.query)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            if shop.down:
                self.close_connection = True
                self.connection.close()
            elif "watch" in query:
                self._watch(where.path, query)
            elif "/proxy/" in where.path:
                self._metrics(where.path.split("/pods/")[1].split(":")[0])
            elif where.path.endswith("/log"):
                self._send(200, b"it said so\n", "text/plain")
            else:
                code, answer = shop.answer(self.command, where.path, body)
                self._send(code, json.dumps(answer).encode(), "application/json")

        def _metrics(self, pod: str) -> None:
            answer = shop.metrics.get(pod, lambda: exposition(0))()
            if isinstance(answer, float):
                time.sleep(answer)
                answer = exposition(100)
            if isinstance(answer, int):
                self._send(answer, b"{}", "application/json")
            else:
                self._send(200, answer, "text/plain")

        def _send(self, code: int, text: bytes, kind: str) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            # Who waited too long has gone.
            with suppress(OSError):
                self.end_headers()
                self.wfile.write(text)

        def _watch(self, path: str, query: dict[str, list[str]]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.close_connection = True
            seen, ends = int(query["resourceVersion"][0]), time.monotonic() + float(query["timeoutSeconds"][0])
            while time.monotonic() < ends and not shop.down:
                with shop.changed:
                    fresh = [item for item in shop.log if item[0] > seen and item[2] == path]
                    if not fresh:
                        shop.changed.wait(0.05)
                for version, kind, _path, document in fresh:
                    line = json.dumps({"type": kind, "object": document}).encode() + b"\n"
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                    seen = version
                self.wfile.flush()

        do_GET = do_PATCH = _serve

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        shop.down = True
        server.shutdown()
        server.server_close()


def exposition(requests: int, errors: int = 0) -> bytes:
    return (
        f'http_requests_total{{code="200"}} {requests - errors}\nhttp_requests_total{{code="500"}} {errors}\n'
    ).encode()
