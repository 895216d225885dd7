# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nodes: their conditions, versions, and how much of them is promised and used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import HealthNode, Meta
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import (
    Snapshot,
    condition,
    millicores,
    named,
    whole,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_millicores

PRESSURES = {"MemoryPressure": "H202", "DiskPressure": "H203", "PIDPressure": "H204", "NetworkUnavailable": "H205"}
# https://kubernetes.io/releases/version-skew-policy/#kubelet
OLDEST_KUBELET_MINORS = 3


def conditions(seen: Snapshot) -> Iterator[Finding]:
    """H201 to H206."""
    for node in seen.of("Node"):
        meta = node.metadata
        fix = fixes.look("See its conditions and events; then repair or drain it", "describe", "node", meta.name)
        ready = condition(node.status.conditions, "Ready")
        if ready is None or ready.status != "True":
            told = (
                f"Ready is {ready.status}, {ready.reason} {ready.message}" if ready else "it reports no condition Ready"
            )
            yield found("H201", "Node", meta, told.strip(), [f"status of the node: {told.strip()}"], fix)
        for item in node.status.conditions:
            if item.type in PRESSURES and item.status == "True":
                told = f"{item.type} since {item.lastTransitionTime}: {item.reason} {item.message}".strip()
                yield found(PRESSURES[item.type], "Node", meta, told, [f"status of the node: {told}"], fix)
        if node.spec.unschedulable:
            back = fixes.look("Once its work is done, let pods in again", "uncordon", meta.name)
            yield found("H206", "Node", meta, "", ["spec of the node: unschedulable"], back)


def versions(seen: Snapshot) -> Iterator[Finding]:
    """H207 a kubelet that the API server's version does not support, H208 nodes of different versions."""
    server = minor_of(seen.texts.get("version", ""))
    counted: Counter[str] = Counter(node.status.nodeInfo.kubeletVersion for node in seen.of("Node"))
    for node in seen.of("Node"):
        kubelet = minor_of(node.status.nodeInfo.kubeletVersion)
        if server is None or kubelet is None or 0 <= server - kubelet <= OLDEST_KUBELET_MINORS:
            continue
        told = f"kubelet {node.status.nodeInfo.kubeletVersion} with API server {seen.texts['version']}"
        fix = Fix(f"Bring it to the API server's version, or at most {OLDEST_KUBELET_MINORS} minor versions behind.")
        yield found("H207", "Node", node.metadata, told, [f"status of the node and /version: {told}"], fix)
    if len(counted) > 1:
        usual = counted.most_common(1)[0][0]
        for node in seen.of("Node"):
            if node.status.nodeInfo.kubeletVersion != usual:
                told = f"{node.status.nodeInfo.kubeletVersion}, most have {usual}"
                fix = Fix("Finish the upgrade of the nodes.")
                yield found("H208", "Node", node.metadata, told, [f"status of the node: kubelet {told}"], fix)


def minor_of(version: str) -> int | None:
    """34 of v1.34.4; None where it is no such version."""
    parts = version.lstrip("v").split(".")
    digits = "".join(letter for letter in parts[1] if letter.isdigit()) if len(parts) > 1 else ""
    return int(digits) if digits and parts[0] == "1" else None


def room(seen: Snapshot) -> Iterator[Finding]:
    """H209 requests, H210 limits, H212 number of pods, each against what the node can give."""
    for node in seen.of("Node"):
        pods = seen.pods_by_node.get(node.metadata.name, [])
        requested = seen.requested_by_node.get(node.metadata.name, (0, 0))
        limited = seen.limited_by_node.get(node.metadata.name, (0, 0))
        given = allocatable(node)
        fix = Fix(
            "Add a node, or let workloads on it request what they use (playbooks/optimize_resources.yml).",
            f"kubectl describe node {node.metadata.name}",
        )
        for at, (word, show) in enumerate((("CPU", format_millicores), ("memory", gibibytes))):
            if not given[at]:
                continue
            asked, allowed = requested[at], limited[at]
            if asked > seen.settings.node_share * given[at]:
                told = f"{word} requested {show(asked)} of {show(given[at])} ({asked / given[at]:.0%})"
                yield found(
                    "H209", "Node", node.metadata, told, [f"{len(pods)} pods on the node: {told}"], fix, part=word
                )
            if allowed > seen.settings.overcommit_share * given[at]:
                told = f"{word} limits {show(allowed)} on {show(given[at])} ({allowed / given[at]:.0%})"
                yield found(
                    "H210", "Node", node.metadata, told, [f"{len(pods)} pods on the node: {told}"], fix, part=word
                )
        most = whole(node.status.allocatable.get("pods")) or 0
        if most and len(pods) >= seen.settings.pods_share * most:
            told = f"{len(pods)} of {most}"
            yield found("H212", "Node", node.metadata, told, [f"pods on the node: {told}"], fix)


def usage(seen: Snapshot) -> Iterator[Finding]:
    """H211: what the metrics API says a node uses."""
    used = {item.metadata.name: item.usage for item in seen.of("NodeMetrics")}
    for node in seen.of("Node"):
        for at, (word, read) in enumerate((("cpu", millicores), ("memory", whole))):
            now, given = read(used.get(node.metadata.name, {}).get(word)), allocatable(node)[at]
            if now and given and now > seen.settings.node_share * given:
                told = f"{word} {now / given:.0%}"
                fix = fixes.look("See which pods use it", "top", "pods", "--all-namespaces", f"--sort-by={word}")
                evidence = [f"metrics.k8s.io: {word} {used[node.metadata.name][word]} of {given}"]
                yield found("H211", "Node", node.metadata, told, evidence, fix, part=word)


def allocatable(node: HealthNode) -> tuple[int, int]:
    """Millicores and bytes that pods may request."""
    given = node.status.allocatable
    return millicores(given.get("cpu")) or 0, whole(given.get("memory")) or 0


def takes_pods(node: HealthNode) -> bool:
    """Whether an ordinary pod may be scheduled there."""
    ready = condition(node.status.conditions, "Ready")
    blocked = node.spec.unschedulable or any(item.effect in ("NoSchedule", "NoExecute") for item in node.spec.taints)
    return bool(ready and ready.status == "True") and not blocked


def gibibytes(value: int) -> str:
    """Bytes for a sentence: 12.5 GiB."""
    return f"{value / 2**30:.1f} GiB"


def cluster_meta(name: str) -> Meta:
    """What a finding about the whole cluster is attached to."""
    return Meta(name)


def names_of(nodes: list[HealthNode]) -> str:
    """Nodes for a sentence."""
    return named(node.metadata.name for node in nodes)
