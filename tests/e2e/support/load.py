# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""podinfo under a real load generator, small enough for a machine of two cores."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

from support.cluster import Cluster, eventually

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


def share_in_use(cluster: Cluster, namespace: str) -> float:
    """CPU of podinfo in percent of its request, as the metrics API has it; 0 without figures."""
    listed = cluster.kubectl("top", "pods", "-n", namespace, "-l", "app=podinfo", "--no-headers", check=False)
    used = [int(line.split()[1].removesuffix("m")) for line in listed.splitlines() if "podinfo" in line]
    return 100 * sum(used) / (20 * len(used)) if used else 0.0


def until_hot(cluster: Cluster, namespace: str) -> None:
    assert eventually(lambda: share_in_use(cluster, namespace) > 75, 120, 2), share_in_use(cluster, namespace)
