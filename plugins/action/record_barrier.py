# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Confirms, before anything is written to a cluster, that the plan and its approval are in the journal on disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval, approver_options
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import deciding, proving
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import barrier, live, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing import signed_decision


class ActionModule(ActionBase):
    """The action; what clears a plan is `plugin_utils/records/barrier.py`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        spec = {**approver_options.ARGUMENTS, "plan": {"type": "dict", "required": True}}
        _validated, arguments = self.validate_argument_spec(spec)
        plan = canonical.plain(arguments["plan"])
        plain = canonical.plain({**arguments, "plan": None})
        settings, signers = approver_options.settings_of(plain), approver_options.signers_of(plain)

        def signed(item: dict[str, Any], events: Sequence[Event]) -> str:
            about = approval.about(events[0].body, [event.body for event in events if event.event == "decided"], plan)
            return signed_decision.why_not_proved(item, about, signers)

        def by_awx(item: dict[str, Any], events: Sequence[Event]) -> str:
            return proving.why_not_proved(item, os.environ, task_vars or {}, plan)

        try:
            opened = live.current(str((task_vars or {}).get("inventory_hostname") or ""))
            proofs = {signed_decision.STRENGTH: signed, deciding.IDENTITY: by_awx}
            decision = barrier.clear(opened, plan, times.now(), settings, proofs, write=not self._task.check_mode)
        except RecordError as error:
            return {**result, **_held_back(str(error))}
        return {
            **result,
            "changed": False,
            "digest": plan["digest"],
            "decision": decision,
            "journal": opened.journal,
            "record": opened.record,
            "run_id": opened.run_id,
        }


def _held_back(reason: str) -> dict[str, Any]:
    message = f"Nothing was written: {reason}"
    return {
        "failed": True,
        "changed": False,
        "msg": message,
        "aiops_events": [{"event": "refused", "body": {"message": message}}],
    }
