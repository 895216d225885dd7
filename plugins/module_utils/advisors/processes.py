# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one file of the engine that starts processes: an argument list, never a shell; an end, whatever the program does.

Each runs in a session and process group of its own, gets only the environment given, and is killed with its group at
the deadline. Its output is read to the end and kept up to a bound.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

KEPT_BYTES = 64 * 1024
_READ_BYTES = 1 << 16
_LOOK_SECONDS = 0.02
# Killed processes are gone in milliseconds, unless the kernel itself waits for a disk or a network.
_GONE_SECONDS = 0.3


class NotStarted(Exception):
    """The program could not be started; str() says why."""


@dataclass(frozen=True)
class Finished:
    """How a program ended. `signal` is what ended it (0: none), `stopped`: by the deadline.

    `stdout` and `stderr` are the first `kept_bytes`; `output_bytes` counts all of both.
    """

    exit_code: int
    signal: int
    stopped: bool
    stdout: bytes
    stderr: bytes
    output_bytes: int
    duration_seconds: float


@dataclass
class _Output:
    bound: int
    kept: bytearray = field(default_factory=bytearray)
    total: int = 0

    def take(self, part: bytes) -> None:
        self.kept += part[: max(0, self.bound - len(self.kept))]
        self.total += len(part)


def run(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    deadline: Deadline,
    stdin: bytes = b"",
    folder: str = "/",
    uid: int | None = None,
    kept_bytes: int = KEPT_BYTES,
    umask: int = 0o077,
) -> Finished:
    """Run a program to its end or the deadline. With `uid` (for root only) it is that user, in that group alone."""
    started = deadline.clock.monotonic()
    as_user: dict[str, Any] = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
    try:
        process = subprocess.Popen(
            list(arguments),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            umask=umask,
            **as_user,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise NotStarted(f"{arguments[0]} could not be started: {getattr(error, 'strerror', None) or error}") from None
    outputs = {process.stdout: _Output(kept_bytes), process.stderr: _Output(kept_bytes)}
    try:
        _exchange(process, stdin, outputs, deadline)
        stopped = process.poll() is None
    finally:
        _end(process)
    out, err = outputs[process.stdout], outputs[process.stderr]
    code = process.returncode if process.returncode is not None else -signal.SIGKILL
    return Finished(
        exit_code=max(code, 0),
        signal=max(-code, 0),
        stopped=stopped,
        stdout=bytes(out.kept),
        stderr=bytes(err.kept),
        output_bytes=out.total + err.total,
        duration_seconds=deadline.clock.monotonic() - started,
    )


def kill_all_of(uid: int) -> None:
    """Ends every process of a user that has no other purpose than a program that ran as them."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        # kill(-1) by that user reaches their own processes only, and those that left the group too.
        command = ["/bin/sh", "-c", "kill -KILL -1"]
        subprocess.run(command, user=uid, group=uid, extra_groups=[], check=False, timeout=1, capture_output=True)


def _exchange(process: subprocess.Popen[bytes], stdin: bytes, outputs: dict[Any, _Output], deadline: Deadline) -> None:
    """Feeds and reads until the program has ended or the deadline has passed."""
    waiting = memoryview(stdin)
    with selectors.DefaultSelector() as selector:
        for pipe in outputs:
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        ended = False
        while not deadline.expired:
            ready = selector.select(min(_LOOK_SECONDS, deadline.remaining()))
            for key, _events in ready:
                if key.fileobj is process.stdin:
                    waiting = _feed(process.stdin, waiting, selector)
                elif not _read(key.fileobj, outputs):
                    selector.unregister(key.fileobj)
            # What it wrote before it ended is still in the pipes, so one more look, and another while there is more.
            if ended and not ready:
                return
            ended = process.poll() is not None


def _feed(pipe: Any, waiting: memoryview, selector: selectors.BaseSelector) -> memoryview:
    try:
        waiting = waiting[os.write(pipe.fileno(), waiting[:_READ_BYTES]) :] if waiting else waiting
    except BlockingIOError:
        return waiting
    except OSError:
        # It does not read what it is asked; that is its business.
        waiting = waiting[:0]
    if not waiting:
        selector.unregister(pipe)
        with contextlib.suppress(OSError):
            pipe.close()
    return waiting


def _read(pipe: Any, outputs: dict[Any, _Output]) -> bool:
    try:
        part = os.read(pipe.fileno(), _READ_BYTES)
    except BlockingIOError:
        return True
    except OSError:
        return False
    outputs[pipe].take(part)
    return bool(part)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the whole group, also after the program has ended: it may have left others behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GONE_SECONDS)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
