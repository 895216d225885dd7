# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pure parts of collecting: words to kinds, quantities, text, logs, events, revisions, nodes."""

from __future__ import annotations

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis import steps
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence import (
    events,
    logs,
    near,
    nodes,
    policies,
    references,
    revisions,
    scan,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BadTarget, parse_target
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import (
    amounts_from,
    asked,
    pod_from,
    problem_of,
    was_only_stopped,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import (
    Container,
    Pod,
    Revision,
    State,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line

MIB = 1024**2


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("", "deployment/checkout", ("Deployment", "checkout")),
        ("", "deploy/checkout", ("Deployment", "checkout")),
        ("", "Deployments.apps/checkout", ("Deployment", "checkout")),
        ("", "po/web-1", ("Pod", "web-1")),
        ("sts", "db", ("StatefulSet", "db")),
        ("CronJob", "nightly", ("CronJob", "nightly")),
        ("Pod", "deploy/checkout", ("Deployment", "checkout")),
        ("", "web-1", ("Pod", "web-1")),
        ("", "", (None, "")),
    ],
)
def test_targets_in_the_words_of_kubectl(kind, name, expected):
    found, found_name = parse_target(kind, name)
    assert (found.name if found else None, found_name) == expected


@pytest.mark.parametrize(("kind", "name"), [("gizmo", "x"), ("", "a/b/c"), ("", "/x"), ("deploy", ""), ("", "deploy/")])
def test_what_is_no_target_is_refused_in_one_sentence(kind, name):
    with pytest.raises(BadTarget) as refusal:
        parse_target(kind, name)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "step"),
    [
        (1, "16Mi"),
        (39 * MIB, "48Mi"),
        (65 * MIB, "96Mi"),
        (256 * MIB, "256Mi"),
        (1000 * MIB, "1Gi"),
        (2600 * MIB, "3Gi"),
        (2049 * MIB, "2560Mi"),
    ],
)
def test_memory_is_proposed_as_people_write_it(value, step):
    assert steps.memory_step(value) == step


@pytest.mark.parametrize(("value", "step"), [(0, "10m"), (11, "20m"), (101, "150m"), (960, "1"), (1001, "1100m")])
def test_cpu_is_proposed_as_people_write_it(value, step):
    assert steps.cpu_step(value) == step


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("right\u202eto left", "right\ufffdto left"),
        ("a\x00\x01\x02\x03b", "a\ufffdb"),
        ("password=hunter2-hunter2", "password=[redacted]"),
        ("x" * 5000, "x" * 399 + "…"),
    ],
)
def test_text_from_outside_becomes_one_harmless_line(raw, shown):
    assert one_line(raw) == shown


def kept(*lines):
    return [line.text for line in logs.keep([("", line) for line in lines])]


def test_the_telling_line_is_kept_however_far_from_the_end():
    noise = [f"INFO served request {i}" for i in range(900)]
    assert "panic: nil map" in kept(*noise[:10], "panic: nil map", *noise[10:])


def test_a_flood_of_one_warning_does_not_push_out_the_rare_line():
    flood = [f"WARN connection {i} timed out" for i in range(500)]
    lines = logs.keep([("", line) for line in [*flood[:250], "KeyError: 'A_B'", *flood[250:]]])
    assert "KeyError: 'A_B'" in [line.text for line in lines]
    assert max(line.count for line in lines) == 500
    assert len(lines) <= logs.KEPT_LINES


def test_private_keys_are_taken_out_whole_also_where_the_log_begins_or_ends_within_one():
    key = "MIIEpAIBAAKCAQEAx3cr3tKeyMaterial1234567890abcdefghijklmnopqrstu"
    whole = ["-----BEGIN RSA PRIVATE KEY-----", key, key, "-----END RSA PRIVATE KEY-----", "after"]
    for lines in (whole, whole[1:], whole[:3]):
        assert key not in " ".join(text for _time, text in logs.without_keys([("", line) for line in lines]))
    assert "after" in [text for _time, text in logs.without_keys([("", line) for line in whole])]


def test_binary_lines_are_marked_and_text_between_them_is_kept():
    raw = bytes(range(128, 256)) * 3 + b"\nValueError: bad order\n" + bytes(range(32)) * 9
    texts = [text for _time, text in logs.split(raw)]
    assert "ValueError: bad order" in texts and logs.BINARY in texts


def test_log_times_are_told_apart_from_text():
    assert logs.split(b"2026-01-02T03:04:05.678901234Z hello there\n") == [("2026-01-02T03:04:05Z", "hello there")]


