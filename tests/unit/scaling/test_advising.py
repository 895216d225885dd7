# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Advisors stand beside the analysis: they may agree or disagree, and their word makes no remedy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from a2a_agent import A2AAgent
from scaling_objects import node, pod, seen, subject

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import AdvisorSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import KagentSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import DEFAULTS
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import advising, report
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.advising import advised
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.capacity import Cluster
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.judging import Settings, judge
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.subject import Subject


def analysis(about: Subject) -> dict[str, Any]:
    what = seen()
    made = report.Analysis(about, what, judge(about, what, Settings()), DEFAULTS, "2026-11-20T12:00:00Z")
    return report.to_json(made)


def reply(class_: str, remedy: dict[str, Any] | None = None) -> str:
    cause = {"class": class_, "summary": "the sale has begun", "confidence": 0.8, "evidence": ["E1"]}
    return json.dumps(
        {
            "target": {"kind": "Deployment", "namespace": "shop", "name": "web"},
            "diagnosis": {"verdict": "degraded", "root_cause": cause, "contributing": [], "chain": []},
            "recommendation": remedy,
        }
    )


TEN = {
    "remedy": "set_hpa",
    "parameters": {"min_replicas": 5, "max_replicas": 10},
    "reason": "the sale has begun",
    "expected_outcome": "it bears the load",
}
ROWS = [
    ("cpu-over-requests", None, "agree"),
    ("cpu-over-requests", TEN, "agree"),
    ("capacity-short", None, "disagree"),
]


def asked(about: Subject, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    given = analysis(about)
    with A2AAgent(reply=text) as agent:
        settings = AdvisorSettings(kagent=KagentSettings(url=agent.url), within_seconds=10.0)
        client = Client(Connection(host="http://127.0.0.1:1"), retries=0)
        return given, advised(given, settings, client, record=True)


@pytest.mark.parametrize(("class_", "remedy", "stands"), ROWS)
def test_the_rules_stay_and_the_advice_stands_beside(class_: str, remedy: dict[str, Any] | None, stands: str) -> None:
    given, found = asked(subject(), reply(class_, remedy))
    assert [item["name"] for item in found["joined"][stands]] == ["kagent"]
    assert (found["recommendations"], found["diagnosis"]) == (given["recommendations"], given["diagnosis"])
    told = [item["body"] for item in found["aiops_events"] if item["event"] == "advised"]
    assert "answered" in [body["status"] for body in told]


def test_the_bounds_of_an_advisor_stand_beside_the_rules() -> None:
    given, found = asked(subject(), reply("cpu-over-requests", TEN))
    advice = {"name": "Advice", "text": "kagent would set 5 to 10 replicas; the rules: set 3 to 4 replicas at 70 % CPU"}
    assert found["figures"] == [*given["figures"], advice]
    [observed] = [item["body"] for item in found["aiops_events"] if item["event"] == "observed"]
    assert observed["figures"] == found["figures"]


ANSWER = json.loads(reply("capacity-short", TEN)) | {"advisor": "kubectl_ai", "name": "kubectl-ai", "flags": []}


def test_the_room_that_kubectl_ai_sees_stands_beside_what_was_counted() -> None:
    full = subject(2, cluster=Cluster([node(cpu="40m")], [pod(1), pod(2)]))
    for about, room in ((subject(), "for 4 replicas"), (full, "for 2 of 4 replicas: the nodes take 0 more")):
        told = advising.told({**analysis(about), "advice": [ANSWER]})
        [text] = [item["text"] for item in told if item["name"] == "Capacity"]
        assert text.startswith(f"the rules count room {room}")
        assert text.endswith("; kubectl-ai says: the sale has begun")


def test_what_is_marked_stands_beside_its_mark_alone() -> None:
    marked = {**ANSWER, "flags": ["speaks of another target"]}
    assert advising.told({**analysis(subject()), "advice": [marked, {**ANSWER, "diagnosis": None}]}) == []


def test_kubectl_ai_is_asked_for_the_room_and_kagent_for_the_policy() -> None:
    texts = {}
    for advisor in ("kagent", "kubectl_ai"):
        given = analysis(subject())
        subject_of = given["subjects"].get(advisor) or given["subject"]
        texts[advisor] = build_question({**given, "subject": subject_of}).text
    assert "QUESTION: whether and how Deployment shop/web should be scaled" in texts["kagent"]
    assert "QUESTION: Can the cluster take the replicas that Deployment shop/web needs?" in texts["kubectl_ai"]
    assert "capacity-short where there is none" in texts["kubectl_ai"]


def test_where_there_is_no_room_an_advisor_makes_none() -> None:
    full = subject(2, cluster=Cluster([node(cpu="40m")], [pod(1), pod(2)]))
    _given, found = asked(full, reply("cpu-over-requests", TEN))
    assert found["diagnosis"]["root_cause"]["class"] == "capacity-short"
    assert [item["remedy"] for item in found["recommendations"]] == ["none"]


def test_without_any_advisor_nothing_is_missing() -> None:
    given = analysis(subject())
    client = Client(Connection(host="http://127.0.0.1:1"), retries=0)
    found = advised(given, AdvisorSettings(), client, record=True)
    assert found["recommendations"] == given["recommendations"]
    assert [item["event"] for item in found["aiops_events"]][:3] == ["observed", "diagnosed", "recommended"]
