# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes one page over all clusters of a run and tells a person which are worst."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, rfc3339
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.displaying import show
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import saying
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.fleet_folder import Host, publish_fleet
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.folder import DEFAULT_FOLDER
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.page import TITLES


class ActionModule(ActionBase):
    """The action; what it does is `plugin_utils/reports/fleet_folder.py`, what it says `saying.py`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(
            {
                "story": {"type": "str", "required": True, "choices": sorted(TITLES)},
                "hosts": {"type": "list", "elements": "str", "required": True},
                "groups": {"type": "dict", "default": {}},
                "reports": {"type": "dict", "default": {}},
                "problems": {"type": "dict", "default": {}},
                "folder": {"type": "path", "default": DEFAULT_FOLDER},
            }
        )
        given = canonical.plain(arguments)
        folder = Path(given["folder"]).expanduser()
        hosts = [
            Host(
                name,
                [str(group) for group in given["groups"].get(name) or ()],
                str(given["reports"].get(name) or ""),
                str(given["problems"].get(name) or ""),
            )
            for name in given["hosts"]
        ]
        try:
            report = publish_fleet(given["story"], rfc3339(SYSTEM_CLOCK.now()), hosts, folder)
        except OSError as error:
            message = f"the page of the fleet cannot be written to {folder}: {error.strerror or error}"
            return {**result, "failed": True, "msg": f"{message}; set another folder"}
        show(saying.fleet_lines(report))
        summary = report["summary"]
        return {**result, "changed": False, "files": report["files"], "failed_hosts": summary["failed"]}
