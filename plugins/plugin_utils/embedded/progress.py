# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tells a person what is being done while they wait: component, step, time so far."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock


class Progress:
    """Prints `[ 12s] etcd: compiling` lines through the given function; `quiet_seconds` spaces repeated ones."""

    def __init__(self, say: Callable[[str], None], quiet_seconds: float = 15.0, clock: Clock = SYSTEM_CLOCK) -> None:
        self._say = say
        self._clock = clock
        self._started = clock.monotonic()
        self._quiet = quiet_seconds
        self._last_said = 0.0

    @property
    def seconds(self) -> float:
        return self._clock.monotonic() - self._started

    def step(self, component: str, text: str) -> None:
        self._last_said = self._clock.monotonic()
        minutes, seconds = divmod(int(self.seconds), 60)
        self._say(f"[{minutes:2d}:{seconds:02d}] {component}: {text}")

    def still(self, component: str, text: str) -> None:
        """As `step`, but silent while something was said lately."""
        if self._clock.monotonic() - self._last_said >= self._quiet:
            self.step(component, text)
