# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds a record in the folder, or fetches it from the Git repository into it: a job's folder begins empty."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import (
    git_commits,
    git_store,
    journal,
    ledger,
    names,
    outbox,
    store,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import (
    JournalAltered,
    RecordError,
    RecordNotFound,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings


def find(reference: str, folder: Path, settings: GitSettings | None) -> Path:
    """The journal that a reference names (path, number or run id), by now in the folder.

    Raises `RecordError` with what to do where it is in neither place, was altered, or the repository is away.
    """
    try:
        return store.find(reference, folder)
    except RecordNotFound:
        if settings is None or not reference.strip():
            raise
    try:
        return _fetched(reference.strip(), folder, settings)
    except OSError as error:
        raise RecordError(f"the record {reference} cannot be written to {folder}: {error.strerror}") from None


def _fetched(reference: str, folder: Path, settings: GitSettings) -> Path:
    deadline = Deadline.after(settings.wait_seconds)
    with outbox.pushing(folder, deadline):
        branch = git_store.fetched(folder, settings, deadline)
        known = git_commits.known_in(branch.ledger)
        named = [name for name, body in known.items() if name in branch.files and _is_named(reference, name, body)]
        if len(named) != 1:
            found = f"names {len(named)} records" if named else "is not"
            where = f"{redact(settings.remote)}, branch {settings.branch}"
            raise RecordNotFound(
                f"no record {reference} in {folder}, and it {found} in {where} either: give its run id"
            )
        content = git_store.content_of(folder, settings, named[0], deadline)
    events = journal.check(content).events if journal.check(content).intact else []
    if known[named[0]].get("head") not in [item.hash for item in events]:
        raise JournalAltered(f"the journal {named[0]} on the branch was altered: see docs/records.md")
    path = _kept(folder / named[0], content, str(known[named[0]].get("run_id")))
    ledger.enter("fetched", path, events)
    return path


def _kept(path: Path, content: bytes, run_id: str) -> Path:
    """The journal in the folder, by another name where a run of this folder has its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        journal.restore(path, content)
    except FileExistsError:
        path = path.with_name(names.with_own_id(path.name, run_id))
        journal.restore(path, content)
    return path


def _is_named(reference: str, name: str, body: Mapping[str, Any]) -> bool:
    file_name = name.rpartition("/")[2]
    number = names.number_of(file_name)
    return reference in (body.get("run_id"), names.id_of(file_name), name, file_name) or (
        reference.isdecimal() and int(reference) == number
    )
