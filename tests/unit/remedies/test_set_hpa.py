# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An autoscaler is created or changed as planned, and undone to what was there: the object and the replicas."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from remedies_api import Api, serving
from remedies_objects import DEPLOYMENT, Document, container, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    applying,
    catalogue,
    plan_json,
    planning,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import (
    NothingToChange,
    NotWritable,
    PlanInvalid,
    PreconditionChanged,
    RemedyError,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan, Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

TARGET = Target("test", "apps/v1", "Deployment", "shop", "web", "uid-web")
HPAS = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"
HPA = f"{HPAS}/web"
SIX = {"min_replicas": 2, "max_replicas": 6, "target_cpu_utilization_percent": 70}


def measured(**spec: Any) -> Document:
    resources = {"requests": {"cpu": "20m", "memory": "32Mi"}}
    return workload(containers=[container(resources=resources)], **spec)


def cpu(percent: int) -> Document:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def existing(name: str = "web", aim: str = "web", **spec: Any) -> Document:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-hpa-{name}", "labels": {}, "annotations": {}},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": aim},
            "minReplicas": 1,
            "maxReplicas": 3,
            "metrics": [cpu(50)],
            **spec,
        },
    }


@pytest.fixture
def api() -> Api:
    api = Api()
    api.put(DEPLOYMENT, measured())
    return api


@pytest.fixture
def client(api: Api) -> Iterator[Client]:
    with serving(api) as address:
        yield Client(Connection(host=address), retries=0)


def planned(client: Client, settings: Settings | None = None, **parameters: Any) -> Plan:
    advice = {"remedy": "set_hpa", "parameters": parameters or SIX, "advisor": "rules"}
    made = planning.plan(client, advice, TARGET, settings=settings)
    return plan_json.from_json(plan_json.to_json(made))


def set_replicas(api: Api, count: int) -> None:
    """What the autoscaler does once it is there."""
    document = copy.deepcopy(api.objects[DEPLOYMENT])
    document["spec"]["replicas"] = count
    api.put(DEPLOYMENT, document)


def set_spec(api: Api, path: str, **fields: Any) -> None:
    document = copy.deepcopy(api.objects[path])
    document["spec"].update(fields)
    api.put(path, document)


def test_created_then_rolled_back_it_is_gone_and_the_replicas_are_what_they_were(api: Api, client: Client) -> None:
    before = copy.deepcopy(api.objects[DEPLOYMENT]["spec"])
    plan = planned(client)
    assert api.writes == []
    assert (plan.tier.level, plan.writes[0].verb, plan.rollback.automatic) == (3, "create", True)
    assert "+maxReplicas: 6" in plan.diff
    written = applying.apply(client, plan, approved_digest=plan.digest)
    spec = api.objects[HPA]["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"], spec["metrics"]) == (2, 6, [cpu(70)])
    assert spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300
    set_replicas(api, 5)
    undone = applying.roll_back(client, plan, written)
    assert HPA not in api.objects
    assert api.objects[DEPLOYMENT]["spec"] == before
    assert [item.verb for item in undone] == ["delete", "patch"]
    assert applying.roll_back(client, plan, written) == []


def test_a_former_autoscaler_is_changed_and_restored(api: Api, client: Client) -> None:
    memory = {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization"}}}
    api.put(f"{HPAS}/old", existing("old", metrics=[memory, cpu(50)]))
    before = copy.deepcopy(api.objects[f"{HPAS}/old"]["spec"])
    plan = planned(client)
    written = applying.apply(client, plan, approved_digest=plan.digest)
    assert HPA not in api.objects
    spec = api.objects[f"{HPAS}/old"]["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"], spec["metrics"]) == (2, 6, [memory, cpu(70)])
    assert "behavior" not in spec
    set_replicas(api, 6)
    applying.roll_back(client, plan, written)
    assert api.objects[f"{HPAS}/old"]["spec"] == before
    assert api.objects[DEPLOYMENT]["spec"]["replicas"] == 1


def test_a_killed_run_is_undone_without_knowing_how_far_it_came(api: Api, client: Client) -> None:
    plan = planned(client)
    assert applying.roll_back(client, plan, None) == []
    applying.apply(client, plan, approved_digest=plan.digest)
    assert [item.verb for item in applying.roll_back(client, plan, None)] == ["delete"]


