# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Threads that meet shapes for the first time at the same moment, in a process of their own: it may not crash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

COLLECTIONS = Path(__file__).resolve().parents[3] / "playbooks" / "collections"
PROGRAM = """
import concurrent.futures, sys, threading
sys.setswitchinterval(1e-6)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode_page
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.reading import LISTS

listed = [item.shape for item in LISTS.values() if item.shape]
together = threading.Barrier(len(listed))
item = b'{"metadata": {"name": "a", "ownerReferences": [{"kind": "b"}]}, "spec": {}, "status": {}}'
body = b'{"kind": "List", "items": [' + b",".join([item] * 50) + b"]}"

def meet(shape):
    together.wait()
    return len(decode_page(body, shape).items)

with concurrent.futures.ThreadPoolExecutor(len(listed)) as pool:
    assert set(pool.map(meet, listed)) == {50}
print("met")
"""


def test_threads_that_meet_shapes_at_once() -> None:
    for _attempt in range(2):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            check=False,
            env={"PYTHONPATH": str(COLLECTIONS)},
        )
        assert (done.returncode, done.stdout) == (0, "met\n"), done.stderr[-2000:]
