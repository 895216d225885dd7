# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployments, StatefulSets and DaemonSets: whether they have the pods that they should, and how they are updated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Controller
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import (
    OwnerName,
    Snapshot,
    condition,
    named,
    selects,
)

FALSE_MEANS_STUCK = "ProgressDeadlineExceeded"


def owner_name(item: Controller) -> OwnerName:
    """A workload as its pods name it."""
    return OwnerName(item.kind, item.metadata.namespace, item.metadata.name)


def wanted(item: Controller) -> int:
    """Pods that a workload should have."""
    if item.kind == "DaemonSet":
        return item.status.desiredNumberScheduled
    return 1 if item.spec.replicas is None else item.spec.replicas


def available(item: Controller) -> int:
    """Pods of it that are available."""
    return item.status.numberAvailable if item.kind == "DaemonSet" else item.status.availableReplicas


def replicas(seen: Snapshot) -> Iterator[Finding]:
    """H301, H302, H305: fewer pods than wanted, and where the API server refuses them."""
    for item in seen.workloads:
        meta = item.metadata
        fix = fixes.diagnose(item.kind, meta.namespace, meta.name)
        refused = condition(item.status.conditions, "ReplicaFailure")
        if refused is not None and refused.status == "True":
            told = f"{refused.reason} {refused.message}".strip()
            yield found("H305", item.kind, meta, told, [f"condition ReplicaFailure: {told}"], fix)
        want, have = wanted(item), available(item)
        if have >= want or not seen.settled(meta):
            continue
        told = f"{have} of {want} available"
        evidence = [f"status of the {item.kind}: {told}"]
        yield found("H302" if have else "H301", item.kind, meta, told, evidence, fix)


def rollouts(seen: Snapshot) -> Iterator[Finding]:
    """H303, H304, H321, H326."""
    for item in seen.workloads:
        meta, status = item.metadata, item.status
        progress = condition(status.conditions, "Progressing")
        if progress is not None and progress.status == "False":
            told = f"{progress.reason} {progress.message}".strip()
            fix = fixes.diagnose(item.kind, meta.namespace, meta.name)
            yield found("H303", item.kind, meta, told, [f"condition Progressing: {told}"], fix)
        if item.spec.paused:
            words = ("rollout", "resume", f"deployment/{meta.name}")
            fix = fixes.look("Resume it, or undo what it waits with", *words, namespace=meta.namespace)
            yield found("H304", item.kind, meta, "", ["spec of the Deployment: paused"], fix)
        if item.kind == "DaemonSet" and status.numberMisscheduled:
            told = f"{status.numberMisscheduled} pods on nodes that it no longer selects"
            evidence = [f"status of the DaemonSet: numberMisscheduled {status.numberMisscheduled}"]
            fix = fixes.look("See where they are", "get", "pods", "-o", "wide", namespace=meta.namespace)
            yield found("H321", item.kind, meta, told, evidence, fix)
        yield from _by_hand(item)


def _by_hand(item: Controller) -> Iterator[Finding]:
    status = item.status
    if item.spec.updateStrategy.type != "OnDelete":
        return
    old = wanted(item) - (status.updatedNumberScheduled if item.kind == "DaemonSet" else status.updatedReplicas)
    changed = item.kind == "DaemonSet" or status.currentRevision != status.updateRevision
    if old > 0 and changed:
        told = f"{old} of {wanted(item)} pods run an older revision"
        fix = fixes.look("Delete them one by one", "get", "pods", namespace=item.metadata.namespace)
        yield found("H326", item.kind, item.metadata, told, [f"status: {told}; updateStrategy OnDelete"], fix)


