# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has AWX say what the gates of this job's workflow decided: when it is decided, and again right before the write.

A journal that names an approver of AWX proves nothing by itself: whoever ran the plan's job could have written it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import controller, gate, handing, workflow
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal


def proof(environ: Mapping[str, str], variables: Mapping[str, Any], plan: dict[str, Any]) -> gate.Proof:
    """What the gates decided about a plan; raises `AwxRefusal` for everything that is unclear."""
    of = workflow.ids(environ, variables)
    seen = workflow.read(controller.from_environment(environ), of)
    return gate.prove(seen, plan, canonical.plain(variables.get(handing.ARTIFACT)))


def why_not_proved(
    approval: Mapping[str, Any], environ: Mapping[str, str], variables: Mapping[str, Any], plan: dict[str, Any]
) -> str:
    """Why an approval in a journal is not (or no longer) what AWX says; "" if it is."""
    try:
        found = proof(environ, variables, plan)
    except AwxRefusal as refused:
        return str(refused)
    if found.decision != "approved":
        return f"the gates of AWX's workflow did not approve: {found.decision}"
    said = approval.get("proof")
    number = said.get("workflow_approval") if isinstance(said, Mapping) else None
    names = [item.by.name for item in found.given if item.decision == "approved" and item.number == number and item.by]
    return "" if names == [approval.get("by")] else f"AWX knows of no approval {number} by {approval.get('by')}"
