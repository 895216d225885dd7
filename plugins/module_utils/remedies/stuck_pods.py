# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pods of a StatefulSet that stand in the way of its own new template.

With podManagementPolicy OrderedReady the controller waits for a broken pod to become ready before it replaces any, so a
repaired template never reaches it (Kubernetes documentation, StatefulSets, "Forced rollback"; kubernetes#67250). A
change of the template therefore also evicts the pods that are not ready, by uid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Precondition, Write

WORDS = "every pod of the workload that is not ready and is of another revision than the restored one"


def can_stick(workload: Mapping[str, Any]) -> bool:
    """Whether a pod that is not ready holds up the rollout of a template."""
    policy = workload["spec"].get("podManagementPolicy", "OrderedReady")
    return bool(workload["kind"] == "StatefulSet" and policy == "OrderedReady")


def evictions(client: Client, workload: Mapping[str, Any]) -> list[Write]:
    """An eviction for each pod in the way, numbered after the patch."""
    if not can_stick(workload):
        return []
    pods = [pod for pod in workloads.pods_of(client, workload) if is_in_the_way(pod)]
    return [Write(str(number), "evict", workloads.ref_of(pod)) for number, pod in enumerate(pods, start=2)]


def is_in_the_way(pod: Mapping[str, Any]) -> bool:
    """Not ready, and not going away by itself."""
    return not workloads.is_ready(pod) and not pod["metadata"].get("deletionTimestamp")


def after_rollback(workload: Mapping[str, Any]) -> list[Write]:
    """The eviction that belongs to a rollback: of pods that do not exist yet, so described instead of named."""
    if not can_stick(workload):
        return []
    namespace = workload["metadata"]["namespace"]
    return [Write("2", "evict", ObjectRef("v1", "Pod", "", namespace), "", WORDS)]


def preconditions(writes: list[Write]) -> list[Precondition]:
    """The pods to evict must still be the same."""
    return [Precondition(write.object, []) for write in writes]
