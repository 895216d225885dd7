# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The API server goes away for 12 s while three new pods are watched: what is not seen is never healthy."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from support import errant
from support.cluster import Cluster, embedded, remove
from support.gating import gated, release, undone
from support.shop import Shop, until

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.supervision import Supervisor

# Of its own: others would fail with their server, and simulated nodes do not survive it.
CLUSTER_NAME = "e2e-away"
AWAY_SECONDS = 12
GATE: dict[str, Any] = {"watch_seconds": 20, "ready_within_seconds": 60, "look_every_seconds": 1}

pytestmark = pytest.mark.xdist_group("restart")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    yield embedded(CLUSTER_NAME, registry=True)
    remove(CLUSTER_NAME)


@pytest.fixture
def shop(cluster: Cluster, namespace: str) -> Shop:
    made = Shop(cluster, namespace, errant.image(cluster), replicas=4)
    made.install(image=made.errant)
    return made


class Restart:
    """Kills the API server, and lets it come again after a while."""

    def __init__(self, cluster: Cluster) -> None:
        self._supervisor = Supervisor(cluster.folder, cluster.folder / "logs")
        self._cluster = cluster
        self._thread = threading.Thread(target=self._run)
        self.gone_at = self.back_at = ""

    def start(self) -> None:
        self._thread.start()

    def wait(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        self._supervisor._call("stopProcess", "kube-apiserver", False)
        # It may have ended by then.
        with contextlib.suppress(Exception):
            self._supervisor._call("signalProcess", "kube-apiserver", "KILL")
        assert until(lambda: self._supervisor.states()["kube-apiserver"] == "STOPPED", 20)
        self.gone_at = f"{datetime.now(UTC):%H:%M:%S}"
        time.sleep(AWAY_SECONDS)
        self._supervisor._call("startProcess", "kube-apiserver", False)
        assert until(lambda: self._cluster.kubectl("get", "--raw", "/readyz", check=False) == "ok", 60)
        self.back_at = f"{datetime.now(UTC):%H:%M:%S}"


def seconds_between(first: str, second: str) -> float:
    moments = [datetime.strptime(text, "%H:%M:%S") for text in (first, second)]
    return (moments[1] - moments[0]).total_seconds() % 86400


def test_a_good_release_is_watched_anew_once_it_is_seen_again(cluster: Cluster, shop: Shop) -> None:
    before, restart = shop.strategy(), Restart(cluster)
    with shop.used():
        outcome, lines = gated(shop, release(shop), GATE, meanwhile=restart.start)
    restart.wait()
    assert any("cannot be watched" in line for line in lines), lines
    assert outcome.outcome == "passed", (outcome, lines)
    [released] = [line for line in lines if "released" in line]
    assert seconds_between(restart.back_at, released[:8]) >= GATE["watch_seconds"] - 3, (restart.back_at, lines)
    after = shop.strategy()
    assert {**after, "template": None} == {**before, "template": None}


def test_pods_that_crash_meanwhile_halt_it(cluster: Cluster, shop: Shop) -> None:
    before, old, restart = shop.strategy(), shop.hash(), Restart(cluster)
    with shop.used():
        manifest = release(shop, CRASH_AFTER_SECONDS="9")
        outcome, lines = gated(shop, manifest, GATE, meanwhile=restart.start)
    restart.wait()
    assert outcome.outcome == "halted", (outcome, lines)
    assert outcome.paused
    assert "exit code 3" in outcome.why or "was ready and is not any more" in outcome.why, outcome
    assert outcome.detected_at[11:19] >= restart.gone_at, (outcome, restart.gone_at)
    assert len(shop.new_pods(old)) == 3
    undone(shop)
    assert shop.strategy() == before
