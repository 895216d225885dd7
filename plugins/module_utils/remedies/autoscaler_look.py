# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an autoscaler that a plan wrote is there and works: it is active, and current CPU metrics arrive at it."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscaler_writing,
    autoscalers,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document


def state(client: Client, plan: Plan) -> tuple[bool, str, str]:
    """Whether it works, how far it is in words, and what failed for certain (or empty)."""
    write = autoscaler_writing.the_write(plan.writes)
    found = autoscaler_writing.read(client, write.object)
    if not found:
        return False, "", f"{workloads.words(write.object)} is gone"
    complete, progress = of_autoscaler(found)
    return complete, progress, ""


def of_autoscaler(autoscaler: Document) -> tuple[bool, str]:
    """The same of an autoscaler as read. Pure."""
    name = f"HorizontalPodAutoscaler {autoscaler['metadata']['name']}"
    active = autoscalers.condition(autoscaler, "ScalingActive")
    percent = autoscalers.current_cpu_percent(autoscaler)
    if active.get("status") == "False":
        return False, f"{name} is not active: {active.get('reason')}: {active.get('message')}"
    if percent is None or not active:
        return False, f"{name} is there, no current metrics have arrived at it yet"
    status = autoscaler.get("status") or {}
    wanted = f"it wants {status.get('desiredReplicas')} replicas, there are {status.get('currentReplicas')}"
    return True, f"{name} is active, CPU is at {percent} % of the requests, {wanted}"
