# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds a record and returns what its journal holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import handing
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, names, recent, status, store, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import run as record_run
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event, trusted_events


class ActionModule(ActionBase):
    """The action; it reads only."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(
            {
                "record": {"type": "str", "default": ""},
                "folder": {"type": "path", "default": ""},
                "target": {"type": "dict", "default": {}},
                "packed": {"type": "bool", "default": False},
            }
        )
        host = str((task_vars or {}).get("inventory_hostname") or "")
        try:
            folder = live.folder(str(arguments["folder"] or ""))
            named = str(arguments["record"])
            journal = store.find(named, folder) if named else Path(live.current(host).journal)
            found = _found(journal, trusted_events(journal))
            target = canonical.plain(arguments["target"])
            half = record_run.half_done(folder, target, journal) if target else []
            restarts = recent.restarts(folder, target, times.now()) if target else []
            packed = {"packed": handing.pack(journal)} if arguments["packed"] else {}
        except RecordError as error:
            return {**result, "failed": True, "msg": str(error)}
        return {
            **result,
            "changed": False,
            **found,
            **packed,
            "half_done": [_half(item) for item in half],
            "restarts": restarts,
        }


def _half(journal: Path) -> str:
    return store.run_id_of(journal) or str(journal)


def _found(journal: Path, events: list[Event]) -> dict[str, Any]:
    opened = events[0].body
    stands = status.current(events)
    return {
        "journal": str(journal.absolute()),
        "record": str(names.record_path(journal.absolute(), str(opened.get("stage") or "run"))),
        "run_id": str(opened.get("run_id") or ""),
        "stage": str(opened.get("stage") or ""),
        "status": stands,
        "ends_as": status.at_end(events, failed=False),
        "plan": _last(events, "planned"),
        "decision": _last(events, "decided"),
        "diagnosis": _last(events, "diagnosed"),
        "applied": _last(events, "applied"),
        "events": [{"seq": item.seq, "time": item.time, "event": item.event, "body": item.body} for item in events],
    }


def _last(events: list[Event], name: str) -> dict[str, Any]:
    return next((item.body for item in reversed(events) if item.event == name), {})
