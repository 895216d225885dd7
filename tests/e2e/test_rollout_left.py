# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Watchers that die, and workloads, metrics and people that get in the way: never more than three, never healthy."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import errant
from support.cluster import Cluster
from support.gating import gated, release, undone
from support.playbook import ROOT
from support.shell import Shell, environment_of, sections
from support.shop import NAME, Shop, until
from support.story import Story, plain

GATE: dict[str, Any] = {
    "watch_seconds": 4,
    "ready_within_seconds": 60,
    "look_every_seconds": 1,
    "look_within_seconds": 5,
}
TARGET = f"deployment/{NAME}"


@pytest.fixture
def shop(cluster: Cluster, namespace: str) -> Shop:
    made = Shop(cluster, namespace, errant.image(cluster), replicas=4)
    made.install(image=made.errant)
    return made


@pytest.fixture
def story(cluster: Cluster, namespace: str, tmp_path: Path) -> Story:
    return Story(cluster, namespace, tmp_path / "records")


def armed(shop: Shop) -> bool:
    return "aiops.kubernetes/rollout-gate" in shop.deployment()["metadata"]["annotations"]


def ready(shop: Shop, old: str) -> int:
    return sum(pod["status"].get("containerStatuses", [{}])[0].get("ready", False) for pod in shop.new_pods(old))


POINTS: dict[str, Callable[[Story, Shop, str], bool]] = {
    "decided": lambda story, _shop, _old: "decided" in story.names(),
    "applying": lambda story, _shop, _old: "applying" in story.names(),
    "armed": lambda _story, shop, _old: armed(shop),
    "first pods": lambda _story, shop, old: len(shop.new_pods(old)) == 3,
    "watching": lambda _story, shop, old: ready(shop, old) == 3,
}


@pytest.mark.parametrize("point", POINTS)
def test_a_watcher_that_is_killed_lets_nothing_through(shop: Shop, story: Story, tmp_path: Path, point: str) -> None:
    before, old = shop.strategy(), shop.hash()
    manifest = tmp_path / "release.json"
    manifest.write_text(json.dumps(release(shop)))
    options = {"target": TARGET, "manifest": str(manifest), "gate": {**GATE, "watch_seconds": 600}}
    planned = story.run("rollout.yml", **options, stage="plan")
    assert "Status: waiting" in planned.output, planned.output
    watcher = story.start("approve.yml", **story.approval())
    try:
        assert until(lambda: POINTS[point](story, shop, old), 90), point
    finally:
        os.killpg(watcher.pid, signal.SIGKILL)
        watcher.wait()
    with shop.counted(old):
        time.sleep(6)
    assert shop.most_new <= 3
    assert len([pod for pod in shop.pods() if pod["metadata"]["labels"]["pod-template-hash"] == old]) == shop.replicas
    if not armed(shop):
        assert shop.strategy() == before
        return
    # A later run restores the strategy and lets nothing go, another takes the release back.
    states = ["disarm", "undo"] if point == "watching" else ["undo"]
    for state in states:
        assert "Status: waiting" in story.run("rollout.yml", target=TARGET, state=state, stage="plan").output
        ended = story.run("approve.yml", **story.approval())
        assert "Status: done" in ended.output, ended.output
        if state == "disarm":
            now = shop.strategy()
            assert (now["strategy"], now["paused"]) == (before["strategy"], True)
    assert shop.strategy() == before
    assert not armed(shop)


@pytest.mark.parametrize(
    ("metrics", "why"),
    [("none", "gave no figures"), ("slow", "gave no figures"), ("huge", "larger than"), ("lies", "is no sample")],
)
def test_metrics_that_cannot_be_believed_are_never_healthy(shop: Shop, metrics: str, why: str) -> None:
    # A first look is over before the watch is.
    with shop.used():
        outcome, _lines = gated(shop, release(shop, METRICS=metrics), {**GATE, "watch_seconds": 12})
    assert outcome.outcome == "inconclusive", outcome
    assert why in outcome.why
    assert shop.deployment()["spec"]["paused"] is True


