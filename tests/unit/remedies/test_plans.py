# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as JSON: what is read, what is refused, and that a forged plan writes nothing but its remedy's fields."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from remedies_objects import Document

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import catalogue, plan_json
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import PlanInvalid
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import (
    FieldValue,
    Owner,
    Plan,
    Precondition,
    Rollback,
    Tier,
    Validation,
    Write,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

REF = ObjectRef("apps/v1", "Deployment", "web", "shop", "uid-web")
IMAGE = ["spec", "template", "spec", "containers", {"name": "app"}, "image"]


def plan(operations: list[Any] | None = None, back: list[Any] | None = None, **parts: Any) -> Plan:
    operations = [{"op": "replace", "path": IMAGE, "value": "web:2"}] if operations is None else operations
    back = [{"op": "replace", "path": IMAGE, "value": "web:1"}] if back is None else back
    made = {
        "remedy": "set_image",
        "parameters": {"container": "app", "image": "web:2"},
        "advisor": "rules",
        "reason": "Übergang – ✓",
        "expected_outcome": "",
        "summary": "",
        "target": Target("test", "apps/v1", "Deployment", "shop", "web", "uid-web"),
        "writes": [Write("1", "patch", REF, "json", operations)],
        "preconditions": [
            Precondition(
                REF,
                [
                    FieldValue(IMAGE, "web:1"),
                    FieldValue(["spec", "paused"], absent=True),
                    FieldValue(["spec"], sha256="s"),
                ],
            )
        ],
        "diff": "",
        "tier": Tier(3, "medium", ""),
        "rollback": Rollback(True, 300, "", [Write("1", "patch", REF, "json", back)]),
        "validation": Validation(120, 15, [], REF),
        "owner": Owner("none", "", True, ""),
        "warnings": [],
        "created_at": "2026-11-20T12:00:00Z",
        "expires_at": "2026-11-20T12:30:00Z",
        "decision_window_seconds": 1800,
        **parts,
    }
    return plan_json.with_digest(Plan(**made))


def test_there_and_back() -> None:
    made = plan()
    document = json.loads(json.dumps(plan_json.to_json(made)))
    assert plan_json.from_json(document) == made
    plan_json.verify_digest(plan_json.from_json(document), made.digest)


def test_order_of_keys_does_not_matter_to_the_digest() -> None:
    document = plan_json.to_json(plan())
    turned = dict(reversed(document.items()))
    assert plan_json.digest_of(plan_json.from_json(turned)) == document["digest"]


def everywhere(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict) and value:
        return [place for key, inner in value.items() for place in everywhere(inner, (*path, key))]
    if isinstance(value, list) and value:
        return [place for number, inner in enumerate(value) for place in everywhere(inner, (*path, number))]
    return [path]


@pytest.mark.parametrize("place", [p for p in everywhere(plan_json.to_json(plan())) if p != ("digest",)], ids=str)
def test_any_change_anywhere_is_noticed(place: tuple[Any, ...]) -> None:
    document = copy.deepcopy(plan_json.to_json(plan()))
    parent: Any = document
    for step in place[:-1]:
        parent = parent[step]
    old = parent[place[-1]]
    parent[place[-1]] = {"str": f"{old}x", "bool": not old, "int": 2 if old != 2 else 3}.get(type(old).__name__, ["x"])
    with pytest.raises(PlanInvalid):
        plan_json.verify_digest(plan_json.from_json(document))


def without(key: str) -> Document:
    return {name: value for name, value in plan_json.to_json(plan()).items() if name != key}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (None, "plan must be a map"),
        ([], "plan must be a map, not list"),
        ({**plan_json.to_json(plan()), "exec": "rm"}, "plan has an unknown key: exec"),
        (without("writes"), "plan lacks the key writes"),
        ({**plan_json.to_json(plan()), "warnings": "none"}, "plan.warnings must be a list, not str"),
        ({**plan_json.to_json(plan()), "decision_window_seconds": True}, "must be a whole number, not bool"),
        ({**plan_json.to_json(plan()), "tier": {"level": 0, "name": "", "why": ""}}, "tier.level is 0"),
        ({**plan_json.to_json(plan()), "owner": {}}, "plan.owner lacks the key kind"),
    ],
)
def test_what_is_no_plan_is_refused_in_one_sentence(document: Any, sentence: str) -> None:
    with pytest.raises(PlanInvalid, match=sentence):
        plan_json.from_json(document)


def op(path: list[Any], value: Any = "x", kind: str = "replace") -> dict[str, Any]:
    return {"op": kind, "path": path, **({} if kind == "remove" else {"value": value})}


def forged(path: list[Any], value: Any = "x", **parts: Any) -> Plan:
    return plan([op(path, value)], [op(path, "old")], **parts)


