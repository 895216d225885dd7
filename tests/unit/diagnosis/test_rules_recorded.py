# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given what a real cluster showed of a real failing workload, this class, these details, this remedy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from recorded import CLASSES, recorded

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.judge import diagnose
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.recommending import recommend
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.rules import RULES
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import (
    Change,
    Log,
    LogLine,
    PodLine,
    State,
    Unavailable,
    Usage,
)

MIB = 1024**2
# What a person needs to know, beside the class.
DETAILS = {
    "oom-killed": {"container": "app", "limit_bytes": 24 * MIB, "needed_bound": "upper", "proposed_limit": "256Mi"},
    "missing-env": {"container": "app", "variable": "DATABASE_URL", "removed_since_revision": 1},
    "image-not-found": {
        "image": "127.0.0.1:5999/shop/checkout:9.9.9",
        "previous_image": "localhost/aiops/busybox:1.35",
    },
    "image-auth": {"registry": "127.0.0.1:5999"},
    "image-registry-unreachable": {"registry": "registry.example.invalid"},
    "bad-command": {"executable": "/bin/checkuot", "problem": "not-found"},
    "missing-configmap": {"configmap": "checkout-settings", "used_by": "env MODE of container app"},
    "missing-secret": {"secret": "checkout-keys", "used_by": "volume keys"},
    "missing-config-key": {"name": "checkout-mode", "key": "mode", "keys": ["colour"]},
    "liveness-probe-wrong": {"probe": "liveness", "port": 9889, "serves": [9898], "fix": {"port": 9898}},
    "readiness-probe-wrong": {"probe": "readiness", "path": "/ready/please"},
    "app-crash": {"exit_code": 1, "message": "ZeroDivisionError: division by zero"},
    "unschedulable-resources": {
        "resources": ["memory"],
        "asked_memory_bytes": 900 * 1024 * MIB,
        "best_node": "aiops-dev",
    },
    "unschedulable-selector": {"node_selector": {"disk": "nvme"}},
    "scheduling-gated": {"gates": ["example.com/quota-checked"]},
    "quota-exceeded": {"quota": "small", "requested": "requests.memory=64Mi"},
    "pvc-missing": {"claim": "checkout-files"},
    "pvc-unbound": {"claim": "checkout-orders", "class": "no-such-class"},
    "port-conflict": {"container": "second", "port": 9898, "taken_by": "app"},
    "rbac-denied": {"account": "default", "verb": "list", "resource": "secrets"},
    "file-permission-denied": {"path": "/orders/latest"},
    "service-account-missing": {"service_account": "checkout-runner"},
    "dns-failure": {"host": "paymnets.shop.svc.cluster.local"},
    "startup-too-slow": {"probe": "liveness", "allowed_seconds": 3},
    "init-container-failed": {"container": "prepare", "exit_code": 4},
}
REMEDIES = {
    "oom-killed": (
        "set_resources",
        {"container": "app", "limits": {"memory": "256Mi"}, "requests": {"memory": "256Mi"}},
    ),
    "missing-env": ("rollback_revision", {"to_revision": 1}),
    "image-not-found": ("rollback_revision", {"to_revision": 1}),
    "bad-command": ("rollback_revision", {"to_revision": 1}),
    "app-crash": ("rollback_revision", {"to_revision": 1}),
    "liveness-probe-wrong": ("set_probe", {"container": "app", "probe": "liveness", "port": 9898}),
    "startup-too-slow": ("set_probe", {"container": "app", "probe": "liveness", "failure_threshold": 9}),
    "unschedulable-resources": ("set_resources", {"container": "app", "requests": {"memory": "16Mi"}}),
}


@pytest.mark.parametrize("name", CLASSES)
def test_the_class_is_told_from_a_real_recording(name):
    facts = recorded(name)
    found = diagnose(facts)
    assert found.root_cause.class_ == name
    told = {key: found.root_cause.details.get(key) for key in DETAILS.get(name, {})}
    assert told == DETAILS.get(name, {})
    assert found.verdict in (("healthy",) if name == "healthy" else ("failing", "degraded"))


@pytest.mark.parametrize("name", CLASSES)
def test_every_cause_quotes_evidence_that_is_there(name):
    facts = recorded(name)
    found = diagnose(facts)
    known = {item.id for item in facts.evidence}
    for cause in (found.root_cause, *found.contributing):
        assert cause.evidence and set(cause.evidence) <= known


@pytest.mark.parametrize("name", [name for name in CLASSES if name != "healthy"])
def test_a_failure_brings_one_remedy_first_and_says_what_to_expect(name):
    facts = recorded(name)
    first, *_others = recommend(facts, diagnose(facts))
    expected = REMEDIES.get(name)
    if expected:
        assert (first.remedy, first.parameters) == expected
    else:
        assert first.remedy == "none" and first.parameters["command"].startswith("kubectl ")
        assert "{" not in first.parameters["command"]
    assert first.reason and first.expected_outcome and first.advisor == "rules"


@pytest.mark.parametrize("name", [name for name in CLASSES if name != "healthy"])
def test_without_what_tells_it_the_class_is_not_guessed(name):
    """With no logs, events or messages a rule has to hold back, whatever else is there."""
    facts = recorded(name)
    facts.logs, facts.events, facts.references = [], [], []
    for container in facts.pod.containers if facts.pod else []:
        for state in (container.state, container.last_state):
            state.message, state.reason = "", "Error" if state.phase == "terminated" else ""
    for holder in (facts.pod, facts.workload):
        for condition in holder.conditions if holder else []:
            condition.message = ""
    if facts.pod:
        facts.pod.scheduling_gates = []
    found = diagnose(facts)
    assert found.verdict != "healthy"
    assert found.root_cause.class_ in ("unknown", "rollout-stuck", "init-container-failed", "image-never-pulled")


