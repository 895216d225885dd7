# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""podinfo under a real load generator, small enough for a machine of two cores."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import parse_quantity
from support.cluster import Cluster, eventually

REQUEST = "20m"
TRIAL_PER_SECOND = 60
# 70 to 150 would do: more than two replicas more would be a change of another tier.
WANTED_PERCENT = 105
PODINFO = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: podinfo}
spec:
  replicas: 1
  selector: {matchLabels: {app: podinfo}}
  template:
    metadata:
      labels: {app: podinfo}
      annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9898"}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: podinfo
          image: localhost/aiops/podinfo:6
          resources: {requests: {cpu: 20m, memory: 32Mi}}
          readinessProbe: {httpGet: {path: /readyz, port: 9898}, periodSeconds: 2}
---
apiVersion: v1
kind: Service
metadata: {name: podinfo}
spec: {type: NodePort, selector: {app: podinfo}, ports: [{port: 80, targetPort: 9898}]}
"""


def deploy(cluster: Cluster, namespace: str, manifest: str = PODINFO) -> None:
    cluster.apply(namespace, manifest)
    cluster.kubectl("rollout", "status", "deployment/podinfo", "-n", namespace, "--timeout=90s")


@contextlib.contextmanager
def under_load(cluster: Cluster, namespace: str, requests_per_second: int, path: str = "/version") -> Iterator[None]:
    """`hey` against the Service for as long as the block runs. Without keep-alive every pod gets its share."""
    port = cluster.get("service", "podinfo", "-n", namespace)["spec"]["ports"][0]["nodePort"]
    url = f"http://{urlsplit(cluster.facts['prometheus']).hostname}:{port}{path}"
    command = [
        cluster.program("hey"),
        "-z",
        "15m",
        "-c",
        "1",
        "-q",
        str(requests_per_second),
        "-disable-keepalive",
        url,
    ]
    generator = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        generator.kill()
        generator.wait()


@contextlib.contextmanager
def hot(cluster: Cluster, namespace: str) -> Iterator[None]:
    """podinfo under a load that takes about its CPU request, whatever a request of HTTP costs on this machine."""
    with under_load(cluster, namespace, TRIAL_PER_SECOND):
        shares = _readings(cluster, namespace, 3)[1:]
    rate = TRIAL_PER_SECOND * WANTED_PERCENT * len(shares) / sum(shares)
    with under_load(cluster, namespace, round(rate)):
        until_hot(cluster, namespace)
        yield


def until_hot(cluster: Cluster, namespace: str) -> None:
    """Until a figure that is wholly of now is well over 70 %."""
    shares = _readings(cluster, namespace, 3)
    assert eventually(lambda: share_in_use(cluster, namespace) > 75, 120, 2), shares


def share_in_use(cluster: Cluster, namespace: str) -> float:
    """CPU of podinfo in percent of its request, as the metrics API has it; 0 without figures."""
    return _share(_figures(cluster, namespace))


def _readings(cluster: Cluster, namespace: str, count: int) -> list[float]:
    """So many figures of the metrics API, each of a time of its own; the first may be of before."""
    found: dict[str, float] = {}

    def enough() -> bool:
        items = _figures(cluster, namespace)
        if share := _share(items):
            found.setdefault(items[0]["timestamp"], share)
        return len(found) >= count

    assert eventually(enough, 120, 2), found
    return list(found.values())


def _figures(cluster: Cluster, namespace: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = cluster.get("pods.metrics.k8s.io", "-n", namespace, "-l", "app=podinfo")["items"]
    return listed


def _share(items: list[dict[str, Any]]) -> float:
    used = [parse_quantity(container["usage"]["cpu"]) for item in items for container in item["containers"]]
    return float(100 * sum(used) / len(used) / parse_quantity(REQUEST)) if used else 0.0
