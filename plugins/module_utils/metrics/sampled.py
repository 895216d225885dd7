# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Usage from what knows only the present, asked again and again: the metrics API, or each kubelet's summary.

Some minutes of samples show what runs now; they are no history, and their window says so.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import (
    MetricsError,
    NoSource,
    SourceMalformed,
    SourceRefused,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.plausible import checked
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.quantiles import figures
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import (
    ContainerUsage,
    Selection,
    Usage,
    Window,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores, to_bytes

# metrics-server and the kubelet look themselves every 15 s.
EVERY_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Sample:
    """One container of one pod at one moment: millicores and bytes."""

    pod: str
    container: str
    cpu_millicores: float
    memory_bytes: float


class SampledUsage:
    """A `Source` that looks every 15 s for as long as the window is; `on_progress(looks, of)` after each look."""

    def __init__(
        self,
        name: str,
        look: Callable[[Selection, Deadline], list[Sample]],
        every_seconds: float = EVERY_SECONDS,
        on_progress: Callable[[int, int], None] = lambda _looks, _of: None,
    ) -> None:
        self.name = name
        self._look = look
        self._every = every_seconds
        self._on_progress = on_progress

    def usage(self, target: Selection, window: Window, deadline: Deadline) -> Usage:
        """Looks until the window is full or the deadline passes. Raises `MetricsError` where the first look fails."""
        clock, looks = deadline.clock, max(1, int(window.seconds // self._every) + 1)
        seen: dict[tuple[str, str], list[tuple[float, Sample]]] = defaultdict(list)
        started = clock.monotonic()
        for number in range(looks):
            due = started + number * self._every
            clock.sleep(min(due - clock.monotonic(), deadline.remaining()))
            if deadline.expired and number:
                break
            at = clock.now().timestamp()
            for sample in self._look(target, deadline):
                seen[sample.pod, sample.container].append((at, sample))
            self._on_progress(number + 1, looks)
        containers = [checked(_usage(*key, samples)) for key, samples in sorted(seen.items())]
        return Usage(self.name, window, containers)


def _usage(pod: str, container: str, samples: list[tuple[float, Sample]]) -> ContainerUsage:
    cpu = [(at, sample.cpu_millicores) for at, sample in samples]
    memory = [(at, sample.memory_bytes) for at, sample in samples]
    cpu_figures, memory_figures = (figures([value for _at, value in points]) for points in (cpu, memory))
    return ContainerUsage(pod, container, cpu_figures, memory_figures, len(samples), cpu, memory)


def from_metrics_api(client: Client, **more: Any) -> SampledUsage:
    """The metrics API (metrics-server)."""

    def look(target: Selection, deadline: Deadline) -> list[Sample]:
        path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{target.namespace}/pods"
        items = _asked(client, path, "the metrics API", deadline).get("items") or []
        try:
            return [
                Sample(
                    item["metadata"]["name"],
                    container["name"],
                    millicores(container["usage"].get("cpu", 0)),
                    to_bytes(container["usage"].get("memory", 0)),
                )
                for item in items
                if _wanted(target, item["metadata"]["name"])
                for container in item.get("containers") or []
            ]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise SourceMalformed(f"the metrics API answered something that is no pod's usage: {error}") from error

    return SampledUsage("metrics API", look, **more)


def from_kubelets(client: Client, **more: Any) -> SampledUsage:
    """The summary of the kubelet of each node that the pods run on, through the API server.

    A kubelet that does not answer leaves its pods without figures; where none answers, that is no answer at all.
    """

    def look(target: Selection, deadline: Deadline) -> list[Sample]:
        found: list[Sample] = []
        silent: list[MetricsError] = []
        for node in _nodes(client, target, deadline):
            path = f"/api/v1/nodes/{node}/proxy/stats/summary"
            try:
                pods = _asked(client, path, f"the kubelet of node {node}", deadline).get("pods") or []
            except MetricsError as failed:
                silent.append(failed)
                continue
            for pod in pods:
                reference = pod.get("podRef") or {}
                name = str(reference.get("name"))
                if reference.get("namespace") == target.namespace and _wanted(target, name):
                    found += [_of_summary(name, container) for container in pod.get("containers") or []]
        if silent and not found:
            raise silent[0]
        return found

    return SampledUsage("kubelet summary", look, **more)


def _nodes(client: Client, target: Selection, deadline: Deadline) -> list[str]:
    try:
        pods = client.list("v1", "Pod", namespace=target.namespace, deadline=deadline)
    except ClusterError as failed:
        raise SourceRefused(f"on which nodes the pods run is not known: {failed}") from failed
    named = {pod["spec"].get("nodeName", "") for pod in pods if _wanted(target, pod["metadata"]["name"])}
    return sorted(named - {""})


def _of_summary(pod: str, container: dict[str, Any]) -> Sample:
    cpu, memory = container.get("cpu") or {}, container.get("memory") or {}
    return Sample(pod, container["name"], cpu.get("usageNanoCores", 0) / 1e6, memory.get("workingSetBytes", 0))


def _wanted(target: Selection, pod: str) -> bool:
    return not target.pods or re.fullmatch(target.pods, pod) is not None


def _asked(client: Client, path: str, name: str, deadline: Deadline) -> dict[str, Any]:
    try:
        answer = json.loads(client.get_raw(path, deadline=deadline))
    except NotFound as missing:
        raise NoSource(f"{name} is not there: {missing}") from missing
    except ClusterError as failed:
        raise SourceRefused(f"{name} gave no answer: {failed}") from failed
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise SourceMalformed(f"{name} answered something that is no JSON object")
    return answer