@pytest.mark.parametrize("name", CLASSES)
def test_no_recording_is_healthy_when_its_log_or_events_could_not_be_read(name):
    facts = recorded(name)
    subject = "log of container app"
    facts.unavailable.append(Unavailable(subject, "403"))
    facts.evidence.append(type(facts.evidence[0])("E999", "unavailable", "", subject, "could not be read: 403"))
    assert diagnose(facts).verdict != "healthy"


def test_the_table_has_each_class_once_and_explains_only_what_it_knows():
    classes = [rule.class_ for rule in RULES]
    assert len(classes) == len(set(classes))
    assert not {name for rule in RULES for name in rule.explains} - set(classes)


def test_nothing_explains_what_explains_it():
    explains = {rule.class_: rule.explains for rule in RULES}
    assert not [(a, b) for a in explains for b in explains[a] if a in explains[b]]


def test_no_recorded_secret_is_left_in_a_fixture():
    assert "s3cr3tpw" not in "".join(repr(recorded(name)) for name in CLASSES)


def test_no_rollback_is_proposed_for_a_pod_that_is_not_of_the_current_revision():
    facts = recorded("bad-command")
    facts.pod.labels["pod-template-hash"] = "0ther"
    assert recommend(facts, diagnose(facts))[0].remedy == "none"
    facts.workload.target = replace(facts.workload.target, kind="StatefulSet")
    assert recommend(facts, diagnose(facts))[0].remedy == "restart_pod"


def test_one_crashed_pod_among_ready_ones_is_restarted_unless_its_template_changed():
    facts = recorded("app-crash")
    facts.workload.changes = []
    facts.pods.append(PodLine("another", "Running", ready=True))
    assert recommend(facts, diagnose(facts))[0].remedy == "restart_pod"


@pytest.mark.parametrize(
    ("change", "bound", "proposed"),
    [
        (lambda facts: None, "lower", "48Mi"),
        (lambda facts: setattr(facts.pod.containers[0], "heap_bytes", 64 * MIB), "measured", "128Mi"),
        (lambda facts: facts.logs[:1] and said(facts, "std::bad_alloc: failed to allocate 40 MiB"), "measured", "96Mi"),
        (lambda facts: facts.workload.changes.append(lowered("40Mi")), "upper", "48Mi"),
        (lambda facts: facts.pods.append(roomier(used=40 * MIB)), "measured", "64Mi"),
        # A pod of the limit that served uses little a moment after its start; near its limit it tells of a higher need.
        (lambda facts: (facts.pods.append(roomier(used=40 * MIB)), lowered_in(facts, "256Mi")), "upper", "256Mi"),
        (lambda facts: (facts.pods.append(roomier(used=230 * MIB)), lowered_in(facts, "256Mi")), "measured", "384Mi"),
    ],
)
def test_the_need_after_an_oom_kill_is_said_with_how_sure_it_is(change, bound, proposed):
    facts = recorded("oom-killed")
    facts.pods, facts.workload.changes, facts.pod.containers[0].usage = [], [], None
    facts.logs = [Log("app", previous=True, lines=[])]
    change(facts)
    details = diagnose(facts).root_cause.details
    assert (details["needed_bound"], details["proposed_limit"]) == (bound, proposed)
    assert details["measured_by"]


def said(facts, text):
    facts.logs[0].lines.append(LogLine(text, id="E1"))


def roomier(used):
    return PodLine("another", ready=True, memory_limits={"app": 256 * MIB}, usage={"app": Usage(5, used)})


def lowered_in(facts, before):
    facts.workload.changes.append(lowered(before))


def lowered(before):
    return Change("containers[app].resources.limits.memory", before, "24Mi", id="E1")


def test_an_oom_kill_is_told_also_when_the_pod_runs_again():
    facts = recorded("oom-killed")
    container = facts.pod.containers[0]
    container.state = State("running", started_at=facts.now)
    container.last_state = State("terminated", "OOMKilled", exit_code=137, finished_at=facts.now, id="E1")
    container.ready = True
    found = diagnose(facts)
    assert found.root_cause.class_ == "oom-killed" and found.root_cause.details["recovered"]


@pytest.mark.parametrize(("keep_events", "least", "most"), [(True, 0.9, 1.0), (False, 0.7, 0.8)])
def test_a_wrong_liveness_probe_is_told_also_when_its_events_are_old_or_gone(keep_events, least, most):
    """After 25 events of a pod the kubelet falls silent, and after an hour the API server forgets them."""
    facts = recorded("liveness-probe-wrong")
    container = facts.pod.containers[0]
    container.ready, container.restarts = False, 12
    container.state = State("waiting", "CrashLoopBackOff", id="E3")
    facts.now = facts.now.replace("T13:", "T14:")
    container.last_state = State("terminated", "Error", exit_code=137, finished_at=facts.now, id="E4")
    facts.workload.changes = []
    for log in facts.logs:
        log.previous = True
    if not keep_events:
        facts.events = []
    cause = diagnose(facts).root_cause
    assert cause.class_ == "liveness-probe-wrong" and least <= cause.confidence <= most
    assert cause.details["fix"] == {"port": 9898}
