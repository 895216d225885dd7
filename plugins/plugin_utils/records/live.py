# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the callback says which journal is open, and where tasks read it: the environment of the controller.

`AIOPS_RECORD` is the journal's path when the play has one host; `AIOPS_RECORDS` is JSON with one entry a host;
`AIOPS_RECORD_ERROR` is set as soon as anything could not be recorded. Workers are forked from the process that sets
them, so every task sees what was true when it started.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError

RECORD = "AIOPS_RECORD"
RECORDS = "AIOPS_RECORDS"
ERROR = "AIOPS_RECORD_ERROR"
FOLDER = "AIOPS_RECORD_FOLDER"
NOT_ENABLED = (
    "no record is open for this run: enable the callback aiops.kubernetes.phr (callbacks_enabled in ansible.cfg or "
    "ANSIBLE_CALLBACKS_ENABLED) and give the play the variable aiops_story"
)


@dataclass(frozen=True)
class Open:
    """An open journal and its record (paths), the run's id, the hash of its last event, the folders of the settings."""

    journal: str
    record: str
    run_id: str
    head: str
    folder: str
    templates: str = ""


def publish(runs: Mapping[str, Open], error: str) -> None:
    """Say which journals are open, by host, and what went wrong so far ("" if nothing)."""
    paths = [item.journal for item in runs.values()]
    _set(RECORD, paths[0] if len(paths) == 1 else "")
    _set(RECORDS, json.dumps({host: asdict(item) for host, item in runs.items()}) if runs else "")
    _set(ERROR, error)


def forget() -> None:
    """Forget what the environment brought along from outside: it is about another run."""
    for name in (RECORD, RECORDS, ERROR):
        os.environ.pop(name, None)


def _set(name: str, value: str) -> None:
    if value:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)


def current(host: str) -> Open:
    """The journal that is open for a host; raises `RecordError` with what to do where there is none."""
    try:
        return Open(**json.loads(os.environ[RECORDS])[host])
    except (KeyError, ValueError, TypeError):
        why = problem()
        raise RecordError(f"no record is open for this run: {why}" if why else NOT_ENABLED) from None


def problem() -> str:
    """What could not be recorded so far, "" if nothing."""
    return os.environ.get(ERROR, "")


def folder(setting: str = "") -> Path:
    """The folder of records: as given, as the callback uses it, as the environment says, or the default."""
    from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.store import DEFAULT_FOLDER

    if setting:
        return Path(setting).expanduser()
    try:
        known = [item["folder"] for item in json.loads(os.environ.get(RECORDS, "{}")).values()]
    except (ValueError, TypeError, KeyError):
        known = []
    return Path(known[0] if known else os.environ.get(FOLDER) or DEFAULT_FOLDER).expanduser()
