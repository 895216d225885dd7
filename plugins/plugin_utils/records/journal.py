# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal: one event a line, synced as it is written, each line carrying the hash of the one before.

A line is `{"seq", "time", "event", "body", "prev", "hash"}`; `hash` is over the canonical JSON of the others, `prev`
is the hash of the line before (of the first line: sixty-four zeros). `verify` finds an edited, removed, inserted or
reordered line and a missing end. The chain has no key: who can write the file can also write it anew as a whole.
A process that opened a journal notices that too, since it keeps the hashes that it wrote.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.atomic import sync_folder
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import JournalAltered, RecordError

FIRST_PREV = "sha256:" + "0" * 64
SEALED = "sealed"
# What may follow a seal without opening the run again.
ADDENDA = frozenset({"verified", "rollback-requested", "rolled-back", "note", "advised", "expired"})
_KINDS = {"seq": int, "time": str, "event": str, "body": dict, "prev": str, "hash": str}


@dataclass(frozen=True)
class Event:
    """One line of a journal; `time` is RFC 3339 in UTC, `seq` counts from 1."""

    seq: int
    time: str
    event: str
    body: dict[str, Any]
    prev: str
    hash: str

    def line(self) -> bytes:
        """The line as it stands in the file, its end included."""
        return canonical.encode(self.__dict__) + b"\n"


@dataclass(frozen=True)
class Verification:
    """What a journal's chain says: the events up to the first problem, the problems, and whether it ends sealed."""

    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    sealed: bool = False
    torn_bytes: int = 0

    @property
    def intact(self) -> bool:
        """Whether every line is there as it was written (a run that is still open has an intact journal too)."""
        return not self.problems


def make_event(seq: int, name: str, body: dict[str, Any], prev: str, time: str) -> Event:
    """An event with its hash."""
    values = {"seq": seq, "time": time, "event": name, "body": body, "prev": prev}
    return Event(seq, time, name, body, prev, canonical.sha256(values))


