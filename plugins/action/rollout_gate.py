# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Watches a gated rollout with a line for each look, and releases or pauses it as its plan says."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import connection_from_params
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import plan_json, stepping
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import gate
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.outcome import Outcome
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import gate_record
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import markdown

display = Display()


class ActionModule(ActionBase):
    """The action; the watching itself is `module_utils/rollout/gate.py`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(ARGUMENTS)
        given = canonical.plain(arguments)
        try:
            plan = plan_json.from_json(given["plan"])
            plan_json.verify_digest(plan, given["digest"])
            client = _client(given)
            if given["step"]:
                return {**result, **_stepped(client, plan, given["step"])}
            display.display(f"\nWatching the first {plan.parameters.get('gate', {}).get('first_pods', '')} new pods.")
            ended = gate.run(client, plan, _say)
        except (RemedyError, ClusterError) as failed:
            return {**result, "failed": True, "msg": str(failed)}
        return {**result, **_result(ended)}


ARGUMENTS: dict[str, dict[str, Any]] = {
    **auth_argument_spec(),
    "plan": {"type": "dict", "required": True},
    "digest": {"type": "str", "required": True},
    "step": {"type": "str", "default": "", "choices": ["", "disarm"]},
}


def _client(given: dict[str, Any]) -> Client:
    return Client(
        connection_from_params(given, os.environ),
        run_id=given.get("run_id") or os.environ.get("AIOPS_RUN_ID", ""),
        timeout_seconds=given.get("timeout_seconds") or 10.0,
    )


def _stepped(client: Client, plan: Plan, name: str) -> dict[str, Any]:
    written = stepping.step(client, plan, name)
    return {"changed": written is not None, "outcome": "disarmed"}


def _result(ended: Outcome) -> dict[str, Any]:
    document = gate_record.safe(ended)
    return {"changed": True, **document, "aiops_events": gate_record.events(document)}


def _say(line: str) -> None:
    display.display("  " + redact(markdown.one_line(line, 400)))
