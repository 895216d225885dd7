# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every remedy on a real cluster: planned, applied, validated, rolled back to the very spec that was there before."""

from __future__ import annotations

import contextlib
import copy
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from support.cluster import Cluster

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import Conflict, NotFound, TooManyRequests
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    applying,
    monitoring,
    observing,
    plan_json,
    planning,
    validating,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import (
    NotWritable,
    PlanInvalid,
    PreconditionChanged,
    RemedyError,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan, Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

BUSYBOX = "localhost/aiops/busybox:1.35"
QUICK = Settings(settle_seconds=2, validate_seconds=90)


@pytest.fixture(scope="module")
def client(cluster: Cluster) -> Client:
    return Client(Connection(kubeconfig=cluster.kubeconfig), run_id="e2e-remedies")


@pytest.fixture(scope="module")
def namespace(client: Client) -> Iterator[str]:
    name = f"rem-{uuid.uuid4().hex[:8]}"
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    wait_until(lambda: exists(client, ObjectRef("v1", "ServiceAccount", "default", name)))
    yield name
    client.delete(ObjectRef("v1", "Namespace", name))


def wait_until(so: Any, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.3)


def exists(client: Client, ref: ObjectRef) -> bool:
    with contextlib.suppress(NotFound):
        return bool(client.get(ref))
    return False


def manifest(kind: str, name: str, namespace: str, shell: str = "exec sleep 3600", **spec: Any) -> dict[str, Any]:
    container = {
        "name": "app",
        "image": BUSYBOX,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", shell],
        "resources": {"requests": {"cpu": "5m", "memory": "16Mi"}, "limits": {"memory": "32Mi"}},
    }
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 0},
    }
    counted = {} if kind == "DaemonSet" else {"replicas": 1}
    served = {"serviceName": name} if kind == "StatefulSet" else {}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template, **counted, **served, **spec},
    }


def made(client: Client, document: dict[str, Any], ready: bool = True) -> Target:
    created = client.create(document)
    ref = workloads.ref_of(created)
    if ready:
        wait_until(lambda: validating.rollout_state(workloads.read(client, ref))[0])
    return Target(client.cluster, ref.api_version, ref.kind, ref.namespace, ref.name, ref.uid)


def spec_of(client: Client, target: Target) -> dict[str, Any]:
    return copy.deepcopy(workloads.read(client, target.ref)["spec"])


def recommended(remedy: str, **parameters: Any) -> dict[str, Any]:
    return {
        "remedy": remedy,
        "parameters": parameters,
        "advisor": "rules",
        "reason": "a test",
        "expected_outcome": "it runs",
    }


def through_json(plan: Plan) -> Plan:
    return plan_json.from_json(plan_json.to_json(plan))


HTTP = "mkdir -p /tmp/w && echo ok > /tmp/w/healthz && exec httpd -f -p 8080 -h /tmp/w"
REMEDIES = [
    ("restart_rollout", {}, 2),
    ("set_image", {"container": "app", "image": "localhost/aiops/busybox:1.35-other"}, 3),
    ("set_resources", {"container": "app", "limits": {"memory": "64Mi", "cpu": "0.5"}, "requests": {"cpu": "10m"}}, 3),
    ("set_probe", {"container": "app", "probe": "readiness", "path": "/healthz", "port": 8080}, 3),
]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
@pytest.mark.parametrize(("remedy", "parameters", "level"), REMEDIES, ids=[item[0] for item in REMEDIES])
def test_applied_and_rolled_back_to_the_same_spec(
    client: Client, namespace: str, kind: str, remedy: str, parameters: dict[str, Any], level: int
) -> None:
    target = made(client, manifest(kind, f"{remedy.replace('_', '-')}-{kind.lower()}", namespace, HTTP))
    before = spec_of(client, target)
    plan = through_json(planning.plan(client, recommended(remedy, **parameters), target, settings=QUICK))
    assert plan.tier.level == level
    assert spec_of(client, target) == before, "planning wrote something"
    assert max(len(line) for line in plan.diff.splitlines()) <= 90
    metrics = observing.observe(client, target.ref)
    written = applying.apply(client, plan, approved_digest=plan.digest)
    after = spec_of(client, target)
    assert after != before
    if remedy != "set_image":
        result = validating.validate(client, plan, metrics)
        assert result.valid, result.seen
    assert applying.roll_back(client, plan, written)
    assert spec_of(client, target) == before
    assert applying.roll_back(client, plan, written) == []
    wait_until(lambda: validating.rollout_state(workloads.read(client, target.ref))[0])


