# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One host's run as the callback keeps it: its journal, its record, its seal. Knows nothing of Ansible."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import (
    atomic,
    git_store,
    ledger,
    live,
    names,
    outbox,
    render,
    status,
    store,
    twin,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import (
    SEALED,
    Event,
    Journal,
    ends_sealed,
    trusted_events,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.redacting import redacted

# The body of these is kept to the letter: a digest is over it. What a record shows of it is redacted.
_EXACT = frozenset({"planned"})
# How many records a new run looks back over.
_LATEST = 20
_NUMBERS_SECONDS = 2.0


@dataclass(frozen=True)
class Folder:
    """Where records go (an absolute path), the feature's folder in it, and the user's templates ("" for none).

    `git` is the repository that they are pushed to, None for none.
    """

    path: Path
    feature: str = store.DEFAULT_FEATURE
    templates: str = ""
    git: GitSettings | None = None


class Run:
    """An open journal with its record. Every method raises `RecordError` where the disk does not have what it says."""

    def __init__(self, journal: Journal, folder: Folder) -> None:
        self._journal = journal
        self._folder = folder
        self.sealed = False
        # What is wrong besides the journal itself: it stops no change, and somebody has to be told.
        self.troubles: list[str] = []

    @classmethod
    def open(cls, folder: Folder, slug: str, body: dict[str, Any]) -> Run:
        """A new journal; `body` is what is known at the start (`run_id`, `stage`, `command`, …)."""
        above = 0
        if folder.git:
            deadline = Deadline.after(_NUMBERS_SECONDS)
            above = git_store.highest_known(folder.path, folder.git, folder.feature, deadline)
        run = cls(store.create(folder.path, folder.feature, slug, above), folder)
        run.add("opened", {**body, "feature": folder.feature, "process": status.process()})
        run._enter("opened")
        return run

    @classmethod
    def resume(cls, folder: Folder, reference: str, body: dict[str, Any]) -> Run:
        """Go on in an earlier journal, named by path, number or run id."""
        run = cls(Journal.open(store.find(reference, folder.path)), folder)
        run.add("resumed", {**body, "process": status.process()})
        run._enter("")
        return run

    @property
    def events(self) -> list[Event]:
        """All events so far."""
        return self._journal.events

    @property
    def journal_path(self) -> Path:
        """The journal's absolute path."""
        return self._journal.path.absolute()

    @property
    def record_path(self) -> Path:
        """The record's absolute path."""
        return names.record_path(self.journal_path, self._opened("stage"))

    @property
    def run_id(self) -> str:
        """The id of the run that opened the journal."""
        return self._opened("run_id")

    def _opened(self, key: str) -> str:
        events = self._journal.events
        return str(events[0].body.get(key) or "run") if events else "run"

    def add(self, name: str, body: dict[str, Any]) -> None:
        """Append an event and render the record anew."""
        self.append(name, body)
        self.write_record()

    def append(self, name: str, body: dict[str, Any]) -> None:
        """Append an event (redacted, apart from a plan), on disk before this returns."""
        values = canonical.plain(body)
        self._journal.append(name, values if name in _EXACT else redacted(values))

    def seal(self, *, failed: bool, counts: dict[str, Any]) -> str:
        """End the run; returns its status."""
        return self._seal(status.at_end(self.events, failed=failed), {"counts": counts})

    def interrupt(self, reason: str) -> str:
        """End the run because it was stopped from outside; returns its status."""
        last = self.events[-1].event if self.events else ""
        return self._seal(status.at_interruption(self.events), {"interrupted": reason, "last_event": last})

    def _seal(self, ends: str, body: dict[str, Any]) -> str:
        self.sealed = True
        self.add(SEALED, {**body, "status": ends})
        self._enter("sealed")
        self._journal.close()
        return ends

    def _enter(self, name: str) -> None:
        """Have the ledger hold the journal as it is now, and mark it to be pushed."""
        try:
            enter(self.journal_path, self.events, name, to_push=self._folder.git is not None)
        except RecordError as error:
            self.troubles.append(str(error))
            self.add("note", {"text": str(error)})

    def write_record(self) -> None:
        """Render the record and replace it."""
        write_record(self.journal_path, self.events, status.standing(self.events), self._folder.templates)

    def published(self) -> live.Open:
        """What tasks need to know about this journal."""
        return live.Open(
            str(self.journal_path),
            str(self.record_path),
            self.run_id,
            self._journal.head,
            str(self._folder.path.absolute()),
            self._folder.templates,
            asdict(self._folder.git) if self._folder.git else {},
        )


def write_record(journal: Path, events: list[Event], ends: str, templates: str = "") -> Path:
    """Render the record of a journal and replace it atomically; raises `RecordError`."""
    path = names.record_path(journal, str(events[0].body.get("stage") or "run") if events else "run")
    try:
        text = render.render(events, ends, journal, templates)
        atomic.replace_file(path, text)
        twin.write(path, events, text)
    except OSError as error:
        raise RecordError(f"the record {path} cannot be written: {error.strerror}") from None
    return path


def add_to(journal: Path, name: str, body: dict[str, Any], templates: str = "", *, to_push: bool = False) -> None:
    """Chain an event to a journal that another run wrote, and render its record anew.

    Behind a seal it is an addendum: the ledger holds it, and with `to_push` it is marked to be pushed. Raises
    `RecordError`; `LedgerTrouble` only when everything else was done.
    """
    opened = Journal.open(journal)
    try:
        opened.append(name, redacted(canonical.plain(body)))
        write_record(journal, opened.events, status.current(opened.events), templates)
        if ends_sealed(opened.events):
            enter(journal, opened.events, "added", to_push=to_push)
    finally:
        opened.close()


def enter(journal: Path, events: list[Event], name: str, *, to_push: bool) -> None:
    """Have the ledger hold a journal as it is now (no `name`: not now), and mark it to be pushed."""
    if to_push:
        outbox.mark(journal)
    if name:
        ledger.enter(name, journal, events)


def refresh(journal: Path, templates: str = "") -> str:
    """Render a journal's record as a reader finds it now (a killed run: interrupted); returns the status."""
    events = trusted_events(journal)
    stands = status.current(events)
    write_record(journal, events, stands, templates)
    return stands


def refresh_stopped(folder: Folder) -> None:
    """Let the latest records of runs that were killed say so; damaged journals are left as they are."""
    place = folder.path / names.slug(folder.feature)
    for path in [item for item in store.journals(folder.path) if item.parent == place][-_LATEST:]:
        with contextlib.suppress(RecordError):
            events = trusted_events(path)
            if not ends_sealed(events) and not status.is_running(events):
                write_record(path, events, status.at_interruption(events), folder.templates)


def half_done(folder: Path, target: dict[str, Any], besides: Path | None = None) -> list[Path]:
    """Journals of runs on the same target that were stopped, or failed, after they began to write and before they were
    validated or rolled back. Damaged journals are left out."""
    found = []
    for path in store.journals(folder):
        if besides is not None and path.absolute() == besides.absolute():
            continue
        try:
            events = trusted_events(path)
        except RecordError:
            continue
        if status.current(events) in ("interrupted", "failed") and _writes_to(events, target):
            found.append(path)
    return found


def planned_target(events: list[Event]) -> dict[str, Any]:
    """The target of the last plan, empty where nothing was planned."""
    plans = [item.body.get("target") for item in events if item.event == "planned"]
    return plans[-1] if plans and isinstance(plans[-1], dict) else {}


def _writes_to(events: list[Event], target: dict[str, Any]) -> bool:
    wrote = any(item.event in ("applying", "rolling-back") for item in events)
    known = planned_target(events)
    return wrote and all(known.get(key) == target.get(key) for key in ("cluster", "kind", "namespace", "name"))
