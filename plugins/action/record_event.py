# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hands events to the journal of this run, and says where the run stands."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, status
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import (
    FIRST_PREV,
    Event,
    make_event,
    trusted_events,
)

# Those that only the callback, the approval and the barrier write are missing.
NAMES = (
    "observed",
    "diagnosed",
    "recommended",
    "planned",
    "applied",
    "validated",
    "monitored",
    "rolling-back",
    "rolled-back",
    "refused",
    "note",
    "verified",
)


class ActionModule(ActionBase):
    """The action; the callback appends what it returns."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(
            {
                "event": {"type": "str", "required": True, "choices": list(NAMES)},
                "body": {"type": "dict", "default": {}},
            }
        )
        body = canonical.plain(arguments["body"])
        said = body.get("status")
        if said is not None and said not in status.STATUSES:
            return {
                **result,
                "failed": True,
                "msg": f"status is {said!r}: use one of {', '.join(sorted(status.STATUSES))}",
            }
        events = [{"event": str(arguments["event"]), "body": body}]
        host = str((task_vars or {}).get("inventory_hostname") or "")
        return {**result, "changed": False, "aiops_events": events, **_standing(host, str(arguments["event"]), body)}


def _standing(host: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Where the run stands with this event; without an open journal, what the event alone says."""
    next_event = make_event(1, name, body, FIRST_PREV, "")
    try:
        opened = live.current(host)
        events: list[Event] = trusted_events(opened.journal)
    except RecordError as error:
        return {"status": status.at_end([next_event], failed=False), "record": "", "journal": "", "problem": str(error)}
    ends = status.at_end([*events, next_event], failed=False)
    return {"status": ends, "record": opened.record, "journal": opened.journal, "run_id": opened.run_id}
