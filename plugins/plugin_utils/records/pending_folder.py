# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Goes over a folder of records for what waits, and records the expiry of what has waited too long."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approvers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approval import VALID_SECONDS
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, pending, status, store, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import ends_sealed, trusted_events
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import add_to


def over(
    folder: Path, settings: approvers.Settings, *, write: bool
) -> tuple[list[pending.Waiting], list[pending.Waiting], list[str]]:
    """What waits, worst first; what was found to have expired; and the journals that cannot be trusted, with why."""
    waits, expired, unreadable = [], [], []
    for journal in store.journals(folder):
        try:
            events = trusted_events(journal)
            item = pending.waiting(events, times.now(), settings) if events else None
            if item is None:
                continue
            # A run that goes on ends its question itself.
            goes_on = not ends_sealed(events) and status.is_running(events)
            if item.seconds_left > (-VALID_SECONDS if goes_on else 0):
                waits.append(item)
                continue
            if write:
                callback = live.settings()
                templates, to_push = str(callback.get("templates") or ""), bool(callback.get("git"))
                add_to(journal, "expired", pending.expiry(item), templates, to_push=to_push)
            expired.append(item)
        except RecordError as error:
            unreadable.append(str(error))
    return pending.worst_first(waits), expired, unreadable
