# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks for what is short of CPU right now, where no target was named: the highest share of its requests first."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import NoSource
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import load, owners


@dataclass(frozen=True)
class Candidate:
    """A workload and the share of its CPU requests that it uses at this moment, in percent."""

    kind: str
    namespace: str
    name: str
    cpu_percent: int


def hottest(client: Client, namespace: str, threshold_percent: int, deadline: Deadline) -> list[Candidate]:
    """Workloads over the threshold now, the highest share first. Raises `NoSource` without a metrics API."""
    where = f"/namespaces/{namespace}" if namespace else ""
    try:
        answer = client.get_raw(f"/apis/metrics.k8s.io/v1beta1{where}/pods", deadline=deadline)
        items = json.loads(answer).get("items") or []
        pods = client.list("v1", "Pod", namespace=namespace, deadline=deadline)
    except (ClusterError, ValueError) as failed:
        raise NoSource(f"what uses how much CPU now is not known: {failed}: name a target") from failed
    return ranked(pods, items, threshold_percent)


def ranked(
    pods: Sequence[Mapping[str, Any]], usage: Sequence[Mapping[str, Any]], threshold_percent: int
) -> list[Candidate]:
    """The same from pods and PodMetrics. Pure."""
    used = {
        (item["metadata"]["namespace"], item["metadata"]["name"]): sum(
            millicores(container["usage"].get("cpu", 0)) for container in item.get("containers") or []
        )
        for item in usage
    }
    totals: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for pod in pods:
        metadata = pod["metadata"]
        workload = workload_of(pod)
        if workload is None or (metadata["namespace"], metadata["name"]) not in used:
            continue
        total = totals[workload[0], metadata["namespace"], workload[1]]
        total[0] += used[metadata["namespace"], metadata["name"]]
        total[1] += load.requested_millicores(pod)
    found = [
        Candidate(*key, round(100 * amount / requested)) for key, (amount, requested) in totals.items() if requested
    ]
    hot = [item for item in found if item.cpu_percent > threshold_percent]
    return sorted(hot, key=lambda item: (-item.cpu_percent, item.namespace, item.name))


def workload_of(pod: Mapping[str, Any]) -> tuple[str, str] | None:
    """Kind and name of the scalable workload that a pod belongs to, by its owner's name; None for any other pod."""
    owner = owners.controller_of(pod) or {}
    label = (pod["metadata"].get("labels") or {}).get("pod-template-hash", "")
    if owner.get("kind") == "ReplicaSet" and label and owner["name"].endswith(f"-{label}"):
        return "Deployment", owner["name"].removesuffix(f"-{label}")
    if owner.get("kind") == "StatefulSet":
        return "StatefulSet", owner["name"]
    return None
