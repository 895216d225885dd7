# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A watch that goes on: bookmarks, dropped connections, and a fresh list where the server forgot the past (410)."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import Page, decode_watch_line
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    Gone,
    TimedOut,
    Unreachable,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.retry import wait_before_retry
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.transport import Stream

LONGEST_WATCH_SECONDS = 300


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """type: ADDED, MODIFIED, DELETED, or RELISTED (object is None: forget what you knew, ADDED for all comes next).

    object is a dict or shape. resource_version is where a later watch can go on from.
    """

    type: str
    object: Any
    resource_version: str = ""


@dataclass(frozen=True)
class Source:
    """How to list and to open a watch: list_now(deadline) and open_watch(resource_version, seconds, deadline)."""

    list_now: Callable[[Deadline], Page]
    open_watch: Callable[[str, int, Deadline], Stream]
    shape: type | None


@dataclass
class _Position:
    """Where the watch stands. heard: a line came since the stream was opened."""

    version: str
    opened: bool = False
    heard: bool = False
    failures: int = 0


def events(source: Source, resource_version: str, deadline: Deadline, retries: int) -> Iterator[WatchEvent]:
    """Events until the deadline. Without a resource version it starts with ADDED for all there is.

    TimedOut only where the deadline passes before the first list or watch was answered; other ClusterErrors as they are
    once retries are used up.
    """
    position = _Position(resource_version)
    while not deadline.expired:
        if not position.version:
            page = source.list_now(deadline)
            position.version = page.resource_version
            for item in page.items:
                yield WatchEvent("ADDED", item, page.resource_version)
        try:
            yield from _one_watch(source, position, deadline)
            error: ClusterError | None = None
        except Gone:
            position.version = ""
            yield WatchEvent("RELISTED", None)
            continue
        except TimedOut:
            if not position.opened:
                raise
            return
        except Unreachable as dropped:
            error = dropped
        _pause(error, position, deadline, retries)


def _one_watch(source: Source, position: _Position, deadline: Deadline) -> Iterator[WatchEvent]:
    """One connection's events; keeps position.version at the last one seen, bookmarks included."""
    position.heard = False
    seconds = max(1, min(LONGEST_WATCH_SECONDS, math.ceil(deadline.remaining())))
    stream = source.open_watch(position.version, seconds, deadline)
    position.opened = True
    try:
        for line in stream.lines():
            if not line.strip():
                continue
            event = decode_watch_line(line, source.shape)
            if event.type == "ERROR":
                raise _error_of(event.object)
            position.heard = True
            position.version = event.resource_version or position.version
            if event.type != "BOOKMARK":
                yield WatchEvent(event.type, event.object, position.version)
    finally:
        stream.close()


def _error_of(status: Any) -> ClusterError:
    code, message = int(status.get("code") or 0), str(status.get("message") or "")
    if code == 410:
        return Gone(message, status=410)
    if code in (429, 500, 503, 504):
        return Unreachable(f"the API server ended the watch: {message}", status=code)
    return ClusterError(f"the API server ended the watch: {code} {message}", status=code)


def _pause(error: ClusterError | None, position: _Position, deadline: Deadline, retries: int) -> None:
    """Before the next connection: at once after one that brought something, else with growing waits."""
    if position.heard:
        position.failures = 0
        return
    if error is not None and position.failures >= retries:
        raise error
    wait = wait_before_retry(
        error or Unreachable("the watch ended"), min(position.failures, 10), repeatable=True, chance=random.random()
    )
    position.failures += 1
    deadline.clock.sleep(min(wait or 0.0, deadline.remaining()))
