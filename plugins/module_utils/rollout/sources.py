# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where requests and errors of pods are counted: the pods' own metrics, a query, a probe, or the log's lines.

A source looks at pods and answers, by uid, with a `Reading` or with a sentence why there is none. It raises nothing of
that. Pods are asked through the API server's pod proxy, so only the cluster's address is ever needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, Unreachable
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics import http_get
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import MetricsError
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.http_get import Endpoint
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus import answer_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import exposition, series
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.exposition import Unreadable
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.series import Convention, Count, Reading
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.settings import GateSettings

ACCEPT: Final = "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1"
MOST_LOG_BYTES: Final = 4 * 1024 * 1024
_METRIC_PORTS: Final = ("metrics", "http-metrics", "prometheus", "monitoring")
_PARALLEL: Final = 8
_PROBED: Final = Convention("probe requests", "status")
_LOGGED: Final = Convention("log lines", "line")


class Source(Protocol):
    """One way to count. `only_ready`: a pod that is not ready is not asked, since users would not reach it either."""

    query: str
    only_ready: bool

    def look(self, new: Sequence[Document], old: Sequence[Document], deadline: Deadline) -> Mapping[str, Reading | str]:
        """Raw counters by uid of the pod, or why there are none."""


def source_of(client: Client, settings: GateSettings, clock: Clock) -> Source:
    """The source that the settings name."""
    if settings.source == "query":
        return Query(settings)
    if settings.source == "probe":
        return Probe(client, settings, clock)
    return Logs(client, settings) if settings.source == "logs" else Metrics(client, settings)


class _EachPod:
    """Asks every pod for itself, several at a time."""

    only_ready = False

    def look(self, new: Sequence[Document], old: Sequence[Document], deadline: Deadline) -> Mapping[str, Reading | str]:
        pods = [*new, *old]
        if not pods:
            return {}
        with ThreadPoolExecutor(max_workers=min(_PARALLEL, len(pods))) as pool:
            answers = list(pool.map(lambda pod: self._guarded(pod, deadline), pods))
        return {pod["metadata"]["uid"]: answer for pod, answer in zip(pods, answers, strict=True)}

    def _guarded(self, pod: Document, deadline: Deadline) -> Reading | str:
        name = pod["metadata"]["name"]
        try:
            return self._read(pod, deadline)
        except Unreadable as wrong:
            return f"what pod {name} answers cannot be used: {wrong}"
        except ClusterError as failed:
            return f"pod {name} gave no figures: {failed}"

    def _read(self, pod: Document, deadline: Deadline) -> Reading:
        raise NotImplementedError


class Metrics(_EachPod):
    """The program's own metrics, or its mesh's."""

    def __init__(self, client: Client, settings: GateSettings) -> None:
        self._client, self._settings = client, settings
        self._conventions = (series.given(settings.series),) if settings.series else series.CONVENTIONS
        self._wanted = series.names(self._conventions)
        self.query = ""

    def _read(self, pod: Document, deadline: Deadline) -> Reading:
        port, path = metrics_address(pod, self._settings.port, self._settings.path)
        if not port:
            raise Unreadable("it names no port: set the gate's port")
        limit = exposition.MOST_BYTES
        body = self._client.get_raw(
            proxy_path(pod, port, path), deadline=deadline, accept=ACCEPT, limit_bytes=limit + 1
        )
        found = exposition.samples(body, self._wanted, most_bytes=limit)
        reading = series.read(found, self._conventions, [path, *probe_paths(pod)])
        self.query = f"{reading.convention.query} from {path} of the pods, port {port}"
        return reading


