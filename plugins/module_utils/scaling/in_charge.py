# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who else sets a workload's replicas or requests: KEDA's ScaledObject, a VerticalPodAutoscaler, a person.

Two that set the same thing undo each other's work, so no autoscaler is proposed beside another in charge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound

Document = Mapping[str, Any]
KEDA: Final = ("keda.sh/v1alpha1", "ScaledObject")
VPA: Final = ("autoscaling.k8s.io/v1", "VerticalPodAutoscaler")
# What sets replicas without being a person.
_CONTROLLERS: Final = ("kube-controller-manager", "horizontal-pod-autoscaler", "keda", "argo", "flux")


@dataclass(frozen=True)
class InCharge:
    """`kind` keda or vpa; the object's name, a sentence, and what a person does there."""

    kind: str
    name: str
    sentence: str
    command: str


def read(client: Client, namespace: str, deadline: Deadline) -> tuple[list[Document], list[Document], list[str]]:
    """ScaledObjects, VerticalPodAutoscalers (none where the kind is not installed), and what could not be read."""
    found: list[list[Document]] = []
    unread = []
    for api_version, kind in (KEDA, VPA):
        try:
            found.append(client.list(api_version, kind, namespace=namespace, deadline=deadline))
        except NotFound:
            found.append([])
        except ClusterError as failed:
            found.append([])
            unread.append(f"whether a {kind} is in charge is not known: {failed}")
    return found[0], found[1], unread


def of(workload: Document, scaled: Sequence[Document], vertical: Sequence[Document]) -> InCharge | None:
    """Who is in charge of the workload, or nobody. Pure."""
    name, namespace = workload["metadata"]["name"], workload["metadata"].get("namespace", "")
    words = f"{workload['kind']} {namespace}/{name}"
    for item in scaled:
        aim = (item.get("spec") or {}).get("scaleTargetRef") or {}
        if aim.get("name") == name and aim.get("kind", "Deployment") == workload["kind"]:
            owner = item["metadata"]["name"]
            return InCharge(
                "keda",
                owner,
                f"KEDA's ScaledObject {owner} scales {words}: its bounds and triggers are changed there",
                f"kubectl -n {namespace} edit scaledobject {owner}",
            )
    for item in vertical:
        spec = item.get("spec") or {}
        aim = spec.get("targetRef") or {}
        if aim.get("name") == name and aim.get("kind") == workload["kind"] and _sets_cpu(spec):
            owner = item["metadata"]["name"]
            return InCharge(
                "vpa",
                owner,
                f"VerticalPodAutoscaler {owner} sets the CPU requests of {words}, and an autoscaler on CPU measures "
                "against them: the two would fight",
                f"kubectl -n {namespace} get verticalpodautoscaler {owner} -o yaml",
            )
    return None


def _sets_cpu(spec: Document) -> bool:
    """Whether it changes CPU requests: not in mode Off, not for memory alone."""
    if ((spec.get("updatePolicy") or {}).get("updateMode") or "Auto") == "Off":
        return False
    policies = (spec.get("resourcePolicy") or {}).get("containerPolicies") or []
    every = next((item for item in policies if item.get("containerName") == "*"), None)
    if every is None:
        return True
    return every.get("mode") != "Off" and "cpu" in (every.get("controlledResources") or ["cpu", "memory"])


def scaled_by_hand(workload: Document) -> str:
    """When somebody (kubectl scale) set the replicas last, as a clause; empty where nobody did. Pure."""
    for entry in workload["metadata"].get("managedFields") or []:
        writer = str(entry.get("manager", ""))
        if entry.get("subresource") == "scale" and not writer.startswith(_CONTROLLERS):
            return f"the replicas were set by hand ({writer}, {entry.get('time', 'at an unknown time')})"
    return ""
