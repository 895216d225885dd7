# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One plan for the whole of a gated rollout: what it writes, and that nothing else can be written in its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from remedies_api import Api, serving
from remedies_objects import DEPLOYMENT, Document, replica_set, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import applying, catalogue, plan_json, planning
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import (
    NothingToChange,
    PlanInvalid,
    PreconditionChanged,
    RemedyError,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan, Write
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

TARGET = Target("test", "apps/v1", "Deployment", "shop", "web", "uid-web")
IMAGE = {"change": "image", "image": "shop/web:2"}
RELEASE = "/api/v1/namespaces/shop/secrets/sh.helm.release.v1.web.v4"
HELM = {
    "release": "web",
    "revision": 4,
    "chart": "/charts/web",
    "chart_digest": "sha256:a",
    "values_digest": "sha256:b",
    "manifest_digest": "sha256:c",
    "tier": 4,
    "tier_why": "creates Secret web",
    "diff": "--- secret/web now\n",
    "sets": ["spec.minReadySeconds"],
}


@pytest.fixture
def api() -> Api:
    api = Api()
    api.put(DEPLOYMENT, gateable())
    labelled = replica_set()
    labelled["metadata"] |= {"labels": {"app": "web"}, "annotations": {"deployment.kubernetes.io/revision": "1"}}
    api.put("/apis/apps/v1/namespaces/shop/replicasets/web-abc", labelled)
    status = {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}
    status["conditions"] = [{"type": "Ready", "status": "True"}]  # type: ignore[assignment]
    api.put("/api/v1/nodes/node-1", {"metadata": {"name": "node-1", "uid": "n"}, "spec": {}, "status": status})
    release = {
        "name": RELEASE.rsplit("/", maxsplit=1)[-1],
        "namespace": "shop",
        "uid": "r",
        "labels": {"status": "deployed"},
    }
    api.put(RELEASE, {"apiVersion": "v1", "kind": "Secret", "metadata": release})
    return api


@pytest.fixture
def client(api: Api) -> Iterator[Client]:
    with serving(api) as address:
        yield Client(Connection(host=address), retries=0)


def gateable() -> Document:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    made = workload(strategy=strategy, progressDeadlineSeconds=600)
    made["spec"]["replicas"] = 6
    made["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
    return made


def planned(client: Client, remedy: str = "gated_rollout", **parameters: Any) -> Plan:
    advice = {"remedy": remedy, "parameters": parameters, "advisor": "rules", "reason": "", "expected_outcome": ""}
    return planning.plan(client, advice, TARGET)


def test_one_plan_holds_gate_change_and_rule(api: Api, client: Client) -> None:
    plan = planned(client, **IMAGE, gate={"watch_seconds": 60})
    assert plan.tier.level == 3
    assert "3 of 6 new pods first" in plan.summary
    assert plan.parameters["gate"]["watch_seconds"] == 60
    assert plan.parameters["gate"]["min_requests"] == 20
    assert "-  image: shop/web:1" in plan.diff and "maxSurge: 3" in plan.diff
    applying.apply(client, plan)
    assert api.objects[DEPLOYMENT]["spec"]["minReadySeconds"] == arming.HELD_SECONDS
    assert len(api.writes) == 1


def test_a_failed_apply_restores_all_of_it(api: Api, client: Client) -> None:
    plan = planned(client, **IMAGE)
    applying.apply(client, plan)
    applying.roll_back(client, plan)
    assert api.objects[DEPLOYMENT]["spec"] == gateable()["spec"]
    assert arming.ANNOTATION not in api.objects[DEPLOYMENT]["metadata"]["annotations"]


def test_an_undo_is_one_write_and_brings_everything_back(api: Api, client: Client) -> None:
    applying.apply(client, planned(client, **IMAGE))
    api.objects[DEPLOYMENT]["spec"]["paused"] = True
    undo = planned(client, "undo_rollout")
    api.writes.clear()
    applying.apply(client, undo)
    assert len(api.writes) == 1
    assert api.objects[DEPLOYMENT]["spec"] == gateable()["spec"]


def test_undoing_from_the_record_takes_the_gates_own_way(api: Api, client: Client) -> None:
    plan = planned(client, **IMAGE)
    applying.apply(client, plan)
    assert planning.reverse(client, plan).remedy == "undo_rollout"


@pytest.mark.parametrize("remedy", ["undo_rollout", "continue_rollout", "disarm_rollout"])
def test_where_no_gate_is_there_is_nothing_to_end(client: Client, remedy: str) -> None:
    with pytest.raises(NothingToChange, match="is not gated"):
        planned(client, remedy)


def test_a_helm_upgrade_is_held_and_relies_on_its_revision(api: Api, client: Client) -> None:
    plan = planned(client, change="helm", helm=HELM)
    assert (plan.tier.level, plan.tier.name) == (4, "critical")
    assert "the chart creates Secret web" in plan.tier.why
    assert "--- secret/web now" in plan.diff
    assert "diff" not in plan.parameters["helm"]
    assert "The chart itself sets spec.minReadySeconds" in plan.warnings[0]
    written = {".".join(map(str, item["path"])): item.get("value") for item in plan.writes[0].body}
    assert written["spec.paused"] is True
    assert "spec.minReadySeconds" not in written
    assert not any(path.startswith("spec.template") for path in written)
    api.objects[RELEASE]["metadata"]["labels"]["status"] = "superseded"
    with pytest.raises(PreconditionChanged, match="was deployed, now it is superseded"):
        applying.apply(client, plan)
    assert api.writes == []


@pytest.mark.parametrize(
    ("parameters", "unwritten"),
    [
        # The API server refuses a deadline that is not over minReadySeconds.
        ({"change": "helm", "helm": {**HELM, "sets": ["spec.progressDeadlineSeconds"]}}, "spec.minReadySeconds"),
        ({"change": "guard"}, "spec.progressDeadlineSeconds"),
    ],
)
def test_a_deadline_that_the_upgrade_sets_does_not_clash(
    api: Api, client: Client, parameters: dict[str, Any], unwritten: str
) -> None:
    plan = planned(client, **parameters)
    assert unwritten not in [".".join(map(str, item["path"])) for item in plan.writes[0].body]
    applying.apply(client, plan)
    spec = api.objects[DEPLOYMENT]["spec"]
    assert spec["paused"] is True
    assert spec["progressDeadlineSeconds"] == 600 > spec.get("minReadySeconds", 0)


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"change": "everything"}, "must be one of image"),
        ({"change": "image"}, "needs image, and container"),
        ({"change": "image", "image": "shop/web:1"}, "already"),
        ({"change": "image", "image": "shop/web:2", "gate": {"whatever": 1}}, "no setting whatever"),
        ({"change": "manifest", "manifest": {"kind": "Deployment", "metadata": {"name": "other"}}}, "must be of"),
        ({"change": "helm", "helm": {**HELM, "diff": ""}}, "looked at anew"),
        ({"change": "helm", "helm": {**HELM, "release": ""}}, "needs helm.release"),
        ({"change": "helm", "helm": {**HELM, "revision": 9}}, "Helm keeps no Secret"),
    ],
)
def test_what_cannot_be_planned_says_why(client: Client, parameters: dict[str, Any], why: str) -> None:
    with pytest.raises((RemedyError, NothingToChange), match=why):
        planned(client, **parameters)


@pytest.mark.parametrize(
    ("path", "value"),
    [(["spec", "replicas"], 0), (["metadata", "annotations", "other"], "x"), (["spec", "selector"], {})],
)
def test_no_other_field_can_be_written_in_its_name(client: Client, path: list[str], value: Any) -> None:
    plan = planned(client, **IMAGE)
    more = {"op": "replace", "path": path, "value": value}
    forged = [replace(write, body=[*write.body, more]) for write in plan.writes]
    back: list[Write] = [replace(write, body=[*write.body, more]) for write in plan.rollback.writes]
    altered = replace(plan, writes=forged, rollback=replace(plan.rollback, writes=back))
    with pytest.raises(PlanInvalid, match="may not write"):
        catalogue.verify_writes(plan_json.with_digest(altered))
