# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the journal of this run sealed before the run's end, so that it can be handed over as it will stay."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError


class ActionModule(ActionBase):
    """The action; the callback seals."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        self.validate_argument_spec({})
        try:
            opened = live.current(str((task_vars or {}).get("inventory_hostname") or ""))
        except RecordError as error:
            return {**result, "failed": True, "changed": False, "msg": str(error)}
        return {**result, "changed": False, "aiops_seal": True, "journal": opened.journal}