@pytest.mark.parametrize(("replicas", "level"), [(2, 2), (3, 2), (4, 3), (0, 4)])
def test_scale(client: Client, namespace: str, replicas: int, level: int) -> None:
    target = made(client, manifest("Deployment", f"scale-{replicas}", namespace))
    before = spec_of(client, target)
    plan = planning.plan(client, recommended("scale", replicas=replicas), target, settings=QUICK)
    assert plan.tier.level == level
    written = applying.apply(client, plan)
    assert validating.validate(client, plan).valid
    applying.roll_back(client, plan, written)
    assert spec_of(client, target) == before


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_broken_revision_is_taken_back_to_the_one_that_worked(client: Client, namespace: str, kind: str) -> None:
    target = made(client, manifest(kind, f"undo-{kind.lower()}", namespace))
    good = spec_of(client, target)
    client.patch(
        target.ref,
        [{"op": "replace", "path": "/spec/template/spec/containers/0/command", "value": ["sh", "-c", "exit 3"]}],
        patch_type="json",
    )
    wait_until(lambda: any(state.restarts for state in observing.observe(client, target.ref).containers))
    bad = spec_of(client, target)
    plan = through_json(planning.plan(client, recommended("rollback_revision"), target, settings=QUICK))
    metrics = observing.observe(client, target.ref)
    written = applying.apply(client, plan)
    assert spec_of(client, target) == good
    result = validating.validate(client, plan, metrics)
    assert result.valid, result.seen
    applying.roll_back(client, plan, written)
    assert spec_of(client, target) == bad


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_secret_in_the_environment_is_in_no_plan(client: Client, namespace: str, kind: str) -> None:
    document = manifest(kind, f"secret-{kind.lower()}", namespace)
    container = document["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "DB_PASSWORD", "value": "first-hunter2"}]
    target = made(client, document)
    first = spec_of(client, target)
    env = "/spec/template/spec/containers/0/env/0/value"
    client.patch(target.ref, [{"op": "replace", "path": env, "value": "second-hunter2"}], patch_type="json")
    wait_until(lambda: validating.rollout_state(workloads.read(client, target.ref))[0])
    second = spec_of(client, target)
    plan = planning.plan(client, recommended("rollback_revision", to_revision=1), target, settings=QUICK)
    assert "hunter2" not in str(plan_json.to_json(plan))
    written = applying.apply(client, through_json(plan))
    assert spec_of(client, target) == first
    reversal = planning.reverse(client, through_json(plan), settings=QUICK)
    assert "hunter2" not in str(plan_json.to_json(reversal)) + str(written)
    applying.roll_back(client, plan, written)
    assert spec_of(client, target) == second
    client.patch(target.ref, [{"op": "replace", "path": env, "value": "third-hunter2"}], patch_type="json")
    with pytest.raises(PreconditionChanged) as refused:
        applying.roll_back(client, plan, written)
    assert "hunter2" not in str(refused.value)


def test_a_statefulset_with_a_broken_pod_takes_the_repair_and_a_failed_change_back(
    client: Client, namespace: str
) -> None:
    """The controller alone would wait for the broken pod for ever."""
    target = made(client, manifest("StatefulSet", "stuck", namespace, replicas=2))
    metrics = observing.observe(client, target.ref)
    plan = planning.plan(
        client, recommended("set_image", container="app", image="localhost/aiops/none:1"), target, settings=QUICK
    )
    written = applying.apply(client, plan)
    result = validating.validate(client, plan, metrics)
    assert not result.valid
    assert "ImagePull" in result.seen, result.seen
    restored = applying.roll_back(client, plan, written)
    assert [item.verb for item in restored] == ["patch", "evict"]
    wait_until(lambda: validating.rollout_state(workloads.read(client, target.ref))[0])


def test_a_pod_is_evicted_and_replaced(client: Client, namespace: str) -> None:
    target = made(client, manifest("Deployment", "evicted", namespace))
    pod = workloads.pods_of(client, workloads.read(client, target.ref))[0]
    aim = Target(client.cluster, "v1", "Pod", namespace, pod["metadata"]["name"], pod["metadata"]["uid"])
    plan = planning.plan(client, recommended("restart_pod"), aim, settings=QUICK)
    assert plan.tier.level == 2, "the pod is younger than ten minutes"
    metrics = observing.observe(client, plan.validation.workload)
    applying.apply(client, plan)
    result = validating.validate(client, plan, metrics)
    assert result.valid, result.seen
    with pytest.raises(PreconditionChanged):
        applying.apply(client, plan)


def test_a_disruption_budget_is_kept(client: Client, namespace: str) -> None:
    target = made(client, manifest("Deployment", "budget", namespace))
    client.create(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "budget", "namespace": namespace},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "budget"}}},
        }
    )
    pod = workloads.pods_of(client, workloads.read(client, target.ref))[0]
    aim = Target(client.cluster, "v1", "Pod", namespace, pod["metadata"]["name"], pod["metadata"]["uid"])
    wait_until(lambda: client.get(ObjectRef("policy/v1", "PodDisruptionBudget", "budget", namespace)).get("status"))
    with pytest.raises(TooManyRequests, match="budget"):
        planning.plan(client, recommended("restart_pod"), aim, settings=QUICK)


