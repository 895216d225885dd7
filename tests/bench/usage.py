# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long the analysis of a namespace's usage takes, and how much of it is Prometheus' time.

    python tests/bench/usage.py --kubeconfig FILE [--pods 1000] [--days 7]

Makes Deployments of simulated pods in a namespace of its own (which it removes), writes their history into a real
Prometheus with promtool, and runs what usage_analysis_info runs. Needs a cluster with simulated nodes.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "playbooks" / "collections"), str(ROOT / "tests" / "e2e")]

from support.history import MIB, Series, prometheus, write_blocks  # noqa: E402

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.asking import analysed  # noqa: E402

NAMESPACE = "bench-usage"
REPLICAS = 10
MOST_QUERIES = 12
# Two samples for each 5-minute step are the least that a rate needs.
EVERY_SECONDS = 300


def kubectl(kubeconfig: str, *arguments: str, stdin: str | None = None) -> str:
    program = Path(kubeconfig).parent / "bin" / "kubectl"
    command = [str(program), f"--kubeconfig={kubeconfig}", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout


def deployment(number: int) -> dict[str, Any]:
    labels = {"app": f"app-{number}"}
    requests = {"cpu": "500m", "memory": "512Mi"}
    container = {"name": "app", "image": "registry.invalid/app:1", "resources": {"requests": requests}}
    pod = {
        "nodeSelector": {"type": "kwok"},
        "tolerations": [{"key": "kwok.x-k8s.io/node", "operator": "Exists"}],
        "containers": [container],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": labels["app"]},
        "spec": {
            "replicas": REPLICAS,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def series(name: str) -> Series:
    phase = hash(name) % 1000 / 100
    return Series(
        NAMESPACE,
        name,
        "app",
        lambda age: 0.1 + 0.05 * math.sin(age / 9000 + phase),
        lambda age: (100 + 20 * math.sin(age / 7000 + phase)) * MIB,
    )


def pods(kubeconfig: str, wished: int) -> list[str]:
    kubectl(kubeconfig, "create", "namespace", NAMESPACE)
    items = [deployment(number) for number in range(math.ceil(wished / REPLICAS))]
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    kubectl(kubeconfig, "apply", "--namespace", NAMESPACE, "-f", "-", stdin=manifest)
    for _attempt in range(600):
        listed = kubectl(kubeconfig, "get", "pods", "--namespace", NAMESPACE, "-o", "name").split()
        if len(listed) >= wished:
            return [name.partition("/")[2] for name in listed]
        time.sleep(1)
    sys.exit(f"The cluster did not make {wished} pods.")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kubeconfig", required=True)
    options.add_argument("--pods", type=int, default=1000)
    options.add_argument("--days", type=float, default=7)
    wished = options.parse_args()
    try:
        names = pods(wished.kubeconfig, wished.pods)
        end = int(time.time()) // EVERY_SECONDS * EVERY_SECONDS
        with tempfile.TemporaryDirectory() as folder:
            blocks = write_blocks([series(name) for name in names], wished.days, end, Path(folder), EVERY_SECONDS)
            with prometheus(blocks) as url:
                measure(wished.kubeconfig, url, wished.days)
    finally:
        kubectl(wished.kubeconfig, "delete", "namespace", NAMESPACE, "--wait=false", "--ignore-not-found")
    return 0


def measure(kubeconfig: str, url: str, days: float) -> None:
    client = Client(Connection(kubeconfig=kubeconfig), timeout_seconds=60)
    given = {
        "namespace": NAMESPACE,
        "source": "prometheus",
        "prometheus": {"url": url},
        "history_days": days,
        "minimum_days": 0.0,
        "margin_percent": 30,
        "cpu_floor": "10m",
        "memory_floor": "32Mi",
        "limits": "keep",
        "within_seconds": 600.0,
        "record": True,
    }
    started = time.monotonic()
    found = analysed(client, given)
    whole = time.monotonic() - started
    source = found["source"]
    assert source["queries"] <= MOST_QUERIES, f"{source['queries']} queries, at most {MOST_QUERIES} are allowed"
    print(
        f"usage of {source['series']} pods over {days:g} days: {whole:.1f} s in {source['queries']} queries;"
        f" waiting for Prometheus {source['seconds']:.1f} s ({source['seconds'] / whole:.0%}),"
        f" everything else {whole - source['seconds']:.1f} s;"
        f" {len(found['recommendations'])} of {len(found['workloads'])} workloads with a recommendation"
    )


if __name__ == "__main__":
    sys.exit(main())