def event(reason, message, count=1, first="2026-01-01T00:00:00Z", last="2026-01-01T00:00:00Z", kind="Warning"):
    about = {"kind": "Pod", "name": "web-1", "fieldPath": "spec.containers{app}"}
    return {
        "metadata": {},
        "involvedObject": about,
        "reason": reason,
        "message": message,
        "count": count,
        "type": kind,
        "firstTimestamp": first,
        "lastTimestamp": last,
    }


def test_events_are_folded_over_time():
    one, *rest = events.folded(
        [
            event("BackOff", "waiting 10s", 3, "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"),
            event("BackOff", "waiting 20s", 4, "2026-01-01T00:02:00Z", "2026-01-01T00:05:00Z"),
        ]
    )
    assert not rest
    assert (one.count, one.first, one.last) == (7, "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z")
    assert (one.container, one.message) == ("app", "waiting 20s")


def test_of_too_many_events_the_warnings_stay():
    normal = [event("Pulled" + chr(97 + i % 26) * (i + 1), "x", kind="Normal") for i in range(60)]
    assert "Failed" in [e.reason for e in events.folded([*normal, event("Failed", "y")])]


def template(image="web:1", **container):
    return {"spec": {"containers": [{"name": "app", "image": image, **container}]}}


def test_changes_name_the_container_and_the_variable_and_hide_secret_values():
    before = template(env=[{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "fast"}])
    found = {c.path: (c.before, c.after) for c in revisions.changes(before, template("web:2"))}
    assert found == {
        "containers[app].image": ("web:1", "web:2"),
        "containers[app].env[DB_PASSWORD].value": ("[redacted]", "(absent)"),
        "containers[app].env[MODE].value": ("fast", "(absent)"),
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([Revision(1), Revision(2), Revision(3, current=True)], 2),
        ([Revision(1, ready=2), Revision(2), Revision(3, current=True)], 1),
        ([Revision(3, current=True)], None),
    ],
)
def test_the_revision_to_compare_with_is_one_that_serves_else_the_one_before(found, expected):
    compared = revisions.compared(found)
    assert (compared.number if compared else None) == expected


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({"matchLabels": {"a": "b", "c": "d"}}, "a=b,c=d"),
        ({"matchExpressions": [{"key": "k", "operator": "In", "values": ["x", "y"]}]}, "k in (x,y)"),
        ({"matchExpressions": [{"key": "k", "operator": "DoesNotExist"}]}, "!k"),
        (None, ""),
    ],
)
def test_selectors(selector, text):
    assert workloads.selector_text(selector) == text


def standing(name, phase, created, since="", **status):
    return pod_from(
        {
            "metadata": {"name": name, "creationTimestamp": created},
            "spec": {"containers": [{"name": "app"}]},
            "status": {
                "phase": phase,
                "conditions": [{"type": "Ready", "status": str(phase == "Running"), "lastTransitionTime": since}],
                **status,
            },
        }
    )


NOW, LATELY, BEFORE, LONG_AGO = (
    f"2026-11-{day}Z" for day in ("20T13:00:00", "20T12:55:00", "19T13:00:00", "15T13:00:00")
)


@pytest.mark.parametrize(
    ("pods", "complete", "first"),
    [
        # Evicted days ago and replaced; evicted a moment ago; never replaced.
        ([("gone", "Failed", LONG_AGO, LONG_AGO), ("web", "Running", BEFORE, BEFORE)], False, "web"),
        ([("gone", "Failed", LONG_AGO, LATELY), ("web", "Running", LATELY, LATELY)], False, "gone"),
        ([("gone", "Failed", LONG_AGO, ""), ("web", "Running", BEFORE, BEFORE)], False, "gone"),
        ([("gone", "Failed", BEFORE, BEFORE), ("web", "Running", LONG_AGO, LONG_AGO)], False, "gone"),
        ([("gone", "Failed", LONG_AGO, LONG_AGO)], False, "gone"),
        # The tries of a Job that failed or goes on, and of one that is complete.
        ([("first", "Failed", BEFORE, LATELY), ("second", "Succeeded", LATELY, LATELY)], False, "first"),
        ([("first", "Failed", BEFORE, LATELY), ("second", "Succeeded", LATELY, LATELY)], True, "second"),
    ],
)
def test_failed_pods_that_are_no_news_come_last(pods, complete, first):
    ordered = workloads.news_first([standing(*pod) for pod in pods], complete=complete, now=NOW)
    assert ordered[0].name == first and len(ordered) == len(pods)


