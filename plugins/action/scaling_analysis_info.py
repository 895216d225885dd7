# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module of the same name, and shows a person how far it is while a source is sampled for minutes."""

from __future__ import annotations

import contextvars
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK

display = Display()
EVERY_SECONDS = 15.0


class ActionModule(ActionBase):
    """The action; everything but the progress is the module's."""

    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        seconds = float(self._task.args.get("window_seconds") or 0)
        name = "aiops.kubernetes.scaling_analysis_info"
        context, started = contextvars.copy_context(), SYSTEM_CLOCK.monotonic()
        with ThreadPoolExecutor(max_workers=1) as background:
            running = background.submit(context.run, self._execute_module, name, task_vars=task_vars)
            while True:
                try:
                    running.result(EVERY_SECONDS)
                    break
                except NotYet:
                    spent = SYSTEM_CLOCK.monotonic() - started
                    # Without Prometheus the window is sampled, which takes as long as it is.
                    display.display(f"  looking at the load: {_words(spent)} of at most {_words(max(seconds, spent))}")
            return {**result, **running.result()}


def _words(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
