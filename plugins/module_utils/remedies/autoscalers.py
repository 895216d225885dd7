# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HorizontalPodAutoscalers as the API server has them (autoscaling/v2)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

API_VERSION: Final = "autoscaling/v2"
KIND: Final = "HorizontalPodAutoscaler"
DEFAULT_TARGET_PERCENT: Final = 70


def aim_of(workload: Mapping[str, Any]) -> dict[str, str]:
    """The scaleTargetRef that names a workload."""
    return {"apiVersion": workload["apiVersion"], "kind": workload["kind"], "name": workload["metadata"]["name"]}


def aims_at(autoscaler: Mapping[str, Any], workload: Mapping[str, Any]) -> bool:
    """Whether the autoscaler scales the workload."""
    aim = autoscaler["spec"].get("scaleTargetRef") or {}
    return bool(aim.get("kind") == workload["kind"] and aim.get("name") == workload["metadata"]["name"])


def of_workload(client: Client, workload: Mapping[str, Any]) -> Document | None:
    """The autoscaler that scales the workload, or None."""
    found = workloads.listed(client, API_VERSION, KIND, workload["metadata"].get("namespace", ""))
    return next((item for item in found if aims_at(item, workload)), None)


def cpu_metric(metrics: list[Any]) -> Mapping[str, Any] | None:
    """The metric of an autoscaler that is CPU as a share of the pods' requests, or None."""
    for metric in metrics:
        resource = metric.get("resource") or {}
        if metric.get("type") == "Resource" and resource.get("name") == "cpu":
            found: Mapping[str, Any] = resource
            return found
    return None


def cpu_target(autoscaler: Mapping[str, Any]) -> int | None:
    """Its CPU target in percent of the requests; None where it has none."""
    target = (cpu_metric(autoscaler["spec"].get("metrics") or []) or {}).get("target") or {}
    percent = target.get("averageUtilization")
    return int(percent) if percent is not None else None


def with_cpu_target(metrics: list[Any], percent: int) -> list[Any]:
    """The metrics with the CPU target set; other metrics stay as they are."""
    target = {"type": "Utilization", "averageUtilization": percent}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": target}}
    changed = copy.deepcopy(metrics)
    for number, known in enumerate(changed):
        if cpu_metric([known]):
            changed[number] = metric
            return changed
    return [*changed, metric]


def current_cpu_percent(autoscaler: Mapping[str, Any]) -> int | None:
    """CPU of its pods now, in percent of their requests, as its status has it; None before the first metrics."""
    current = cpu_metric((autoscaler.get("status") or {}).get("currentMetrics") or []) or {}
    percent = (current.get("current") or {}).get("averageUtilization")
    return int(percent) if percent is not None else None


def condition(autoscaler: Mapping[str, Any], type_: str) -> Mapping[str, Any]:
    """A condition of its status; empty where it has none of that type."""
    found = (autoscaler.get("status") or {}).get("conditions") or []
    return next((item for item in found if item.get("type") == type_), {})


def bounds(autoscaler: Mapping[str, Any]) -> str:
    """`2 to 6 replicas at 70 % CPU`."""
    spec, target = autoscaler["spec"], cpu_target(autoscaler)
    at = f" at {target} % CPU" if target is not None else ""
    return f"{spec.get('minReplicas', 1)} to {spec['maxReplicas']} replicas{at}"
