# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many requests a program has served and failed, from its own metrics (Prometheus' text format).

Read through the API server's proxy from pods that say where they tell them (the annotations prometheus.io/scrape, port
and path, as Prometheus' usual scrape configuration has them, or a container port named metrics). Counters only grow, so
the share that failed since a moment is the difference of two readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError

MOST_PODS: Final = 20
MOST_BYTES: Final = 2 * 1024 * 1024
READ_SECONDS: Final = 3.0
# Counters by which programs tell answers by status, and the label that holds it: the Prometheus client libraries'
# examples, Spring Boot, OpenTelemetry, gRPC, Istio. The first that a pod has is taken, so that nothing counts twice.
COUNTERS: Final = {
    "http_requests_total": ("status", "code", "status_code"),
    "http_server_requests_seconds_count": ("status",),
    "http_server_request_duration_seconds_count": ("http_response_status_code",),
    "http_request_duration_seconds_count": ("status", "code", "status_code"),
    "istio_requests_total": ("response_code",),
    "grpc_server_handled_total": ("grpc_code",),
}
_GRPC_FAILURES: Final = frozenset({"Unknown", "DeadlineExceeded", "Internal", "Unavailable", "DataLoss"})
_LINE: Final = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{(.*)\}\s+(\S+)")
_LABEL: Final = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Served:
    """Requests since each pod's start, by the pod's uid: `[all, failed]`; `unavailable` says why there are none."""

    pods: dict[str, list[float]] = field(default_factory=dict)
    unavailable: str = ""


def read(client: Client, pods: Sequence[Mapping[str, Any]]) -> Served:
    """What the pods tell; a pod that does not answer leaves its figures out."""
    telling = [(pod, where) for pod in pods if (where := place_of(pod))]
    if not telling:
        return Served({}, "no pod of the workload says where it tells metrics (annotation prometheus.io/scrape)")
    found: dict[str, list[float]] = {}
    why = "its metrics hold no counter of requests by status"
    deadline = Deadline.after(READ_SECONDS)
    for pod, (port, path) in telling[:MOST_PODS]:
        metadata = pod["metadata"]
        name = f"{quote(metadata['name'])}:{quote(port)}"
        try:
            text = client.get_raw(
                f"/api/v1/namespaces/{metadata['namespace']}/pods/{name}/proxy{path}",
                accept="text/plain",
                limit_bytes=MOST_BYTES,
                deadline=deadline,
            ).decode("utf-8", errors="replace")
        except ClusterError as failed:
            why = f"the metrics of pod {metadata['name']} gave no answer: {failed}"
            continue
        if counted := counts(text):
            found[metadata["uid"]] = list(counted)
    return Served(found, "" if found else why)


def place_of(pod: Mapping[str, Any]) -> tuple[str, str] | None:
    """Port and path of a running pod's metrics, or None where it does not say."""
    annotations = pod["metadata"].get("annotations") or {}
    if (pod.get("status") or {}).get("phase") != "Running" or pod["metadata"].get("deletionTimestamp"):
        return None
    ports = [port for container in pod["spec"]["containers"] for port in container.get("ports") or []]
    named = next((str(port["containerPort"]) for port in ports if "metrics" in str(port.get("name", ""))), "")
    asked = str(annotations.get("prometheus.io/scrape", "")).lower() == "true"
    first = str(ports[0]["containerPort"]) if ports else ""
    port = annotations.get("prometheus.io/port") or named or (first if asked else "")
    if not port or not (asked or named):
        return None
    path = annotations.get("prometheus.io/path") or "/metrics"
    return str(port), path if path.startswith("/") else f"/{path}"


def counts(text: str) -> tuple[float, float] | None:
    """All requests and the failed ones of one pod's metrics; None where it has no known counter. Pure."""
    totals: dict[str, list[float]] = {}
    for name, labels, value in samples(text):
        status = next((labels[key] for key in COUNTERS[name] if key in labels), None)
        if status is None:
            continue
        total = totals.setdefault(name, [0.0, 0.0])
        total[0] += value
        total[1] += value if status.startswith("5") or status in _GRPC_FAILURES else 0.0
    return next(((totals[name][0], totals[name][1]) for name in COUNTERS if name in totals), None)


def samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Name, labels and value of the known counters in Prometheus' text format; what cannot be read is left out."""
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None or match.group(1) not in COUNTERS:
            continue
        try:
            value = float(match.group(3))
        except ValueError:
            continue
        yield match.group(1), dict(_LABEL.findall(match.group(2))), value


def since(before: Served, now: Served) -> tuple[float, float]:
    """Requests and failed ones between two readings; a pod that is new, or began anew, counts from nothing. Pure."""
    total = failed = 0.0
    for uid, (all_now, failed_now) in now.pods.items():
        all_before, failed_before = before.pods.get(uid, [0.0, 0.0])
        if all_now < all_before:
            all_before = failed_before = 0.0
        total += all_now - all_before
        failed += max(0.0, failed_now - failed_before)
    return total, failed
