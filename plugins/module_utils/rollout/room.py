# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the pods that come on top of the old ones fit anywhere: requests against what the nodes have left.

An estimate that leaves affinity and spreading to the scheduler; it refuses only what certainly cannot be placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores, to_bytes

_BLOCKING = ("NoSchedule", "NoExecute")


def lacking(client: Client, namespace: str, pod_spec: Mapping[str, Any], pods: int) -> str:
    """Why so many more pods do not fit, in one sentence; empty where they do, or where the nodes may not be read."""
    try:
        nodes = client.list("v1", "Node")
        running = client.list("v1", "Pod", field_selector="status.phase!=Succeeded,status.phase!=Failed")
        quotas = client.list("v1", "ResourceQuota", namespace=namespace)
    except ClusterError:
        return ""
    cpu, memory = requests_of(pod_spec)
    return of_quotas(quotas, cpu, memory, pods) or of_nodes(nodes, running, pod_spec, pods)


def of_nodes(nodes: Sequence[Any], running: Sequence[Any], pod_spec: Mapping[str, Any], pods: int) -> str:
    """The same of nodes alone. Pure."""
    cpu, memory = requests_of(pod_spec)
    usable = [node for node in nodes if _takes(node, pod_spec)]
    places = sum(_places(node, running, cpu, memory) for node in usable)
    if places >= pods:
        return ""
    return (
        f"there is room for {places} of the {pods} new pods that come on top of the old ones ({cpu}m CPU and "
        f"{memory // 1024**2}Mi memory each) on the {len(usable)} nodes that take them: free some, or add a node"
    )


def of_quotas(quotas: Iterable[Mapping[str, Any]], cpu: int, memory: int, pods: int) -> str:
    """The same of the namespace's quotas alone. Pure."""
    wanted = {"pods": pods, "requests.cpu": pods * cpu, "cpu": pods * cpu}
    wanted |= {"requests.memory": pods * memory, "memory": pods * memory}
    for quota in quotas:
        status = quota.get("status") or {}
        for name, hard in (status.get("hard") or {}).items():
            read = millicores if name.endswith("cpu") else to_bytes
            left = read(hard) - read((status.get("used") or {}).get(name, 0))
            if name in wanted and wanted[name] > left:
                quota_name = quota["metadata"]["name"]
                return f"the quota {quota_name} leaves no room for {pods} more pods: {name} of {hard} is used up"
    return ""


def requests_of(pod_spec: Mapping[str, Any]) -> tuple[int, int]:
    """Millicores and bytes that a pod requests: the sum of its containers, or an init container that needs more."""
    main = [_requests(item) for item in pod_spec.get("containers") or []]
    first = [_requests(item) for item in pod_spec.get("initContainers") or []]
    cpu = max([sum(item[0] for item in main), *(item[0] for item in first)])
    memory = max([sum(item[1] for item in main), *(item[1] for item in first)])
    return cpu, memory


def _requests(container: Mapping[str, Any]) -> tuple[int, int]:
    asked = (container.get("resources") or {}).get("requests") or {}
    return millicores(asked.get("cpu", 0)), to_bytes(asked.get("memory", 0))


def _takes(node: Mapping[str, Any], pod_spec: Mapping[str, Any]) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    ready = any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)
    labels = node["metadata"].get("labels") or {}
    chosen = all(labels.get(key) == value for key, value in (pod_spec.get("nodeSelector") or {}).items())
    taints = [item for item in node["spec"].get("taints") or [] if item.get("effect") in _BLOCKING]
    tolerations = pod_spec.get("tolerations") or []
    tolerated = all(any(_tolerates(item, taint) for item in tolerations) for taint in taints)
    return ready and chosen and tolerated and not node["spec"].get("unschedulable")


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint["key"])
    return bool(toleration.get("key") == taint["key"] and toleration.get("value", "") == taint.get("value", ""))


def _places(node: Mapping[str, Any], running: Sequence[Any], cpu: int, memory: int) -> int:
    has = node["status"].get("allocatable") or {}
    mine = [pod for pod in running if (pod.get("spec") or {}).get("nodeName") == node["metadata"]["name"]]
    used = [requests_of(pod["spec"]) for pod in mine]
    places = [int(to_bytes(has.get("pods", 110))) - len(mine)]
    if cpu:
        places.append((millicores(has.get("cpu", 0)) - sum(item[0] for item in used)) // cpu)
    if memory:
        places.append((to_bytes(has.get("memory", 0)) - sum(item[1] for item in used)) // memory)
    return max(0, min(places))
