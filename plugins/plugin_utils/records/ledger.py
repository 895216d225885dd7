# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ledger: one file a folder that holds the last hash of each journal, so that none goes or is replaced unseen.

A line is a chained event as in a journal (`opened`, `sealed`, `added`, or `adopted` for journals older than the
ledger) with the body {journal, run_id, events, head, record}: the journal's path in the folder, its number of lines,
the hash of the last, and the SHA-256 of its rendered record. Appended under a lock; only the last line is read for it.
The chain has no key: a copy of the ledger elsewhere (a Git remote, an earlier audit) is what a forger cannot reach.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import journal, names, store, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.atomic import sync_folder
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import JournalAltered, LedgerTrouble
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event

NAME: Final = "ledger.jsonl"
_TAIL_BYTES: Final = 64 * 1024


def folder_of(journal_path: Path) -> Path:
    """The folder of records that a journal belongs to: the one above its feature's."""
    return journal_path.absolute().parent.parent


def body(journal_name: str, events: Sequence[Event], record: bytes | None) -> dict[str, Any]:
    """What the ledger holds of a journal (`feature/NNN-slug.jsonl`) as it is now."""
    return {
        "journal": journal_name,
        "run_id": str(events[0].body.get("run_id") or "") if events else "",
        "events": len(events),
        "head": events[-1].hash if events else journal.FIRST_PREV,
        "record": f"sha256:{hashlib.sha256(record).hexdigest()}" if record is not None else "",
    }


def enter(name: str, journal_path: Path, events: Sequence[Event]) -> None:
    """Append an entry about a journal that has just been written; raises `LedgerTrouble`.

    The first entry of a folder is preceded by one for each intact journal that was there before.
    """
    folder = folder_of(journal_path)
    path = folder / NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise LedgerTrouble(f"the ledger {path} cannot be written: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        last = _last(descriptor, path)
        lines: list[Event] = []
        if last is None:
            for older in _older(folder, journal_path):
                lines.append(_next(lines[-1] if lines else None, "adopted", older))
        now = body(_name_of(journal_path), events, _record_of(journal_path, events))
        lines.append(_next(lines[-1] if lines else last, name, now))
        _append(descriptor, path, lines)
    except OSError as error:
        raise LedgerTrouble(f"the ledger {path} cannot be written: {error.strerror}") from None
    finally:
        os.close(descriptor)


def following(content: bytes, name: str, about: dict[str, Any]) -> bytes:
    """The bytes of a ledger with one more entry (pure); raises `JournalAltered` where its end is damaged."""
    whole, _newline, rest = content.rpartition(b"\n")
    if rest:
        raise JournalAltered("the ledger's last line is cut off")
    last = journal.read_unchained(whole.rpartition(b"\n")[2]) if whole else None
    return content + _next(last, name, about).line()


def _next(last: Event | None, name: str, about: dict[str, Any]) -> Event:
    seq, prev = (last.seq + 1, last.hash) if last else (1, journal.FIRST_PREV)
    return journal.make_event(seq, name, canonical.plain(about), prev, times.rfc3339(times.now()))


def _last(descriptor: int, path: Path) -> Event | None:
    """The last line; one that was cut off by a crash is dropped, since nothing ever relied on it."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
    whole, newline, rest = tail.rpartition(b"\n")
    if rest:
        os.ftruncate(descriptor, size - len(rest))
    if not newline:
        return None
    try:
        return journal.read_unchained(whole.rpartition(b"\n")[2])
    except JournalAltered as error:
        raise LedgerTrouble(f"the ledger {path} was altered: its last {error}; see docs/records.md") from None


def _older(folder: Path, besides: Path) -> list[dict[str, Any]]:
    found = []
    for path in store.journals(folder):
        if path.absolute() == besides.absolute() or path.parent == folder:
            continue
        verified = journal.verify(path)
        if verified.intact and verified.events:
            found.append(body(_name_of(path), verified.events, _record_of(path, verified.events)))
    return found


def _name_of(journal_path: Path) -> str:
    return f"{journal_path.parent.name}/{journal_path.name}"


def _record_of(journal_path: Path, events: Sequence[Event]) -> bytes | None:
    stage = str(events[0].body.get("stage") or "run") if events else "run"
    try:
        return names.record_path(journal_path, stage).read_bytes()
    except OSError:
        return None


def _append(descriptor: int, path: Path, lines: Sequence[Event]) -> None:
    size = os.fstat(descriptor).st_size
    content = b"".join(line.line() for line in lines)
    try:
        written = os.write(descriptor, content)
        if written != len(content):
            raise OSError(28, "no space left for the whole line")
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    if not size:
        sync_folder(path.parent)
