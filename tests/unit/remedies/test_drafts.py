# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each remedy makes of a recommendation, and the sentences with which it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from remedies_objects import Document, container, pod, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    admission,
    catalogue,
    changes,
    recency,
    rollback_revision,
    set_probe,
    set_resources,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.rollback_revision import Revision
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import checked_parameters

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def draft(remedy_id: str, document: Document, **parameters: Any) -> Draft:
    remedy = catalogue.find(remedy_id)
    return remedy.draft(None, document, checked_parameters(remedy.signature, parameters), NOW)  # type: ignore[arg-type]


def written(remedy_id: str, document: Document, **parameters: Any) -> dict[str, Any]:
    """Last name of each field written → its value."""
    operations = changes.differences(document, draft(remedy_id, document, **parameters).desired)
    return {operation["path"][-1]: operation.get("value", "removed") for operation in operations}


REFUSED_PARAMETERS = [
    ("set_image", {}, "needs the parameter container"),
    ("set_image", {"container": "app", "image": "a", "tag": "b"}, "has no parameter tag; it takes: container, image"),
    ("set_image", {"container": "app", "image": 5}, "must be a text"),
    ("scale", {"replicas": -1}, "must be a whole number from 0"),
    ("scale", {"replicas": "many"}, "must be a whole number from 0"),
    ("scale", {"replicas": True}, "must be a whole number from 0"),
    ("set_resources", {"container": "app", "limits": "1Gi"}, "must be a map of cpu and memory"),
    ("set_resources", {"container": "app", "limits": {"gpu": "1"}}, "must be a map of cpu and memory only"),
    ("set_probe", {"container": "app", "probe": "health"}, "must be one of liveness, readiness, startup"),
    ("set_probe", {"container": "app", "probe": "liveness", "port": 70000}, "a port from 1 to 65535"),
    ("set_probe", {"container": "app", "probe": "liveness", "command": "true"}, "must be a list of texts"),
    ("restart_rollout", {"now": "yes"}, "takes: none"),
    ("restart_rollout", ["now"], "must be a map, not list"),
]


@pytest.mark.parametrize(("remedy", "parameters", "sentence"), REFUSED_PARAMETERS)
def test_parameters_are_checked(remedy: str, parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RemedyError, match=sentence):
        checked_parameters(catalogue.find(remedy).signature, parameters)


@pytest.mark.parametrize("remedy", [None, "delete_everything", 3])
def test_there_are_no_other_remedies(remedy: Any) -> None:
    with pytest.raises(RemedyError, match="the catalogue has: restart_pod, restart_rollout"):
        catalogue.find(remedy)


HELD = [
    ({"paused": True}, "Deployment", "is paused"),
    ({"updateStrategy": {"type": "OnDelete"}}, "StatefulSet", "updateStrategy OnDelete"),
]


@pytest.mark.parametrize(("spec", "kind", "sentence"), HELD)
@pytest.mark.parametrize("remedy", ["set_image", "set_resources", "set_probe", "restart_rollout"])
def test_a_template_that_reaches_no_pod_is_not_changed(remedy: str, spec: Document, kind: str, sentence: str) -> None:
    given = {
        "set_image": {"container": "app", "image": "shop/web:2"},
        "set_resources": {"container": "app", "limits": {"memory": "1Gi"}},
        "set_probe": {"container": "app", "probe": "liveness", "port": 80},
        "restart_rollout": {},
    }[remedy]
    with pytest.raises(RemedyError, match=sentence):
        draft(remedy, workload(kind, **spec), **given)


@pytest.mark.parametrize("remedy", ["set_image", "set_resources", "set_probe"])
def test_an_unknown_container_is_answered_with_the_known_ones(remedy: str) -> None:
    document = workload(containers=[container("web"), container("proxy")])
    given = {
        "set_image": {"image": "a:1"},
        "set_resources": {"limits": {"cpu": "1"}},
        "set_probe": {"probe": "liveness"},
    }
    with pytest.raises(RemedyError, match="has no container 'app'; it has: proxy, web"):
        draft(remedy, document, container="app", **given[remedy])


