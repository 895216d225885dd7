# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One thing that setup looked at, and what a person does about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

# works: seen to work; fails: there and does not work; missing: not there; unknown: nobody could tell.
WORKS, FAILS, MISSING, UNKNOWN = "works", "fails", "missing", "unknown"
_EVERY_SECONDS = 1.0
_LOOK_SECONDS = 10.0


@dataclass(frozen=True)
class Check:
    """`part` is the tool, `what` the thing of it that was looked at, `found` and `to_do` are sentences for a person."""

    part: str
    what: str
    state: str
    found: str
    to_do: str = ""


def all_work(checks: Iterable[Check]) -> bool:
    """Whether there are any and all of them work."""
    states = {check.state for check in checks}
    return states == {WORKS}


def look_until_all_work(look: Callable[[Deadline], list[Check]], deadline: Deadline) -> list[Check]:
    """Looks again and again until all work or no time is left; what was seen last."""
    while True:
        checks = look(Deadline.after(_LOOK_SECONDS, deadline.clock))
        if all_work(checks) or deadline.remaining() <= _EVERY_SECONDS:
            return checks
        deadline.clock.sleep(_EVERY_SECONDS)


def to_json(checks: Iterable[Check]) -> dict[str, Any]:
    """What a module returns: the checks, and `works`, whether all of them do."""
    listed = list(checks)
    return {"checks": [asdict(check) for check in listed], "works": all_work(listed)}