def read_unchained(line: bytes, where: str = "line") -> Event:
    """One line by itself, whatever stands before it; raises `JournalAltered` where it is none or was edited."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        raise JournalAltered(f"{where} is not JSON") from None
    if not isinstance(values, dict) or [type(values.get(key)) for key in _KINDS] != list(_KINDS.values()):
        raise JournalAltered(f"{where} is not an event")
    if len(values) != len(_KINDS):
        raise JournalAltered(f"{where} is not an event")
    event = Event(**values)
    if event.hash != make_event(event.seq, event.event, event.body, event.prev, event.time).hash:
        raise JournalAltered(f"{where} was edited: its hash does not fit its text")
    return event


def _read_line(line: bytes, seq: int, prev: str) -> Event:
    event = read_unchained(line, f"line {seq}")
    if event.seq != seq:
        raise JournalAltered(f"line {seq} carries the number {event.seq}: lines were removed, inserted or reordered")
    if event.prev != prev:
        raise JournalAltered(f"line {seq} does not follow the line before it")
    return event


def check(content: bytes) -> Verification:
    """Verify the bytes of a journal (pure)."""
    whole, newline, rest = content.rpartition(b"\n")
    lines = whole.split(b"\n") if newline else []
    events: list[Event] = []
    problems: list[str] = []
    for seq, line in enumerate(lines, start=1):
        try:
            events.append(_read_line(line, seq, events[-1].hash if events else FIRST_PREV))
        except JournalAltered as error:
            problems.append(str(error))
            break
    if rest:
        problems.append(f"the last line is cut off after {len(rest)} bytes")
    if not content:
        problems.append("the journal is empty")
    return Verification(events, problems, ends_sealed(events), len(rest))


def ends_sealed(events: list[Event]) -> bool:
    """Whether the last event that is no addendum is the seal."""
    last = next((item.event for item in reversed(events) if item.event not in ADDENDA), "")
    return last == SEALED


def verify(path: Path | str) -> Verification:
    """Read a journal and verify its chain; raises `RecordError` where it cannot be read."""
    try:
        return check(Path(path).read_bytes())
    except OSError as error:
        raise RecordError(f"the journal {path} cannot be read: {error.strerror}") from None


def trusted_events(path: Path | str) -> list[Event]:
    """The events of an intact journal; raises `JournalAltered` for any other."""
    verification = verify(path)
    if not verification.intact:
        raise JournalAltered(f"the journal {path} was altered: {verification.problems[0]}")
    return verification.events


def restore(path: Path, content: bytes) -> None:
    """Put a verified journal into a folder (mode 0600); FileExistsError where there is one, other OSErrors."""
    created = Journal.create(path)
    try:
        with open(path, "ab") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    finally:
        created.close()


class Journal:
    """A journal open for appending. `append` takes a lock, so several processes may append to one journal."""

    def __init__(self, path: Path, descriptor: int, seen: list[Event], size: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._seen = seen
        self._size = size

    @classmethod
    def create(cls, path: Path) -> Journal:
        """Create a journal (mode 0600); FileExistsError where there is one, other OSErrors as they come."""
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.fchmod(descriptor, 0o600)
        os.fsync(descriptor)
        sync_folder(path.parent)
        return cls(path, descriptor, [], 0)

    @classmethod
    def open(cls, path: Path | str) -> Journal:
        """Open an existing journal to append to it.

        A last line that was cut off (a crash in the middle of a write: nothing ever relied on it) is dropped; any other
        damage raises `JournalAltered`.
        """
        path = Path(path)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except OSError as error:
            raise RecordError(f"the journal {path} cannot be written: {error.strerror}") from None
        try:
            return cls._opened(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    @classmethod
    def _opened(cls, path: Path, descriptor: int) -> Journal:
        with _lock(descriptor):
            content = _read_from(descriptor, 0)
            verification = check(content)
            if verification.torn_bytes and len(verification.problems) == 1 and verification.events:
                content = content[: len(content) - verification.torn_bytes]
                os.ftruncate(descriptor, len(content))
            elif not verification.intact:
                raise JournalAltered(f"the journal {path} was altered: {verification.problems[0]}")
        return cls(path, descriptor, verification.events, len(content))

    @property
    def events(self) -> list[Event]:
        """The events that this process has written or read."""
        return list(self._seen)

    @property
    def head(self) -> str:
        """The hash of the last event that this process knows."""
        return self._seen[-1].hash if self._seen else FIRST_PREV

    @contextlib.contextmanager
    def locked(self) -> Iterator[list[Event]]:
        """Hold the journal for a check and an append that must not be parted; yields the events, freshly verified."""
        with _lock(self._descriptor):
            self._check_identity()
            verification = check(_read_from(self._descriptor, 0))
            if not verification.intact:
                raise JournalAltered(f"the journal {self.path} was altered: {verification.problems[0]}")
            self._require_known(verification.events)
            self._seen, self._size = verification.events, os.fstat(self._descriptor).st_size
            yield self.events

    def append(self, name: str, body: dict[str, Any] | None = None) -> Event:
        """Append an event and put it on disk before returning.

        Raises `JournalAltered` where the file is not what this process left or was replaced, `RecordError` where it
        cannot be written; the file then is as before.
        """
        with _lock(self._descriptor):
            self._check_identity()
            self._catch_up()
            return self._write(name, canonical.plain(body or {}))

    def close(self) -> None:
        """Close the file; the journal stays as it is."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _check_identity(self) -> None:
        try:
            there, ours = os.stat(self.path), os.fstat(self._descriptor)
        except OSError as error:
            raise JournalAltered(f"the journal {self.path} is gone: {error.strerror}") from None
        if (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
            raise JournalAltered(f"the journal {self.path} was replaced by another file")

    def _require_known(self, events: list[Event]) -> None:
        if [item.hash for item in events[: len(self._seen)]] != [item.hash for item in self._seen]:
            raise JournalAltered(f"the journal {self.path} was rewritten: it lacks events that this run wrote")

    def _catch_up(self) -> None:
        """Read what other processes appended since."""
        size = os.fstat(self._descriptor).st_size
        if size < self._size:
            raise JournalAltered(f"the journal {self.path} was cut from {self._size} to {size} bytes")
        if size == self._size:
            return
        added = _read_from(self._descriptor, self._size)
        for line in added.split(b"\n")[:-1]:
            self._seen.append(_read_line(line, len(self._seen) + 1, self.head))
        if not added.endswith(b"\n"):
            raise JournalAltered(f"the journal {self.path} was altered: its last line is cut off")
        self._size = size

    def _write(self, name: str, body: dict[str, Any]) -> Event:
        event = make_event(len(self._seen) + 1, name, body, self.head, times.rfc3339(times.now()))
        line = event.line()
        try:
            written = os.write(self._descriptor, line)
            if written != len(line):
                raise OSError(28, "no space left for the whole line")
            os.fsync(self._descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise RecordError(f"the journal {self.path} cannot be written: {error.strerror}") from None
        self._seen.append(event)
        self._size += len(line)
        return event


def _read_from(descriptor: int, offset: int) -> bytes:
    parts = []
    while part := os.pread(descriptor, 1 << 20, offset):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)


@contextlib.contextmanager
def _lock(descriptor: int) -> Iterator[None]:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
