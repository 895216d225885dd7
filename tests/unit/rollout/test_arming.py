# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The gate in the object: what holds, what comes back, and what cannot be gated."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming, helm, room

Document = dict[str, Any]


def workload(kind: str = "Deployment", **spec: Any) -> Document:
    rolling = {"maxSurge": "25%", "maxUnavailable": "25%"} if kind == "Deployment" else {"partition": 0}
    strategy = "strategy" if kind == "Deployment" else "updateStrategy"
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop", "uid": "u", "generation": 2, "annotations": {"a": "b"}},
        "spec": {
            "replicas": 10,
            strategy: {"type": "RollingUpdate", "rollingUpdate": rolling},
            "template": {"metadata": {"creationTimestamp": None}, "spec": {"containers": [{"image": "shop/web:1"}]}},
            **spec,
        },
        "status": {"observedGeneration": 2, "replicas": 10, "updatedReplicas": 10},
    }


def changed(document: Document) -> Document:
    result = copy.deepcopy(document)
    result["spec"]["template"]["spec"]["containers"][0]["image"] = "shop/web:2"
    result["status"]["updatedReplicas"] = 3
    return result


def test_a_deployment_holds_at_three_pods_for_a_day() -> None:
    spec = arming.armed(workload(), 3, pause=False)["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 3, "maxUnavailable": 0}
    assert (spec["minReadySeconds"], spec["progressDeadlineSeconds"]) == (86_400, 90_000)
    assert "paused" not in spec


def test_a_stateful_set_holds_at_its_last_three() -> None:
    armed = arming.armed(workload("StatefulSet"), 3, pause=False)
    assert armed["spec"]["updateStrategy"]["rollingUpdate"]["partition"] == 7
    assert arming.is_armed(armed)
    assert arming.paused(armed)["spec"]["updateStrategy"]["rollingUpdate"]["partition"] == 10
    assert arming.let_go(changed(armed))["spec"]["updateStrategy"]["rollingUpdate"]["partition"] == 0


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
@pytest.mark.parametrize("spec", [{}, {"minReadySeconds": 5, "progressDeadlineSeconds": 60}])
def test_what_is_armed_comes_back_exactly(kind: str, spec: Document) -> None:
    before = workload(kind, **spec)
    armed = arming.armed(before, 3, pause=True)
    assert arming.disarmed(armed) == before
    assert arming.let_go(armed) == before
    assert arming.undone(changed(arming.paused(armed)), before["spec"]["template"])["spec"] == before["spec"]


def test_a_rollout_that_is_half_out_stays_paused_and_can_be_taken_back() -> None:
    before = workload()
    half = arming.disarmed(changed(arming.armed(before, 3, pause=False)))
    assert half["spec"]["paused"] is True
    assert half["spec"]["strategy"] == before["spec"]["strategy"]
    assert arming.undone(half, before["spec"]["template"])["spec"] == before["spec"]


SURGE, UNAVAILABLE, READY, DEADLINE = arming.field_names("Deployment")


@pytest.mark.parametrize(
    ("sets", "brought"),
    [
        ([SURGE], {SURGE: 2}),
        ([SURGE], {SURGE: 0}),
        # What it brings may be what the gate itself would have written.
        ([SURGE, UNAVAILABLE], {SURGE: 1, UNAVAILABLE: 0}),
        ([SURGE, UNAVAILABLE], {SURGE: 3, UNAVAILABLE: 0}),
        ([DEADLINE], {DEADLINE: 300}),
        ([READY], {READY: 5}),
        ([READY, DEADLINE], {READY: 5, DEADLINE: 90_000}),
    ],
)
def test_what_a_chart_brings_is_what_comes_back(sets: list[str], brought: Document) -> None:
    before = workload(progressDeadlineSeconds=600)
    armed = arming.armed(before, 3, pause=True, values=arming.beside(before, 3, sets))
    assert armed["spec"]["paused"] is True
    upgraded, expected = changed(armed), workload(progressDeadlineSeconds=600)
    for name, value in brought.items():
        put(upgraded, name, value)
        put(expected, name, value)
    assert acceptable(upgraded)
    started = arming.started(upgraded)
    assert arming.is_armed(started)
    assert "paused" not in started["spec"]
    released = arming.released(started)["spec"]
    assert {**released, "template": None} == {**expected["spec"], "template": None}


def put(document: Document, name: str, value: Any) -> None:
    *rooms, last = name.split(".")
    for room_ in rooms:
        document = document[room_]
    document[last] = value


def acceptable(document: Document) -> bool:
    """As the API server validates a Deployment."""
    spec = document["spec"]
    rolling = spec["strategy"]["rollingUpdate"]
    both_zero = rolling["maxSurge"] == 0 and rolling["maxUnavailable"] == 0
    return spec["progressDeadlineSeconds"] > spec.get("minReadySeconds", 0) and not both_zero


@pytest.mark.parametrize("deadline", [600, 60, 2_147_483_647])
def test_an_upgrade_of_somebody_elses_may_set_its_deadline_again(deadline: int) -> None:
    before = workload(progressDeadlineSeconds=deadline)
    armed = arming.armed(before, 3, pause=True, values=arming.awaiting(before, 3))
    upgraded = changed(armed)
    put(upgraded, DEADLINE, deadline)
    assert acceptable(upgraded)
    # It holds even where the upgrade resumes the rollout, before the gate has seen it.
    assert upgraded["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 3, "maxUnavailable": 0}
    assert upgraded["spec"]["minReadySeconds"] == min(deadline - 1, arming.HELD_SECONDS)
    started = arming.started(upgraded)
    assert arming.is_armed(started)
    assert {**arming.released(started)["spec"], "template": None} == {**before["spec"], "template": None}
    assert arming.disarmed(armed) == before


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (workload("DaemonSet", updateStrategy={}), "a DaemonSet cannot be paused"),
        (workload(strategy={"type": "Recreate"}), "Recreate stops every old pod"),
        (workload("StatefulSet", updateStrategy={"type": "OnDelete"}), "replaced by hand"),
        (workload(paused=True), "resume it first"),
        (workload(replicas=0), "no replicas"),
        (workload(revisionHistoryLimit=0), "could not be taken back"),
        (arming.armed(workload(), 3, pause=False), "state=undo takes it back"),
    ],
)
def test_what_cannot_be_gated_says_why(document: Document, why: str) -> None:
    with pytest.raises(RemedyError, match=why):
        arming.refuse(document)


