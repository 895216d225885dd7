# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes a decision of the journal out of what AWX's gates decided (pure): the same rules as for every other channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval, approvers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.gate import ANEW, Given, Proof
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times

IDENTITY = "awx-user"


def decision(
    plan: dict[str, Any], proof: Proof, settings: approvers.Settings, requesters: Sequence[dict[str, Any]]
) -> approval.Decision | approval.Refusal:
    """The decision about a plan, whose digest was found right; `requesters` are those that the journal knows, the
    launcher is one more."""
    if refusal := approval.refusal_of(plan, settings):
        return refusal
    if proof.launcher is not None:
        requesters = [*requesters, approvers.Person(proof.launcher.name, identity=IDENTITY).to_json()]
    outcome: approval.Decision | approval.Refusal = approval.Refusal("nobody was asked")
    earlier: tuple[dict[str, Any], ...] = ()
    # Whatever the tier, the last gate that was asked has the last word: no approval before it outweighs its denial.
    for given in proof.given if proof.decision == "approved" else proof.given[-1:]:
        person = approvers.Person(given.by.name if given.by else "", identity=IDENTITY)
        outcome = _at_gate(
            plan, proof, given, settings, approval.Asked(given.asked_at, person, earlier, tuple(requesters))
        )
        if isinstance(outcome, approval.Refusal):
            return outcome
        earlier = tuple(outcome.approvals)
    if isinstance(outcome, approval.Decision) and proof.decision == "approved" and outcome.decision != "approved":
        return approval.Refusal(
            f"the workflow's gates are approved, and {outcome.missing}: launch the workflow for critical changes, "
            "where two people decide"
        )
    return outcome


def _at_gate(
    plan: dict[str, Any], proof: Proof, given: Given, settings: approvers.Settings, asked: approval.Asked
) -> approval.Decision | approval.Refusal:
    """What one gate's decision amounts to, after the approvals at those before it."""
    ends = approval.deadline(plan, given.asked_at, settings)
    if given.decision == "approved" and given.decided_at >= ends:
        return approval.Refusal(
            f"approval {given.number} by {asked.person.name} came too late, at {times.rfc3339(given.decided_at)}: the "
            f"time to decide ended at {times.rfc3339(ends)}; {ANEW}"
        )
    answer = _answer(plan, proof, given, asked.person, settings)
    outcome = approval.decide(plan, [answer], given.decided_at, settings, asked)
    if isinstance(outcome, approval.Question):
        return approval.Refusal(f"approval {given.number} of AWX decides nothing")
    return outcome


def _answer(
    plan: dict[str, Any], proof: Proof, given: Given, person: approvers.Person, settings: approvers.Settings
) -> approval.Answer:
    """What one gate said, as `approval` takes it; the moment is that of the decision, however late the job runs."""
    at = given.decided_at
    if given.decision == "expired":
        return approval.Answer("expired", at)
    if given.decision == "aborted":
        return approval.Answer("unavailable", at, f"AWX canceled the approval {given.number}")
    proved = approvers.Approval(
        by=person.name,
        role=approvers.role_of(approval.tier_level(plan), person, settings),
        identity=IDENTITY,
        strength=IDENTITY,
        at=times.rfc3339(at),
        digest=proof.digest,
        justification=proof.justification,
        proof={
            "workflow_job": proof.workflow_job,
            "plan_job": proof.plan_job,
            "workflow_approval": given.number,
            "user": given.by.id if given.by else None,
        },
    )
    return approval.Answer("proved", at, decision=given.decision, approval=proved)
