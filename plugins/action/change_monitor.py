# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Watches a change for a while, shows how it does, and lets a person at the terminal stop watching."""

from __future__ import annotations

import contextvars
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.modules import change_observe
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import person
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.in_controller import execute
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.watch import Watch

display = Display()
# A look takes about a second; it is begun so long before its line is due, while the terminal waits for Ctrl-C.
_LOOK_SECONDS = 2.0
_CTRL_C = (b"\x03",)
_OWN = ("plan", "baseline", "seconds", "interval_seconds")


class ActionModule(ActionBase):
    """The action; what the looks amount to is `plugin_utils/watch.py`."""

    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        self._variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(ARGUMENTS)
        given = canonical.plain({name: self._task.args[name] for name in self._task.args if name not in _OWN})
        self._look_with = {**given, "plan": canonical.plain(arguments["plan"])}
        self._at_terminal = not person.nobody(os.environ, self._variables)
        self._stopped = threading.Event()
        watch = Watch(canonical.plain(arguments["baseline"]))
        interrupted = False
        try:
            self._watch(watch, arguments["seconds"], max(1.0, arguments["interval_seconds"]))
        except AnsiblePromptInterrupt:
            interrupted = True
        outcome, seen = watch.verdict(interrupted=interrupted)
        return {
            **result,
            "changed": False,
            "outcome": outcome,
            "seen": seen,
            "samples": watch.samples,
            "metrics": watch.metrics,
            "looks": watch.looks,
            "aiops_events": watch.events(interrupted=interrupted),
        }

    def _watch(self, watch: Watch, seconds: float, interval: float) -> None:
        ends = SYSTEM_CLOCK.monotonic() + seconds
        shown = f"\nMonitoring for {_words(seconds)}. Ctrl-C stops the watching, not the change."
        pause = min(1.0, seconds)
        with ThreadPoolExecutor(max_workers=1) as background:
            while True:
                context = contextvars.copy_context()
                look: Future[dict[str, Any]] = background.submit(
                    context.run, self._look, watch, max(0.0, pause - _LOOK_SECONDS)
                )
                try:
                    self._wait(shown, pause)
                except AnsiblePromptInterrupt:
                    self._stopped.set()
                    raise
                shown = "  " + watch.add(look.result(), _time_of_day(), SYSTEM_CLOCK.monotonic())
                left = ends - SYSTEM_CLOCK.monotonic()
                if watch.regression or left <= 0:
                    display.display(shown)
                    return
                pause = min(interval, left)

    def _look(self, watch: Watch, delay: float) -> dict[str, Any]:
        if self._stopped.wait(delay):
            return {}
        arguments = {
            **self._look_with,
            "baseline": watch.baseline,
            "unavailable_for_seconds": watch.short_for(SYSTEM_CLOCK.monotonic()),
        }
        return execute(self, change_observe.main, "change_observe", arguments, self._variables)

    def _wait(self, text: str, seconds: float) -> None:
        """Show a text and wait; at a terminal Ctrl-C raises `AnsiblePromptInterrupt` and other keys do nothing."""
        if self._at_terminal:
            try:
                display.prompt_until(text, private=True, seconds=seconds, interrupt_input=_CTRL_C, complete_input=())
                return
            except AnsiblePromptNoninteractive:
                self._at_terminal = False
        display.display(text)
        SYSTEM_CLOCK.sleep(seconds)


ARGUMENTS: dict[str, dict[str, Any]] = {
    **auth_argument_spec(),
    "plan": {"type": "dict", "required": True},
    "baseline": {"type": "dict", "required": True},
    "seconds": {"type": "float", "default": 3600.0},
    "interval_seconds": {"type": "float", "default": 60.0},
}


def _time_of_day() -> str:
    return times.rfc3339(times.now())[11:19]


def _words(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return " ".join(f"{count} {unit}" for count, unit in ((minutes, "min"), (rest, "s")) if count) or "0 s"