def test_a_bare_pod_is_critical(client: Client, namespace: str) -> None:
    spec = manifest("Deployment", "bare", namespace)["spec"]["template"]["spec"]
    pod = client.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare", "namespace": namespace}, "spec": spec}
    )
    aim = Target(client.cluster, "v1", "Pod", namespace, "bare", pod["metadata"]["uid"])
    plan = planning.plan(client, recommended("restart_pod"), aim, settings=QUICK)
    assert (plan.tier.level, plan.rollback.automatic) == (4, False)
    assert exists(client, aim.ref), "planning deleted the pod"
    applying.apply(client, plan)
    assert validating.validate(client, plan).valid


def test_memory_that_is_still_too_little_is_seen_early_and_rolled_back(client: Client, namespace: str) -> None:
    eats = "sleep 3; head -c 60000000 /dev/zero | tail"
    target = made(client, manifest("Deployment", "oom", namespace, eats), ready=False)
    before = spec_of(client, target)
    plan = planning.plan(
        client, recommended("set_resources", container="app", limits={"memory": "40Mi"}), target, settings=QUICK
    )
    metrics = observing.observe(client, target.ref)
    written = applying.apply(client, plan)
    result = validating.validate(client, replace(plan, validation=replace(plan.validation, settle_seconds=20)), metrics)
    assert not result.valid
    assert "OOMKilled" in result.seen or "killed for memory" in result.seen, result.seen
    assert result.duration_seconds < 40
    applying.roll_back(client, plan, written)
    assert spec_of(client, target) == before


def test_a_failing_deployment_whose_version_moves_is_written_all_the_same(client: Client, namespace: str) -> None:
    target = made(client, manifest("Deployment", "moving", namespace, "exit 1"), ready=False)
    plan = planning.plan(
        client, recommended("set_resources", container="app", limits={"memory": "48Mi"}), target, settings=QUICK
    )
    racing = Racing(client, target.ref, times=3)
    written = applying.apply(racing, plan)  # type: ignore[arg-type]
    assert racing.refused >= 3
    assert len(written) == 1


class Racing:
    """A client beside which somebody else writes right before each of the first writes."""

    def __init__(self, client: Client, ref: ObjectRef, times: int, path: str = "/metadata/labels/moved") -> None:
        self.client, self.ref, self.left, self.path, self.refused = client, ref, times, path, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def patch(self, ref: ObjectRef, body: Any, **options: Any) -> Any:
        if self.left and not options.get("dry_run"):
            self.left -= 1
            meanwhile = {"metadata": {"annotations": {"moved": str(self.left)}}}
            if self.path.startswith("/spec"):
                meanwhile = {"spec": {"paused": True}}
            self.client.patch(self.ref, meanwhile, patch_type="merge")
        try:
            return self.client.patch(ref, body, **options)
        except Conflict:
            self.refused += 1
            raise


def test_what_changes_in_the_very_moment_of_writing_is_refused(client: Client, namespace: str) -> None:
    target = made(client, manifest("Deployment", "raced", namespace))
    plan = planning.plan(
        client, recommended("set_resources", container="app", limits={"memory": "48Mi"}), target, settings=QUICK
    )
    racing = Racing(client, target.ref, times=1, path="/spec/paused")
    with pytest.raises(PreconditionChanged, match=r"spec\.paused was absent, now it is True"):
        applying.apply(racing, plan)  # type: ignore[arg-type]
    assert workloads.containers(workloads.read(client, target.ref))["app"][1]["resources"]["limits"]["memory"] == "32Mi"


