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
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.waiting import until


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
