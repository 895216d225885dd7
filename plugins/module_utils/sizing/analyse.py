# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One call from a target's words to an analysis: read the cluster, ask the source of metrics, judge, rank."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.gather import reason_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BadTarget, parse_target
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import (
    ContainerUsage,
    Selection,
    Source,
    Usage,
    Window,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing import nodes, report, room, scope
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.report import Analysis
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.scope import Key, Scope, Workload
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.workload_advice import (
    Rules,
    WorkloadAdvice,
    advise_workload,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target


@dataclass(frozen=True)
class Wanted:
    """What is asked about: one workload, a namespace (no name), or the cluster (neither)."""

    kind: str = ""
    namespace: str = ""
    name: str = ""


def wanted_of(kind: str, namespace: str, name: str) -> Wanted:
    """From a module's words. Raises `BadTarget` for a kind that has no requests of its own."""
    found, name = parse_target(kind, name)
    if found is None:
        return Wanted(namespace=namespace)
    if found.name not in scope.KINDS:
        raise BadTarget(f"{found.name} {name} cannot be sized: name a {', '.join(scope.KINDS[:2])} or {scope.KINDS[2]}")
    return Wanted(found.name, namespace or "default", name)


def analyse(
    client: Client, source: Source, wanted: Wanted, window: Window, rules: Rules, deadline: Deadline
) -> Analysis:
    """The analysis. Raises `ClusterError`, `MetricsError`, and `BadTarget` where there is no such workload."""
    found = scope.read(client, wanted.namespace, deadline)
    chosen = _chosen(found, wanted)
    advised: list[WorkloadAdvice] = []
    usages: list[Usage] = []
    for namespace in sorted({key[1] for key in chosen}):
        selection = Selection(namespace, f"{re.escape(wanted.name)}-.+" if wanted.name else "")
        usage = source.usage(selection, window, deadline)
        usages.append(usage)
        by_workload = folded_by_workload(found, namespace, usage.containers)
        of_namespace = [workload for key, workload in chosen.items() if key[1] == namespace]
        advised += [advise_workload(item, by_workload.get(item.key, {}), usage, rules) for item in of_namespace]
    unavailable = [asdict(item) for item in found.unavailable]
    order = report.ranked(advised)
    target = _target(client.cluster, wanted, chosen)
    return Analysis(target, order, usages, rules, _nodes(client, order, deadline), unavailable)


def _chosen(found: Scope, wanted: Wanted) -> dict[Key, Workload]:
    if not wanted.name:
        return found.workloads
    key = (wanted.kind, wanted.namespace, wanted.name)
    if key not in found.workloads:
        raise BadTarget(f"there is no {wanted.kind} {wanted.namespace}/{wanted.name}")
    return {key: found.workloads[key]}


def _target(cluster: str, wanted: Wanted, chosen: Mapping[Key, Workload]) -> Target:
    if wanted.name:
        return next(iter(chosen.values())).target(cluster)
    return Target(cluster, "v1", "Namespace" if wanted.namespace else "", "", wanted.namespace, "")


def folded_by_workload(
    found: Scope, namespace: str, containers: Sequence[ContainerUsage]
) -> dict[Key, dict[str, list[ContainerUsage]]]:
    """Workload → container → usage of each of its pods, of those that are gone as well. Pure."""
    by_workload: dict[Key, dict[str, list[ContainerUsage]]] = defaultdict(lambda: defaultdict(list))
    for usage in containers:
        key = found.workload_of(namespace, usage.pod)
        if key is not None:
            by_workload[key][usage.container].append(usage)
    return by_workload


def _nodes(client: Client, order: Sequence[WorkloadAdvice], deadline: Deadline) -> dict[str, Any]:
    """Which nodes could go, with all recommended changes, that could not before. Notes where a raise finds no room."""
    freed = _freed(order)
    if not freed:
        return {"could_go": [], "sentence": "no node could go"}
    try:
        listed = client.list("v1", "Node", deadline=deadline)
        pods = client.list("v1", "Pod", deadline=deadline)
    except ClusterError as failed:
        return {"could_go": None, "sentence": f"whether nodes could go is not known ({reason_of(failed)})"}
    for item in order:
        if short := room.shortage(item, listed, pods):
            item.notes.insert(0, short)

    def of_pod(pod: Mapping[str, Any]) -> tuple[int, int]:
        return freed.get(pod["metadata"].get("uid", ""), (0, 0))

    before, after = nodes.could_go(listed, pods), nodes.could_go(listed, pods, of_pod)
    return {"could_go": after[len(before) :], "sentence": report.nodes_sentence(len(before), after)}


def _freed(order: Sequence[WorkloadAdvice]) -> dict[str, tuple[int, int]]:
    """Pod uid → millicores and bytes that it will request less."""
    return {
        pod["metadata"]["uid"]: (
            item.savings.cpu_millicores // max(1, item.workload.replicas),
            item.savings.memory_bytes // max(1, item.workload.replicas),
        )
        for item in order
        if item.changes
        for pod in item.workload.pods
    }
