# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A bad release stops at three pods, and what was before comes back: on a real cluster, with people using the shop."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support import audit, errant
from support.cluster import Cluster
from support.shop import CHART, NAME, PODINFO, Shop, chart_with
from support.story import Story, plain

TARGET = f"deployment/{NAME}"
# Short times, so that a whole rollout takes seconds.
GATE: dict[str, Any] = {"watch_seconds": 6, "ready_within_seconds": 40, "min_requests": 20, "look_every_seconds": 1}


@pytest.fixture
def shop(cluster: Cluster, namespace: str) -> Shop:
    return Shop(cluster, namespace, errant.image(cluster))


@pytest.fixture
def story(cluster: Cluster, namespace: str, tmp_path: Path) -> Story:
    return Story(cluster, namespace, tmp_path / "records")


@dataclass(frozen=True)
class Release:
    """A release, and why it is halted."""

    name: str
    why: str
    values: dict[str, Any] = field(default_factory=dict)
    gate: dict[str, Any] = field(default_factory=dict)

    def valued(self, errant_image: str) -> dict[str, Any]:
        own = "env" in self.values
        return {"image": errant_image, **self.values} if own else {"env": {"RELEASE": "2"}, **self.values}


BAD = [
    Release("8 % errors", "requests to the new pods failed", {"env": {"ERROR_SHARE": "0.08"}}),
    Release("50 % errors", "requests to the new pods failed", {"env": {"ERROR_SHARE": "0.5"}}),
    # Whether its end or its readiness is told first is the kubelet's choice.
    Release("crash", r"\(exit code 3\)|was ready and is not any more", {"env": {"CRASH_AFTER_SECONDS": "3"}}),
    Release("never ready", "did not become ready within 10 s", {"args": ["--unready"]}, {"ready_within_seconds": 10}),
    Release("no image", "ErrImagePull", {"image": "localhost:5000/shop/none:1"}),
    Release("slow", "the new pods are slow: p95", {"env": {"DELAY_SECONDS": "0.4"}}, {"max_latency_seconds": 0.2}),
]


def helm_options(shop: Shop, values: Path, **gate: Any) -> dict[str, Any]:
    return {
        "release": NAME,
        "chart": str(CHART),
        "values_files": [str(values)],
        "change_helm": shop.cluster.program("helm"),
        "gate": {**GATE, **gate},
    }


def roll_out(story: Story, **options: Any) -> Any:
    """Plan, then decide by the digest, as without a terminal."""
    planned = story.run("rollout.yml", **options, stage="plan")
    assert "Status: waiting" in planned.output, planned.output
    digest = story.body("planned")["digest"]
    return story.run(
        "approve.yml",
        record=str(story.journals()[-1].stem.split("-")[0]),
        decision="approved",
        digest=digest,
        justification="it is Tuesday",
        change_helm=options.get("change_helm", "helm"),
        change_notify=options.get("change_notify", []),
    )


def test_a_good_release_goes_through_by_itself(shop: Shop, story: Story, tmp_path: Path) -> None:
    shop.install()
    before, old = shop.strategy(), shop.hash()
    values = chart_with(tmp_path, env={"RELEASE": "2"})
    with shop.used():
        done = roll_out(story, **helm_options(shop, values))
    assert "Status: done" in done.output, done.output
    assert "Went on by itself and is complete" in plain(done.output)
    after = shop.strategy()
    assert after.pop("template") != before.pop("template")
    assert after == before
    assert len(shop.new_pods(old)) == shop.replicas
    assert shop.history() == [(1, "superseded"), (2, "deployed")]
    assert sum(shop.seen()["failed"].values()) <= shop.seen()["requests"] * 0.01, shop.seen()
    gate = story.body("validated")["gate"]
    assert gate["figures"]["requests"] >= 20
    assert "http_request_duration_seconds_count" in gate["query"]
    assert "aiops.kubernetes/rollout-gate" not in json.dumps(shop.deployment()["metadata"]["annotations"])


@pytest.mark.parametrize("release", BAD, ids=lambda release: release.name)
def test_a_bad_release_stops_at_three_pods(shop: Shop, story: Story, tmp_path: Path, release: Release) -> None:
    shop.install()
    before, old = shop.strategy(), shop.hash()
    told = tmp_path / "told.json"
    tell = [{"command": {"argv": ["tee", str(told)]}}]
    values = chart_with(tmp_path, **release.valued(shop.errant))
    with shop.used():
        with shop.counted(old):
            done = roll_out(story, **helm_options(shop, values, **release.gate), change_notify=tell)
        seen = shop.seen()
    assert re.search(release.why, plain(done.output)), done.output
    assert "Status: waiting" in done.output
    assert done.code == 0
    assert shop.most_new == 3
    now = shop.deployment()["spec"]
    assert now["paused"] is True
    # The old pods are all there and serve; who else failed were the three.
    ready = [pod for pod in shop.pods() if pod["metadata"]["labels"]["pod-template-hash"] == old]
    assert len([pod for pod in ready if pod["status"]["containerStatuses"][0]["ready"]]) == shop.replicas
    new = {pod["metadata"]["name"] for pod in shop.new_pods(old)}
    others = {pod: count for pod, count in seen["failed"].items() if pod not in new}
    assert sum(others.values()) < seen["requests"] * 0.01, seen
    halted = next(event.body for event in story.events() if event.event == "validated")
    assert halted["status"] == "held"
    assert re.search(release.why, halted["message"])
    record = story.record()
    assert "95 % interval" in record
    assert "Halted" in record
    # A decision takes it back; Helm's record agrees with the cluster.
    digest = story.body("planned")["digest"]
    assert story.body("planned")["remedy"] == "undo_rollout"
    undone = story.run(
        "approve.yml",
        record=str(story.journals()[-1].stem.split("-")[0]),
        decision="approved",
        digest=digest,
        justification="it is bad",
        change_helm=shop.cluster.program("helm"),
    )
    assert "Status: done" in undone.output, undone.output
    assert shop.strategy() == before
    assert shop.history()[-1] == (3, "deployed")
    assert f"image: {PODINFO}" in shop.helm("get", "manifest", NAME)
    assert {
        pod["metadata"]["labels"]["pod-template-hash"]
        for pod in shop.pods()
        if pod["status"]["phase"] == "Running" and not pod["metadata"].get("deletionTimestamp")
    } == {old}
    assert {item["objectRef"]["resource"] for item in audit.writes(shop.cluster, shop.namespace)} == {"deployments"}
