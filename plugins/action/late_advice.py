# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Leaves somebody behind who records what advisors say after the deadline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import late, live
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError


class ActionModule(ActionBase):
    """The action; how late answers are recorded is `plugin_utils/records/late.py`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(
            {
                "folder": {"type": "path", "required": True},
                "names": {"type": "dict", "required": True},
                "within_seconds": {"type": "float", "required": True},
            }
        )
        given = canonical.plain(arguments)
        try:
            opened = live.current(str((task_vars or {}).get("inventory_hostname") or ""))
        except RecordError as error:
            return {**result, "changed": False, "skipped": True, "skip_reason": str(error)}
        late.follow_apart(opened, Path(given["folder"]), given["names"], given["within_seconds"])
        return {**result, "changed": False}