def start_another(shop: Shop) -> None:
    shop.cluster.kubectl("set", "env", TARGET, "RELEASE=3", "-n", shop.namespace)


def delete(shop: Shop) -> None:
    shop.cluster.kubectl("delete", TARGET, "-n", shop.namespace, "--wait=false")


@pytest.mark.parametrize(
    ("happens", "outcome", "why"),
    [(start_another, "halted", "another rollout was started meanwhile"), (delete, "gone", "was deleted")],
)
def test_what_happens_meanwhile_is_said(shop: Shop, happens: Callable[[Shop], Any], outcome: str, why: str) -> None:
    ended, lines = gated(shop, release(shop), {**GATE, "watch_seconds": 30}, meanwhile=lambda: happens(shop))
    assert ended.outcome == outcome, (ended, lines)
    assert why in ended.why


def test_pods_that_an_autoscaler_adds_are_watched_too(shop: Shop) -> None:
    """Four pods become six while three new ones are held: every new one counts, and all must be good."""

    def scale() -> None:
        limits = ("--min=6", "--max=8", "--cpu=80%")
        shop.cluster.kubectl("autoscale", TARGET, *limits, "-n", shop.namespace)
        # An autoscaler looks every 15 s.
        assert until(lambda: len(shop.pods()) >= 9, 60)

    old = shop.hash()
    with shop.used():
        outcome, lines = gated(shop, release(shop, ERROR_SHARE="0.03"), {**GATE, "watch_seconds": 8}, meanwhile=scale)
    assert outcome.outcome == "passed", (outcome, lines)
    released = next(number for number, line in enumerate(lines) if "released" in line)
    ready_pods, new_pods = map(int, re.findall(r"(\d+)/(\d+) ready", lines[released - 1])[0])
    assert ready_pods == new_pods >= 3, lines
    assert len(shop.new_pods(old)) == 6
    assert shop.deployment()["spec"]["replicas"] == 6


def test_too_little_to_tell_from_is_held_until_somebody_decides(shop: Shop, story: Story) -> None:
    before = shop.strategy()
    outcome, _lines = gated(shop, release(shop), GATE)
    assert outcome.outcome == "inconclusive"
    assert "only 0 requests" in outcome.why
    # Letting it go on all the same is a plan of tier 3 with a decision of its own.
    planned = story.run("rollout.yml", target=TARGET, state="continue", stage="plan")
    assert "Status: waiting" in planned.output
    assert story.body("planned")["tier"]["level"] == 3
    ended = story.run("approve.yml", **story.approval())
    assert "Status: done" in ended.output, plain(ended.output)
    after = shop.strategy()
    assert {**after, "template": None} == {**before, "template": None}
    assert not armed(shop)


def test_the_runbook(shop: Shop, tmp_path: Path) -> None:
    before = shop.strategy()
    outcome, _lines = gated(shop, release(shop, CRASH_AFTER_SECONDS="2"), GATE)
    assert outcome.outcome == "halted", outcome
    values = {"KUBECONFIG": shop.cluster.kubeconfig, "NAMESPACE": shop.namespace, "WORKLOAD": NAME}
    text = (ROOT / "docs" / "runbooks" / "rolling-update.md").read_text()
    shell = Shell(sections(text), tmp_path, environment_of(shop.cluster, tmp_path), values)
    shell.does("Set up")
    said = shell.does("First minute")
    assert said.startswith("true\n{")
    said = shell.does("Taking it back")
    assert "Status: waiting" in said
    shell.reads(said, "RECORD", "DIGEST")
    assert "Status: done" in shell.does("Without a terminal")
    assert shop.strategy() == before
    assert shell.ran == {title for title, blocks in shell.blocks.items() if blocks}


def test_synthetic_requests_tell_where_nobody_asks(shop: Shop) -> None:
    probe = {"source": "probe", "probe": {"path": "/", "per_second": 10}}
    outcome, _lines = gated(shop, release(shop, ERROR_SHARE="0.2"), {**GATE, **probe})
    assert outcome.outcome == "halted", outcome
    assert "requests to the new pods failed" in outcome.why
    undone(shop)
