# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Starting a program and being done with it, whatever it does."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import processes
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline


def run(script: str, *, within: float = 10.0, stdin: bytes = b"", **environment: str) -> processes.Finished:
    return processes.run(
        [sys.executable, "-c", script], environment=environment, deadline=Deadline.after(within), stdin=stdin
    )


def test_it_gives_input_and_takes_output() -> None:
    question = b"x" * 300_000
    finished = run("import sys; text = sys.stdin.read(); print(len(text)); sys.exit(3)", stdin=question)
    assert (finished.exit_code, finished.signal, finished.stopped) == (3, 0, False)
    assert finished.stdout == b"300000\n"


def test_it_gives_the_environment_that_was_said_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "hvs.x")
    finished = run("import os; print(sorted(os.environ))", LANG="C", ONE="1")
    assert finished.stdout in (b"['LANG', 'ONE']\n", b"['LANG', 'LC_CTYPE', 'ONE']\n")


def test_a_program_that_reads_nothing_is_no_trouble() -> None:
    assert run("pass", stdin=b"x" * 1_000_000).exit_code == 0


def test_of_much_output_little_is_kept() -> None:
    megabytes = 100
    finished = run(f"import sys\nfor n in range({megabytes}): sys.stdout.write('x' * 1048576)", within=30)
    assert finished.output_bytes == megabytes * 1048576 and len(finished.stdout) == processes.KEPT_BYTES
    assert not finished.stopped


@pytest.mark.parametrize(
    "script",
    [
        "import time; time.sleep(60)",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        "import os, time; os.close(0); os.close(1); os.close(2); time.sleep(60)",
        "while True: print('x' * 1000)",
        "import os\nos.fork()\nimport time; time.sleep(60)",
    ],
    ids=["sleeps", "ignores signals", "closes everything", "writes for ever", "has a child"],
)
def test_at_the_deadline_it_is_over(script: str) -> None:
    started = time.monotonic()
    finished = run(script, within=1.0)
    assert finished.stopped and 1.0 <= time.monotonic() - started < 1.5


def test_what_it_leaves_behind_is_ended(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    child = f"import time\nfor n in range(50): open({str(mark)!r}, 'a').write('x'); time.sleep(0.1)"
    started = time.monotonic()
    run(f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(0.6)")
    assert time.monotonic() - started < 4, "it waited for the child, which holds the output"
    written = mark.stat().st_size
    time.sleep(0.4)
    assert mark.stat().st_size == written > 0


def test_a_signal_is_told() -> None:
    assert run("import os; os.kill(os.getpid(), 9)").signal == 9


@pytest.mark.parametrize("program", ["/no/such/program", "/etc/hostname", "bad\0name"])
def test_what_cannot_be_started_is_said(program: str) -> None:
    with pytest.raises(processes.NotStarted, match="could not be started: "):
        processes.run([program], environment={}, deadline=Deadline.after(5))


def test_no_descriptor_is_left_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _round in range(5):
        run("print('x')")
    assert len(os.listdir("/proc/self/fd")) == before
