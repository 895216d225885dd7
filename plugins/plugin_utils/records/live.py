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
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError

RECORD = "AIOPS_RECORD"
SETTINGS = "AIOPS_RECORD_SETTINGS"
RECORDS = "AIOPS_RECORDS"
ERROR = "AIOPS_RECORD_ERROR"
FOLDER = "AIOPS_RECORD_FOLDER"
NOT_ENABLED = (
    "no record is open for this run: enable the callback aiops.kubernetes.phr (callbacks_enabled in ansible.cfg or "
    "ANSIBLE_CALLBACKS_ENABLED) and give the play the variable aiops_story"
)


@dataclass(frozen=True)
class Open:
    """An open journal and its record (paths), the run's id, the hash of its last event, the folders of the settings.

    `git` are the fields of `GitSettings` where records go to a repository, else empty.
    """

    journal: str
    record: str
    run_id: str
    head: str
    folder: str
    templates: str = ""
    git: dict[str, Any] = field(default_factory=dict)


def publish(runs: Mapping[str, Open], error: str) -> None:
    """Say which journals are open, by host, and what went wrong so far ("" if nothing)."""
    paths = [item.journal for item in runs.values()]
    _set(RECORD, paths[0] if len(paths) == 1 else "")
    _set(RECORDS, json.dumps({host: asdict(item) for host, item in runs.items()}) if runs else "")
    _set(ERROR, error)


def publish_settings(folder: str, templates: str, git: Mapping[str, Any]) -> None:
    """Say how the callback is set up, for actions that run without a record of their own."""
    os.environ[SETTINGS] = json.dumps({"folder": folder, "templates": templates, "git": dict(git)})


def settings() -> dict[str, Any]:
    """The callback's `folder`, `templates` and `git` (the fields of `GitSettings` or {}); {} without the callback."""
    try:
        given = json.loads(os.environ[SETTINGS])
    except (KeyError, ValueError):
        return {}
    return given if isinstance(given, dict) else {}


def forget() -> None:
    """Forget what the environment brought along from outside: it is about another run."""
    for name in (RECORD, RECORDS, ERROR, SETTINGS):
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
    return Path(str(settings().get("folder") or os.environ.get(FOLDER) or DEFAULT_FOLDER)).expanduser()
