# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is written, and what never is: against a small API server that sees every request."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from remedies_api import Api, Refusal, serving
from remedies_objects import DEPLOYMENT, POD, Document, container, pod, replica_set, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    applying,
    plan_json,
    planning,
    results,
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
POD_TARGET = Target("test", "v1", "Pod", "shop", "web-1", "uid-web-1")
LIMIT = {"container": "app", "limits": {"memory": "128Mi"}}


@pytest.fixture
def api() -> Api:
    api = Api()
    api.put(DEPLOYMENT, workload())
    return api


@pytest.fixture
def client(api: Api) -> Iterator[Client]:
    with serving(api) as address:
        yield Client(Connection(host=address), retries=0)


def recommended(remedy: str, **parameters: Any) -> dict[str, Any]:
    return {"remedy": remedy, "parameters": parameters, "advisor": "rules", "reason": "", "expected_outcome": ""}


def planned(client: Client, remedy: str = "set_resources", target: Target = TARGET, **parameters: Any) -> Plan:
    return planning.plan(client, recommended(remedy, **(parameters or LIMIT)), target)


def spec(api: Api) -> Document:
    return api.objects[DEPLOYMENT]["spec"]


def test_planning_sends_dry_runs_only(api: Api, client: Client) -> None:
    planned(client)
    assert api.writes == []
    assert [method for method, _path in api.dry_runs] == ["PATCH", "POST"]


def test_applied_then_rolled_back_the_spec_is_what_it_was(api: Api, client: Client) -> None:
    before = copy.deepcopy(spec(api))
    plan = planned(client)
    written = applying.apply(client, plan, approved_digest=plan.digest)
    assert spec(api)["template"]["spec"]["containers"][0]["resources"]["limits"] == {"memory": "128Mi"}
    assert written[0].fields == ["spec.template.spec.containers[app].resources.limits.memory"]
    applying.roll_back(client, plan, written)
    assert spec(api) == before
    assert api.writes == [("PATCH", DEPLOYMENT)] * 2


def change(*path: Any, value: Any) -> Callable[[Api], None]:
    """What somebody else does to the Deployment between plan and apply."""

    def carried_out(api: Api) -> None:
        document = copy.deepcopy(api.objects[DEPLOYMENT])
        parent: Any = document
        for step in path[:-1]:
            parent = parent[step]
        if value is None:
            del parent[path[-1]]
        else:
            parent[path[-1]] = value
        api.put(DEPLOYMENT, document)

    return carried_out


def gone(api: Api) -> None:
    del api.objects[DEPLOYMENT]


APP = ("spec", "template", "spec", "containers", 0)
LIMITS = (*APP, "resources", "limits")
Changed = PreconditionChanged
OPERATOR = {"apiVersion": "example.org/v1", "kind": "Shop", "name": "eu", "uid": "u", "controller": True}
REFUSED = [
    ("made anew", change("metadata", "uid", value="other"), Changed, "uid was uid-web, now it is other"),
    ("deleted", gone, Changed, "now it is absent"),
    ("going", change("metadata", "deletionTimestamp", value="2026-11-20T12:00:00Z"), Changed, "deletion"),
    ("the field itself", change(*LIMITS, "memory", value="96Mi"), Changed, "was 64Mi, now it is 96Mi"),
    ("a field beside it", change(*APP, "resources", "requests", "memory", value="60Mi"), Changed, "resources was"),
    ("the field removed", change(*LIMITS, value=None), Changed, "now it is absent"),
    ("the image", change(*APP, "image", value="shop/web:2"), Changed, "was shop/web:1, now it is shop/web:2"),
    ("paused", change("spec", "paused", value=True), Changed, "paused was absent, now it is True"),
    ("another container", change(*APP, "name", value="web"), Changed, r"containers\[app\]"),
    ("Argo CD", change("metadata", "labels", value={"argocd.argoproj.io/instance": "shop"}), NotWritable, "Argo CD"),
    ("an operator", change("metadata", "ownerReferences", value=[OPERATOR]), NotWritable, "operator of Shop/eu"),
]


