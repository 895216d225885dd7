# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Gates other than that of a Deployment whose release this project starts: a StatefulSet's, and one that is guarded."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from support import errant
from support.cluster import Cluster
from support.gating import gated, release, undone
from support.shop import NAME, Shop, until
from support.story import Story, plain

PROBED: dict[str, Any] = {
    "watch_seconds": 3,
    "ready_within_seconds": 60,
    "look_every_seconds": 1,
    "look_within_seconds": 5,
    "source": "probe",
    "probe": {"path": "/", "per_second": 10},
}
REPLICAS = 5


@pytest.fixture
def shop(cluster: Cluster, namespace: str) -> Shop:
    return Shop(cluster, namespace, errant.image(cluster), replicas=4)


@pytest.fixture
def stateful(shop: Shop) -> Shop:
    """Five pods of a StatefulSet."""
    container = {
        "name": "app",
        "image": shop.errant,
        "ports": [{"name": "http", "containerPort": 9898}],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 1, "timeoutSeconds": 5},
    }
    spec = {
        "replicas": REPLICAS,
        "serviceName": NAME,
        "selector": {"matchLabels": {"app": NAME}},
        "template": {
            "metadata": {"labels": {"app": NAME}},
            "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
        },
    }
    manifest = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": NAME}, "spec": spec}
    shop.cluster.apply(shop.namespace, json.dumps(manifest))
    shop.cluster.kubectl("rollout", "status", f"statefulset/{NAME}", "-n", shop.namespace, "--timeout=120s")
    return shop


def spec_of(shop: Shop) -> Any:
    return shop.cluster.get("statefulset", NAME, "-n", shop.namespace)["spec"]


def revisions(shop: Shop) -> list[str]:
    """Which revision each pod is of, by ordinal."""
    pods = sorted(shop.pods(), key=lambda pod: pod["metadata"]["name"])
    return [pod["metadata"]["labels"]["controller-revision-hash"] for pod in pods]


def test_a_good_release_of_a_statefulset_goes_through(stateful: Shop) -> None:
    before = spec_of(stateful)
    outcome, lines = gated(stateful, release(stateful, "StatefulSet"), PROBED)
    assert outcome.outcome == "passed", (outcome, lines)
    assert any("3/3 ready" in line and line.endswith("watching") for line in lines), lines
    after = spec_of(stateful)
    assert after.pop("template") != before.pop("template")
    assert after == before
    assert len(set(revisions(stateful))) == 1


@pytest.mark.parametrize(
    ("env", "within", "why"),
    [
        ({"ERROR_SHARE": "0.5"}, 60, "requests to the new pods failed"),
        # Such a pod would keep the controller from taking anything back; the undo moves it out of the way.
        ({"NEVER_READY": "1"}, 6, "did not become ready within 6 s"),
    ],
)
def test_a_bad_release_of_a_statefulset_stops(stateful: Shop, env: dict[str, str], within: int, why: str) -> None:
    before, [old] = spec_of(stateful), set(revisions(stateful))
    settings = {**PROBED, "ready_within_seconds": within}
    outcome, lines = gated(stateful, release(stateful, "StatefulSet", **env), settings)
    assert outcome.outcome == "halted", (outcome, lines)
    assert why in outcome.why
    assert spec_of(stateful)["updateStrategy"]["rollingUpdate"]["partition"] == REPLICAS
    assert revisions(stateful)[: REPLICAS - 3] == [old] * (REPLICAS - 3)
    undone(stateful, "StatefulSet")
    assert spec_of(stateful) == before
    assert until(lambda: revisions(stateful) == [old] * REPLICAS, 60), revisions(stateful)


@pytest.mark.parametrize(("share", "ends_as"), [("0", "Status: done"), ("0.5", "Status: waiting")])
def test_a_release_that_somebody_else_starts_is_guarded(shop: Shop, story: Story, share: str, ends_as: str) -> None:
    shop.install(image=shop.errant)
    before, old = shop.strategy(), shop.hash()
    options = {"target": f"deployment/{NAME}", "mode": "guard", "gate": PROBED}
    planned = story.run("rollout.yml", **options, stage="plan")
    assert "Status: waiting" in planned.output, planned.output

    def somebody() -> None:
        """Who also sets the deadline, as many charts do."""
        until(lambda: shop.deployment()["spec"].get("paused"), 60)
        name = shop.deployment()["spec"]["template"]["spec"]["containers"][0]["name"]
        container = {"name": name, "env": [{"name": "ERROR_SHARE", "value": share}]}
        spec = {
            "progressDeadlineSeconds": before["progressDeadlineSeconds"],
            "template": {"spec": {"containers": [container]}},
        }
        patch = json.dumps({"spec": spec})
        shop.cluster.kubectl("patch", f"deployment/{NAME}", "-n", shop.namespace, "--patch", patch)

    person = threading.Thread(target=somebody)
    person.start()
    with shop.counted(old):
        ended = story.run("approve.yml", **story.approval())
    person.join()
    assert ends_as in ended.output, ended.output
    if share == "0":
        assert "Went on by itself and is complete" in plain(ended.output)
        assert {**shop.strategy(), "template": None} == {**before, "template": None}
        assert len(shop.new_pods(old)) == shop.replicas
    else:
        assert "requests to the new pods failed" in plain(ended.output)
        assert shop.most_new == 3
        undone(shop)
        assert shop.strategy() == before


@pytest.fixture
def story(cluster: Cluster, namespace: str, tmp_path: Path) -> Story:
    return Story(cluster, namespace, tmp_path / "records")
