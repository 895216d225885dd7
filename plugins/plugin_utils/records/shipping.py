# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends records to their Git repository: those of this run and whatever earlier runs could not push."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import (
    front_matter,
    git_commits,
    git_store,
    journal,
    outbox,
    status,
    view,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_commits import Branch, Outgoing
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import write_record

COMMAND: Final = "ansible-playbook playbooks/push_records.yml"
# A run on another machine that has written nothing for so long is taken for dead.
_DEAD_AFTER_SECONDS: Final = 86_400


@dataclass(frozen=True)
class Shipped:
    """What became of the records that had to go: `places` on the branch by journal, and those that still wait.

    `problem` says why some wait, `trouble` what is wrong with what was pushed all the same; both are "" where nothing.
    """

    places: dict[str, str] = field(default_factory=dict)
    waiting: tuple[Path, ...] = ()
    problem: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class _Taken:
    path: Path
    content: bytes
    events: Sequence[journal.Event]
    intact: bool

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"


def ship(folder: Path, settings: GitSettings, templates: str = "", within_seconds: float | None = None) -> Shipped:
    """Push every record of the folder that has to go; never raises for a push that fails."""
    deadline = Deadline.after(settings.wait_seconds if within_seconds is None else within_seconds)
    taken: list[_Taken] = []
    places: dict[str, str] = {}
    try:
        with outbox.pushing(folder, deadline):
            taken, gone = _take(folder)
            if not taken:
                return Shipped(waiting=tuple(gone), problem=_gone(gone))

            def make(branch: Branch) -> list[Outgoing]:
                places.clear()
                found = [_outgoing(item, branch, settings, templates) for item in taken]
                kept = [(item, record) for item, record in zip(taken, found, strict=True) if _may_go(record, branch)]
                places.update((item.name, record.journal) for item, record in kept)
                return [record for _item, record in kept]

            made = git_store.push(folder, settings, make, deadline)
            pushed = [item for item in taken if item.name in places]
            for item in pushed:
                outbox.settle(item.path, len(item.content))
    except (RecordError, OSError) as error:
        return Shipped(waiting=tuple(outbox.waiting(folder)), problem=str(error))
    damaged = [item.name for item in pushed if not item.intact]
    trouble = [made.trouble, f"{', '.join(damaged)} was altered before it was pushed" if damaged else ""]
    kept_back = [item.path for item in taken if item.name not in places]
    problems = [_gone(gone), _kept_back(kept_back)]
    return Shipped(
        dict(places), (*gone, *kept_back), "; ".join(filter(None, problems)), "; ".join(filter(None, trouble))
    )


def said(shipped: Shipped, settings: GitSettings, own: Sequence[Path] = ()) -> list[str]:
    """What a person is told, a line each; `own` are the journals of this run."""
    where = f"{redact(settings.remote)}, branch {settings.branch}"
    lines = []
    left = [item for item in own if item in shipped.waiting]
    count = len(shipped.places)
    if count or (own and not left):
        renamed = [place for name, place in shipped.places.items() if place != name]
        also = f", there as {', '.join(renamed)}" if renamed else ""
        lines.append(f"Pushed: {_records(count or len(own))} to {where}{also}")
    if shipped.problem:
        waits = f"{_records(len(shipped.waiting))} {'waits' if len(shipped.waiting) == 1 else 'wait'} here"
        lines.append(
            f"NOT PUSHED: {waits}: {shipped.problem.rstrip('.')}. The next run pushes what is left, or: {COMMAND}"
        )
    if shipped.trouble:
        lines.append(f"Look at {where}: {shipped.trouble}")
    return lines


def _records(count: int) -> str:
    return f"{count} record" if count == 1 else f"{count} records"


def _take(folder: Path) -> tuple[list[_Taken], list[Path]]:
    """The journals whose runs have ended, as they are now, and those that are gone."""
    taken, gone = [], []
    for path in outbox.waiting(folder):
        try:
            content, age = path.read_bytes(), SYSTEM_CLOCK.now().timestamp() - path.stat().st_mtime
        except FileNotFoundError:
            gone.append(path)
            continue
        verified = journal.check(content)
        goes_on = not verified.sealed and status.is_running(verified.events) and age < _DEAD_AFTER_SECONDS
        if not (goes_on and verified.intact):
            taken.append(_Taken(path, content, verified.events, verified.intact))
    return taken, gone


def _gone(gone: Sequence[Path]) -> str:
    return f"{', '.join(str(item) for item in gone)} is gone from the folder and was never pushed" if gone else ""


def _kept_back(kept: Sequence[Path]) -> str:
    if not kept:
        return ""
    listed = ", ".join(str(item) for item in kept)
    return f"{listed} does not go on where the branch has it, so the one there was not replaced: see docs/records.md"


def _may_go(record: Outgoing, branch: Branch) -> bool:
    return git_commits.is_newer(record.journal, record.events, branch)


def _outgoing(item: _Taken, branch: Branch, settings: GitSettings, templates: str) -> Outgoing:
    record = Outgoing(item.name, item.events, {}, "")
    name = git_commits.place(item.name, record.run_id, branch)
    files = _files(item, name, templates) if item.intact else _as_they_are(item, name)
    if settings.journals:
        files[name] = item.content
    return replace(record, journal=name, files=files, subject=_subject(item, name))


def _files(item: _Taken, name: str, templates: str) -> dict[str, bytes]:
    """The readable record and its twins, made anew under the name that the journal has on the branch."""
    feature, _slash, file_name = name.rpartition("/")
    with tempfile.TemporaryDirectory(prefix="aiops-records-") as place:
        write_record(Path(place) / file_name, list(item.events), status.current(item.events), templates)
        return {f"{feature}/{path.name}": path.read_bytes() for path in sorted(Path(place).iterdir())}


def _as_they_are(item: _Taken, name: str) -> dict[str, bytes]:
    feature, _slash, file_name = name.rpartition("/")
    here, there = item.path.name.removesuffix(".jsonl"), file_name.removesuffix(".jsonl")
    found = [path for path in sorted(item.path.parent.glob(f"{here}.*")) if path.suffix != ".jsonl"]
    return {f"{feature}/{there}{path.name.removeprefix(here)}": path.read_bytes() for path in found}


def _subject(item: _Taken, name: str) -> str:
    stem = name.rpartition("/")[2].removesuffix(".jsonl")
    if not item.intact:
        return f"{stem}: damaged before it was pushed"
    stands = status.current(item.events)
    return f"{stem}: {front_matter.title(view.view(item.events, stands))}, {stands}"
