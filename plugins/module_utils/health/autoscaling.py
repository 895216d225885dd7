# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Horizontal pod autoscalers: a target that exists, metrics that come, room to scale into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.capacity import free_room
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.nodes import cluster_meta
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Autoscaler, Controller
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import (
    Snapshot,
    condition,
    each_container,
    named,
    requests_of,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.workloads import wanted

KIND = "HorizontalPodAutoscaler"
# Other kinds may be scaled too; whether those exist cannot be said from what is read.
KNOWN = ("Deployment", "StatefulSet")


def judge(seen: Snapshot) -> Iterator[Finding]:
    """H401 to H405."""
    by_name = {(item.kind, item.metadata.namespace, item.metadata.name): item for item in seen.workloads}
    for hpa in seen.of(KIND):
        meta, target = hpa.metadata, hpa.spec.scaleTargetRef
        look = fixes.look("See what it waits for", "describe", "hpa", meta.name, namespace=meta.namespace)
        workload = by_name.get((target.kind, meta.namespace, target.name))
        if workload is None and target.kind in KNOWN:
            told = f"{target.kind} {target.name}"
            yield found("H401", KIND, meta, told, [f"spec: scaleTargetRef {told}"], look)
            continue
        if workload is not None and wanted(workload) == 0:
            continue
        active = condition(hpa.status.conditions, "ScalingActive")
        lacking = _lacking(hpa, workload, seen)
        if lacking:
            fix = fixes.optimize(target.kind, meta.namespace, target.name, "Give its containers requests")
            yield found("H405", KIND, meta, lacking, [f"spec of {target.kind} {target.name}: {lacking}"], fix)
        elif active is not None and active.status == "False" and seen.settled(meta):
            told = f"{active.reason} {active.message}".strip()
            yield found("H402", KIND, meta, told, [f"condition ScalingActive: {told}"], look)
        yield from _bounds(hpa)


def _lacking(hpa: Autoscaler, workload: Controller | None, seen: Snapshot) -> str:
    """Containers that request nothing of what their autoscaler measures as a share of the request."""
    if workload is None:
        return ""
    for metric in hpa.spec.metrics:
        if metric.resource is None or metric.resource.target.type != "Utilization":
            continue
        word = metric.resource.name
        without = [
            item.name
            for item in each_container(workload.spec.template.spec)
            if word not in seen.resources_of(workload, item).requests
        ]
        if without:
            return f"container {named(without)} requests no {word}"
    return ""


def _bounds(hpa: Autoscaler) -> Iterator[Finding]:
    meta, target = hpa.metadata, hpa.spec.scaleTargetRef
    least, most = 1 if hpa.spec.minReplicas is None else hpa.spec.minReplicas, hpa.spec.maxReplicas
    fix = fixes.scale(target.kind, meta.namespace, target.name, "Let the scaling analysis set the bounds")
    if least == most:
        yield found("H404", KIND, meta, f"{least}", [f"spec: minReplicas {least}, maxReplicas {most}"], fix)
        return
    limited = condition(hpa.status.conditions, "ScalingLimited")
    if limited is not None and limited.status == "True" and limited.reason == "TooManyReplicas":
        told = f"{hpa.status.currentReplicas} of {most} replicas"
        yield found("H403", KIND, meta, told, [f"condition ScalingLimited: {limited.message}"], fix)


def burst(seen: Snapshot) -> Iterator[Finding]:
    """H406, H408: whether what an autoscaler, and all of them, may still add fits into what the nodes have left."""
    cpu, memory = free_room(seen)
    added: dict[tuple[str, str, str], tuple[int, int]] = {}
    by_name = {(item.kind, item.metadata.namespace, item.metadata.name): item for item in seen.workloads}
    for hpa in seen.of(KIND):
        meta, target = hpa.metadata, hpa.spec.scaleTargetRef
        workload = by_name.get((target.kind, meta.namespace, target.name))
        if workload is None:
            continue
        more = max(0, hpa.spec.maxReplicas - wanted(workload))
        each_cpu, each_memory = requests_of(workload.spec.template.spec)
        name = (target.kind, meta.namespace, target.name)
        added[name] = max(added.get(name, (0, 0)), (more * each_cpu, more * each_memory))
        if more * each_cpu > cpu or more * each_memory > memory:
            told = (
                f"{more} more pods request {more * each_cpu}m CPU and {more * each_memory >> 20}Mi memory; "
                f"{cpu}m and {memory >> 20}Mi are free"
            )
            fix = Fix("Lower maxReplicas, or have nodes that can be added.")
            yield found(
                "H406", KIND, meta, told, [f"maxReplicas {hpa.spec.maxReplicas} and the nodes' room: {told}"], fix
            )

    asked = sum(pair[0] for pair in added.values()), sum(pair[1] for pair in added.values())
    # One that is too large alone has been told.
    alone = any(pair[0] > cpu or pair[1] > memory for pair in added.values())
    if (asked[0] > cpu or asked[1] > memory) and not alone:
        told = (
            f"{len(added)} autoscalers may add pods that request {asked[0]}m CPU and {asked[1] >> 20}Mi memory; "
            f"{cpu}m and {memory >> 20}Mi are free"
        )
        fix = Fix("Have nodes that can be added, or lower the maxima of those that may wait.")
        yield found("H408", "Cluster", cluster_meta("autoscalers"), told, [f"maxima and the nodes' room: {told}"], fix)


def twins(seen: Snapshot) -> Iterator[Finding]:
    """H407."""
    by_target: dict[tuple[str, str, str], list[Autoscaler]] = defaultdict(list)
    for hpa in seen.of(KIND):
        target = hpa.spec.scaleTargetRef
        by_target[hpa.metadata.namespace, target.kind, target.name].append(hpa)
    for (namespace, kind, name), hpas in by_target.items():
        for hpa in hpas if len(hpas) > 1 else ():
            others = named(other.metadata.name for other in hpas if other is not hpa)
            fix = fixes.look("Delete one of them", "delete", "hpa", hpa.metadata.name, namespace=namespace)
            told = f"{kind} {name}, also scaled by {others}"
            yield found("H407", KIND, hpa.metadata, told, [f"spec: scaleTargetRef {kind} {name} of both"], fix)
