# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The API server is killed and comes back during a watch: for a cluster that nothing else uses meanwhile."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from pathlib import Path

from support import errant
from support.cluster import Cluster
from support.gating import gated, release
from support.shop import Shop

WATCH_SECONDS = 8


def api_server(cluster: Cluster) -> int:
    """The process of this cluster's API server; its supervisor starts it again when it dies."""
    [pid] = [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if path.read_bytes().split(b"\0")[0].endswith(b"kube-apiserver")
        and str(cluster.facts["audit_log"]).encode() in path.read_bytes()
    ]
    return pid


def test_time_in_which_the_api_server_is_away_does_not_count(cluster: Cluster, namespace: str) -> None:
    shop = Shop(cluster, namespace, errant.image(cluster), replicas=4)
    shop.install(image=shop.errant)
    before = shop.strategy()
    settings = {
        "watch_seconds": WATCH_SECONDS,
        "ready_within_seconds": 60,
        "look_every_seconds": 1,
        "look_within_seconds": 5,
    }
    with shop.used():
        outcome, lines = gated(
            shop, release(shop), settings, meanwhile=lambda: os.kill(api_server(cluster), signal.SIGKILL)
        )
    blind = [number for number, line in enumerate(lines) if "cannot be watched" in line]
    assert blind, lines
    # Nothing was decided while nothing was seen, and what had been seen before counts no more.
    assert outcome.outcome == "passed", (outcome, lines)
    released = next(number for number, line in enumerate(lines) if "released" in line)
    assert released > blind[-1]
    seen_again, let_go = (datetime.strptime(lines[number][:8], "%H:%M:%S") for number in (blind[-1], released))
    assert (let_go - seen_again).seconds >= WATCH_SECONDS - 1, lines
    assert {**shop.strategy(), "template": None} == {**before, "template": None}
