# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which journals still have to leave this folder: an empty file each in `.unpushed`, there from the journal's start.

A mark is made after its journal was written and taken away only when what was pushed is what is there, both under one
lock. So whatever ends a run, its record goes with the next.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.ledger import folder_of

FOLDER: Final = ".unpushed"
_LOOK_AGAIN_SECONDS: Final = 0.05


class Busy(RecordError):
    """Another run holds the lock for longer than there is time."""


def mark(journal: Path) -> None:
    """Note that a journal has to be pushed; raises `RecordError`."""
    folder = folder_of(journal)
    try:
        place = folder / FOLDER / journal.parent.name
        place.mkdir(parents=True, exist_ok=True)
        with _held(folder / FOLDER / ".marks", None):
            (place / journal.name).touch()
    except OSError as error:
        raise RecordError(f"{journal} cannot be marked to be pushed: {error.strerror}") from None


def waiting(folder: Path) -> list[Path]:
    """The journals that have to be pushed, in the order of their names; also those that are gone."""
    marks = sorted((folder / FOLDER).glob("*/*.jsonl"))
    return [folder / item.parent.name / item.name for item in marks]


def settle(journal: Path, pushed_bytes: int) -> None:
    """Take a journal's mark away, where it still has as many bytes as were pushed. Raises OSError."""
    folder = folder_of(journal)
    with _held(folder / FOLDER / ".marks", None):
        if journal.stat().st_size == pushed_bytes:
            (folder / FOLDER / journal.parent.name / journal.name).unlink(missing_ok=True)


@contextlib.contextmanager
def pushing(folder: Path, deadline: Deadline) -> Iterator[None]:
    """Only one run of a folder pushes at a time; raises `Busy`, OSError."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    with _held(folder / FOLDER / ".pushing", deadline):
        yield


@contextlib.contextmanager
def _held(path: Path, deadline: Deadline | None) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        while deadline is not None and not _taken(descriptor):
            if deadline.expired:
                raise Busy("another run is pushing")
            SYSTEM_CLOCK.sleep(_LOOK_AGAIN_SECONDS)
        if deadline is None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
