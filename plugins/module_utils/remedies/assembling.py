# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The last step of planning, the same for every remedy: windows, times, preconditions, digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    catalogue,
    changes,
    confidential,
    paths,
    plan_json,
    tier_raises,
    tiers,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import (
    Draft,
    FieldValue,
    Plan,
    Precondition,
    Settings,
    Tier,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target


@dataclass(frozen=True)
class Order:
    """What is asked for: the recommendation with checked parameters, in which cluster, by which settings and clock."""

    advice: Mapping[str, Any]
    cluster: str
    settings: Settings
    clock: Clock

    @property
    def remedy(self) -> str:
        """The remedy's id."""
        return str(self.advice["remedy"])

    @property
    def advisor(self) -> str:
        """Who advised it; one that does not say so is not the rules."""
        return str(self.advice.get("advisor") or "unknown")

    def raised(self, tier: Tier, *documents: Document) -> Tier:
        """The tier as the settings raise it for where the (first) object is, and for labels of any of them."""
        return tier_raises.applied(tier, self.settings.tier_raises, self.cluster, documents)

    def target(self, document: Document) -> Target:
        """The plan's target."""
        ref = workloads.ref_of(document)
        return Target(self.cluster, ref.api_version, ref.kind, ref.namespace, ref.name, ref.uid)


def assembled(order: Order, draft: Draft, *, tier: Tier, **parts: Any) -> Plan:
    """The whole plan with its digest; a remedy that would write more than it may fails here."""
    now, window = order.clock.now(), tiers.window_seconds(tier, order.settings)
    made = Plan(
        remedy=order.remedy,
        parameters=dict(order.advice["parameters"] if draft.parameters is None else draft.parameters),
        advisor=order.advisor,
        reason=str(order.advice.get("reason") or ""),
        expected_outcome=str(order.advice.get("expected_outcome") or ""),
        summary=draft.summary,
        tier=tier,
        created_at=rfc3339(now),
        expires_at=rfc3339(now + timedelta(seconds=window or tiers.TRIVIAL_PLAN_SECONDS)),
        decision_window_seconds=window,
        **parts,
    )
    catalogue.verify_writes(made)
    return plan_json.with_digest(made)


def precondition(document: Document, operations: list[changes.Operation], draft: Draft) -> Precondition:
    """The object's uid and every field that the operations write or the draft relies on, as they are now."""
    held = [["spec", "paused"]] if document["kind"] == "Deployment" else []
    fields: dict[str, FieldValue] = {}
    for path in [*[operation["path"] for operation in operations], *draft.relies_on, *held]:
        field = field_value(document, path)
        fields.setdefault(paths.text(field.path), field)
    for path in draft.relies_on_digest:
        value = paths.read(document, path)
        fields.setdefault(paths.text(path), FieldValue(list(path), sha256=canonical.sha256(value)))
    return Precondition(workloads.ref_of(document), list(fields.values()))


def field_value(document: Document, path: paths.Path) -> FieldValue:
    """A field as it is now; of one that holds a secret, the digest of the whole template."""
    value = paths.read(document, path)
    if confidential.is_confidential(path, value):
        template = paths.read(document, confidential.TEMPLATE)
        return FieldValue(list(confidential.TEMPLATE), sha256=canonical.sha256(template))
    return FieldValue(list(path), absent=True) if value is paths.ABSENT else FieldValue(list(path), value)