@pytest.mark.parametrize(("phase", "problem"), [("Succeeded", ""), ("Failed", "Failed"), ("Running", "Error")])
def test_how_a_sidecar_ended_is_no_problem_of_a_pod_that_ended(phase, problem):
    pod = standing("job", phase, BEFORE)
    ended = State("terminated", "Error", exit_code=143)
    pod.containers = [Container("proxy", role="sidecar", state=ended)]
    assert problem_of(pod) == problem
    assert was_only_stopped(pod, pod.containers[0]) is (phase != "Running")


def scanned(kind, since, phase="Failed"):
    owners = [scan.ScannedOwner(kind, "web", controller=True)] if kind else []
    conditions = [scan.ScannedCondition("Ready", "False", lastTransitionTime=since)]
    return scan.ScannedPod(
        scan.ScannedMetadata("web-1", "shop", ownerReferences=owners),
        scan.ScannedPodStatus(phase, conditions=conditions),
    )


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (scanned("ReplicaSet", LONG_AGO), True),
        (scanned("ReplicaSet", LATELY), False),
        (scanned("ReplicaSet", ""), False),
        (scanned("ReplicaSet", LONG_AGO, "Running"), False),
        (scanned("", LONG_AGO), False),
        (scanned("Job", LATELY), True),
    ],
)
def test_what_the_scan_leaves_out(pod, expected):
    assert scan.is_leftover(pod, {("shop", "web")}, NOW) is expected


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "dedicated", "operator": "Exists"}, True),
        ({"key": "dedicated", "value": "gpu"}, True),
        ({"key": "dedicated", "value": "cpu"}, False),
        ({"key": "dedicated", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_tolerations(toleration, expected):
    assert nodes.tolerates(Pod("p", tolerations=[toleration]), "dedicated=gpu:NoSchedule") is expected


def requesting(memory, phase="Running"):
    resources = {"requests": {"memory": memory, "cpu": "100m"}}
    return {
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "app", "resources": resources}]},
        "status": {"phase": phase},
    }


def test_room_on_a_node_counts_the_pods_that_are_not_finished():
    node = nodes.Node("n", allocatable=amounts_from({"cpu": "1", "memory": "100Mi"}))
    free = nodes.free_on(node, [requesting("30Mi"), requesting("50Mi", "Succeeded")])
    assert (free.cpu_millicores, free.memory_bytes) == (900, 70 * MIB)


def test_a_pod_asks_for_its_largest_init_container_where_that_is_more():
    item = requesting("30Mi")
    item["spec"]["initContainers"] = [{"name": "i", "resources": {"requests": {"memory": "64Mi"}}}]
    assert asked(pod_from(item)).memory_bytes == 64 * MIB


def test_references_are_found_wherever_a_pod_names_them():
    spec = {
        "serviceAccountName": "runner",
        "containers": [
            {
                "name": "app",
                "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "cm1", "key": "k"}}}],
                "envFrom": [{"secretRef": {"name": "s1", "optional": True}}],
            }
        ],
        "volumes": [
            {"name": "v", "secret": {"secretName": "s1"}},
            {"name": "w", "persistentVolumeClaim": {"claimName": "c1"}},
            {
                "name": "x",
                "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}, {"secret": {"name": "s2"}}]},
            },
        ],
    }
    found = {(r.kind, r.name): r.optional for r in references.references_of(spec)}
    assert found == {
        ("ServiceAccount", "runner"): False,
        ("ConfigMap", "cm1"): False,
        ("Secret", "s1"): False,
        ("PersistentVolumeClaim", "c1"): False,
        ("Secret", "s2"): False,
    }


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("chekout", ["checkout", "cart"], ["checkout"]),
        ("checkout", ["checkout-7d9-x1", "cart-1"], ["checkout-7d9-x1"]),
        ("web-7d9-gone1", ["web-7d9-new22", "db-0"], ["web-7d9-new22"]),
        ("zzz", ["checkout"], []),
    ],
)
def test_near_names(name, names, expected):
    assert near.nearest(name, names) == expected


def test_services_that_select_the_pod():
    items = [
        {
            "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
        },
        {"metadata": {"name": "db"}, "spec": {"selector": {"app": "db"}}},
        {"metadata": {"name": "outside"}, "spec": {}},
    ]
    assert [p.name for p in policies.services(items, {"app": "web"})] == ["web"]
