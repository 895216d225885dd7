# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prometheus' HTTP API (and what speaks it: Thanos, Mimir, VictoriaMetrics): queries in, series out.

https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, TimedOut
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics import http_get
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import (
    MetricsError,
    SourceMalformed,
    SourceRefused,
    SourceTimedOut,
    SourceUnreachable,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.http_get import Endpoint

Send = Callable[[str, Mapping[str, str], Deadline], tuple[int, bytes]]
QUERY_SECONDS = 60.0
_TIMED_OUT = ("timeout", "canceled")


@dataclass(frozen=True)
class Series:
    """One series of an answer: its labels, and (Unix seconds, value) pairs in the order of time. NaN is left out."""

    labels: Mapping[str, str]
    points: list[tuple[float, float]]

    @property
    def value(self) -> float:
        """The last value; an instant query has no other."""
        return self.points[-1][1]


class Prometheus:
    """One Prometheus. Thread-safe.

    `queries` counts what was asked; `seconds` is the time in which at least one answer was outstanding.
    """

    def __init__(self, name: str, send: Send) -> None:
        self.name = name
        self.queries = 0
        self.seconds = 0.0
        self._send = send
        self._counting = threading.Lock()
        self._outstanding = 0
        self._since = 0.0

    def instant_query(self, query: str, *, at: float, deadline: Deadline | None = None) -> list[Series]:
        """The value of a query at a moment (Unix seconds), one series a label set. Raises `MetricsError`."""
        found = self._ask("/api/v1/query", {"query": query, "time": _number(at)}, "vector", deadline)
        return [series for item in found if (series := _series(item, [item.get("value")])).points]

    def range_query(
        self, query: str, *, start: float, end: float, step_seconds: float, deadline: Deadline | None = None
    ) -> list[Series]:
        """The values from start to end (Unix seconds, both included) every step. Raises `MetricsError`."""
        asked = {"query": query, "start": _number(start), "end": _number(end), "step": _number(step_seconds)}
        found = self._ask("/api/v1/query_range", asked, "matrix", deadline)
        return [series for item in found if (series := _series(item, item.get("values"))).points]

    def _ask(self, path: str, asked: dict[str, str], wanted: str, deadline: Deadline | None) -> list[Any]:
        deadline = deadline or Deadline.after(QUERY_SECONDS)
        # Prometheus gives up when this side does, instead of working on for nobody.
        asked["timeout"] = f"{max(1, math.ceil(deadline.remaining()))}s"
        self._count(1, deadline)
        try:
            status, body = self._send(path, asked, deadline)
        finally:
            self._count(-1, deadline)
        return answer_of(status, body, wanted, self.name)

    def _count(self, change: int, deadline: Deadline) -> None:
        with self._counting:
            now = deadline.clock.monotonic()
            if change > 0:
                self.queries += 1
            if self._outstanding:
                self.seconds += now - self._since
            self._outstanding, self._since = self._outstanding + change, now


def answer_of(status: int, body: bytes, wanted: str, name: str) -> list[Any]:
    """The result list of an answer; what Prometheus refuses becomes a sentence. Pure."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or answer.get("status") not in ("success", "error"):
        if status in (401, 403):
            raise SourceRefused(f"{name} does not accept these credentials (HTTP {status})")
        if status >= 400:
            raise SourceRefused(f"{name} answered HTTP {status}: {_excerpt(body)}")
        raise SourceMalformed(f"{name} answered HTTP {status} with something that is not Prometheus' API")
    if answer["status"] == "error":
        said = f"{name} refused the query ({answer.get('errorType', 'error')}): {_excerpt(answer.get('error', ''))}"
        raise (SourceTimedOut if answer.get("errorType") in _TIMED_OUT else SourceRefused)(said)
    found = answer.get("data")
    if not isinstance(found, dict) or found.get("resultType") != wanted or not isinstance(found.get("result"), list):
        raise SourceMalformed(f"{name} answered another shape than the {wanted} that was asked for")
    result: list[Any] = found["result"]
    return result


def _series(item: Any, pairs: Any) -> Series:
    try:
        points = [(float(moment), float(value)) for moment, value in pairs]
        return Series(item["metric"], [point for point in points if math.isfinite(point[1])])
    except (TypeError, ValueError, KeyError) as error:
        raise SourceMalformed("Prometheus answered a series that has no labels, times and values") from error


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _excerpt(text: Any) -> str:
    words = text.decode("utf-8", errors="replace") if isinstance(text, bytes) else str(text)
    line = " ".join(words.split())
    return line if len(line) <= 300 else line[:298] + " …"


def at_address(endpoint: Endpoint) -> Prometheus:
    """A Prometheus by its own address."""

    def send(path: str, query: Mapping[str, str], deadline: Deadline) -> tuple[int, bytes]:
        return http_get.get(endpoint, path, query, deadline)

    return Prometheus(f"Prometheus {http_get.shown(endpoint)}", send)


def behind_service(client: Client, namespace: str, service: str, port: str, prefix: str = "") -> Prometheus:
    """A Prometheus in the cluster, through the API server's proxy for services and with the cluster's credentials."""
    base = f"/api/v1/namespaces/{namespace}/services/{service}:{port}/proxy{prefix.rstrip('/')}"
    name = f"Prometheus (service {namespace}/{service})"

    def send(path: str, query: Mapping[str, str], deadline: Deadline) -> tuple[int, bytes]:
        try:
            return 200, client.get_raw(base + path, query, deadline=deadline)
        except ClusterError as failed:
            raise _as_metrics_error(failed, name) from failed

    return Prometheus(name, send)


def _as_metrics_error(failed: ClusterError, name: str) -> MetricsError:
    if isinstance(failed, TimedOut):
        return SourceTimedOut(f"{name} gave no answer in time: {failed}")
    if failed.status:
        return SourceRefused(f"{name} cannot be asked: {failed}")
    return SourceUnreachable(f"{name} cannot be reached: {failed}")
