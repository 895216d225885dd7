# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Create or change the HorizontalPodAutoscaler (autoscaling/v2) that scales a workload by its CPU.

Of an existing one only the bounds, the CPU target and the stabilisation that are asked for change; its other metrics
stay. KEDA's autoscalers belong to their ScaledObject, so the owner's check stops those.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscaler_writing,
    autoscalers,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import BELOW, Remedy
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import SIGNATURES
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

CHECKS: Final = (
    "the HorizontalPodAutoscaler is there and active",
    "current CPU metrics arrive at it",
    "no container waits in an error state or was killed for memory",
)
# As the Kubernetes documentation has them by default; written down so that the plan shows them.
STABILIZATION_SECONDS: Final = {"scaleUp": 0, "scaleDown": 300}


def draft(client: Client, workload: Document, parameters: Mapping[str, Any], _now: datetime) -> Draft:
    """The workload's autoscaler as it should be (`autoscaler`) and as it is (`autoscaler_before`, empty: none)."""
    words = workloads.words(workloads.ref_of(workload))
    if workloads.desired_replicas(workload) == 0:
        raise RemedyError(f"{words} is scaled to 0 replicas, where an autoscaler does not act: scale it up first")
    refuse_without_requests(workload)
    before = autoscalers.of_workload(client, workload) or {}
    desired = autoscaler(workload, parameters, before)
    if before and desired["spec"] == before["spec"]:
        raise NothingToChange(f"HorizontalPodAutoscaler {desired['metadata']['name']} is so already")
    spec = desired["spec"]
    bounds = f"{spec['minReplicas']} to {spec['maxReplicas']} replicas at {autoscalers.cpu_target(desired)} % CPU"
    done = f"from {autoscalers.bounds(before)} to {bounds}" if before else f"with {bounds} of its requests"
    verb = "Set HorizontalPodAutoscaler" if before else "Create HorizontalPodAutoscaler"
    containers = [["spec", "template", "spec", "containers", {"name": name}, "resources"] for name in _main(workload)]
    return Draft(
        summary=f"{verb} {desired['metadata']['name']} of {words} {done}.",
        autoscaler=desired,
        autoscaler_before=before,
        relies_on=[*([] if before else [["spec", "replicas"]]), *containers],
        checks=list(CHECKS),
        rollback_note="The workload gets back the replicas that it has now.",
    )


def refuse_without_requests(workload: Document) -> None:
    """Raise a sentence where a container has no CPU request: utilisation is a share of the requests."""
    lacking = [name for name, container in _main(workload).items() if not _cpu_request(container)]
    if lacking:
        raise RemedyError(
            f"container {lacking[0]} of {workloads.words(workloads.ref_of(workload))} has no CPU request, so an "
            "autoscaler has nothing to measure its use against: set requests first (playbooks/optimize_resources.yml)"
        )


def _main(workload: Document) -> dict[str, Document]:
    return {item["name"]: item for item in workload["spec"]["template"]["spec"].get("containers") or []}


def _cpu_request(container: Mapping[str, Any]) -> Any:
    resources = container.get("resources") or {}
    # Without a request of its own a container gets its limit as one.
    return (resources.get("requests") or {}).get("cpu") or (resources.get("limits") or {}).get("cpu")


def autoscaler(workload: Document, parameters: Mapping[str, Any], before: Document) -> Document:
    """The autoscaler as it should be. Pure; raises a sentence for bounds that cannot be."""
    desired = copy.deepcopy(before) or _new(workload)
    spec = desired["spec"]
    spec["minReplicas"] = parameters.get("min_replicas", spec.get("minReplicas", 1))
    spec["maxReplicas"] = parameters.get("max_replicas", spec.get("maxReplicas"))
    if not 1 <= spec["minReplicas"] <= (spec["maxReplicas"] or 0):
        raise RemedyError(
            f"min_replicas {spec['minReplicas']} and max_replicas {spec['maxReplicas']} cannot be: "
            "the minimum is at least 1 and at most the maximum"
        )
    target = parameters.get("target_cpu_utilization_percent")
    if target is not None and not 1 <= target <= 100:
        raise RemedyError(f"target_cpu_utilization_percent must be from 1 to 100, not {target}")
    if target is not None:
        spec["metrics"] = autoscalers.with_cpu_target(spec.get("metrics") or [], target)
    for way, name in (("scaleUp", "scale_up_stabilization_seconds"), ("scaleDown", "scale_down_stabilization_seconds")):
        seconds = parameters.get(name, None if before else STABILIZATION_SECONDS[way])
        if seconds is not None:
            _stabilize(spec, way, seconds)
    return desired


def _stabilize(spec: Document, way: str, seconds: int) -> None:
    if seconds > 3600:
        raise RemedyError(f"a stabilisation of {seconds} s cannot be: Kubernetes takes at most 3600")
    behavior = {**(spec.get("behavior") or {})}
    behavior[way] = {**(behavior.get(way) or {}), "stabilizationWindowSeconds": seconds}
    spec["behavior"] = behavior


def _new(workload: Document) -> Document:
    metadata = workload["metadata"]
    return {
        "apiVersion": autoscalers.API_VERSION,
        "kind": autoscalers.KIND,
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "labels": {"app.kubernetes.io/managed-by": "aiops.kubernetes"},
        },
        "spec": {
            "scaleTargetRef": autoscalers.aim_of(workload),
            "metrics": autoscalers.with_cpu_target([], autoscalers.DEFAULT_TARGET_PERCENT),
        },
    }


REMEDY = Remedy(
    SIGNATURES[autoscaler_writing.ID],
    (("spec", frozenset({"minReplicas", "maxReplicas", "metrics"})), ("spec", "behavior", BELOW)),
    draft,
    changes_template=False,
)
