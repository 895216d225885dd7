# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Waits until something is so."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline


def until(ask: Callable[[], bool], deadline: Deadline, every_seconds: float) -> bool:
    """Whether `ask` says yes by the deadline; it is asked at least once."""
    while not ask():
        if deadline.expired:
            return False
        deadline.clock.sleep(every_seconds)
    return True


def until_reached(count: Callable[[], int], wished: int, deadline: Deadline, none_more_seconds: float) -> int:
    """The count once it has reached what is wished, or when it is not higher than ever for a while, or at the deadline.

    It is asked for every second.
    """
    highest, patience = -1, deadline
    while (now := count()) < wished:
        if now > highest:
            highest, patience = now, deadline.sooner(none_more_seconds)
        if patience.expired:
            break
        deadline.clock.sleep(1)
    return now