HOST_PATH = ["spec", "template", "spec", "volumes"]
POD = ObjectRef("v1", "Pod", "web-1", "shop", "uid-pod")
SECRET = ObjectRef("v1", "Secret", "keys", "shop", "uid-secret")
OWNED = {"api_version": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "namespace": "shop", "uid": "u"}
REVISION = {"object": OWNED, "path": IMAGE, "sha256": "sha256:0"}
SOURCES = [
    ("a Secret", {**REVISION, "object": {**OWNED, "kind": "Secret", "api_version": "v1"}}),
    ("another namespace", {**REVISION, "object": {**OWNED, "namespace": "kube-system"}}),
    ("outside the template", {**REVISION, "path": ["metadata", "name"]}),
    ("nowhere", {}),
    ("a text", "x"),
]
FORGED = [
    ("another field", forged(HOST_PATH)),
    ("another field of the container", forged([*IMAGE[:-1], "command"])),
    ("the container whole", forged(IMAGE[:-1], {"image": "web:2", "command": ["x"]})),
    ("the template whole", forged(["spec", "template"], {})),
    ("metadata", forged(["metadata", "labels", "x"])),
    ("the image by index", forged([*IMAGE[:-2], 0, "image"])),
    ("by another key than the name", forged([*IMAGE[:-2], {"image": "web:1"}, "image"])),
    ("an empty path", forged([])),
    ("a move", plan([{"op": "move", "path": IMAGE, "from": "/x"}])),
    ("a removal with a value", plan([{"op": "remove", "path": IMAGE, "value": 1}])),
    ("a set without a value", plan([{"op": "add", "path": IMAGE}])),
    *[
        (f"a value from {words}", plan([{"op": "replace", "path": IMAGE, "value_from": source}]))
        for words, source in SOURCES
    ],
    ("two values", plan([{"op": "replace", "path": IMAGE, "value": "x", "value_from": REVISION}])),
    ("no rollback", plan(back=[])),
    ("another rollback", plan(back=[op(["spec", "replicas"], 0)])),
    (
        "a rollback of another object",
        plan(rollback=Rollback(True, 9, "", [Write("1", "patch", SECRET, "json", [op(IMAGE)])])),
    ),
    (
        "a rollback that evicts",
        plan(rollback=Rollback(True, 9, "", [*plan().rollback.writes, Write("2", "evict", POD)])),
    ),
    ("a body that is none", plan(writes=[Write("1", "patch", REF, "json", "x")])),
    ("a path that is none", plan(preconditions=[Precondition(REF, [FieldValue([7], 1)])])),
    ("no write", plan([], [], writes=[])),
    ("a Secret", plan(writes=[Write("1", "patch", SECRET, "json", [op(IMAGE)])])),
    (
        "another object",
        plan(writes=[Write("1", "patch", ObjectRef("apps/v1", "Deployment", "x", "shop", "u"), "json", [])]),
    ),
    ("a deletion", plan(writes=[Write("1", "delete", REF)])),
    ("a creation", plan(writes=[Write("1", "create", SECRET)])),
    ("a pod beside", plan(writes=[*plan().writes, Write("2", "evict", POD)])),
    ("a remedy that is none", plan(remedy="kubectl")),
    ("a reversal of none", plan(remedy="restore", parameters={"remedy": "kubectl"})),
    ("a scale in disguise", forged(["spec", "replicas"], 0)),
    ("an image in a scale", plan(remedy="scale")),
    ("another pod", plan([], [], remedy="restart_pod", writes=[Write("1", "evict", POD)])),
]


@pytest.mark.parametrize(("words", "made"), FORGED, ids=[row[0] for row in FORGED])
def test_a_forged_plan_with_a_right_digest_is_refused(words: str, made: Plan) -> None:
    plan_json.verify_digest(made)
    with pytest.raises(PlanInvalid):
        catalogue.verify_writes(made)


RIGHT = [
    plan(),
    plan(remedy="restore", parameters={"remedy": "set_image", "of": "sha256:0"}),
    forged(["spec", "replicas"], 3, remedy="scale"),
    plan([{"op": "replace", "path": IMAGE, "value_from": REVISION}]),
    forged(HOST_PATH, [], remedy="rollback_revision"),
    plan(
        [op([*IMAGE[:-1], "resources", "limits"], {"memory": "1Gi"}, "add")],
        [op([*IMAGE[:-1], "resources", "limits"], kind="remove")],
        remedy="set_resources",
    ),
    plan(
        [op([*IMAGE[:-1], "livenessProbe", "tcpSocket"], kind="remove")],
        [op([*IMAGE[:-1], "livenessProbe", "tcpSocket"], {"port": 80}, "add")],
        remedy="set_probe",
    ),
]


@pytest.mark.parametrize("made", RIGHT, ids=lambda made: made.remedy)
def test_a_plan_of_its_remedys_fields_passes(made: Plan) -> None:
    catalogue.verify_writes(made)
