# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module of the same name, and shows a person how far it is while a source is sampled for minutes."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.modules import scaling_analysis_info
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.in_controller import execute
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.progress import with_progress, words


class ActionModule(ActionBase):
    """The action; everything but the progress is the module's."""

    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        window = float(self._task.args.get("window_seconds") or 0)

        def analyse() -> dict[str, Any]:
            return execute(self, scaling_analysis_info.main, "scaling_analysis_info", self._task.args, task_vars or {})

        def line(spent: float) -> str:
            # Without Prometheus the window is sampled, which takes as long as it is.
            return f"looking at the load: {words(spent)} of at most {words(max(window, spent))}"

        return {**result, **with_progress(analyse, line)}
