# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has questions answered in a process of their own: whoever asks goes on at its deadline, whatever happens there.

Each answer becomes a file in a private folder. What is there by the deadline is taken; what comes later stays for
whoever records it. That process ends with its last answer or its own deadline, and removes what nobody took.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import shutil
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

# How long late answers wait for whoever records them.
KEPT_SECONDS: Final = 60.0
_TAKE_AGAIN_SECONDS: Final = 0.2
_DESCRIPTORS: Final = "/proc/self/fd"
# A little after its deadline the process ends also where a library does not let go.
_AT_THE_LATEST_SECONDS: Final = KEPT_SECONDS + 10.0

Work = Callable[[], Mapping[str, Any]]


class CannotStart(Exception):
    """No process could be started; str() says why."""


def results(works: Mapping[str, Work], deadline: Deadline, late: Deadline) -> tuple[dict[str, dict[str, Any]], str]:
    """The JSON results by name that were there by the deadline, and the folder for those to come ("" for none).

    Each work is done in a thread of that process and is over by `late` itself; where `late` is no later than `deadline`
    nothing is kept. Raises CannotStart.
    """
    folder = Path(tempfile.mkdtemp(prefix="aiops-advice-"))
    keeps = late.at > deadline.at
    try:
        told = _start(works, folder, late, keeps)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise CannotStart(f"no process could be started: {error.strerror}") from None
    taken: dict[str, dict[str, Any]] = {}
    try:
        while len(taken) < len(works) and _hears(told, deadline.remaining()):
            taken.update(take(folder))
        taken.update(take(folder))
    finally:
        os.close(told)
    # Before the deadline this ends early only where that process is gone.
    if keeps and len(taken) < len(works) and deadline.expired:
        return taken, str(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return taken, ""


def take(folder: Path) -> dict[str, dict[str, Any]]:
    """The results that are there now, by name. Nobody else gets them after."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        mine = path.with_suffix(".taken")
        with contextlib.suppress(OSError, ValueError):
            path.rename(mine)
            found[path.stem] = json.loads(mine.read_text(encoding="utf-8"))
            mine.unlink()
    return found


def _hears(told: int, seconds: float) -> bool:
    """Waits for a sign that there is something to take; False once the time is over or nobody is there to give one."""
    ready, _none, _no = select.select([told], [], [], seconds)
    return bool(ready) and bool(os.read(told, 1))


def _start(works: Mapping[str, Work], folder: Path, late: Deadline, keeps: bool) -> int:
    """Forks twice, so that no child is left for this process to wait for; returns the pipe that tells of results."""
    told, telling = os.pipe()
    with warnings.catch_warnings():
        # Python warns of threads that a fork leaves behind: none of theirs is used on the other side.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            if os.fork() == 0:
                _work(works, folder, late, keeps, telling)
        finally:
            os._exit(0)
    os.close(telling)
    os.waitpid(child, 0)
    return told


def _work(works: Mapping[str, Work], folder: Path, late: Deadline, keeps: bool, telling: int) -> None:
    os.setsid()
    _let_go(telling)
    # Whatever of the parent's wants to know of signals lives in the parent.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, late.remaining() + _AT_THE_LATEST_SECONDS)
    done: queue.Queue[tuple[str, Mapping[str, Any]]] = queue.Queue()
    for name, work in works.items():
        threading.Thread(target=lambda name=name, work=work: done.put((name, work())), daemon=True).start()
    for _work in works:
        try:
            name, result = done.get(timeout=late.remaining() + 1)
        except queue.Empty:
            break
        new = folder / f"{name}.new"
        new.write_text(json.dumps(result), encoding="utf-8")
        new.rename(folder / f"{name}.json")
        with contextlib.suppress(OSError):
            os.write(telling, b".")
    if keeps:
        _wait_until_taken(folder)


def _let_go(telling: int) -> None:
    """No terminal, pipe or connection of the parent's is held open.

    Each becomes the null device instead of being closed: whatever still knows its number would close another's later.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    open_now = {int(name) for name in os.listdir(_DESCRIPTORS)} if os.path.isdir(_DESCRIPTORS) else set()
    for descriptor in {0, 1, 2, *open_now} - {nothing, telling}:
        os.dup2(nothing, descriptor)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    os.set_inheritable(telling, False)


def _wait_until_taken(folder: Path) -> None:
    ends = Deadline.after(KEPT_SECONDS)
    while not ends.expired and any(folder.glob("*.json")):
        SYSTEM_CLOCK.sleep(_TAKE_AGAIN_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)
