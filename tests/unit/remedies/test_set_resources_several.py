# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several containers in one plan, and the autoscaler's target that moves with their requests."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from remedies_api import Api, Refusal, serving
from remedies_objects import DEPLOYMENT, Document, container, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    applying,
    catalogue,
    plan_json,
    planning,
    scaling_point,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import (
    ApplyFailed,
    PlanInvalid,
    PreconditionChanged,
    RemedyError,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

TARGET = Target("test", "apps/v1", "Deployment", "shop", "web", "uid-web")
AUTOSCALER = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"
SMALLER = {"app": {"requests": {"cpu": "200m", "memory": "150Mi"}}, "proxy": {"requests": {"cpu": "50m"}}}


def sized(name: str, **requests: str) -> Document:
    return container(name, resources={"requests": requests})


def autoscaler(*metrics: Document) -> Document:
    default = {"type": "Resource", "resource": {"name": "cpu", "target": utilization(60)}}
    aim = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop", "uid": "uid-hpa", "resourceVersion": "1"},
        "spec": {"scaleTargetRef": aim, "minReplicas": 2, "maxReplicas": 5, "metrics": list(metrics) or [default]},
    }


def utilization(percent: int) -> Document:
    return {"type": "Utilization", "averageUtilization": percent}


@pytest.fixture
def api() -> Api:
    api = Api()
    api.put(DEPLOYMENT, workload(containers=[sized("app", cpu="400m"), sized("proxy", cpu="100m")]))
    api.put(AUTOSCALER, autoscaler())
    return api


@pytest.fixture
def client(api: Api) -> Iterator[Client]:
    with serving(api) as address:
        yield Client(Connection(host=address), retries=0)


def planned(client: Client, **parameters: Any) -> Plan:
    given = {"containers": SMALLER, "autoscaler": "move", **parameters}
    advice = {"remedy": "set_resources", "parameters": given, "advisor": "rules", "reason": "", "expected_outcome": ""}
    return planning.plan(client, advice, TARGET)


def requests(api: Api) -> list[Document]:
    return [item["resources"]["requests"] for item in api.objects[DEPLOYMENT]["spec"]["template"]["spec"]["containers"]]


def target(api: Api) -> int:
    return int(api.objects[AUTOSCALER]["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"])


def test_one_plan_holds_all_of_it_and_one_rollback_restores_all_of_it(api: Api, client: Client) -> None:
    before = copy.deepcopy([api.objects[path]["spec"] for path in (DEPLOYMENT, AUTOSCALER)])
    plan = planned(client)
    assert api.writes == []
    assert "in container app the cpu request from 400m to 200m" in plan.summary
    assert "at the same 300m cpu a pod as before: its target moves from 60% to 120%" in plan.summary
    assert "+++ horizontalpodautoscaler/web then" in plan.diff
    assert "spec.metrics of HorizontalPodAutoscaler shop/web" in plan.rollback.steps
    assert plan.tier.level == 3
    written = applying.apply(client, plan, approved_digest=plan.digest)
    assert api.writes == [("PATCH", DEPLOYMENT), ("PATCH", AUTOSCALER)]
    assert (requests(api), target(api)) == ([{"cpu": "200m", "memory": "150Mi"}, {"cpu": "50m"}], 120)
    applying.roll_back(client, plan, written)
    assert [api.objects[path]["spec"] for path in (DEPLOYMENT, AUTOSCALER)] == before


def test_a_later_reversal_restores_both_too(api: Api, client: Client) -> None:
    before = copy.deepcopy([api.objects[path]["spec"] for path in (DEPLOYMENT, AUTOSCALER)])
    plan = planned(client)
    applying.apply(client, plan, approved_digest=plan.digest)
    back = planning.reverse(client, plan)
    applying.apply(client, back, approved_digest=back.digest)
    assert [api.objects[path]["spec"] for path in (DEPLOYMENT, AUTOSCALER)] == before


def test_without_being_asked_the_autoscaler_is_left_alone(api: Api, client: Client) -> None:
    plan = planned(client, autoscaler="leave")
    assert [write.object.kind for write in plan.writes] == ["Deployment"]


def test_an_autoscaler_of_somebody_else_is_named_and_not_written(api: Api, client: Client) -> None:
    owned = autoscaler()
    owned["metadata"]["ownerReferences"] = [
        {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "web", "uid": "u", "controller": True}
    ]
    api.put(AUTOSCALER, owned)
    plan = planned(client)
    assert [write.object.kind for write in plan.writes] == ["Deployment"]
    assert "make the change in ScaledObject/web" in plan.summary


