# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a cluster and one workload of it look like at a glance: nodes, version, replicas, pods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import Resource, built_in_by_word
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import (
    Condition,
    LabelSelector,
    NodeShape,
    PodShape,
    WorkloadShape,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores, to_bytes

ROLE_LABEL = "node-role.kubernetes.io/"
# kwok's own mark of the nodes that it plays.
SIMULATED_ANNOTATION = "kwok.x-k8s.io/node"
WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod")


def overview(client: Client, kind: str, namespace: str, name: str, deadline: Deadline) -> dict[str, Any]:
    """cluster, server_version, nodes; and workload where kind and name are given (None where there is none such)."""
    version = decode(client.get_raw("/version", deadline=deadline))
    nodes = client.list("v1", "Node", shape=NodeShape, deadline=deadline)
    found = {
        "cluster": client.cluster,
        "server_version": version.get("gitVersion") or "",
        "nodes": [describe_node(node) for node in nodes],
    }
    if kind and name:
        found["workload"] = workload(client, kind, namespace, name, deadline)
    return found


def describe_node(node: NodeShape) -> dict[str, Any]:
    """One node: name, ready, roles, kubelet_version, what can be allocated, unschedulable, simulated."""
    allocatable = node.status.allocatable
    return {
        "name": node.metadata.name,
        "ready": is_true(node.status.conditions, "Ready"),
        "roles": sorted(label.removeprefix(ROLE_LABEL) for label in node.metadata.labels if ROLE_LABEL in label),
        "kubelet_version": node.status.nodeInfo.kubeletVersion,
        "cpu_allocatable_millicores": millicores(allocatable.get("cpu", "0")),
        "memory_allocatable_bytes": to_bytes(allocatable.get("memory", "0")),
        "unschedulable": node.spec.unschedulable,
        "simulated": SIMULATED_ANNOTATION in node.metadata.annotations,
    }


def workload(client: Client, kind: str, namespace: str, name: str, deadline: Deadline) -> dict[str, Any] | None:
    """Counts, images and pods of a workload; None where it does not exist."""
    resource = workload_resource(kind)
    ref = ObjectRef(resource.api_version, resource.kind, name, namespace)
    try:
        if resource.kind == "Pod":
            return describe_workload("Pod", WorkloadShape(), [client.get(ref, PodShape, deadline=deadline)])
        found: WorkloadShape = client.get(ref, WorkloadShape, deadline=deadline)
    except NotFound:
        return None
    selector = selector_text(found.spec.selector)
    pods = client.list("v1", "Pod", namespace=namespace, shape=PodShape, label_selector=selector, deadline=deadline)
    return describe_workload(resource.kind, found, pods)


def workload_resource(kind: str) -> Resource:
    """The resource of a kind of workload, as people type it. ClusterError names those that there are."""
    resource = built_in_by_word(kind)
    if resource is None or resource.kind not in WORKLOAD_KINDS:
        raise ClusterError(f"{kind!r} is not a kind of workload: use one of {', '.join(WORKLOAD_KINDS)}")
    return resource


def describe_workload(kind: str, found: WorkloadShape, pods: Iterable[PodShape]) -> dict[str, Any]:
    """desired, ready, available and updated count pods; each kind keeps them under names of its own."""
    listed = list(pods)
    containers = found.spec.template.spec.containers or [item for pod in listed for item in pod.spec.containers]
    return {
        **_counts(kind, found, listed),
        "images": sorted({container.image for container in containers}),
        "pods": [describe_pod(pod) for pod in sorted(listed, key=lambda pod: pod.metadata.name)],
    }


def _counts(kind: str, found: WorkloadShape, pods: list[PodShape]) -> dict[str, int]:
    status, spec = found.status, found.spec
    if kind in ("Pod", "Job"):
        ready = sum(is_true(pod.status.conditions, "Ready") for pod in pods)
        desired = 1 if kind == "Pod" or spec.parallelism is None else spec.parallelism
        return {"desired": desired, "ready": ready, "available": ready, "updated": len(pods)}
    if kind == "DaemonSet":
        counts = (status.desiredNumberScheduled, status.numberReady, status.numberAvailable)
        updated = status.updatedNumberScheduled
    else:
        counts = (1 if spec.replicas is None else spec.replicas, status.readyReplicas, status.availableReplicas)
        # A ReplicaSet has one template for all of its pods, so it does not count the updated ones.
        updated = status.replicas if kind == "ReplicaSet" else status.updatedReplicas
    return {"desired": counts[0], "ready": counts[1], "available": counts[2], "updated": updated}


def describe_pod(pod: PodShape) -> dict[str, Any]:
    """One pod: name, phase, ready, restarts (of all containers), node."""
    return {
        "name": pod.metadata.name,
        "phase": pod.status.phase,
        "ready": is_true(pod.status.conditions, "Ready"),
        "restarts": sum(status.restartCount for status in pod.status.containerStatuses),
        "node": pod.spec.nodeName,
    }


def is_true(conditions: Iterable[Condition], type_: str) -> bool:
    """Whether the condition of that type is there and True."""
    return any(condition.type == type_ and condition.status == "True" for condition in conditions)


def selector_text(selector: LabelSelector) -> str:
    """A label selector as the query parameter labelSelector takes it."""
    parts = [_equality(selector.matchLabels)] if selector.matchLabels else []
    for item in selector.matchExpressions:
        values = f"({','.join(item.values)})"
        written = {
            "In": f"{item.key} in {values}",
            "NotIn": f"{item.key} notin {values}",
            "Exists": item.key,
            "DoesNotExist": f"!{item.key}",
        }
        parts.append(written[item.operator])
    return ",".join(parts)


def _equality(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in labels.items())