class Probe(_EachPod):
    """Synthetic requests of our own, at a given rate for each pod."""

    only_ready = True

    def __init__(self, client: Client, settings: GateSettings, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._path, self._port = str(settings.probe["path"]), settings.probe.get("port") or settings.port
        self._at_once = max(1, round((settings.probe.get("per_second") or 1) * settings.look_every_seconds))
        self._counts: dict[str, Count] = {}
        self.query = f"{self._at_once} probes of {self._path} for each pod every {settings.look_every_seconds:g} s"

    def _read(self, pod: Document, deadline: Deadline) -> Reading:
        port = self._port or metrics_address(pod, 0, "")[0]
        if not port:
            raise Unreadable("it names no port: set probe.port")
        uid, errors = pod["metadata"]["uid"], 0
        before = self._counts.get(uid, Count())
        sent = 0
        while sent < self._at_once and not deadline.expired:
            errors += not self._answers(pod, port, deadline)
            sent += 1
        self._counts[uid] = Count(before.requests + sent, before.errors + errors)
        return Reading(self._counts[uid], _PROBED)

    def _answers(self, pod: Document, port: int, deadline: Deadline) -> bool:
        try:
            where = proxy_path(pod, port, self._path)
            self._client.get_raw(where, deadline=deadline, accept="*/*", limit_bytes=65536, once=True)
        except Unreachable:
            # That the API server is away is no error of the pod's.
            raise
        except ClusterError as failed:
            return 0 < (failed.status or 0) < 500
        return True


class Logs(_EachPod):
    """The share of lines of the log that tell an error."""

    def __init__(self, client: Client, settings: GateSettings) -> None:
        self._client = client
        self._container = str(settings.logs.get("container") or "")
        self._errors = re.compile(str(settings.logs["errors"]).encode())
        self.query = f"log lines that match {settings.logs['errors']} / log lines"

    def _read(self, pod: Document, deadline: Deadline) -> Reading:
        container = self._container or pod["spec"]["containers"][0]["name"]
        metadata = pod["metadata"]
        body = self._client.logs(
            metadata["namespace"],
            metadata["name"],
            container,
            limit_bytes=MOST_LOG_BYTES,
            timestamps=False,
            deadline=deadline,
        )
        if len(body) >= MOST_LOG_BYTES:
            raise Unreadable(f"its log is larger than {MOST_LOG_BYTES // 1024} KiB, so its lines cannot all be counted")
        lines = body.splitlines()
        wrong = [line for line in lines if self._errors.search(line)]
        shown = tuple(line[:300].decode(errors="replace") for line in wrong[-3:])
        return Reading(Count(len(lines), len(wrong)), _LOGGED, shown)


class Query:
    """The user's own queries against Prometheus; `$pods` stands for the pods' names as a regular expression."""

    only_ready = False

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings.query
        self.query = f"{self._settings['errors']} / {self._settings['total']}"

    def look(self, new: Sequence[Document], old: Sequence[Document], deadline: Deadline) -> Mapping[str, Reading | str]:
        """The whole group's counters are those of its first pod."""
        found: dict[str, Reading | str] = {}
        for group in (new, old):
            if group:
                found[group[0]["metadata"]["uid"]] = self._group(group, deadline)
        return found

    def _group(self, pods: Sequence[Document], deadline: Deadline) -> Reading | str:
        names = "|".join(re.escape(pod["metadata"]["name"]) for pod in pods)
        try:
            total, errors = (self._value(str(self._settings[part]), names, deadline) for part in ("total", "errors"))
        except (MetricsError, ValueError, KeyError, TypeError) as failed:
            return f"the query gave no figure: {failed}"
        if total is None:
            return "the query gave no figure: no series matches it"
        return Reading(Count(total, errors or 0.0), Convention(str(self._settings["total"]), ""))

    def _value(self, query: str, names: str, deadline: Deadline) -> float | None:
        endpoint = Endpoint(str(self._settings["url"]))
        text = query.replace("$pods", names.replace("\\", "\\\\"))
        status, body = http_get.get(endpoint, "/api/v1/query", {"query": text}, deadline)
        result = answer_of(status, body, "vector", http_get.shown(endpoint))
        values = [float(item["value"][1]) for item in result]
        if not all(exposition.is_count(value) for value in values):
            raise ValueError("a value is no count")
        return sum(values) if values else None


def proxy_path(pod: Mapping[str, Any], port: int, path: str) -> str:
    """The pod's path behind the API server's proxy."""
    metadata = pod["metadata"]
    return f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}:{port}/proxy/{path.lstrip('/')}"


def metrics_address(pod: Mapping[str, Any], port: int, path: str) -> tuple[int, str]:
    """Port and path of a pod's metrics: as set, as its annotations say, a port of that name, its first port."""
    annotations = pod["metadata"].get("annotations") or {}
    path = path or annotations.get("prometheus.io/path") or "/metrics"
    noted = str(annotations.get("prometheus.io/port") or "")
    if port or noted.isdecimal():
        return port or int(noted), path
    ports = [item for container in pod["spec"]["containers"] for item in container.get("ports") or []]
    named = [item for item in ports if item.get("name") in _METRIC_PORTS]
    first: Mapping[str, Any] = next(iter([*named, *ports]), {})
    return int(first.get("containerPort", 0)), path


def probe_paths(pod: Mapping[str, Any]) -> list[str]:
    """Paths that the kubelet asks for: not what users do."""
    found = []
    for container in pod["spec"]["containers"]:
        for name in ("livenessProbe", "readinessProbe", "startupProbe"):
            action = (container.get(name) or {}).get("httpGet") or {}
            found += [str(action["path"])] if action.get("path") else []
    return found