@pytest.mark.parametrize(("words", "meanwhile", "refusal", "text"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_matters_changed_meanwhile(
    api: Api,
    client: Client,
    words: str,
    meanwhile: Callable[[Api], None],
    refusal: type[RemedyError],
    text: str,
) -> None:
    plan = planned(client)
    meanwhile(api)
    with pytest.raises(refusal, match=text):
        applying.apply(client, plan)
    assert api.writes == []


@pytest.mark.parametrize(
    ("words", "meanwhile", "refusal", "text"),
    REFUSED[:1] + REFUSED[3:],
    ids=[row[0] for row in REFUSED[:1] + REFUSED[3:]],
)
def test_what_matters_changed_in_the_moment_of_writing(
    api: Api,
    client: Client,
    words: str,
    meanwhile: Callable[[Api], None],
    refusal: type[RemedyError],
    text: str,
) -> None:
    plan = planned(client)
    done: list[bool] = []

    def once() -> None:
        if not done:
            done.append(True)
            meanwhile(api)

    api.before_write = once
    with pytest.raises(refusal, match=text):
        applying.apply(client, plan)
    assert spec(api)["template"]["spec"]["containers"][0]["resources"].get("limits") != {"memory": "128Mi"}


UNIMPORTANT = [
    change("status", "replicas", value=5),
    change("metadata", "annotations", value={"note": "x"}),
    change("spec", "replicas", value=4),
    change("spec", "template", "spec", "containers", value=[container("proxy"), container()]),
]


@pytest.mark.parametrize("meanwhile", UNIMPORTANT, ids=["status", "annotation", "scaled", "order of containers"])
def test_what_does_not_matter_changed_meanwhile(api: Api, client: Client, meanwhile: Callable[[Api], None]) -> None:
    plan = planned(client)
    meanwhile(api)
    applying.apply(client, plan)
    written = {item["name"]: item for item in spec(api)["template"]["spec"]["containers"]}
    assert written["app"]["resources"]["limits"]["memory"] == "128Mi"
    assert all(item["resources"]["limits"]["memory"] == "64Mi" for name, item in written.items() if name != "app")


def test_a_version_that_moves_at_every_attempt_is_caught_up_with(api: Api, client: Client) -> None:
    plan = planned(client)
    left = [5]

    def move() -> None:
        if left[0]:
            left[0] -= 1
            api.touch(DEPLOYMENT)

    api.before_write = move
    assert applying.apply(client, plan)
    assert len(api.writes) == 6


def test_a_version_that_never_rests_ends_the_attempts(
    api: Api, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "PAUSE_SECONDS", 0.0)
    plan = planned(client)
    api.before_write = lambda: api.touch(DEPLOYMENT)
    with pytest.raises(ClusterError):
        applying.apply(client, plan)
    assert len(api.writes) == applying.ATTEMPTS
    assert spec(api)["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] == "64Mi"


def test_a_write_whose_answer_was_lost_is_recognised(api: Api, client: Client) -> None:
    plan = planned(client)
    api.drop_answers = 1
    assert applying.apply(client, plan)[0].verb == "patch"
    assert len(api.writes) == 1


def test_a_write_that_the_server_refuses_is_not_repeated(api: Api, client: Client) -> None:
    plan = planned(client)
    api.refuse[DEPLOYMENT] = Refusal(422, "Invalid", "spec.template: Invalid value")
    with pytest.raises(ClusterError, match="Invalid value"):
        applying.apply(client, plan)
    assert len(api.writes) == 1


@pytest.mark.parametrize("kind", ["digest of another", "altered", "not writable"])
def test_only_the_approved_plan_is_written(api: Api, client: Client, kind: str) -> None:
    plan = planned(client)
    digest = plan.digest
    if kind == "digest of another":
        digest = plan_json.digest_of(replace(plan, reason="other"))
    if kind == "altered":
        plan = replace(plan, reason="other")
    if kind == "not writable":
        plan = plan_json.with_digest(replace(plan, owner=replace(plan.owner, writable=False)))
        digest = plan.digest
    with pytest.raises((PlanInvalid, NotWritable)):
        applying.apply(client, plan, approved_digest=digest)
    assert api.writes == []


def test_more_replicas_than_planned_would_be_another_tier(api: Api, client: Client) -> None:
    plan = planning.plan(client, recommended("restart_rollout"), TARGET)
    plan = plan_json.with_digest(replace(plan, preconditions=[]))
    change("spec", "replicas", value=9)(api)
    with pytest.raises(PreconditionChanged, match="tier was 2, now it is 3"):
        applying.apply(client, plan)


ROLLBACKS = [
    ("nothing was written", lambda api: None, 0),
    ("somebody restored it already", change(*APP, "resources", "limits", "memory", value="64Mi"), 0),
]


@pytest.mark.parametrize(("words", "meanwhile", "writes"), ROLLBACKS, ids=[row[0] for row in ROLLBACKS])
def test_a_rollback_writes_only_what_is_due(
    api: Api, client: Client, words: str, meanwhile: Callable[[Api], None], writes: int
) -> None:
    plan = planned(client)
    meanwhile(api)
    assert applying.roll_back(client, plan) == []
    assert len(api.writes) == writes


def test_a_rollback_leaves_alone_what_somebody_else_changed(api: Api, client: Client) -> None:
    plan = planned(client)
    written = applying.apply(client, plan)
    change(*APP, "resources", "limits", "memory", value="96Mi")(api)
    with pytest.raises(PreconditionChanged, match="was 128Mi, now it is 96Mi"):
        applying.roll_back(client, plan, written)
    assert len(api.writes) == 1


def test_a_rollback_keeps_what_was_changed_beside(api: Api, client: Client) -> None:
    plan = planned(client)
    written = applying.apply(client, plan)
    change("spec", "replicas", value=7)(api)
    applying.roll_back(client, plan, written)
    assert spec(api)["replicas"] == 7
    assert spec(api)["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] == "64Mi"


def test_the_same_again_is_nothing_to_change(client: Client) -> None:
    with pytest.raises(NothingToChange):
        planned(client, container="app", limits={"memory": "65536Ki"})


@pytest.fixture
def with_pod(api: Api) -> Api:
    api.put(POD, pod())
    api.put("/apis/apps/v1/namespaces/shop/replicasets/web-abc", replica_set())
    return api


def test_one_replaced_pod_is_trivial_and_evicted_by_uid(with_pod: Api, client: Client) -> None:
    plan = planning.plan(client, recommended("restart_pod"), POD_TARGET)
    assert (plan.tier.level, plan.decision_window_seconds) == (1, 0)
    assert plan.validation.workload.kind == "Deployment"
    applying.apply(client, plan)
    assert with_pod.writes == [("POST", f"{POD}/eviction")]
    assert POD not in with_pod.objects


@pytest.mark.parametrize(
    ("advisor", "recent", "level"),
    [
        ("rules", [], 1),
        ("kagent", [], 2),
        ("", [], 2),
        ("rules", ["2999-01-01T00:00:00Z"], 2),
        ("rules", ["nonsense"], 2),
    ],
)
def test_when_a_restart_needs_a_person(
    with_pod: Api, client: Client, advisor: str, recent: list[str], level: int
) -> None:
    settings = Settings(recent_restarts=recent)
    plan = planning.plan(client, {**recommended("restart_pod"), "advisor": advisor}, POD_TARGET, settings=settings)
    assert plan.tier.level == level


def test_another_pod_of_that_name_is_left_alone(with_pod: Api, client: Client) -> None:
    plan = planning.plan(client, recommended("restart_pod"), POD_TARGET)
    other = pod()
    other["metadata"]["uid"] = "another"
    with_pod.put(POD, other)
    with pytest.raises(PreconditionChanged, match="metadata.uid"):
        applying.apply(client, plan)
    assert with_pod.writes == []


def test_results_tell_whether_a_rollback_is_needed(api: Api, client: Client) -> None:
    plan = plan_json.to_json(planned(client))
    change("spec", "paused", value=True)(api)
    with pytest.raises(results.Refused) as refused:
        results.applied(client, {"plan": plan, "digest": plan["digest"]}, dry_run=False)
    assert refused.value.result["rollback_needed"] is False
    body = refused.value.result["aiops_events"][0]["body"]
    assert (body["reason"], body["field"], body["planned"], body["now"]) == (
        "PreconditionChanged",
        "spec.paused",
        None,
        True,
    )


def test_an_empty_digest_approves_nothing(api: Api, client: Client) -> None:
    with pytest.raises(results.Refused, match="digest is empty"):
        results.applied(client, {"plan": plan_json.to_json(planned(client)), "digest": ""}, dry_run=False)
    assert api.writes == []


def test_an_approval_that_ended_writes_nothing(api: Api, client: Client) -> None:
    plan = plan_json.to_json(planned(client))
    given = {"plan": plan, "digest": plan["digest"], "expires_at": "2020-01-01T00:00:00Z"}
    with pytest.raises(results.Refused, match="approval ended"):
        results.applied(client, given, dry_run=False)
    assert api.writes == []


def test_check_mode_writes_nothing(api: Api, client: Client) -> None:
    plan = plan_json.to_json(planned(client))
    result = results.applied(client, {"plan": plan, "digest": plan["digest"]}, dry_run=True)
    assert (result["changed"], result["rollback_needed"], result["aiops_events"]) == (True, False, [])
    assert api.writes == []
