# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Waiting ends when it is so or the time is over, by the clock that was given; a file is written when it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.supervision import write_configuration_file
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.waiting import until, until_reached


class SteppingClock(Clock):
    """Time passes by waiting alone."""

    def __init__(self) -> None:
        self.time = 100.0

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.mark.parametrize(
    ("answers", "within", "expected", "asked"),
    [
        ([True], 0, True, 1),
        ([False, False, True], 5, True, 3),
        ([False] * 10, 3, False, 4),
        ([False] * 10, 0, False, 1),
    ],
)
def test_until(answers: list[bool], within: float, expected: bool, asked: int) -> None:
    clock, left = SteppingClock(), list(answers)
    assert until(lambda: left.pop(0), Deadline.after(within, clock), 1) is expected
    assert len(answers) - len(left) == asked


@pytest.mark.parametrize(
    ("counts", "reached", "seconds"),
    [
        ([30], 30, 0),
        ([0, 10, 20, 30], 30, 3),
        # 28 and no more, and one that comes and goes: patience ends 5 s after the highest.
        ([10, 28] + [28] * 50, 28, 6),
        ([28, 27] * 50, 27, 5),
        # Slow, but each brings one more: only the deadline ends it.
        (list(range(30)), 20, 20),
    ],
)
def test_until_reached(counts: list[int], reached: int, seconds: int) -> None:
    clock, left = SteppingClock(), list(counts)
    started = clock.time
    assert until_reached(lambda: left.pop(0), 30, Deadline.after(20, clock), 5) == reached
    assert clock.time - started == seconds


def test_progress_is_silent_while_something_was_said_lately() -> None:
    clock, said = SteppingClock(), list[str]()
    progress = Progress(said.append, quiet_seconds=15, clock=clock)
    progress.step("etcd", "starting")
    clock.sleep(10)
    progress.still("etcd", "waiting")
    clock.sleep(65)
    progress.still("etcd", "waiting")
    assert said == ["[ 0:00] etcd: starting", "[ 1:15] etcd: waiting"]


def test_the_supervisors_file_is_written_once(tmp_path: Path) -> None:
    assert [write_configuration_file(text, tmp_path) for text in ("a", "a", "b")] == [True, False, True]
    assert (tmp_path / "supervisord.conf").read_text() == "b"
