# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tests start ends with them, also where they are killed and it has a session of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from support.children import ends_with_parent

PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:], start_new_session=True)
print(child.pid, flush=True)
child.wait()
"""


def test_a_child_ends_when_its_parent_is_killed() -> None:
    command = [sys.executable, "-c", PARENT, *ends_with_parent(["sleep", "60"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        state = Path("/proc", parent.stdout.readline().strip(), "stat")
        deadline = time.monotonic() + 10
        while "(sleep)" not in state.read_text():
            assert time.monotonic() < deadline
        parent.kill()
    while state.exists() and ") Z " not in state.read_text():
        assert time.monotonic() < deadline, state.read_text()
