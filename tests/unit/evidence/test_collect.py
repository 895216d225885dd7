# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is collected, with how many requests, and what is said of what cannot be read."""

from __future__ import annotations

import socket
import time

import pytest
from answering import Slow, cluster, pod

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import Unreachable
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.advise import look_at
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.judge import diagnose
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.collect import collect
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BY_NAME

POD = "/api/v1/namespaces/shop/pods/web-1"
LOG = f"{POD}/log"
NODE = {"metadata": {"name": "n1"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
ACCOUNT = "/api/v1/namespaces/shop/serviceaccounts/default"
WELL = {
    POD: pod(),
    LOG: b"2026-01-01T00:00:00Z listening on :80\n",
    "/api/v1/nodes/n1": NODE,
    ACCOUNT: {"metadata": {}},
}


def facts_of(table, seconds=2.0, name="web-1", kind="Pod"):
    with cluster(table) as (client, seen):
        return collect(client, BY_NAME[kind], "shop", name, deadline=Deadline.after(seconds)), seen


def test_a_healthy_pod_takes_few_requests_and_none_of_them_is_cluster_wide():
    facts, seen = facts_of(WELL)
    assert diagnose(facts).verdict == "healthy"
    assert len(seen) <= 12
    assert not [path for path, _query, _accept in seen if path in ("/api/v1/pods", "/api/v1/nodes", "/api/v1/events")]


@pytest.mark.parametrize("status", [403, 500])
@pytest.mark.parametrize("path", [LOG, "/api/v1/namespaces/shop/events", POD])
def test_what_cannot_be_read_is_named_and_keeps_a_pod_from_being_healthy(path, status):
    facts, _seen = facts_of({**WELL, path: status})
    assert facts.unavailable
    assert [e for e in facts.evidence if e.source == "unavailable"]
    found = diagnose(facts)
    assert found.verdict == "unknown" and found.root_cause.class_ == "unknown"
    assert found.root_cause.details["unread"]


def test_a_quota_that_cannot_be_read_does_not_stand_in_the_way_of_healthy():
    facts, _seen = facts_of({**WELL, "/api/v1/namespaces/shop/resourcequotas": 403})
    assert [u.what for u in facts.unavailable if u.what == "quotas"]
    assert diagnose(facts).verdict == "healthy"


def test_the_deadline_holds_and_what_is_late_is_named():
    start = time.monotonic()
    facts, _seen = facts_of({**WELL, LOG: Slow(3, b"late")}, seconds=0.6)
    assert time.monotonic() - start < 1.2
    assert any("log of container app" in u.what for u in facts.unavailable)
    assert diagnose(facts).verdict == "unknown"


def test_a_pod_deleted_meanwhile_is_said_to_be_gone():
    answers = iter([pod(), 404, 404])
    table = {**WELL, POD: lambda _query: next(answers), LOG: 404}
    facts, _seen = facts_of(table)
    assert facts.deleted_during
    found = diagnose(facts)
    assert found.verdict == "not-found" and "deleted while" in found.root_cause.summary


def test_secrets_and_configmaps_are_asked_for_by_metadata_only():
    item = pod()
    source = {"secretKeyRef": {"name": "db", "key": "password"}}
    item["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "valueFrom": source}]
    meta = {"managedFields": [{"fieldsV1": {"f:data": {".": {}, "f:password": {}, "f:user": {}}}}]}
    secret = "/api/v1/namespaces/shop/secrets/db"
    facts, seen = facts_of({**WELL, POD: item, secret: {"metadata": meta, "data": {"password": "aHVudGVyMg=="}}})
    accept = [accept for path, _query, accept in seen if path == secret]
    assert accept and all("as=PartialObjectMetadata" in a for a in accept)
    reference = next(r for r in facts.references if r.kind == "Secret")
    assert reference.exists and reference.keys == ["password", "user"]
    assert "aHVudGVyMg" not in repr(facts)


def test_logs_are_asked_for_within_bounds():
    long = b"".join(b"2026-01-01T00:00:%02dZ INFO nothing to see here\n" % (i % 60) for i in range(40_000))

    def log(query):
        lines = int(query.get("tailLines", 10**9))
        return b"".join(long.splitlines(keepends=True)[-lines:])[: int(query["limitBytes"])]

    facts, seen = facts_of({**WELL, LOG: log})
    asked = [query for path, query, _accept in seen if path == LOG]
    assert len(asked) <= 6 and all("limitBytes" in query for query in asked)
    assert facts.logs[0].complete is False
    assert len(facts.logs[0].lines) <= 30


GONE = b"unable to retrieve container logs for containerd://017a0ca3"
LONG = b"".join(b"2026-01-01T00:00:%02dZ ERROR cannot open orders.db\n" % (i % 60) for i in range(20_000))


@pytest.mark.parametrize("readable", [0, 1, 2])
def test_what_the_kubelet_says_of_a_removed_log_is_never_a_line_of_it(readable):
    answers = iter([LONG] * readable)

    facts, _seen = facts_of({**WELL, LOG: lambda query: next(answers, GONE)[: int(query["limitBytes"])]})
    lines = [line.text for log in facts.logs for line in log.lines]
    assert not [text for text in lines if "unable to retrieve" in text]
    assert bool(lines) == bool(readable)
    assert any("log of container app" in u.what for u in facts.unavailable) == (not readable)


def test_a_name_that_does_not_exist_brings_the_near_ones():
    names = {"items": [{"metadata": {"name": n}} for n in ("checkout", "cart", "payments")]}
    facts, _seen = facts_of({"/apis/apps/v1/namespaces/shop/deployments": names}, name="chekout", kind="Deployment")
    found = diagnose(facts)
    assert found.verdict == "not-found" and found.root_cause.details["near"][0] == "deployment/checkout"


def test_what_is_known_to_fail_is_evidence_and_never_healthy():
    with cluster(WELL) as (client, _seen):
        assert look_at(client, kind="Pod", namespace="shop", name="web-1").diagnosis.verdict == "healthy"
        report = look_at(client, kind="Pod", namespace="shop", name="web-1", failing="12 of 120 requests failed")
    last = report.facts.evidence[-1]
    assert (last.source, last.text) == ("given", "12 of 120 requests failed")
    cause = report.diagnosis.root_cause
    assert (report.diagnosis.verdict, cause.class_, cause.evidence) == ("failing", "unknown", [last.id])
    assert "12 of 120 requests failed" in cause.summary


def test_without_a_target_the_worst_is_found():
    crash = {"waiting": {"reason": "CrashLoopBackOff"}}
    bad = pod("web-1", conditions=[], containerStatuses=[{"name": "app", "restartCount": 5, "state": crash}])
    table = {**WELL, POD: bad, "/api/v1/namespaces/shop/pods": {"items": [pod("web-2"), bad]}}
    with cluster(table) as (client, _seen):
        report = look_at(client, namespace="shop")
    assert [c.name for c in report.candidates] == ["web-1"]
    assert report.facts.target.name == "web-1" and report.diagnosis.verdict == "failing"


def test_without_a_target_nothing_failing_is_healthy_and_nothing_readable_is_unknown():
    with cluster({"/api/v1/namespaces/shop/pods": {"items": [pod()]}}) as (client, _seen):
        assert look_at(client, namespace="shop").diagnosis.verdict == "healthy"
    with cluster({"/api/v1/namespaces/shop/pods": 403}) as (client, _seen):
        assert look_at(client, namespace="shop").diagnosis.verdict == "unknown"


def owned(item, kind, name):
    item["metadata"]["ownerReferences"] = [{"kind": kind, "name": name, "uid": f"uid-{name}", "controller": True}]
    return item


def ended(name, phase, exit_code, since="2026-01-01T00:00:00Z"):
    """A pod of the Job `mig` that ended so."""
    state = {"terminated": {"exitCode": exit_code, "reason": "Completed" if exit_code == 0 else "Error"}}
    conditions = [{"type": "Ready", "status": "False", "lastTransitionTime": since}]
    statuses = [{"name": "app", "restartCount": 0, "state": state, "lastState": {}}]
    item = pod(name, phase=phase, conditions=conditions, containerStatuses=statuses)
    item["spec"]["restartPolicy"] = "Never"
    return owned(item, "Job", "mig")


def job(condition, **status):
    return {
        "metadata": {"name": "mig", "namespace": "shop", "uid": "uid-mig", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"completions": 1, "selector": {"matchLabels": {"app": "web"}}},
        "status": {
            "conditions": [{"type": condition, "status": "True", "reason": condition, "message": "x"}],
            **status,
        },
    }


JOBS = "/apis/batch/v1/namespaces/shop/jobs"
TRIES = {"items": [ended("first", "Failed", 1), ended("second", "Succeeded", 0)]}
TRIED = {
    **WELL,
    "/api/v1/namespaces/shop/pods": TRIES,
    "/api/v1/namespaces/shop/pods/first/log": b"2026-01-01T00:00:00Z ValueError: locked\n",
    "/api/v1/namespaces/shop/pods/second/log": b"2026-01-01T00:00:00Z done\n",
}


@pytest.mark.parametrize(
    ("item", "verdict", "class_"),
    [(job("Complete", succeeded=1), "healthy", "healthy"), (job("Failed", failed=1), "failing", "app-crash")],
)
def test_the_first_try_of_a_job_that_completed_is_no_failure(item, verdict, class_):
    with cluster({**TRIED, f"{JOBS}/mig": item, JOBS: {"items": [item]}}) as (client, _seen):
        found = look_at(client, kind="Job", namespace="shop", name="mig").diagnosis
        searched = look_at(client, namespace="shop")
    assert (found.verdict, found.root_cause.class_) == (verdict, class_)
    assert bool(searched.candidates) == (verdict == "failing")


@pytest.mark.parametrize(
    ("jobs", "verdict", "class_"),
    [
        ({"items": [owned(job("Failed"), "CronJob", "nightly")]}, "failing", "job-failed"),
        ({"items": [owned(job("Complete", succeeded=1), "CronJob", "nightly")]}, "healthy", "healthy"),
        ({"items": []}, "healthy", "healthy"),
        (403, "unknown", "unknown"),
    ],
)
def test_a_cron_job_is_as_well_as_its_newest_job_also_when_the_pods_are_gone(jobs, verdict, class_):
    cron = {"metadata": {"name": "nightly", "namespace": "shop", "uid": "uid-nightly"}, "spec": {}, "status": {}}
    facts, _seen = facts_of(
        {"/apis/batch/v1/namespaces/shop/cronjobs/nightly": cron, JOBS: jobs}, name="nightly", kind="CronJob"
    )
    found = diagnose(facts)
    assert (found.verdict, found.root_cause.class_) == (verdict, class_)
    assert class_ != "job-failed" or "job mig failed" in found.root_cause.summary


def test_a_cluster_that_cannot_be_reached_is_an_error_and_no_diagnosis() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        # Bound and not listening: a connection is refused.
        client = Client(Connection(host=f"http://127.0.0.1:{taken.getsockname()[1]}", api_key="x"), retries=0)
        with pytest.raises(Unreachable, match="refused"):
            look_at(client, namespace="shop")
        with pytest.raises(Unreachable):
            look_at(client, kind="Pod", namespace="shop", name="web-1")
