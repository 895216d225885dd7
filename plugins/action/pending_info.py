# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists the plans that wait for a decision, and puts the expiry of the others into their journals."""

from __future__ import annotations

import dataclasses
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval_text, approver_options, approvers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, pending_folder

display = Display()


class ActionModule(ActionBase):
    """The action; what waits is `plugin_utils/records/pending.py`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        spec = {**approver_options.ARGUMENTS, "folder": {"type": "path", "default": ""}}
        _validated, arguments = self.validate_argument_spec(spec)
        settings = approver_options.settings_of(canonical.plain(arguments))
        if fault := approvers.fault_of(settings):
            return {**result, "failed": True, "msg": fault}
        folder = live.folder(str(arguments["folder"] or ""))
        write = not self._task.check_mode
        found, expired, unreadable = pending_folder.over(folder, settings, write=write)
        lines = approval_text.pending(found, [item.run_id for item in expired], unreadable, str(folder))
        for text, colour in lines:
            display.display(text, color=colour)
        return {
            **result,
            "changed": bool(expired),
            "pending": [dataclasses.asdict(item) for item in found],
            "expired": [item.run_id for item in expired],
            "unreadable": unreadable,
            "msg": f"{len(found)} waiting, {len(expired)} expired, {len(unreadable)} unreadable",
        }