@pytest.mark.parametrize("image", ["", "Shop/Web:1", "web:", "web 1", "web;rm", "web@sha256:12", "http://x/web"])
def test_what_is_no_image_is_refused(image: str) -> None:
    with pytest.raises(RemedyError):
        draft("set_image", workload(), container="app", image=image)


@pytest.mark.parametrize(
    ("image", "warned"),
    [("shop/web:2", False), ("localhost:5000/shop/web", True), ("web:latest", True), (f"web@sha256:{'0' * 64}", False)],
)
def test_an_image_without_a_fixed_version_is_warned_of(image: str, warned: bool) -> None:
    assert bool(draft("set_image", workload(), container="app", image=image).warnings) is warned


def test_the_image_it_has_is_nothing_to_change() -> None:
    with pytest.raises(NothingToChange):
        draft("set_image", workload(), container="app", image="shop/web:1")


BURSTABLE = {"requests": {"cpu": "100m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
FIXED = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}}
LIMITS_ONLY = {"limits": {"cpu": "100m", "memory": "64Mi"}}
RESOURCES = [
    ("a limit", BURSTABLE, {"limits": {"memory": "128Mi"}}, {"memory": "128Mi"}),
    ("a new limit", BURSTABLE, {"limits": {"cpu": "1"}}, {"cpu": "1"}),
    ("limits where none were", {}, {"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1Gi"}}),
    ("Guaranteed by limits alone", LIMITS_ONLY, {"limits": {"memory": "128Mi"}}, {"memory": "128Mi"}),
]


@pytest.mark.parametrize(("words", "before", "asked", "fields"), RESOURCES, ids=[row[0] for row in RESOURCES])
def test_resources(words: str, before: Document, asked: Document, fields: Document) -> None:
    document = workload(containers=[container(resources=before)])
    assert written("set_resources", document, container="app", **asked) == fields


@pytest.mark.parametrize("asked", [{"limits": {"memory": "128Mi"}}, {"requests": {"memory": "128Mi"}}])
def test_guaranteed_stays_guaranteed_and_says_so(asked: Document) -> None:
    document = workload(containers=[container(resources=FIXED)])
    made = draft("set_resources", document, container="app", **asked)
    assert made.desired is not None
    after = made.desired["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert after["requests"] == after["limits"] == {"cpu": "100m", "memory": "128Mi"}
    assert "Guaranteed and stays so" in made.warnings[0]


def test_another_container_that_is_burstable_keeps_the_pod_burstable() -> None:
    document = workload(containers=[container(resources=FIXED), container("log", resources=BURSTABLE)])
    assert written("set_resources", document, container="app", limits={"memory": "128Mi"}) == {"memory": "128Mi"}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"limits": {"memory": "16Mi"}}, "memory limit 16Mi .* would be below its request 32Mi"),
        ({"requests": {"memory": "65Mi"}}, "memory limit 64Mi .* would be below its request 65Mi"),
        ({"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}, "cpu limit 1 .* below its request 2"),
        ({"limits": {"memory": "lots"}}, "limits.memory must be a quantity above nothing"),
        ({"limits": {"memory": "0"}}, "limits.memory must be a quantity above nothing"),
        ({"limits": {"memory": "-1Mi"}}, "limits.memory must be a quantity above nothing"),
        ({"limits": {}}, "needs requests or limits"),
        ({"limits": {"memory": "65536Ki"}}, "has these requests and limits already"),
    ],
)
def test_resources_refused(asked: Document, sentence: str) -> None:
    with pytest.raises(RemedyError, match=sentence):
        draft("set_resources", workload(containers=[container(resources=BURSTABLE)]), container="app", **asked)


def test_asked_leaves_out_what_is_empty() -> None:
    parameters = checked_parameters(
        catalogue.find("set_resources").signature, {"container": "a", "limits": {"cpu": "", "memory": "1Mi"}}
    )
    assert set_resources.asked(parameters) == {"requests": {}, "limits": {"memory": "1Mi"}}