@pytest.mark.parametrize("former", [False, True])
def test_a_person_undoes_it_by_a_plan_and_that_one_too(api: Api, client: Client, former: bool) -> None:
    if former:
        api.put(HPA, existing())
    plan = planned(client)
    applying.apply(client, plan, approved_digest=plan.digest)
    after = copy.deepcopy(api.objects[HPA]["spec"])
    set_replicas(api, 4)
    reversal = planning.reverse(client, plan)
    assert (reversal.remedy, reversal.tier.level) == ("restore", 3)
    assert "-replicas: 4" in reversal.diff
    applying.apply(client, reversal, approved_digest=reversal.digest)
    assert (HPA in api.objects) is former
    assert api.objects[DEPLOYMENT]["spec"]["replicas"] == 1
    again = planning.reverse(client, reversal)
    applying.apply(client, again, approved_digest=again.digest)
    assert api.objects[HPA]["spec"] == after


def test_a_failed_reversal_puts_the_autoscaler_back(api: Api, client: Client) -> None:
    plan = planned(client)
    applying.apply(client, plan, approved_digest=plan.digest)
    after = copy.deepcopy(api.objects[HPA]["spec"])
    reversal = planning.reverse(client, plan)
    written = applying.apply(client, reversal, approved_digest=reversal.digest)
    assert HPA not in api.objects
    applying.roll_back(client, reversal, written)
    assert api.objects[HPA]["spec"] == after


def by_somebody(api: Api) -> None:
    set_spec(api, HPA, maxReplicas=9)


def test_what_somebody_else_changed_is_left(api: Api, client: Client) -> None:
    plan = planned(client)
    written = applying.apply(client, plan, approved_digest=plan.digest)
    by_somebody(api)
    with pytest.raises(PreconditionChanged, match=r"spec.maxReplicas was 6, now it is 9"):
        applying.roll_back(client, plan, written)
    with pytest.raises(PreconditionChanged, match=r"spec.maxReplicas"):
        planning.reverse(client, plan)
    assert api.objects[HPA]["spec"]["maxReplicas"] == 9


def another_autoscaler(api: Api) -> None:
    api.put(f"{HPAS}/other", existing("other"))


def scaled(api: Api) -> None:
    set_replicas(api, 3)


def without_request(api: Api) -> None:
    document = measured()
    document["spec"]["template"]["spec"]["containers"][0]["resources"] = {}
    api.put(DEPLOYMENT, document)


CHANGED_MEANWHILE = [(another_autoscaler, "its autoscaler"), (scaled, "spec.replicas"), (without_request, "resources")]


@pytest.mark.parametrize(("change", "field"), CHANGED_MEANWHILE)
def test_nothing_is_written_where_something_changed_since_the_plan(
    api: Api, client: Client, change: Callable[[Api], None], field: str
) -> None:
    plan = planned(client)
    change(api)
    with pytest.raises(PreconditionChanged) as refused:
        applying.apply(client, plan, approved_digest=plan.digest)
    assert field in refused.value.field
    assert api.writes == []


def test_a_changed_autoscaler_is_not_written(api: Api, client: Client) -> None:
    api.put(HPA, existing())
    plan = planned(client)
    by_somebody(api)
    with pytest.raises(PreconditionChanged, match="spec was as planned"):
        applying.apply(client, plan, approved_digest=plan.digest)
    assert api.writes == []


def owned(document: Document, **metadata: Any) -> Document:
    document["metadata"].update(metadata)
    return document


