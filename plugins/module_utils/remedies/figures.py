# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The figures of a change's workload: those of every change, and of one about scaling how it bears its load."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import load, observing, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.observing import Metrics
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan

SCALING: Final = ("set_hpa", "scale")


def is_about_scaling(plan: Plan) -> bool:
    """Whether the plan changes how many replicas there are (or its reversal does)."""
    return plan.remedy in SCALING or plan.parameters.get("remedy") in SCALING


def take(client: Client, plan: Plan, clock: Clock = SYSTEM_CLOCK) -> Metrics:
    """The figures now. Raises `ClusterError`."""
    ref = plan.validation.workload
    metrics = observing.observe(client, ref, clock=clock)
    if not is_about_scaling(plan):
        return metrics
    return dataclasses.replace(metrics, load=load_of(client, ref))


def load_of(client: Client, ref: ObjectRef) -> load.Load:
    """How a workload bears its load. Raises `ClusterError`; CPU that is not measured is unknown, no error."""
    workload = workloads.read(client, ref)
    pods = workloads.pods_of(client, workload)
    usage: dict[str, tuple[int, int]] = {}
    with contextlib.suppress(ClusterError, ValueError):
        usage = observing.usage_by_pod(client, ref.namespace, pods)
    return load.observe(client, workload, pods, {name: cpu for name, (cpu, _memory) in usage.items()})