HTTP = {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10}
TCP = {"tcpSocket": {"port": 8080}, "periodSeconds": 10}
EXEC = {"exec": {"command": ["true"]}, "periodSeconds": 10}
PROBES = [
    ("port", HTTP, {"port": 9090}, {**HTTP, "httpGet": {"path": "/", "port": 9090, "scheme": "HTTP"}}),
    ("path", HTTP, {"path": "/ok"}, {**HTTP, "httpGet": {"path": "/ok", "port": 8080, "scheme": "HTTP"}}),
    ("patience", HTTP, {"initial_delay_seconds": 30}, {**HTTP, "initialDelaySeconds": 30}),
    ("port of a TCP probe", TCP, {"port": 9090}, {**TCP, "tcpSocket": {"port": 9090}}),
    ("a path for a TCP probe", TCP, {"path": "/ok"}, {"httpGet": {"path": "/ok", "port": 8080}, "periodSeconds": 10}),
    ("a command instead", HTTP, {"command": ["x"]}, {"exec": {"command": ["x"]}, "periodSeconds": 10}),
    ("a port for an exec probe", EXEC, {"port": 80}, {"tcpSocket": {"port": 80}, "periodSeconds": 10}),
    ("a new one", None, {"port": 80, "path": "/ok"}, {"httpGet": {"port": 80, "path": "/ok"}}),
]


@pytest.mark.parametrize(("words", "before", "given", "after"), PROBES, ids=[row[0] for row in PROBES])
def test_probes(words: str, before: Document | None, given: Document, after: Document) -> None:
    assert set_probe.probe_after(before, given, "the probe") == after


@pytest.mark.parametrize(
    ("before", "given", "sentence"),
    [
        (HTTP, {}, "needs something to change"),
        (None, {"period_seconds": 5}, "does not exist: give a port"),
        (None, {"path": "/ok"}, "give the port too"),
        (EXEC, {"path": "/ok"}, "give the port too"),
        (HTTP, {"command": ["x"], "port": 80}, "either a command or a port"),
    ],
)
def test_probes_refused(before: Document | None, given: Document, sentence: str) -> None:
    with pytest.raises(RemedyError, match=sentence):
        set_probe.probe_after(before, given, "the probe")


def test_a_port_by_a_name_that_the_container_lacks_is_refused() -> None:
    document = workload(containers=[container(ports=[{"name": "http", "containerPort": 80}])])
    with pytest.raises(RemedyError, match="no port named 'web'; it names: http"):
        draft("set_probe", document, container="app", probe="liveness", port="web")


def revision(number: int, **facts: Any) -> Revision:
    return Revision(number, {"spec": {"n": facts.pop("n", number)}}, **facts)


CHOICES = [
    ("ready now", [revision(1, ready=2, pods=2), revision(2), revision(3)], 0, 1, False),
    ("the newest of those ready", [revision(1, ready=2), revision(2, ready=1), revision(3)], 0, 2, False),
    ("gone back to before", [revision(1, gone_back_to=True), revision(2), revision(3)], 0, 1, False),
    ("nothing known", [revision(1), revision(2), revision(3)], 0, 2, True),
    ("known to fail", [revision(1), revision(2, pods=1), revision(3)], 0, 1, True),
    ("the same template again", [revision(1), revision(2, n=3), revision(3)], 0, 1, True),
    ("in any order", [revision(3), revision(1, ready=1), revision(2)], 0, 1, False),
    ("named", [revision(1), revision(2, ready=1), revision(3)], 1, 1, False),
    ("a failing one named", [revision(1, pods=1), revision(2)], 1, 1, True),
]


@pytest.mark.parametrize(("words", "revisions", "wanted", "number", "warned"), CHOICES, ids=[row[0] for row in CHOICES])
def test_which_revision_worked_last(
    words: str, revisions: list[Revision], wanted: int, number: int, warned: bool
) -> None:
    choice = rollback_revision.chosen(revisions, {"spec": {"n": max(r.number for r in revisions)}}, wanted, "web")
    assert (choice.revision.number, bool(choice.warning)) == (number, warned)
    assert choice.why


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"ready": 2, "pods": 2}, "2 pod(s) of it are ready now"),
        ({"gone_back_to": True}, "somebody had gone back to it before"),
        # It failed when somebody went back to it.
        ({"gone_back_to": True, "pods": 1}, "the one that the recommendation names"),
        ({}, "the one that the recommendation names"),
    ],
)
def test_a_named_revision_is_shown_with_what_speaks_for_it(facts: dict[str, Any], why: str) -> None:
    """Rules name revisions too, so it is not said that somebody asked for it."""
    choice = rollback_revision.chosen([revision(1, **facts), revision(2)], {"spec": {"n": 2}}, 1, "web")
    assert choice.why == why


