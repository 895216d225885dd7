# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pushes the records that wait in the folder to their Git repository."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, outbox, shipping
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings

display = Display()
NOT_SET = (
    "no Git repository is set: give git_remote in the section [aiops_records] of ansible.cfg, or "
    "AIOPS_RECORD_GIT_REMOTE, and enable the callback aiops.kubernetes.phr"
)


class ActionModule(ActionBase):
    """The action; a run does the same when it has ended."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        self.validate_argument_spec({})
        if live.problem():
            return {**result, "failed": True, "msg": live.problem()}
        settings = live.settings()
        if not settings.get("git"):
            return {**result, "failed": True, "msg": NOT_SET}
        git, folder = GitSettings(**settings["git"]), live.folder()
        waiting = outbox.waiting(folder)
        if self._task.check_mode or not waiting:
            display.display(f"{len(waiting)} records wait in {folder} to be pushed to {git.remote}")
            return {**result, "changed": bool(waiting), "waiting": [str(item) for item in waiting]}
        shipped = shipping.ship(folder, git, str(settings.get("templates") or ""))
        for line in shipping.said(shipped, git):
            display.display(line, color=None if line.startswith("Pushed") else "red")
        left = [str(item) for item in shipped.waiting]
        values = {**result, "changed": bool(shipped.places), "waiting": left, "pushed": shipped.places}
        return {**values, "failed": True, "msg": shipped.problem} if shipped.problem else values