CHANGES = [
    ({"spec": {"paused": True}}, PreconditionChanged),
    ({"metadata": {"labels": {"argocd.argoproj.io/instance": "shop"}}}, NotWritable),
    ({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": BUSYBOX + "-x"}]}}}}, PreconditionChanged),
]


@pytest.mark.parametrize(("change", "refusal"), CHANGES, ids=["paused", "owned by then", "image"])
def test_a_relevant_change_between_plan_and_apply_is_refused(
    client: Client, namespace: str, change: dict[str, Any], refusal: type[RemedyError]
) -> None:
    name = f"meanwhile-{CHANGES.index((change, refusal))}"
    target = made(client, manifest("Deployment", name, namespace))
    plan = planning.plan(
        client, recommended("set_resources", container="app", limits={"memory": "48Mi"}), target, settings=QUICK
    )
    client.patch(target.ref, change, patch_type="strategic")
    before = spec_of(client, target)
    with pytest.raises(refusal):
        applying.apply(client, plan)
    assert spec_of(client, target) == before


def test_an_object_made_anew_is_another_one(client: Client, namespace: str) -> None:
    document = manifest("Deployment", "anew", namespace)
    target = made(client, document)
    plan = planning.plan(client, recommended("restart_rollout"), target, settings=QUICK)
    client.delete(target.ref)
    wait_until(lambda: not exists(client, target.ref))
    made(client, document)
    with pytest.raises(PreconditionChanged, match="uid"):
        applying.apply(client, plan)


def test_an_autoscaled_workload_keeps_its_replicas(client: Client, namespace: str) -> None:
    target = made(client, manifest("Deployment", "auto", namespace))
    plan = planning.plan(client, recommended("scale", replicas=2), target, settings=QUICK)
    client.create(
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "auto", "namespace": namespace},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "auto"},
                "maxReplicas": 3,
            },
        }
    )
    for attempt in (
        lambda: applying.apply(client, plan),
        lambda: planning.plan(client, recommended("scale", replicas=3), target, settings=QUICK),
    ):
        with pytest.raises(RemedyError, match="HorizontalPodAutoscaler auto sets the replicas"):
            attempt()


def test_limit_ranges_and_quotas_are_asked_before(client: Client, namespace: str) -> None:
    narrow = f"{namespace}-narrow"
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": narrow}})
    try:
        wait_until(lambda: exists(client, ObjectRef("v1", "ServiceAccount", "default", narrow)))
        target = made(client, manifest("Deployment", "app", narrow))
        client.create(
            {
                "apiVersion": "v1",
                "kind": "LimitRange",
                "metadata": {"name": "small", "namespace": narrow},
                "spec": {"limits": [{"type": "Container", "max": {"memory": "100Mi"}}]},
            }
        )
        wanted = recommended("set_resources", container="app", limits={"memory": "200Mi"})
        wait_until(lambda: bool(client.list("v1", "LimitRange", namespace=narrow)))
        time.sleep(1)
        with pytest.raises(RemedyError, match="maximum memory usage per Container is 100Mi"):
            planning.plan(client, wanted, target, settings=QUICK)
    finally:
        client.delete(ObjectRef("v1", "Namespace", narrow))


def test_an_applied_plan_is_reversed_by_a_plan_of_its_own(client: Client, namespace: str) -> None:
    target = made(client, manifest("Deployment", "reversed", namespace))
    before = spec_of(client, target)
    plan = planning.plan(
        client, recommended("set_resources", container="app", limits={"memory": "48Mi"}), target, settings=QUICK
    )
    applying.apply(client, plan)
    reversal = through_json(planning.reverse(client, through_json(plan), settings=QUICK))
    assert (reversal.remedy, reversal.tier.level) == ("restore", 3)
    applying.apply(client, reversal, approved_digest=reversal.digest)
    assert spec_of(client, target) == before
    with pytest.raises(PreconditionChanged):
        planning.reverse(client, plan, settings=QUICK)


def test_the_digest_is_the_condition(client: Client, namespace: str) -> None:
    target = made(client, manifest("Deployment", "digest", namespace))
    plan = planning.plan(client, recommended("restart_rollout"), target, settings=QUICK)
    other = replace(plan, reason="another")
    before = spec_of(client, target)
    for altered, digest in ((other, ""), (plan, plan_json.digest_of(other))):
        with pytest.raises(PlanInvalid):
            applying.apply(client, altered, approved_digest=digest)
    assert spec_of(client, target) == before


def test_monitoring_sees_a_regression(client: Client, namespace: str) -> None:
    target = made(client, manifest("Deployment", "regress", namespace, "sleep 8; exit 4"))
    plan = planning.plan(client, recommended("scale", replicas=2), target, settings=QUICK)
    baseline = observing.observe(client, target.ref)
    lines: list[str] = []
    result = monitoring.monitor(client, plan, baseline, Deadline.after(60, Clock()), lines.append, every_seconds=1)
    assert result.outcome == "regression", result
    assert "restarted" in result.seen or "CrashLoop" in result.seen
    assert lines
