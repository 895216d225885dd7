# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Advisors stand beside an analysis: they agree or not, and change none of its figures."""

from __future__ import annotations

import json
from typing import Any

import pytest
from a2a_agent import A2AAgent
from test_usage_asking import asked, empty, shop

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import AdvisorSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import KagentSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.second_opinion import with_advice


def says(class_: str, recommendation: dict[str, Any] | None = None) -> str:
    cause = {"class": class_, "summary": "a sale is next week", "confidence": 0.8, "evidence": ["E1"]}
    return json.dumps(
        {
            "target": {"kind": "Deployment", "namespace": "shop", "name": "web0"},
            "diagnosis": {"verdict": "degraded", "root_cause": cause, "contributing": [], "chain": []},
            "recommendation": recommendation,
        }
    )


def with_agent(report: dict[str, Any], agent: A2AAgent) -> dict[str, Any]:
    settings = AdvisorSettings(kagent=KagentSettings(url=agent.url), within_seconds=20.0)
    return with_advice(report, settings, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(("class_", "stands"), [("over-provisioned", "agree"), ("right-sized", "disagree")])
def test_an_advisor_that_agrees_or_does_not(class_: str, stands: str) -> None:
    report, _queries = asked(shop(), name="deployment/web0")
    with A2AAgent(reply=says(class_)) as agent:
        found = with_agent(report, agent)
        [question] = [item.text for item in agent.asked]
    assert [item["class"] for item in found["joined"][stands]] == [class_]
    assert "Does this workload request what it needs?" in question
    assert "CPU p50 150m" in question
    assert (found["diagnosis"], found["recommendations"]) == (report["diagnosis"], report["recommendations"])
    assert [item["event"] for item in found["aiops_events"]][-2:] == ["advised", "advised"]


def test_the_amounts_of_an_advisor_stand_beside_the_rules() -> None:
    report, _queries = asked(shop(), name="deployment/web0")
    amounts = {"container": "app", "requests": {"cpu": "400m", "memory": "300Mi"}}
    advised = {"remedy": "set_resources", "parameters": amounts, "reason": "a sale", "expected_outcome": "it bears it"}
    with A2AAgent(reply=says("over-provisioned", advised)) as agent:
        found = with_agent(report, agent)
    text = (
        "kagent would set requests cpu 400m, memory 300Mi of container app; the rules: requests cpu 200m, memory 150Mi"
    )
    assert found["figures"] == [{"name": "Advice", "text": text}]
    bodies = {item["event"]: item["body"] for item in reversed(found["aiops_events"])}
    assert bodies["observed"]["figures"] == found["figures"]
    assert bodies["diagnosed"]["joined"] == found["joined"]
    assert found["recommendations"] == report["recommendations"]


def test_an_advisor_is_not_asked_where_there_is_no_ground() -> None:
    report, _queries = asked(shop(), empty)
    with A2AAgent(reply=says("over-provisioned")) as agent:
        found = with_agent(report, agent)
        assert agent.asked == []
    assert (found["recommendations"], found["advice"], found["late"]) == ([], [], {})


def test_without_any_it_is_the_same() -> None:
    report, _queries = asked(shop(), name="deployment/web0")
    found = with_advice(report, AdvisorSettings(), None)  # type: ignore[arg-type]
    assert found["joined"]["sentence"] == ""
    assert found["recommendations"] == report["recommendations"]