@pytest.mark.parametrize(
    "annotation",
    ["{", "[]", '{"fields": {}}', '{"armed": {}, "fields": {"spec.replicas": 0}, "template": "x", "first": 3}'],
)
def test_an_altered_annotation_writes_nothing(annotation: str) -> None:
    document = workload()
    document["metadata"]["annotations"][arming.ANNOTATION] = annotation
    with pytest.raises(RemedyError):
        arming.disarmed(document)


def node(cpu: str = "1", pods: str = "10", **more: Any) -> Document:
    status = {"allocatable": {"cpu": cpu, "memory": "1Gi", "pods": pods}, "conditions": [{"type": "Ready"}]}
    status["conditions"][0]["status"] = "True"  # type: ignore[index]
    return {"metadata": {"name": "n", "labels": {}}, "spec": more, "status": status}


POD = {"containers": [{"resources": {"requests": {"cpu": "300m", "memory": "100Mi"}}}]}


@pytest.mark.parametrize(
    ("nodes", "running", "fits"),
    [
        ([node()], [], True),
        ([node()], [{"spec": {"nodeName": "n", **POD}}], False),
        ([node(pods="2")], [], False),
        ([node(unschedulable=True)], [], False),
        ([node(taints=[{"key": "k", "effect": "NoSchedule"}])], [], False),
        ([node(cpu="500m"), node(cpu="500m"), node(cpu="500m")], [], True),
    ],
)
def test_room_for_the_pods_that_come_on_top(nodes: list[Document], running: list[Document], fits: bool) -> None:
    said = room.of_nodes(nodes, running, POD, 3)
    assert (said == "") is fits, said


def test_a_quota_that_is_used_up_is_said() -> None:
    quota = {"metadata": {"name": "q"}, "status": {"hard": {"pods": "12"}, "used": {"pods": "10"}}}
    assert "leaves no room for 3 more pods" in room.of_quotas([quota], 0, 0, 3)
    assert room.of_quotas([quota], 0, 0, 2) == ""


def manifest(*objects: Document) -> dict[helm.Key, Document]:
    return helm.by_key(objects, "shop")


def secret(value: str) -> Document:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"token": value}}


CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}


@pytest.mark.parametrize(
    ("then", "tier", "why"),
    [
        ([changed(workload())], 3, "changes workloads"),
        ([changed(workload()), CONFIG], 3, "changes workloads"),
        ([changed(workload()), secret("x")], 4, "creates Secret s"),
        ([], 4, "deletes Deployment web"),
        ([workload(replicas=0)], 4, "to zero"),
        ([changed(workload()), {**CONFIG, "kind": "Unheard"}], 4, "creates Unheard c"),
    ],
)
def test_the_tier_comes_from_the_difference(then: list[Document], tier: int, why: str) -> None:
    found, said = helm.tier_of(helm.changes(manifest(workload()), manifest(*then)))
    assert found == tier
    assert why in said


def test_the_difference_hides_secrets_and_tells_that_they_change() -> None:
    text = helm.diff(helm.changes(manifest(secret("hunter2hunter2")), manifest(secret("swordfish99"))))
    assert "hunter2" not in text and "swordfish" not in text
    assert text.count("hidden (") == 2


def test_the_workload_that_is_gated() -> None:
    changes = helm.changes(manifest(workload()), manifest(changed(workload()), CONFIG))
    found, others = helm.gated(changes, "", "")
    assert (found["metadata"]["name"], others) == ("web", [])
    assert helm.sets(found) == ["spec.strategy.rollingUpdate.maxSurge", "spec.strategy.rollingUpdate.maxUnavailable"]
    with pytest.raises(RemedyError, match="it changes those of: Deployment web"):
        helm.gated(changes, "Deployment", "other")
    with pytest.raises(RemedyError, match="sets spec.paused"):
        helm.sets(workload(paused=False))
    assert helm.sets(workload("StatefulSet", updateStrategy={"rollingUpdate": {"maxUnavailable": 1}})) == []
    with pytest.raises(RemedyError, match="sets the StatefulSet's partition itself"):
        helm.sets(workload("StatefulSet"))


def test_the_digest_of_a_chart_is_over_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.yaml").write_text("a")
    first = helm.digest_of_files(tmp_path)
    assert helm.digest_of_files(tmp_path) == first
    (tmp_path / "templates" / "a.yaml").rename(tmp_path / "templates" / "b.yaml")
    assert helm.digest_of_files(tmp_path) != first
    with pytest.raises(RemedyError, match="is not there"):
        helm.digest_of_files(tmp_path / "none")