KEDA = [{"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "web", "uid": "u", "controller": True}]


def test_an_autoscaler_of_keda_is_not_written(api: Api, client: Client) -> None:
    api.put(HPA, owned(existing(), ownerReferences=KEDA))
    plan = planned(client)
    assert (plan.owner.kind, plan.owner.writable) == ("operator", False)
    assert "ScaledObject/web" in plan.owner.note
    assert "maxReplicas: 6" in plan.owner.snippet
    with pytest.raises(NotWritable):
        applying.apply(client, plan, approved_digest=plan.digest)


def test_a_workload_of_gitops_gets_its_autoscaler_at_the_source(api: Api, client: Client) -> None:
    labels = {"kustomize.toolkit.fluxcd.io/name": "apps"}
    api.put(DEPLOYMENT, owned(measured(), labels=labels))
    plan = planned(client)
    assert not plan.owner.writable
    assert "kind: HorizontalPodAutoscaler" in plan.owner.snippet


REFUSED = [
    ({"replicas": 0}, SIX, "is scaled to 0 replicas"),
    ({}, {"min_replicas": 5, "max_replicas": 4}, "min_replicas 5 and max_replicas 4 cannot be"),
    ({}, {"min_replicas": 0, "max_replicas": 4}, "the minimum is at least 1"),
    ({}, {"max_replicas": 4, "target_cpu_utilization_percent": 101}, "must be from 1 to 100"),
    ({}, {"max_replicas": 4, "scale_down_stabilization_seconds": 3601}, "at most 3600"),
    ({}, {"min_replicas": 2}, "needs the parameter max_replicas"),
]


@pytest.mark.parametrize(("spec", "parameters", "sentence"), REFUSED)
def test_refused(api: Api, client: Client, spec: Document, parameters: Document, sentence: str) -> None:
    api.put(DEPLOYMENT, measured(**spec))
    with pytest.raises(RemedyError, match=sentence):
        planned(client, **parameters)


def test_without_a_cpu_request_there_is_nothing_to_measure_against(api: Api, client: Client) -> None:
    api.put(DEPLOYMENT, workload())
    with pytest.raises(RemedyError, match="container app of Deployment shop/web has no CPU request"):
        planned(client)


def test_nothing_to_change(api: Api, client: Client) -> None:
    api.put(HPA, existing(minReplicas=2, maxReplicas=6, metrics=[cpu(70)]))
    with pytest.raises(NothingToChange, match="is so already"):
        planned(client)


def test_the_name_belongs_to_the_autoscaler_of_another_workload(api: Api, client: Client) -> None:
    api.put(HPA, existing(aim="other"))
    with pytest.raises(RemedyError, match="is there and scales another workload"):
        planned(client)


def test_an_autoscaler_that_would_delete_claims_is_critical(api: Api, client: Client) -> None:
    claims = {"volumeClaimTemplates": [{}], "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}
    document = measured(**claims)
    document["kind"] = "StatefulSet"
    api.put(DEPLOYMENT.replace("deployments", "statefulsets"), document)
    advice = {"remedy": "set_hpa", "parameters": SIX, "advisor": "rules"}
    plan = planning.plan(client, advice, dataclasses.replace(TARGET, kind="StatefulSet"))
    assert (plan.tier.level, plan.rollback.automatic) == (4, False)


def put(document: Any, path: list[Any], value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


SCALED_TO_NOTHING = [{"op": "replace", "path": ["spec", "replicas"], "value": 0}]
FORGED = [
    (["writes", 0, "verb"], "delete", "may not delete an autoscaler"),
    (["writes", 0, "object", "namespace"], "kube-system", "may not create"),
    (["writes", 0, "object", "kind"], "Secret", "0 writes to an autoscaler"),
    (["writes", 0, "body", "spec", "scaleTargetRef", "name"], "other", "another workload than its target"),
    (["writes", 0, "body", "spec", "externalPolicy"], "x", "may not write spec.externalPolicy"),
    (["writes", 0, "body", "metadata", "ownerReferences"], [], "no manifest of an autoscaler"),
    (["writes", 0, "body", "metadata", "name"], "other", "another object"),
    (["writes", 0, "body"], [], "no manifest of an autoscaler"),
    (["rollback", "writes", 0, "object", "name"], "other", "another object"),
    (["rollback", "writes", 1, "body"], SCALED_TO_NOTHING, "may not patch Deployment"),
    (["rollback", "writes", 1, "object", "name"], "other", "may not patch Deployment"),
    (["rollback", "writes", 1, "verb"], "delete", "may not delete Deployment"),
]


@pytest.mark.parametrize(("path", "value", "sentence"), FORGED, ids=lambda value: str(value)[:40])
def test_a_forged_plan_is_refused(client: Client, path: list[Any], value: Any, sentence: str) -> None:
    document = plan_json.to_json(planned(client))
    put(document, path, value)
    with pytest.raises(PlanInvalid, match=sentence):
        catalogue.verify_writes(plan_json.from_json(document))


FORGED_PATCHES = [
    ([{"op": "replace", "path": ["spec", "scaleTargetRef"], "value": {}}], "may not write spec.scaleTargetRef"),
    ([{"op": "remove", "path": ["metadata"]}], "may not write metadata"),
    ([{"op": "test", "path": ["spec", "maxReplicas"], "value": 1}], "an operation that is none"),
    ([{"op": "replace", "path": ["spec", "maxReplicas"]}], "an operation that is none"),
    ([], "may not patch"),
]


@pytest.mark.parametrize(("body", "sentence"), FORGED_PATCHES, ids=lambda value: str(value)[:40])
def test_a_forged_patch_is_refused(api: Api, client: Client, body: Any, sentence: str) -> None:
    api.put(HPA, existing())
    document = plan_json.to_json(planned(client))
    document["writes"][0]["body"] = body
    document["rollback"]["writes"][0]["body"] = body
    with pytest.raises(PlanInvalid, match=sentence):
        catalogue.verify_writes(plan_json.from_json(document))
