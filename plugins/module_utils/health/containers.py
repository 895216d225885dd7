# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the containers of a workload's template lack: probes, requests, limits, a fixed image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import Probe
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Controller, HealthContainer
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot, each_container
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.workloads import served_by


def probes(seen: Snapshot) -> Iterator[Finding]:
    """H308, H309, H310, H315."""
    for item in seen.workloads:
        behind = served_by(seen, item)
        for container in item.spec.template.spec.containers:
            yield from _probes_of(item, container, behind)


def _probes_of(item: Controller, container: HealthContainer, behind: list[str]) -> Iterator[Finding]:
    meta, name = item.metadata, container.name
    live, ready = container.livenessProbe, container.readinessProbe
    fix = Fix("Add one in its source.", f"kubectl explain {item.kind.lower()}.spec.template.spec.containers")
    if behind and container.ports and ready is None:
        told = f"container {name}, Service {behind[0]}"
        evidence = [f"spec: container {name} has no readinessProbe", f"Service {behind[0]} selects its pods"]
        yield found("H308", item.kind, meta, told, evidence, fix, part=name)
    if live is None:
        evidence = [f"spec: container {name} has no livenessProbe"]
        yield found("H309", item.kind, meta, f"container {name}", evidence, fix, part=name)
    elif ready is not None and _asks(live) == _asks(ready) and live.failureThreshold <= ready.failureThreshold:
        gentle = Fix("Let liveness ask less, or fail later: a higher failureThreshold.")
        evidence = [f"spec: both probes of container {name} ask the same, and liveness gives up no later"]
        yield found("H310", item.kind, meta, f"container {name}", evidence, gentle, part=name)
    names = {port.name for port in container.ports}
    for word, probe in (("livenessProbe", live), ("readinessProbe", ready), ("startupProbe", container.startupProbe)):
        port = _port_of(probe)
        if isinstance(port, str) and port and not port.isdigit() and port not in names:
            told = f"{word} of container {name} asks port {port}"
            right = fixes.diagnose(item.kind, meta.namespace, meta.name, "Name a port of the container; or diagnose it")
            evidence = [f"spec: {told}; its ports are {', '.join(sorted(names - {''})) or 'without names'}"]
            yield found("H315", item.kind, meta, told, evidence, right, part=f"{name} {word}")


def _asks(probe: Probe) -> tuple[object, ...]:
    return (probe.httpGet, probe.tcpSocket, probe.grpc, probe.exec)


def _port_of(probe: Probe | None) -> int | str:
    if probe is None:
        return ""
    action = probe.httpGet or probe.tcpSocket
    return action.port if action else ""


def resources(seen: Snapshot) -> Iterator[Finding]:
    """H311 CPU request, H312 memory request, H313 memory limit. Sidecars count, init containers do not."""
    for item in seen.workloads:
        meta = item.metadata
        for container in each_container(item.spec.template.spec):
            given = seen.resources_of(item, container)
            lacking = [
                ("H311", "CPU request", "cpu" in given.requests),
                ("H312", "memory request", "memory" in given.requests),
                ("H313", "memory limit", "memory" in given.limits),
            ]
            for code, word, there in lacking:
                if not there:
                    fix = fixes.optimize(item.kind, meta.namespace, meta.name)
                    evidence = [f"spec: container {container.name} has no {word}"]
                    yield found(
                        code, item.kind, meta, f"container {container.name}", evidence, fix, part=container.name
                    )


def images(seen: Snapshot) -> Iterator[Finding]:
    """H314: no tag, or one that is moved."""
    for kind, meta, spec in seen.templates:
        for container in [*spec.containers, *spec.initContainers]:
            tag = tag_of(container.image)
            if tag in ("", "latest"):
                told = f"container {container.name} runs {container.image}"
                fix = Fix("Name the version, or better the digest, in its source.")
                yield found("H314", kind, meta, told, [f"spec: {told}"], fix, part=container.name)


def variables(seen: Snapshot) -> Iterator[Finding]:
    """H328."""
    for item in seen.workloads:
        for container in each_container(item.spec.template.spec):
            counted = Counter(env.name for env in container.env)
            for name in sorted(name for name, times in counted.items() if times > 1):
                told = f"{name} of container {container.name}"
                fix = Fix("Keep the one that is meant in its source.")
                evidence = [f"spec: env of container {container.name} has {name} {counted[name]} times"]
                yield found("H328", item.kind, item.metadata, told, evidence, fix, part=f"{container.name} {name}")


def tag_of(image: str) -> str:
    """The tag of an image reference, or its digest; empty where it has neither."""
    if "@" in image:
        return image.partition("@")[2]
    last = image.rpartition("/")[2]
    return last.partition(":")[2]
