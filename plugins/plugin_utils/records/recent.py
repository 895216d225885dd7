# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which pods of a workload were restarted lately, as the records tell: a restart without a person is rationed."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import store, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event, trusted_events

WITHIN = timedelta(minutes=10)


def restarts(folder: Path, workload: dict[str, Any], now: datetime) -> list[str]:
    """Times (RFC 3339) at which a run began to restart a pod of this workload, in the last 10 minutes.

    A journal that was written lately and is damaged counts as a restart now: what it held is not known.
    """
    found = []
    for path in store.journals(folder):
        if os.path.getmtime(path) < (now - WITHIN).timestamp():
            continue
        try:
            found += _restarts(trusted_events(path), workload)
        except RecordError:
            found.append(times.rfc3339(now))
    return found


def _restarts(events: list[Event], workload: dict[str, Any]) -> list[str]:
    plan: dict[str, Any] = {}
    found = []
    for event in events:
        if event.event == "planned":
            plan = event.body
        elif event.event == "applying" and plan.get("remedy") == "restart_pod" and _is_of(plan, workload):
            found.append(event.time)
    return found


def _is_of(plan: dict[str, Any], workload: dict[str, Any]) -> bool:
    watched = (plan.get("validation") or {}).get("workload") or {}
    return all(watched.get(key) == workload.get(key) for key in ("kind", "namespace", "name"))