@pytest.mark.parametrize(
    ("revisions", "wanted", "sentence"),
    [
        ([revision(1)], 0, "keeps no older revision"),
        ([], 0, "keeps no older revision"),
        ([revision(1, pods=2), revision(2)], 0, "No older revision of web is known to work"),
        ([revision(1), revision(2)], 7, "keeps no revision 7; it keeps: 1, 2"),
        ([revision(1), revision(2)], 2, "has the template of revision 2 already"),
    ],
)
def test_no_revision_to_go_back_to(revisions: list[Revision], wanted: int, sentence: str) -> None:
    with pytest.raises(RemedyError, match=sentence):
        rollback_revision.chosen(revisions, {"spec": {"n": len(revisions)}}, wanted, "web")


@pytest.mark.parametrize(
    ("owner", "sentence"), [(("Job", "import"), "belongs to Job import"), (("CronJob", "x"), "failed attempt")]
)
def test_pods_of_jobs_are_not_restarted(owner: tuple[str, str], sentence: str) -> None:
    with pytest.raises(RemedyError, match=sentence):
        draft("restart_pod", pod(owner=owner))


def test_static_and_leaving_pods_are_not_restarted() -> None:
    static, leaving = pod(), pod()
    static["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    leaving["metadata"]["deletionTimestamp"] = "2026-11-20T12:00:00Z"
    for document, sentence in ((static, "static pod"), (leaving, "being deleted already")):
        with pytest.raises(RemedyError, match=sentence):
            draft("restart_pod", document)


def test_the_manifest_of_a_bare_pod_is_kept_without_its_secrets() -> None:
    bare = pod(owner=None)
    bare["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": "hunter2"}]
    note = draft("restart_pod", bare).rollback_note
    assert "image: shop/web:1" in note
    assert "hunter2" not in note
    assert "nodeName" not in note


def aged(minutes: float, name: str = "web-2") -> Document:
    document = pod(name)
    document["metadata"]["creationTimestamp"] = datetime.fromtimestamp(NOW.timestamp() - minutes * 60, UTC).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    return document


def leaving(minutes: float) -> Document:
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "lastTransitionTime": aged(minutes)["metadata"]["creationTimestamp"],
    }
    return {**aged(600), "status": {"conditions": [condition]}}


@pytest.mark.parametrize(
    ("recorded", "pods", "recent"),
    [
        ([], [aged(10)], False),
        ([], [aged(9.9)], True),
        ([], [aged(60), aged(1)], True),
        ([], [aged(-5)], True),
        (["2026-11-20T11:50:00Z"], [aged(60)], False),
        (["2026-11-20T11:50:01Z"], [aged(60)], True),
        (["2020-01-01T00:00:00Z", "2026-11-20T11:59:00Z"], [], True),
        (["garbage"], [], True),
        ([], [leaving(2)], True),
        ([], [leaving(11)], False),
        ([], [], False),
    ],
)
def test_once_in_ten_minutes(recorded: list[str], pods: list[Document], recent: bool) -> None:
    assert bool(recency.recent_replacement(NOW, recorded, pods)) is recent


def strategy(replicas: int, unavailable: Any) -> Document:
    return workload(replicas=replicas, strategy={"rollingUpdate": {"maxUnavailable": unavailable}})


@pytest.mark.parametrize(
    ("document", "first"),
    [
        (strategy(1, "25%"), False),
        (strategy(3, "25%"), False),
        (strategy(4, "25%"), True),
        (strategy(1, 1), True),
        (strategy(9, 0), False),
        (workload(strategy={"type": "Recreate"}), True),
        (workload("StatefulSet"), True),
    ],
)
def test_whether_a_full_quota_stops_the_rollout(document: Document, first: bool) -> None:
    answer = 'pods "x" is forbidden: exceeded quota: q, requested: limits.memory=1Gi'
    if first:
        assert "no room for one more pod" in admission.judged(answer, document)[0]
    else:
        with pytest.raises(RemedyError, match="exceeded quota"):
            admission.judged(answer, document)