def availability(seen: Snapshot) -> Iterator[Finding]:
    """H306, H307, H319, H324, H325: what a node's restart or a release would do to those behind a Service."""
    for item in seen.workloads:
        meta = item.metadata
        want = wanted(item)
        kept = item.spec.revisionHistoryLimit
        if item.kind == "Deployment" and kept == 0:
            fix = Fix("Set spec.revisionHistoryLimit to 2 or more in its source.")
            yield found("H324", item.kind, meta, "", ["spec of the Deployment: revisionHistoryLimit 0"], fix)
        if item.kind == "Deployment" and want > 1 and _all_at_once(item):
            fix = Fix("Set spec.strategy to RollingUpdate with maxUnavailable below 100 % in its source.")
            told = f"strategy {item.spec.strategy.type}"
            yield found("H325", item.kind, meta, told, [f"spec of the Deployment: {told}, {want} replicas"], fix)
        services = served_by(seen, item)
        if item.kind == "DaemonSet" or not services:
            continue
        behind = f"Service {services[0]}"
        if want == 0:
            fix = fixes.scale(item.kind, meta.namespace, meta.name, "Scale it up, or remove the Service")
            yield found("H307", item.kind, meta, behind, ["spec: replicas 0", f"{behind} selects its pods"], fix)
        elif want == 1:
            fix = fixes.scale(item.kind, meta.namespace, meta.name, "Run two or more where the program allows it")
            yield found("H306", item.kind, meta, behind, ["spec: replicas 1", f"{behind} selects its pods"], fix)
        else:
            yield from _one_node(seen, item)


def _all_at_once(item: Controller) -> bool:
    strategy = item.spec.strategy
    if strategy.type == "Recreate":
        return True
    most = strategy.rollingUpdate.maxUnavailable if strategy.rollingUpdate else None
    return most == "100%" or (isinstance(most, int) and most >= wanted(item))


def _one_node(seen: Snapshot, item: Controller) -> Iterator[Finding]:
    pods = [pod for pod in seen.pods_by_owner.get(owner_name(item), []) if pod.status.phase == "Running"]
    nodes = {pod.spec.nodeName for pod in pods}
    schedulable = [node for node in seen.of("Node") if not node.spec.unschedulable]
    if len(pods) > 1 and len(nodes) == 1 and len(schedulable) > 1:
        told = f"{len(pods)} on {min(nodes)}"
        fix = Fix("Add topologySpreadConstraints over kubernetes.io/hostname to its pod template in its source.")
        yield found("H319", item.kind, item.metadata, told, [f"nodeName of its pods: {told}"], fix)


def served_by(seen: Snapshot, item: Controller) -> list[str]:
    """Names of the Services that select a workload's pods, by its template's labels."""
    return seen.services_for(item.metadata.namespace, item.spec.template.metadata.labels)


def references(seen: Snapshot) -> Iterator[Finding]:
    """H320, H329: a StatefulSet's Service; H327: workloads of one namespace that select each other's pods."""
    services = {(item.metadata.namespace, item.metadata.name): item for item in seen.of("Service")}
    by_namespace: dict[str, list[Controller]] = defaultdict(list)
    for item in seen.workloads:
        by_namespace[item.metadata.namespace].append(item)
        name = item.spec.serviceName
        if item.kind == "StatefulSet" and name and (item.metadata.namespace, name) not in services:
            fix = fixes.look("Create the headless Service", "get", "services", namespace=item.metadata.namespace)
            evidence = [f"spec of the StatefulSet: serviceName {name}"]
            yield found("H320", item.kind, item.metadata, name, evidence, fix)
        elif item.kind == "StatefulSet" and name and services[item.metadata.namespace, name].spec.clusterIP != "None":
            headless = Fix("Create a Service with clusterIP None, and the StatefulSet anew with it as serviceName.")
            evidence = [f"spec of Service {name}: clusterIP is not None"]
            yield found("H329", item.kind, item.metadata, name, evidence, headless)
    for items in by_namespace.values():
        yield from _overlaps(items)


def _overlaps(items: list[Controller]) -> Iterator[Finding]:
    """Only workloads whose selectors share a label can select each other's pods, so only those are compared."""
    by_label: dict[tuple[str, str], list[Controller]] = defaultdict(list)
    for item in items:
        for pair in item.spec.selector.matchLabels.items():
            by_label[pair].append(item)
    for item in items:
        labels = item.spec.selector.matchLabels
        near = min((by_label[pair] for pair in labels.items()), key=len) if labels else items
        template = item.spec.template.metadata.labels
        others = [
            other
            for other in near
            if other is not item
            and selects(other.spec.selector, template)
            and selects(item.spec.selector, other.spec.template.metadata.labels)
        ]
        if others:
            told = named(f"{other.kind} {other.metadata.name}" for other in others)
            fix = Fix("Give each a selector of its own; selectors cannot be changed, so one has to be created anew.")
            evidence = [f"selectors of {item.metadata.name} and {told} fit each other's pod templates"]
            yield found("H327", item.kind, item.metadata, f"also {told}", evidence, fix)
