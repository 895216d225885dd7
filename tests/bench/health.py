# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a health report takes beside fetching and selectively decoding the same lists, and the memory it needs.

    python tests/bench/health.py                       grows a simulated cluster on a loopback server
    python tests/bench/health.py --kubeconfig FILE     a real one, such as 10,000 pods on 200 simulated nodes

Both ways go through the same client in one process, in turn, so that the machine's mood meets both. The ratio is of
the medians; at most 3.00 is the aim. Memory is the most that the process ever held (ru_maxrss), in a process of its own
for each size.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).parents[2] / "playbooks" / "collections"))

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.look import look
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.reading import read
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings

LIMIT_SECONDS = 300
PODS_OF_A_DEPLOYMENT = 50
OLD = "2026-01-01T00:00:00Z"
# Fields that no check reads, as every real object has them: skipping them is part of the work.
UNREAD = {
    "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsV1": {"f:status": {"f:" + "x" * 40: {}}}}]
    * 12
}


def simulated(pods: int) -> dict[str, list[dict[str, Any]]]:
    """Pods, nodes, Deployments and Services, as the API lists them: 50 pods a node and a Deployment."""
    number = max(1, pods // PODS_OF_A_DEPLOYMENT)
    container = {
        "name": "app",
        "image": "registry.invalid/app:1.0",
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "livenessProbe": {"httpGet": {"path": "/live", "port": "http"}, "failureThreshold": 6},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
    }
    ready = [{"type": word, "status": "True", "lastTransitionTime": OLD} for word in ("PodScheduled", "Ready")]
    state = {"name": "app", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": OLD}}}

    def meta(name: str, namespace: str = "simulated", **more: Any) -> dict[str, Any]:
        return {"name": name, "namespace": namespace, "creationTimestamp": OLD, **UNREAD, **more}

    lists: dict[str, list[dict[str, Any]]] = {"pods": [], "nodes": [], "deployments": [], "services": []}
    for at in range(number):
        labels = {"app": f"app-{at}"}
        spec = {
            "replicas": PODS_OF_A_DEPLOYMENT,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        }
        counts = {"replicas": PODS_OF_A_DEPLOYMENT, "availableReplicas": PODS_OF_A_DEPLOYMENT}
        lists["deployments"].append({"metadata": meta(f"app-{at}"), "spec": spec, "status": counts})
        lists["services"].append({"metadata": meta(f"app-{at}"), "spec": {"selector": labels, "ports": [{"port": 80}]}})
        room = {"cpu": "32", "memory": "128Gi", "pods": "110"}
        status = {"allocatable": room, "conditions": ready[1:], "nodeInfo": {"kubeletVersion": "v1.34.4"}}
        lists["nodes"].append({"metadata": meta(f"node-{at}", ""), "status": status})
    for at in range(pods):
        name = f"app-{at % number}"
        owner = {"kind": "ReplicaSet", "name": f"{name}-6f", "controller": True}
        labels = {"app": name, "pod-template-hash": "6f"}
        lists["pods"].append(
            {
                "metadata": meta(f"{name}-6f-{at}", labels=labels, ownerReferences=[owner]),
                "spec": {
                    "nodeName": f"node-{(at * 7) % number}",
                    "containers": [container],
                    "volumes": [{"name": "t"}],
                },
                "status": {"phase": "Running", "conditions": ready, "containerStatuses": [state]},
            }
        )
    return lists


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        word = parts.path.rsplit("/", 1)[-1]
        if word == "version":
            body = b'{"gitVersion": "v1.34.4"}'
        elif word in ("readyz", "metrics"):
            body = b"ok"
        else:
            body = self.page(word, int(query.get("limit") or 0), int(query.get("continue") or 0))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self, word: str, limit: int, begin: int) -> bytes:
        """Cut from objects that were encoded once: what is measured is the reader."""
        items: list[bytes] = self.server.encoded.get(word, [])
        end = begin + limit if limit else len(items)
        more = str(end) if end < len(items) else ""
        head = json.dumps({"kind": "List", "metadata": {"continue": more}})[:-1].encode()
        return head + b', "items": [' + b",".join(items[begin:end]) + b"]}"

    def log_message(self, *_given: Any) -> None:
        pass


def serve(pods: int) -> None:
    """In a process of its own, so that its memory is not counted; says its port on its first line."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.encoded = {  # type: ignore[attr-defined]
        word: [json.dumps(item).encode() for item in items] for word, items in simulated(pods).items()
    }
    print(server.server_address[1], flush=True)
    server.serve_forever()


@contextmanager
def server_of(pods: int) -> Iterator[str]:
    process = subprocess.Popen([sys.executable, __file__, "--serve", str(pods)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def measure(connection: Connection, rounds: int) -> dict[str, Any]:
    """Medians of both ways in seconds, memory in MB, and what was found."""
    client = Client(connection, run_id="bench", timeout_seconds=LIMIT_SECONDS)
    seconds: dict[str, list[float]] = {"fetch and decode": [], "report": []}
    found: dict[str, Any] = {}
    for _round in range(rounds + 1):
        for name, times in seconds.items():
            gc.collect()
            before, started = client.requests, time.perf_counter()
            if name == "report":
                found = look(client, Settings(), within_seconds=LIMIT_SECONDS).to_json()
                found["requests"] = client.requests - before
            else:
                read(client, Settings(), SYSTEM_CLOCK.now(), Deadline.after(LIMIT_SECONDS))
            times.append(time.perf_counter() - started)
    medians = {name: statistics.median(times[1:]) for name, times in seconds.items()}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"medians": medians, "memory": memory, "report": found}


def show(name: str, result: dict[str, Any]) -> None:
    medians, report = result["medians"], result["report"]
    ratio = medians["report"] / medians["fetch and decode"]
    print(
        f"{name}: fetch and decode {medians['fetch and decode']:.2f} s, report {medians['report']:.2f} s, "
        f"ratio {ratio:.2f}, {result['memory']:.0f} MB, {report['requests']} requests, "
        f"{report['summary']['objects']} objects, {len(report['findings'])} findings",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="A health report beside fetching and decoding its lists")
    parser.add_argument("--kubeconfig", default="")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pods", type=int, nargs="*", default=[1000, 10000, 25000, 100000])
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--host", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
    elif given.host:
        show(f"{given.pods[0]} pods", measure(Connection(host=given.host, api_key="t"), given.rounds))
    elif given.kubeconfig:
        show(given.kubeconfig, measure(Connection(kubeconfig=given.kubeconfig), given.rounds))
    else:
        for pods in given.pods:
            with server_of(pods) as address:
                again = ["--host", address, "--pods", str(pods), "--rounds", str(given.rounds)]
                subprocess.run([sys.executable, __file__, *again], check=True)


if __name__ == "__main__":
    main()
