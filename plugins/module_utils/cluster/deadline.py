# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A moment by which one or many calls have to be over."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock


@dataclass(frozen=True)
class Deadline:
    """Shared by as many calls and threads as one likes; each takes what is left of it."""

    at: float
    clock: Clock = SYSTEM_CLOCK

    @classmethod
    def after(cls, seconds: float, clock: Clock = SYSTEM_CLOCK) -> Deadline:
        """The deadline that many seconds from now."""
        return cls(clock.monotonic() + seconds, clock)

    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.at - self.clock.monotonic())

    @property
    def expired(self) -> bool:
        """True once no time is left."""
        return self.remaining() <= 0

    def sooner(self, seconds: float) -> Deadline:
        """This deadline, or the one that many seconds from now, whichever comes first."""
        return Deadline(min(self.at, self.clock.monotonic() + seconds), self.clock)
