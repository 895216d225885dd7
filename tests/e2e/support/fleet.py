# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Inventories of several clusters, and API servers that are none: they answer reads, late, and hold next to nothing."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

NODE = {
    "metadata": {"name": "node-1", "uid": "n1"},
    "spec": {},
    "status": {
        "conditions": [{"type": "Ready", "status": "True"}],
        "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
        "capacity": {"cpu": "4", "memory": "8Gi", "pods": "110"},
        "nodeInfo": {"kubeletVersion": "v1.34.4"},
    },
}


def write_inventory(path: Path, hosts: Mapping[str, Mapping[str, Any]], groups: Mapping[str, Sequence[str]]) -> Path:
    """As docs/templates/fleet-inventory.yml: hosts with their variables, and the groups that they are in."""
    children = {group: {"hosts": {name: dict(hosts[name]) for name in names}} for group, names in groups.items()}
    everyone = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "aiops_cluster_name": "{{ inventory_hostname }}",
    }
    path.write_text(yaml.safe_dump({"all": {"vars": everyone, "children": children}}, sort_keys=False))
    return path


def write_kubeconfig(path: Path, server: str) -> Path:
    """As kubeadm writes it: every cluster is called kubernetes."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "admin@kubernetes",
        "contexts": [{"name": "admin@kubernetes", "context": {"cluster": "kubernetes", "user": "admin"}}],
        "clusters": [{"name": "kubernetes", "cluster": {"server": server}}],
        "users": [{"name": "admin", "user": {"token": "not-looked-at"}}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


@contextlib.contextmanager
def simulated_clusters(count: int, folder: Path, delay_seconds: float) -> Iterator[dict[str, dict[str, str]]]:
    """Hosts with a kubeconfig each, for `write_inventory`; each answer takes `delay_seconds`."""
    servers = [_server(delay_seconds) for _number in range(count)]
    try:
        yield {
            f"cluster-{number:02d}": {
                "kubeconfig": str(write_kubeconfig(folder / f"kubeconfig-{number:02d}", _address(server)))
            }
            for number, server in enumerate(servers, start=1)
        }
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _address(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def _server(delay_seconds: float) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_arguments: Any) -> None:
            pass

        def do_GET(self) -> None:
            time.sleep(delay_seconds)
            body = json.dumps(_answer(self.path.partition("?")[0])).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def _answer(path: str) -> dict[str, Any]:
    if path == "/version":
        return {"major": "1", "minor": "34", "gitVersion": "v1.34.4"}
    return {"kind": "List", "metadata": {}, "items": [NODE] if path == "/api/v1/nodes" else []}
