# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A bad release stops at three pods, and what was before comes back: on a real cluster, with people using the shop."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bubblewrap
import pytest
from openai_model import Model
from support import audit, errant, helm4
from support.cluster import Cluster
from support.playbook import ROOT
from support.shop import CHART, NAME, PODINFO, Shop, chart_with
from support.story import Story, plain

TARGET = f"deployment/{NAME}"
# Short times, so that a whole rollout takes seconds.
KEY = "sk-FAKEKEY1234567890abcdef"
GATE: dict[str, Any] = {
    "watch_seconds": 6,
    "ready_within_seconds": 60,
    "min_requests": 20,
    "look_every_seconds": 1,
    "look_within_seconds": 5,
}


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
    # What story 1 says of the pod that is looked at, where only one thing can be said.
    found: str = ""
    helm4: bool = False
    kubectl_ai: bool = False

    def valued(self, errant_image: str) -> dict[str, Any]:
        own = "env" in self.values
        return {"image": errant_image, **self.values} if own else {"env": {"RELEASE": "2"}, **self.values}


ERRORS = "requests to the new pods failed"
BAD = [
    Release("8 % errors", ERRORS, {"env": {"ERROR_SHARE": "0.08"}}, kubectl_ai=True),
    Release("50 % errors", ERRORS, {"env": {"ERROR_SHARE": "0.5"}}, helm4=True),
    # Whether its end or its readiness is told first is the kubelet's choice.
    Release("crash", r"\(exit code 3\)|was ready and is not any more", {"env": {"CRASH_AFTER_SECONDS": "3"}}),
    Release("never ready", "did not become ready within 10 s", {"args": ["--unready"]}, {"ready_within_seconds": 10}),
    Release("no image", "ErrImagePull", {"image": "localhost:5000/shop/none:1"}, found="image-not-found"),
    Release("slow", "the new pods are slow: p95", {"env": {"DELAY_SECONDS": "0.4"}}, {"max_latency_seconds": 0.2}),
]


def helm_options(shop: Shop, values: Path, **gate: Any) -> dict[str, Any]:
    return {
        "release": NAME,
        "chart": str(CHART),
        "values_files": [str(values)],
        "change_helm": shop.helm_path,
        "gate": {**GATE, **gate},
    }


