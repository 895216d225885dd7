# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a recommendation to a plan: made exact for one target by a server-side dry run. Writes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscaler_plan,
    autoscaler_writing,
    catalogue,
    confidential,
    gated_rollout,
    plan_json,
    pod_plan,
    restore,
    workload_plan,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.assembling import Order
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import Remedy
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft, Plan, Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import checked_parameters
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target


def plan(
    client: Client,
    recommendation: Mapping[str, Any],
    target: Target,
    *,
    settings: Settings | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Plan:
    """The plan for a recommendation (`remedy, parameters, reason, expected_outcome, advisor`).

    A pod named as the target of a workload's remedy stands for its workload. Raises `RemedyError` with a sentence where
    the remedy does not fit, `NothingToChange` where the object is so already, `ClusterError` for what the API refuses.
    """
    remedy = catalogue.find(recommendation.get("remedy"))
    parameters = checked_parameters(remedy.signature, recommendation.get("parameters") or {})
    now = clock.now()

    def drafted(document: Document) -> Draft:
        return remedy.draft(client, document, parameters, now)

    document = _targeted(client, remedy, target)
    advice = {**recommendation, "parameters": parameters, "remedy": remedy.id}
    order = Order(advice, target.cluster, settings or Settings(), clock)
    return _exact(client, order, remedy, document, drafted)


def reverse(client: Client, original: Plan, *, settings: Settings | None = None, clock: Clock = SYSTEM_CLOCK) -> Plan:
    """A plan that undoes an applied one: remedy `restore`, of at least the original's tier.

    Raises `PreconditionChanged` where the object no longer holds what the original wrote.
    """
    plan_json.verify_digest(original)
    catalogue.verify_writes(original)
    remedy = catalogue.remedy_of(original)
    document = _targeted(client, remedy, original.target)
    if remedy.id == gated_rollout.REMEDY.id:
        return plan(client, gated_rollout.reversal(document, original), original.target, settings=settings, clock=clock)
    known = confidential.revealed(client, original)
    advice = {
        "remedy": restore.ID,
        "parameters": restore.parameters_of(original) | {"remedy": remedy.id},
        "advisor": "rules",
        "reason": "A person asks to undo an earlier change.",
        "expected_outcome": "Every field that the change wrote is what it was before it.",
    }
    settings = settings or Settings()
    floor = {restore.ID: max(original.tier.level, settings.tier_floor.get(restore.ID, 1))}
    settings = dataclasses.replace(settings, tier_floor={**settings.tier_floor, **floor})

    def drafted(read: Document) -> Draft:
        return restore.draft(read, known, lambda ref: workloads.read(client, ref))

    order = Order(advice, original.target.cluster, settings, clock)
    if autoscaler_writing.is_about_autoscaler(original):
        return autoscaler_plan.reversal(client, order, document, original)
    return _exact(client, order, remedy, document, drafted)


def _targeted(client: Client, remedy: Remedy, target: Target) -> Document:
    document = workloads.read(client, target.ref)
    words = workloads.words(workloads.ref_of(document))
    if target.uid and document["metadata"]["uid"] != target.uid:
        raise RemedyError(f"{words} is another object than the one diagnosed: it was made anew since")
    if target.kind not in remedy.kinds:
        above = workloads.workload_of(client, document)
        if above is None or above["kind"] not in remedy.kinds:
            raise RemedyError(f"remedy {remedy.id} acts on {', '.join(remedy.kinds)}, not on {words}")
        document = above
    if document["metadata"].get("deletionTimestamp") and document["kind"] != "Pod":
        raise RemedyError(f"{words} is being deleted")
    return document


def _exact(
    client: Client, order: Order, remedy: Remedy, document: Document, drafted: Callable[[Document], Draft]
) -> Plan:
    draft = drafted(document)
    if draft.autoscaler is not None:
        return autoscaler_plan.exact(client, order, document, drafted, draft)
    if draft.desired is None:
        return pod_plan.exact(client, order, document, draft)
    return workload_plan.exact(client, order, remedy, document, drafted, draft)
