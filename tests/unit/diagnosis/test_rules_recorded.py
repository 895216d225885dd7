# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given what a real cluster showed of a real failing workload, this class, these details, this remedy."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from recorded import CLASSES, recorded

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.judge import diagnose
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.recommending import recommend
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.rules import RULES
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import (
    Change,
    Event,
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
    facts.pods = [PodLine("another", "Running", ready=True, revision="0ther")]
    assert recommend(facts, diagnose(facts))[0].remedy == "none"
    facts.pods.append(PodLine("the same", "Running", ready=True, revision=facts.pod.labels["pod-template-hash"]))
    first = recommend(facts, diagnose(facts))[0]
    assert first.remedy == "restart_pod" and "1 other pods" in first.reason


def ending(exit_code, *texts):
    """A container that ended so, and what its log said."""
    facts = recorded("app-crash")
    container = facts.pod.containers[0]
    facts.workload.changes = []
    ended = container.state if container.state.phase == "terminated" else container.last_state
    ended.exit_code = exit_code
    facts.logs = [
        Log("app", previous, [LogLine(text, id=f"L{index}") for index, text in enumerate(texts)])
        for previous in (False, True)
    ]
    return facts


@pytest.mark.parametrize(
    ("exit_code", "text", "class_"),
    [
        (1, "exec /usr/local/bin/docker-entrypoint.sh: exec format error", "bad-command"),
        (255, "exec /app/server: exec format error", "bad-command"),
        (1, "exec /entrypoint.sh: no such file or directory", "bad-command"),
        (1, "standard_init_linux.go:228: exec user process caused: exec format error", "bad-command"),
        (1, 'standard_init_linux.go:211: exec user process caused "exec format error"', "bad-command"),
        (1, '{"msg":"exec container process `/app/server`: Exec format error","level":"error"}', "bad-command"),
        (1, "fatal: cannot exec /app/worker: exec format error", "app-crash"),
        (1, "open /data/x: permission denied", "file-permission-denied"),
        (1, "nginx: [emerg] bind() to unix:/run/x.sock failed (13: Permission denied)", "file-permission-denied"),
        (1, "open: /etc/bind/named.conf: permission denied", "file-permission-denied"),
        (1, "2026/11/20 listen tcp :80: bind: permission denied", "app-crash"),
        (1, "Error: listen EACCES: permission denied 0.0.0.0:80", "app-crash"),
        (1, "nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", "config-invalid"),
        (1, "psycopg2.errors.InsufficientPrivilege: permission denied for schema public", "app-crash"),
        (128, "git@github.com: Permission denied (publickey).", "app-crash"),
        (1, "panic: rpc error: code = PermissionDenied desc = Permission denied on resource project x", "app-crash"),
        (1, "Caused by: java.net.BindException: Permission denied", "app-crash"),
    ],
)
def test_the_class_of_a_last_word(exit_code, text, class_):
    assert diagnose(ending(exit_code, text)).root_cause.class_ == class_


def long_ago(facts, hours=20):
    now = datetime.datetime.fromisoformat(facts.now)
    return (now - datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("name", "says", "class_"),
    [
        ("oom-killed", "dial tcp 10.1.2.3:5432: connect: connection refused", "dependency-unavailable"),
        ("oom-killed", "serving", "unknown"),
        ("app-crash", "dial tcp 10.1.2.3:5432: connect: connection refused", "dependency-unavailable"),
        ("missing-env", "serving", "unknown"),
    ],
)
def test_how_a_container_ended_long_ago_is_not_why_it_is_not_ready_now(name, says, class_):
    facts = recorded(name)
    container, then = facts.pod.containers[0], long_ago(facts)
    ended = container.state if container.state.phase == "terminated" else container.last_state
    container.last_state, container.state = replace(ended, finished_at=then), State("running", started_at=then)
    container.ready, container.restarts = False, 1
    said_then = [line for log in facts.logs for line in log.lines]
    facts.logs = [Log("app", True, said_then), Log("app", False, [LogLine(says, id="E1")])]
    facts.workload.conditions = []
    assert diagnose(facts).root_cause.class_ == class_


@pytest.mark.parametrize(
    ("reason", "class_"), [("FailedCreatePodSandBox", "sandbox-failed"), ("FailedMount", "volume-mount-failed")]
)
def test_what_kept_a_pod_from_starting_is_over_once_a_container_of_it_ran(reason, class_):
    facts = recorded("init-container-failed")
    facts.events = [Event(f"pod/{facts.pod.name}", "Warning", reason, "no", last=facts.now, id="E1")]
    assert diagnose(facts).root_cause.class_ == "init-container-failed"
    for container in facts.pod.containers:
        container.state, container.last_state = State("waiting", "ContainerCreating"), State()
    assert diagnose(facts).root_cause.class_ == class_


@pytest.mark.parametrize(
    ("revision", "made", "class_"),
    [("7d9f", "2026-11-20T12:50:00Z", "app-crash"), ("7d9f", "2026-11-20T12:30:00Z", "quota-exceeded")]
    + [("0ld", "2026-11-20T12:50:00Z", "quota-exceeded")],
)
def test_a_refusal_is_over_once_a_pod_of_the_same_template_was_made(revision, made, class_):
    facts = recorded("app-crash")
    refused = "forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1"
    facts.events = [
        Event("replicaset/web-7d9f", "Warning", "FailedCreate", refused, last="2026-11-20T12:40:00Z", id="E1")
    ]
    facts.pods = [PodLine(facts.pod.name, "Running", revision=revision, created_at=made)]
    facts.workload.conditions = []
    assert diagnose(facts).root_cause.class_ == class_


def test_a_program_that_served_for_hours_is_not_slow_to_start():
    facts = recorded("startup-too-slow")
    container = facts.pod.containers[0]
    ended = container.state if container.state.phase == "terminated" else container.last_state
    ended.started_at = long_ago(facts, 2)
    assert diagnose(facts).root_cause.class_ != "startup-too-slow"


@pytest.mark.parametrize(
    ("answer", "is_missing"),
    [
        ('OCI runtime exec failed: exec failed: exec: "grpc_health_probe": executable file not found in $PATH', True),
        ('exec: "/bin/check": stat /bin/check: no such file or directory: unknown', True),
        ("/bin/sh: curl: not found", True),
        ("/bin/sh: 1: curl: not found", True),
        ("bash: line 1: curl: command not found", True),
        ("cat: can't open '/tmp/healthy': No such file or directory", False),
        ("ERROR 1049 (42000) at line 1: database orders not found", False),
    ],
)
def test_a_probe_lacks_its_command_only_where_that_is_said(answer, is_missing):
    facts = recorded("readiness-probe-wrong")
    for probe in facts.pod.containers[0].probes:
        probe.handler, probe.command = "exec", ["check"]
    for event in facts.events:
        event.message = f"Readiness probe failed: {answer}" if event.reason == "Unhealthy" else event.message
    assert (diagnose(facts).root_cause.class_ == "readiness-probe-wrong") is is_missing


@pytest.mark.parametrize(
    ("words", "class_"),
    [
        ("1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }", "unschedulable-taint"),
        (
            "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 node(s) had volume node "
            "affinity conflict",
            "unknown",
        ),
        (
            "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 node(s) exceed max volume "
            "count",
            "unknown",
        ),
        ("1 node(s) had untolerated taint(s), 3 node(s) had volume node affinity conflict", "unknown"),
        # The volume may well be on the node that is away or cordoned.
        (
            "1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 3 node(s) had volume node affinity "
            "conflict",
            "unschedulable-taint",
        ),
        ("1 node(s) were unschedulable, 3 node(s) had volume node affinity conflict", "unschedulable-taint"),
    ],
)
def test_a_taint_is_not_the_cause_where_volumes_are(words, class_):
    facts = recorded("unschedulable-selector")
    facts.events, facts.workload.conditions = [], []
    for condition in facts.pod.conditions:
        condition.message = f"0/4 nodes are available: {words}."
    assert diagnose(facts).root_cause.class_ == class_


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


@pytest.mark.parametrize(("before", "class_"), [("OOMKilled", "oom-killed"), ("Error", "unknown")])
def test_a_kill_of_which_the_runtime_missed_the_reason_is_told_by_the_one_before(before, class_):
    """Seen on containerd: of two kills for memory within two seconds, the second is `Error` with exit code 137."""
    facts = recorded("oom-killed")
    container = facts.pod.containers[0]
    container.state = State("terminated", "Error", exit_code=137, finished_at=facts.now, id="E1")
    container.last_state = State("terminated", before, exit_code=137, finished_at=facts.now, id="E2")
    found = diagnose(facts).root_cause
    assert found.class_ == class_
    if class_ == "unknown":
        assert "killed: by the kernel for memory, or by somebody on the node" in found.summary


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
