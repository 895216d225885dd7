# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads a folder of records, or a clone of a Git repository of them, as it is. It writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import ledger, names, status, store, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event, Verification, check

DEAD_AFTER_SECONDS = 86_400


@dataclass(frozen=True)
class Read:
    """One journal: its path, its name in the folder (`feature/NNN-slug.jsonl`), its bytes and what they say."""

    path: Path
    name: str
    content: bytes
    verified: Verification
    running: bool

    @property
    def events(self) -> list[Event]:
        """The events up to a first damage."""
        return self.verified.events

    @property
    def run_id(self) -> str:
        """The id of the run that opened it, "" where that cannot be read."""
        return str(self.events[0].body.get("run_id") or "") if self.events else ""


@dataclass(frozen=True)
class Ledger:
    """The ledger's chain; `there` is False where there is no file."""

    there: bool = False
    verified: Verification = field(default_factory=Verification)
    content: bytes = b""


@dataclass(frozen=True)
class Records:
    """Everything in a folder; `orphans` are readable records (names) without a journal."""

    folder: Path
    journals: list[Read]
    ledger: Ledger
    orphans: list[str]


def read(folder: Path) -> Records:
    """Read a folder; raises `RecordError` with what to do where it is none, or a file cannot be read."""
    if not folder.is_dir():
        raise RecordError(f"there is no folder {folder}: give the folder of the records, such as history/prompts")
    journals = [_journal(folder, path) for path in store.journals(folder)]
    path = folder / ledger.NAME
    content = _bytes(path) if path.exists() else b""
    if not journals and not content:
        raise RecordError(f"there are no records in {folder}: give the folder that has ledger.jsonl and the journals")
    return Records(
        folder,
        journals,
        Ledger(path.exists(), check(content) if path.exists() else Verification(), content),
        _orphans(folder),
    )


def _journal(folder: Path, path: Path) -> Read:
    content = _bytes(path)
    verified = check(content)
    running = (
        not verified.sealed and verified.intact and status.is_running(verified.events) and _is_fresh(verified.events)
    )
    return Read(path, str(path.relative_to(folder)), content, verified, running)


def _is_fresh(events: Sequence[Event]) -> bool:
    """A run on another machine cannot be seen; after a day without a line it is taken for dead."""
    last = times.parse(events[-1].time) if events else None
    return last is not None and (times.now() - last).total_seconds() < DEAD_AFTER_SECONDS


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecordError(
            f"{path} cannot be read: {error.strerror}; journals are readable by their owner alone"
        ) from None


def _orphans(folder: Path) -> list[str]:
    found = []
    for stage in names.STAGES:
        for path in [*folder.glob(f"*.{stage}.prompt.md"), *folder.glob(f"*/*.{stage}.prompt.md")]:
            journal = path.with_name(path.name.removesuffix(f".{stage}.prompt.md") + ".jsonl")
            if names.number_of(path.name) and not journal.exists():
                found.append(str(path.relative_to(folder)))
    return sorted(found)
