# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan of a remedy that evicts (or, being bare, deletes) one pod and writes no field."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    applying,
    owners,
    recency,
    restart_pod,
    tiers,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.assembling import Order, assembled, field_value
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import (
    Draft,
    Plan,
    Precondition,
    Rollback,
    Validation,
    Write,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document


def exact(client: Client, order: Order, pod: Document, draft: Draft) -> Plan:
    """The plan; a disruption budget that forbids the eviction raises `ClusterError` (TooManyRequests)."""
    ref = workloads.ref_of(pod)
    controller = owners.controller_of(pod)
    if controller is None:
        applying.refuse_without_permission(client, ref)
    else:
        client.evict(ref, dry_run=True)
    workload = workloads.workload_of(client, pod)
    pods = workloads.pods_of(client, workload) if workload else []
    context = tiers.TierContext(
        advisor=order.advisor,
        pod_replaced=restart_pod.is_replaced(pod),
        recent_replacement=recency.recent_replacement(order.clock.now(), order.settings.recent_restarts, pods or [pod]),
    )
    writes = [Write("1", "evict" if controller else "delete", ref)]
    tier = tiers.tier_of(writes, context, tiers.floor_of(order.settings, order.remedy))
    tier = order.raised(tier, pod, *([workload] if workload else []))
    replaced_by = f"(a new pod of {controller['kind']} {controller['name']})" if controller else "(none)"
    return assembled(
        order,
        draft,
        target=order.target(pod),
        writes=writes,
        preconditions=[Precondition(ref, [field_value(pod, path) for path in draft.relies_on])],
        diff=f"--- pod/{ref.name} now\n+++ pod/{ref.name} then\n-{ref.name}\n+{replaced_by}\n",
        tier=tier,
        rollback=Rollback(False, tiers.ROLLBACK_SECONDS[tier.level], draft.rollback_note),
        validation=Validation(
            order.settings.validate_seconds,
            order.settings.settle_seconds,
            draft.checks,
            workloads.ref_of(workload) if workload else ref,
        ),
        owner=owners.NOBODY
        if restart_pod.is_replaced(pod)
        else owners.owner_of(pod, write_owned=order.settings.write_owned),
        warnings=draft.warnings,
    )