def test_an_autoscaler_that_changed_since_the_plan_stops_it(api: Api, client: Client) -> None:
    plan = planned(client)
    changed = autoscaler({"type": "Resource", "resource": {"name": "cpu", "target": utilization(80)}})
    api.put(AUTOSCALER, changed)
    with pytest.raises(PreconditionChanged, match=r"HorizontalPodAutoscaler shop/web changed since .* spec\.metrics"):
        applying.apply(client, plan, approved_digest=plan.digest)
    assert api.writes == []


def test_a_status_written_meanwhile_does_not(api: Api, client: Client) -> None:
    plan = planned(client)
    api.touch(AUTOSCALER)
    applying.apply(client, plan, approved_digest=plan.digest)
    assert target(api) == 120


def test_an_autoscaler_that_cannot_be_written_reverses_the_workload(api: Api, client: Client) -> None:
    plan = planned(client)
    api.refuse[AUTOSCALER] = Refusal(403, "Forbidden", "no")
    with pytest.raises(ApplyFailed) as failed:
        applying.apply(client, plan, approved_digest=plan.digest)
    applying.roll_back(client, plan, failed.value.written)
    assert requests(api) == [{"cpu": "400m"}, {"cpu": "100m"}]


def test_nothing_else_of_an_autoscaler_and_no_other_object_may_be_written(client: Client) -> None:
    plan = planned(client)
    [workload_write, write] = plan.writes
    [workload_back, back] = plan.rollback.writes
    path = ["spec", "maxReplicas"]
    wrong = dataclasses.replace(write, body=[{"op": "replace", "path": path, "value": 99}])
    wrong_back = dataclasses.replace(back, body=[{"op": "replace", "path": path, "value": 5}])
    other = ObjectRef("autoscaling/v2", "HorizontalPodAutoscaler", "web", "elsewhere", "uid-hpa")
    for writes, restored in (
        ([workload_write, wrong], [workload_back, wrong_back]),
        (
            [workload_write, dataclasses.replace(write, object=other)],
            [workload_back, dataclasses.replace(back, object=other)],
        ),
    ):
        forged = dataclasses.replace(plan, writes=writes, rollback=dataclasses.replace(plan.rollback, writes=restored))
        with pytest.raises(PlanInvalid):
            catalogue.verify_writes(plan_json.with_digest(forged))


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"containers": None}, "needs the parameter container or containers, and not both"),
        ({"container": "app"}, "needs the parameter container or containers, and not both"),
        ({"containers": {"nobody": {"requests": {"cpu": "1"}}}}, "has no container 'nobody'"),
        ({"containers": {"app": {"request": {"cpu": "1"}}}}, "a map from containers to requests and limits"),
        ({"containers": {"app": {}}}, "needs requests or limits"),
        ({"containers": {"app": {"requests": {"cpu": "0"}}}}, "must be a quantity above nothing"),
        ({"autoscaler": "maybe"}, "must be one of move, leave"),
    ],
)
def test_parameters_that_are_wrong(client: Client, parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RemedyError, match=sentence):
        planned(client, **parameters)


def metric_of_container(percent: int) -> Document:
    return {
        "type": "ContainerResource",
        "containerResource": {"name": "cpu", "container": "app", "target": utilization(percent)},
    }


POD_BEFORE = {"containers": [sized("app", cpu="1"), sized("proxy", cpu="200m")]}
POD_AFTER = {"containers": [sized("app", cpu="250m"), sized("proxy", cpu="50m")]}


@pytest.mark.parametrize(
    ("metric", "percent", "sentence"),
    [
        ({"type": "Resource", "resource": {"name": "cpu", "target": utilization(50)}}, 200, "same 600m cpu"),
        (metric_of_container(50), 200, "same 500m cpu"),
        ({"type": "Resource", "resource": {"name": "memory", "target": utilization(50)}}, 50, "cannot work by memory"),
    ],
)
def test_the_scaling_point_stays(metric: Document, percent: int, sentence: str) -> None:
    desired, said = scaling_point.moved(autoscaler(metric), POD_BEFORE, POD_AFTER)
    [moved] = desired["spec"]["metrics"]
    assert (
        next(iter(source for key, source in moved.items() if key != "type"))["target"]["averageUtilization"] == percent
    )
    assert sentence in said[0]


def test_a_target_in_absolute_amounts_stays() -> None:
    absolute = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "1"}},
    }
    desired, said = scaling_point.moved(autoscaler(absolute), POD_BEFORE, POD_AFTER)
    assert (desired["spec"]["metrics"], said) == ([absolute], [])