def roll_out(story: Story, **options: Any) -> Any:
    """Plan, then decide by the digest, as without a terminal."""
    planned = story.run("rollout.yml", **options, stage="plan")
    assert "Status: waiting" in planned.output, planned.output
    return story.run(
        "approve.yml",
        **story.approval(),
        change_helm=options.get("change_helm", "helm"),
        change_notify=options.get("change_notify", []),
        **{name: value for name, value in options.items() if name.startswith("aiops_")},
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


@contextmanager
def explained(cluster: Cluster, story: Story, wanted: bool) -> Iterator[dict[str, Any]]:
    """kubectl-ai is set up: its stand-in in the real sandbox, with a scripted model."""
    if not wanted:
        yield {}
        return
    cluster.kubectl("apply", "-f", str(ROOT / "roles" / "kubectl_ai" / "files" / "read-only.yaml"))
    story.environment.update(PATH=f"{bubblewrap.folder()}:{os.environ['PATH']}", OPENAI_API_KEY=KEY)
    cause = {"class": "dependency-unavailable", "summary": "its till is closed", "confidence": 0.8, "evidence": ["E1"]}
    answer = {
        "target": {"kind": "Deployment", "namespace": story.namespace, "name": NAME},
        "diagnosis": {"verdict": "failing", "root_cause": cause},
        "recommendation": None,
    }
    with Model([json.dumps(answer)]) as model:
        environment = {"OPENAI_API_KEY": KEY, "OPENAI_ENDPOINT": model.url}
        program = str(ROOT / "tests" / "standins" / "kubectl-ai")
        one = {"program": program, "provider": "openai", "model": "gpt-4.1-mini", "environment": environment}
        yield {"aiops_kubectl_ai": [one], "aiops_advisors_within_seconds": 60}
        # It was told what the gate saw.
        assert ERRORS in model.seen[0].text


@pytest.mark.parametrize("release", BAD, ids=lambda release: release.name)
def test_a_bad_release_stops_at_three_pods(shop: Shop, story: Story, tmp_path: Path, release: Release) -> None:
    shop.helm_program = helm4.program() if release.helm4 else ""
    shop.install()
    before, old = shop.strategy(), shop.hash()
    told = tmp_path / "told.json"
    tell = [{"command": {"argv": ["tee", str(told)]}}]
    values = chart_with(tmp_path, **release.valued(shop.errant))
    with shop.used(), shop.counted(old), explained(shop.cluster, story, release.kubectl_ai) as advisors:
        done = roll_out(story, **helm_options(shop, values, **release.gate), change_notify=tell, **advisors)
        seen = shop.seen()
    assert re.search(release.why, plain(done.output)), done.output
    assert "Status: waiting" in done.output
    assert done.code == 0
    stands_at_three(shop, old, seen, crashes=release.name == "crash")
    told_and_recorded(shop, story, release, old, json.loads(told.read_text()))
    # A decision takes it back; Helm's record agrees with the cluster.
    assert story.body("planned")["remedy"] == "undo_rollout"
    undone = story.run("approve.yml", **story.approval("it is bad"), change_helm=shop.helm_path)
    assert "Status: done" in undone.output, undone.output
    is_as_before(shop, before, old)
    assert shop.history()[-1] == (3, "deployed")
    assert f"image: {PODINFO}" in shop.helm("get", "manifest", NAME)
    # The next release is nobody's special case.
    shop.helm("upgrade", NAME, str(CHART), "--reuse-values", "--set-json", 'env={"RELEASE": "9"}')
    assert {item["objectRef"]["resource"] for item in audit.writes(shop.cluster, shop.namespace)} == {"deployments"}


def stands_at_three(shop: Shop, old: str, seen: dict[str, Any], crashes: bool = False) -> None:
    """Three new pods were the most; the old ones are all there and serve; who failed were the three."""
    assert shop.most_new == 3
    assert shop.deployment()["spec"]["paused"] is True
    olds = [pod for pod in shop.pods() if pod["metadata"]["labels"]["pod-template-hash"] == old]
    assert len([pod for pod in olds if pod["status"]["containerStatuses"][0]["ready"]]) == shop.replicas
    assert not any(pod["status"]["containerStatuses"][0]["restartCount"] for pod in olds)
    new = {pod["metadata"]["name"] for pod in shop.new_pods(old)}
    others = {pod: count for pod, count in seen["failed"].items() if pod not in new}
    # A pod that crashes refuses the requests that still come to it, and cannot tell its name.
    refused = sum(others.pop(who) for who in list(others) if crashes and who.startswith("none: "))
    assert refused < seen["requests"] * 0.05, seen
    assert sum(others.values()) < seen["requests"] * 0.01, seen


def told_and_recorded(shop: Shop, story: Story, release: Release, old: str, notice: dict[str, Any]) -> None:
    """The architect, and the record: counts, interval, query, samples, logs, story 1's diagnosis, who explained it."""
    halted = story.body("validated")
    assert halted["status"] == "held"
    assert re.search(release.why, halted["message"])
    assert notice["details"]["outcome"] == "halted"
    assert re.search(release.why, notice["text"])
    gate, record = halted["gate"], story.record()
    assert gate["pod"] in {pod["metadata"]["name"] for pod in shop.new_pods(old)}
    assert gate["detected_at"] <= gate["paused_at"]
    assert "Halted" in record
    assert "95 % interval" in record
    if release.why == ERRORS:
        assert gate["figures"]["requests"] >= 20
        assert any('status="500"' in line for line in gate["error_samples"]), gate
        assert gate["error_samples"][0] in record
        assert "http_request_duration_seconds_count" in record
    if release.name in ("crash", "never ready"):
        assert gate["pod_logs"] and gate["pod_logs"][0].removeprefix(f"{gate['pod']}: ") in record
    diagnosed = story.body("diagnosed")
    assert diagnosed["verdict"] != "healthy"
    if release.kubectl_ai:
        assert "its till is closed" in record
        assert [event.body["name"] for event in story.events() if event.body.get("status") == "answered"] == [
            "kubectl-ai"
        ]
    elif release.found:
        assert diagnosed["root_cause"]["class"] == release.found


def is_as_before(shop: Shop, before: Any, old: str) -> None:
    assert shop.strategy() == before
    running = [pod for pod in shop.pods() if pod["status"]["phase"] == "Running"]
    staying = [pod for pod in running if not pod["metadata"].get("deletionTimestamp")]
    assert {pod["metadata"]["labels"]["pod-template-hash"] for pod in staying} == {old}
