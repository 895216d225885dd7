# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report beside fetching and selectively decoding the same lists: seconds, their ratio, and memory.

Both ways go through the same client in one process, in turn, so that the machine's mood meets both. The ratio is of
the medians; at most 3.00 is the aim. Memory is the most that the process ever held (ru_maxrss), in a process of its own
for each size.
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "playbooks" / "collections"))

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection

sys.path.insert(0, str(Path(__file__).parent))

from loopback import serve, server_of

LIMIT_SECONDS = 300
Way = Callable[[Client], Any]


def measure(connection: Connection, fetch: Way, report: Way, rounds: int) -> tuple[dict[str, float], Any, int]:
    """Medians of both ways in seconds, the last report, and its number of requests. The first round warms up."""
    client = Client(connection, run_id="bench", timeout_seconds=LIMIT_SECONDS)
    ways = {"fetch and decode": fetch, "report": report}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    found: Any = None
    requests = 0
    for _round in range(rounds + 1):
        for name, way in ways.items():
            gc.collect()
            before, started = client.requests, time.perf_counter()
            answer = way(client)
            seconds[name].append(time.perf_counter() - started)
            if name == "report":
                found, requests = answer, client.requests - before
            del answer
    return {name: statistics.median(times[1:]) for name, times in seconds.items()}, found, requests


def show(name: str, medians: dict[str, float], report: dict[str, Any], requests: int) -> None:
    """One line."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    paths = f", {len(report['attack_paths'])} attack paths" if "attack_paths" in report else ""
    print(
        f"{name}: fetch and decode {medians['fetch and decode']:.2f} s, report {medians['report']:.2f} s, "
        f"ratio {medians['report'] / medians['fetch and decode']:.2f}, {memory:.0f} MB, {requests} requests, "
        f"{report['summary']['objects']} objects, {len(report['findings'])} findings{paths}",
        flush=True,
    )


def run(script: str, what: str, simulated: Callable[[int], dict[str, Any]], fetch: Way, report: Way) -> None:
    """The command line of a bench: a real cluster by --kubeconfig, else simulated ones of growing size."""
    parser = argparse.ArgumentParser(description=f"{what} beside fetching and decoding its lists")
    parser.add_argument("--kubeconfig", default="")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pods", type=int, nargs="*", default=[1000, 10000, 25000, 100000])
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--host", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(simulated(given.serve))
    elif given.host or given.kubeconfig:
        own = Connection(kubeconfig=given.kubeconfig) if given.kubeconfig else Connection(host=given.host, api_key="t")
        name = what if given.kubeconfig else f"{what}, {given.pods[0]} simulated pods"
        show(name, *measure(own, fetch, report, given.rounds))
    else:
        for pods in given.pods:
            with server_of([sys.executable, script, "--serve", str(pods)]) as address:
                again = ["--host", address, "--pods", str(pods), "--rounds", str(given.rounds)]
                subprocess.run([sys.executable, script, *again], check=True)
