# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists the plans that wait for a decision, and puts the expiry of the others into their journals."""

from __future__ import annotations

import dataclasses
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import callback_loader
from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval_text, approver_options, approvers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, pending_folder

display = Display()
CALLBACK = "aiops.kubernetes.phr"


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
        folder = live.folder(str(arguments["folder"] or _of_the_callback("folder")))
        templates = _of_the_callback("templates")
        write = not self._task.check_mode
        found, expired, unreadable = pending_folder.over(folder, settings, templates, write=write)
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


def _of_the_callback(option: str) -> str:
    """A setting of the callback that keeps the records; this play has no record of its own that would tell."""
    # Ansible knows a plugin's settings by the name that it gave the plugin when it loaded it.
    name = callback_loader.get(CALLBACK, class_only=True)._load_name
    return str(constants.config.get_config_value(option, plugin_type="callback", plugin_name=name) or "")
