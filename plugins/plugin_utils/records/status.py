# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run's events say about where it stands: one of the statuses of the record (pure)."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event, ends_sealed

STATUSES = frozenset(
    [
        *("open", "waiting", "applying", "monitoring", "held", "done", "refused", "rejected", "expired", "aborted"),
        *("failed", "rolled-back", "interrupted"),
    ]
)
_DECISIONS = {
    "approved": "open",
    "rejected": "rejected",
    "expired": "expired",
    "aborted": "aborted",
    "unavailable": "waiting",
}
# A failure that follows these is the run ending as it should (a role ends a rescue with `fail`).
_KEPT_ON_FAILURE = frozenset({"rolled-back", "refused", "held"})
# A run that dies in these is not half-done: somebody else may go on, or there is nothing to go on with.
_KEPT_ON_INTERRUPTION = frozenset(
    {"monitoring", "done", "held", "refused", "rejected", "expired", "aborted", "rolled-back", "waiting"}
)


def _after(status: str, event: Event) -> str:
    body = event.body
    said = body.get("status")
    if isinstance(said, str) and said in STATUSES:
        return said
    if event.event == "failed":
        return status if status in _KEPT_ON_FAILURE else "failed"
    if event.event == "decided":
        return _DECISIONS.get(str(body.get("decision")), "waiting")
    rule = _RULES.get(event.event)
    return rule(body) if rule else status


def _validated(body: dict[str, Any]) -> str:
    return "monitoring" if body.get("ok") is True else "failed"


_RULES: dict[str, Callable[[dict[str, Any]], str]] = {
    "opened": lambda body: "open",
    "resumed": lambda body: "open",
    "planned": lambda body: "open",
    "asked": lambda body: "open",
    "applying": lambda body: "applying",
    "applied": lambda body: "applying",
    "validated": _validated,
    "monitored": lambda body: "done" if body.get("ok") is True else "failed",
    "verified": lambda body: "done" if body.get("ok") is True else "failed",
    "rolling-back": lambda body: "applying",
    "rolled-back": lambda body: "rolled-back" if body.get("ok", True) is True else "failed",
    "refused": lambda body: "refused",
}


def standing(events: Sequence[Event]) -> str:
    """The status that the events lead to, whether or not the run still goes on.

    An event may say the status itself (`status` in its body). Where it does not, a validation or a monitoring counts as
    good only with `ok: true`. A resumed run keeps what a verification needs to know: it stays `monitoring`.
    """
    return _standing(events)[0]


def _standing(events: Sequence[Event]) -> tuple[str, str]:
    """The status, and the one that a resumed run found, as long as it has done nothing; empty otherwise."""
    status, found = "open", ""
    for event in events:
        if event.event == "resumed":
            found = status if status in _KEPT_ON_INTERRUPTION else ""
            if status in ("monitoring", "done", "rolled-back", "failed", "held"):
                continue
        elif event.event == "failed" and found:
            # It found nothing to do, or could not begin: what was there before still holds.
            status = found
            continue
        else:
            found = ""
        status = _after(status, event)
    return status, found


def at_end(events: Sequence[Event], *, failed: bool) -> str:
    """The status of a run that came to its end, `failed` as Ansible counts it."""
    status, found = _standing(events)
    if failed:
        if found:
            return found
        return status if status in _KEPT_ON_FAILURE | {"failed"} else "failed"
    if status == "open":
        # A plan that nobody decided on, or that was approved and not applied: somebody has to go on.
        return "waiting" if any(item.event == "planned" for item in events) else "done"
    if status == "applying":
        # Applied and never validated: no verdict is no good news, a later verification has to say.
        return "failed" if any(item.event == "rolling-back" for item in events) else "monitoring"
    return status


def at_interruption(events: Sequence[Event]) -> str:
    """The status of a run that was stopped from outside."""
    status = standing(events)
    return status if status in _KEPT_ON_INTERRUPTION else "interrupted"


def current(events: Sequence[Event]) -> str:
    """The status as a reader finds it: a run that ended without a seal was interrupted."""
    if ends_sealed(list(events)) or is_running(events):
        return standing(events)
    return at_interruption(events)


def process() -> dict[str, Any]:
    """Who is running, so that a later reader can tell whether it still is."""
    pid = os.getpid()
    return {"pid": pid, "started": _started(pid), "machine": _machine()}


def is_running(events: Sequence[Event]) -> bool:
    """Whether the process that last opened this journal is still there (on this machine; elsewhere: assumed so)."""
    opened = next((item.body.get("process") for item in reversed(events) if item.event in ("opened", "resumed")), None)
    if not isinstance(opened, dict) or not isinstance(opened.get("pid"), int):
        return False
    if opened.get("machine") != _machine():
        return True
    return opened.get("started") == _started(opened["pid"]) != ""


def _started(pid: int) -> str:
    """When a process was started, in clock ticks since boot (field 22 of proc_pid_stat(5)); "" where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return "" if fields[0] in ("Z", "X") else fields[19]
    except (OSError, IndexError):
        return ""


def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = ""
    return f"{platform.node()} {boot}".strip()
