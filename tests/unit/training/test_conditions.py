# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab's conditions, and the labs themselves: folders of one shape, so that a new one is data."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import reply_schema
from ansible_collections.aiops.kubernetes.plugins.module_utils.training.conditions import (
    BadCondition,
    condition_of,
    judge,
)

LABS = sorted((Path(__file__).parents[3] / "roles" / "training" / "files" / "labs").iterdir())
DEPLOYMENT: dict[str, Any] = {
    "spec": {"resources": {"memory": "64Mi", "cpu": "0.5"}, "rules": [{"verbs": ["get", "*"], "resources": ["pods"]}]},
    "status": {"availableReplicas": 1, "conditions": [{"type": "Ready", "status": "True"}]},
}


def condition(path: str, **test: Any) -> Any:
    return condition_of({"what": "it is so", "kind": "Deployment", "name": "x", "path": path, **test})


@pytest.mark.parametrize(
    ("path", "test", "holds"),
    [
        ("status.availableReplicas", {"equals": 1}, True),
        ("status.availableReplicas", {"equals": 2}, False),
        ("status.availableReplicas", {"differs": 2}, True),
        ("status.conditions[?type=='Ready'].status | [0]", {"equals": "True"}, True),
        ("spec.resources.memory", {"at_most": "1Gi"}, True),
        ("spec.resources.memory", {"at_least": "65Mi"}, False),
        ("spec.resources.cpu", {"equals": "500m"}, True),
        ("spec.missing", {"at_most": "1Gi"}, False),
        ("spec.missing", {"equals": None}, True),
        ("spec.rules[].[verbs, resources][][]", {"lacks": "*"}, False),
        ("spec.rules[].verbs[]", {"contains": "get"}, True),
        ("spec.missing", {"lacks": "*"}, False),
    ],
)
def test_what_holds(path: str, test: dict[str, Any], holds: bool) -> None:
    assert judge(condition(path, **test), DEPLOYMENT).holds is holds


def test_an_object_that_is_not_there_holds_nothing() -> None:
    judged = judge(condition("status.x", equals=None), None)
    assert (judged.holds, judged.seen) == (False, "there is no Deployment x")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"path": "a", "equals": 1, "colour": "red"}, "colour is not known"),
        ({"path": "a"}, "one test"),
        ({"path": "a", "equals": 1, "lacks": 2}, "one test"),
        ({"path": "a[", "equals": 1}, "cannot be used"),
        ({"path": "a", "at_least": "much"}, "not a Kubernetes quantity"),
        ({"path": "a", "equals": 1, "labels": "app=x"}, "either name or labels"),
    ],
)
def test_a_condition_that_is_none_is_said(given: dict[str, Any], why: str) -> None:
    with pytest.raises(BadCondition, match=why):
        condition_of({"what": "it is so", "kind": "Pod", "name": "x", **given})


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_a_lab_has_all_that_a_lab_has(lab: Path) -> None:
    definition = yaml.safe_load((lab / "lab.yml").read_text())
    assert set(definition) == {"title", "story", "order", "minutes", "works", "broken", "checks", "hints"}
    assert definition["story"] in range(1, 7) and len(definition["hints"]) >= 2
    for part in ("works", "broken", "checks"):
        assert [condition_of(item) for item in definition[part]]
    assert {path.name for path in lab.iterdir()} - {"broken.yaml", "advice.json"} == {
        *("lab.yml", "before.yaml", "task.md", "answer.md")
    }
    assert re.search(r"^```sh\n", (lab / "answer.md").read_text(), re.MULTILINE)
    for path in lab.glob("*.yaml"):
        for item in yaml.safe_load_all(path.read_text()):
            assert "namespace" not in item["metadata"]


def test_every_story_has_a_lab_and_they_have_an_order() -> None:
    definitions = [yaml.safe_load((lab / "lab.yml").read_text()) for lab in LABS]
    assert {item["story"] for item in definitions} == {1, 2, 3, 4, 5, 6}
    assert sorted(item["order"] for item in definitions) == list(range(1, len(LABS) + 1))


@pytest.mark.parametrize("lab", [lab for lab in LABS if (lab / "advice.json").exists()], ids=lambda lab: lab.name)
def test_scripted_advice_is_of_the_schema(lab: Path) -> None:
    advice = reply_schema.read((lab / "advice.json").read_text())
    assert advice["target"]["namespace"] == f"training-{lab.name}"
    assert json.loads((lab / "advice.json").read_text())["diagnosis"]["root_cause"]["confidence"] > 0.9
