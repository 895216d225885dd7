# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a change holds, when it does not, and that silence is never good news."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from remedies_api import Api, serving
from remedies_objects import DEPLOYMENT, POD, Document, pod, replica_set, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    monitoring,
    observing,
    planning,
    validating,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.observing import ContainerState, Metrics
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

REPLICA_SET = "/apis/apps/v1/namespaces/shop/replicasets/web-abc"


class Hours(Clock):
    """A clock whose waits take no time, and during which a test lets things happen."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.at: dict[int, Callable[[], None]] = {}

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, 0, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        for moment in [moment for moment in self.at if moment <= self.seconds]:
            self.at.pop(moment)()


def status(**facts: Any) -> Document:
    return {"name": "app", "restartCount": 0, "state": {"running": {}}, **facts}


def waiting(reason: str, **facts: Any) -> Document:
    return status(state={"waiting": {"reason": reason, "message": "m"}}, **facts)


OOM = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}


def current(**facts: Any) -> Document:
    made = pod(containerStatuses=[status(**facts)] if "name" not in facts else [facts])
    made["metadata"]["labels"]["pod-template-hash"] = "abc"
    return made


@pytest.fixture
def api() -> Api:
    api = Api()
    api.put(DEPLOYMENT, workload())
    owned = replica_set()
    owned["metadata"]["labels"] = {"pod-template-hash": "abc"}
    owned["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
    api.put(REPLICA_SET, owned)
    api.put(POD, current())
    return api


@pytest.fixture
def client(api: Api) -> Iterator[Client]:
    with serving(api) as address:
        yield Client(Connection(host=address), retries=0)


@pytest.fixture
def plan(client: Client) -> Plan:
    recommendation = {"remedy": "set_image", "parameters": {"container": "app", "image": "web:2"}, "advisor": "rules"}
    return planning.plan(client, recommendation, Target("test", "apps/v1", "Deployment", "shop", "web", "uid-web"))


def test_what_holds_for_a_while_is_valid(client: Client, plan: Plan) -> None:
    clock = Hours()
    result = validating.validate(client, plan, clock=clock)
    assert result.valid, result.seen
    assert plan.validation.settle_seconds <= result.duration_seconds < plan.validation.settle_seconds + 3
    assert result.after is not None and result.after.ready == 1


FAILURES = [
    ("killed for memory, not yet restarted", current(state=OOM), "killed for memory: OOMKilled (exit code 137)"),
    ("killed for memory", current(restartCount=1, lastState=OOM), "restarted (1 times, 0 before): OOMKilled"),
    ("restarted", current(restartCount=2), "restarted (2 times, 0 before)"),
    ("crash loop", current(**waiting("CrashLoopBackOff", restartCount=3, lastState=OOM)), "CrashLoopBackOff"),
    ("image", current(**waiting("ImagePullBackOff")), "ImagePullBackOff"),
    ("configuration", current(**waiting("CreateContainerConfigError")), "CreateContainerConfigError"),
]


@pytest.mark.parametrize(("words", "broken", "seen"), FAILURES, ids=[row[0] for row in FAILURES])
def test_failure_is_seen_long_before_the_time_is_up(
    api: Api, client: Client, plan: Plan, words: str, broken: Document, seen: str
) -> None:
    clock = Hours()
    before = observing.observe(client, plan.target.ref, clock=clock)
    clock.at[5] = lambda: (api.put(POD, broken), None)[1]
    result = validating.validate(client, plan, before, clock=clock)
    assert not result.valid
    assert seen in result.seen
    assert result.duration_seconds < 25


def test_a_container_that_comes_up_after_a_moment_is_no_failure(api: Api, client: Client, plan: Plan) -> None:
    clock = Hours()
    api.put(POD, current(**waiting("CreateContainerConfigError")))
    clock.at[6] = lambda: (api.put(POD, current()), None)[1]
    assert validating.validate(client, plan, clock=clock).valid


def test_pods_of_the_old_template_are_not_held_against_the_change(api: Api, client: Client, plan: Plan) -> None:
    old = current(**waiting("CrashLoopBackOff", restartCount=9))
    old["metadata"].update(name="web-0", uid="uid-web-0")
    old["metadata"]["labels"]["pod-template-hash"] = "older"
    api.put(POD.replace("web-1", "web-0"), old)
    assert validating.validate(client, plan, clock=Hours()).valid


def test_restarts_from_before_are_not_held_against_the_change(api: Api, client: Client, plan: Plan) -> None:
    api.put(POD, current(restartCount=7, lastState=OOM))
    clock = Hours()
    before = observing.observe(client, plan.target.ref, clock=clock)
    assert validating.validate(client, plan, before, clock=clock).valid


ROLLOUTS = [
    ("done", {}, {}, True),
    ("not seen by the controller", {"observedGeneration": 1}, {}, False),
    ("not updated", {"updatedReplicas": 0}, {}, False),
    ("not available", {"availableReplicas": 0}, {}, False),
    ("an old pod is left", {"replicas": 2}, {}, False),
    ("scaled to zero", {"replicas": 0, "updatedReplicas": 0, "availableReplicas": 0}, {"replicas": 0}, True),
]


@pytest.mark.parametrize(("words", "facts", "wanted", "done"), ROLLOUTS, ids=[row[0] for row in ROLLOUTS])
def test_a_rollout_is_complete(words: str, facts: Document, wanted: Document, done: bool) -> None:
    document = workload(**wanted)
    document["status"].update(facts)
    assert validating.rollout_state(document)[0] is done


def test_what_never_becomes_available_is_not_valid(api: Api, client: Client, plan: Plan) -> None:
    document = workload()
    document["status"]["availableReplicas"] = 0
    api.put(DEPLOYMENT, document)
    result = validating.validate(client, plan, clock=Hours())
    assert not result.valid
    assert "not so within 120 s: 1 of 1 pods updated, 0 of 1 available" in result.seen


def test_a_silent_cluster_is_not_valid(plan: Plan) -> None:
    clock = Hours()
    nobody = Client(Connection(host="http://127.0.0.1:9"), retries=0, timeout_seconds=0.2)
    result = validating.validate(nobody, plan, deadline=Deadline.after(3, clock), clock=clock)
    assert (result.valid, result.after) == (False, None)
    assert "the cluster gave no answer" in result.seen


def test_usage_that_is_not_known_is_said(client: Client, plan: Plan) -> None:
    metrics = observing.observe(client, plan.target.ref)
    assert (metrics.cpu_millicores, metrics.memory_bytes) == (None, None)
    assert metrics.usage_unavailable
    assert "CPU unknown" in monitoring.line(metrics)


def test_usage(api: Api, client: Client, plan: Plan) -> None:
    usage = {"containers": [{"usage": {"cpu": "1500u", "memory": "1Mi"}}, {"usage": {"cpu": "2m", "memory": "1Ki"}}]}
    api.objects["/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/web-1"] = {"metadata": {"name": "web-1"}, **usage}
    metrics = observing.observe(client, plan.target.ref)
    assert (metrics.cpu_millicores, metrics.memory_bytes, metrics.usage_unavailable) == (4, 1049600, "")


def test_metrics_there_and_back(client: Client, plan: Plan) -> None:
    metrics = observing.observe(client, plan.target.ref)
    assert observing.from_json(metrics.to_json()) == metrics
    with pytest.raises(ValueError, match="no metrics"):
        observing.from_json({"restarts": 1})


STATE = ContainerState("web-1", "uid-web-1", "app", 1)
BASE = Metrics("", "Deployment shop/web", 1, 2, 2, 2, 2, None, None, 0, "x", [STATE])
LATER = [
    ("the same", BASE, 0, ""),
    (
        "a restart",
        replace(BASE, containers=[replace(STATE, restarts=2, last_end="Error (exit code 1)")]),
        0,
        "Error (exit",
    ),
    (
        "a new pod that restarted",
        replace(BASE, containers=[replace(STATE, uid="new")]),
        0,
        "restarted (1 times, 0 before)",
    ),
    ("a new pod", replace(BASE, containers=[replace(STATE, uid="new", restarts=0)]), 0, ""),
    ("trouble", replace(BASE, containers=[replace(STATE, trouble="ImagePullBackOff: m")]), 0, "ImagePullBackOff"),
    ("short for a moment", replace(BASE, available=1), 59, ""),
    ("short for a minute", replace(BASE, available=1), 60, "1 of 2 pods available for 60 s"),
    ("growing", replace(BASE, desired=5), 600, ""),
    ("scaled down", replace(BASE, desired=1, available=1), 600, ""),
]


@pytest.mark.parametrize(("words", "now", "short_for", "seen"), LATER, ids=[row[0] for row in LATER])
def test_regression(words: str, now: Metrics, short_for: float, seen: str) -> None:
    found = monitoring.regression(BASE, now, short_for)
    assert seen in found
    assert bool(found) is bool(seen)


def test_monitoring_that_sees_nothing_wrong_is_steady(client: Client, plan: Plan) -> None:
    clock, lines = Hours(), list[str]()
    baseline = observing.observe(client, plan.target.ref, clock=clock)
    result = monitoring.monitor(client, plan, baseline, Deadline.after(60, clock), lines.append, clock=clock)
    assert (result.outcome, result.looks, len(lines)) == ("steady", 7, 7)


def test_monitoring_finds_a_regression(api: Api, client: Client, plan: Plan) -> None:
    clock = Hours()
    baseline = observing.observe(client, plan.target.ref, clock=clock)
    clock.at[30] = lambda: (api.put(POD, current(restartCount=1, lastState=OOM)), None)[1]
    result = monitoring.monitor(client, plan, baseline, Deadline.after(3600, clock), clock=clock)
    assert result.outcome == "regression"
    assert "OOMKilled" in result.seen
    assert result.duration_seconds == 30


def test_a_workload_that_went_is_a_regression(api: Api, client: Client, plan: Plan) -> None:
    clock = Hours()
    baseline = observing.observe(client, plan.target.ref, clock=clock)
    clock.at[30] = lambda: (api.objects.pop(DEPLOYMENT), None)[1]
    result = monitoring.monitor(client, plan, baseline, Deadline.after(3600, clock), clock=clock)
    assert (result.outcome, result.duration_seconds) == ("regression", 30)


def test_monitoring_a_silent_cluster_ends_as_unknown(client: Client, plan: Plan) -> None:
    clock = Hours()
    nobody = Client(Connection(host="http://127.0.0.1:9"), retries=0, timeout_seconds=0.2)
    result = monitoring.monitor(nobody, plan, BASE, Deadline.after(30, clock), clock=clock)
    assert (result.outcome, result.looks, result.unanswered) == ("unknown", 0, 4)
