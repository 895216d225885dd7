# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Both reports with kagent (the A2A stand-in) agreeing, of another mind, talking nonsense, away, and not set up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from a2a_agent import A2AAgent
from support.cluster import Cluster
from support.story import Story, plain

# Both reports look at the whole cluster: beside what other tests plant and take away, their first finding would change.
pytestmark = pytest.mark.xdist_group("security")
PLAYBOOKS = {"health": "health_report.yml", "security": "security_audit.yml"}
FAULTS = """
apiVersion: v1
kind: Service
metadata: {name: lost}
spec: {selector: {app: gone}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: open}
spec:
  nodeSelector: {nobody: has-this}
  hostPID: true
  containers: [{name: app, image: localhost/aiops/busybox:1.35, securityContext: {privileged: true}}]
"""


def beginning_with(pick: Callable[[list[str]], str]) -> Callable[[str], str]:
    """An agent that answers the question as it is asked to, with a code of it."""

    def answer(question: str) -> str:
        target = json.loads(re.findall(r"^TARGET: (.*)$", question, re.M)[0])
        classes = question[question.index("\nCLASSES:") : question.index("\nCATALOGUE")]
        codes = [code for code in re.findall(r"^- ([^:]+):", classes, re.M) if code != "unknown"]
        cause = {"class": pick(codes), "summary": "Begin there.", "confidence": 0.7, "evidence": ["E1"]}
        diagnosis = {"verdict": "failing", "root_cause": cause}
        return json.dumps({"target": target, "diagnosis": diagnosis, "recommendation": None})

    return answer


def said_by(story: Story, name: str, folder: Path, **settings: Any) -> tuple[dict[str, Any], str]:
    """The report, and what was shown."""
    done = story.run(PLAYBOOKS[name], reports=str(folder), health_report_settings={"settled_seconds": 0}, **settings)
    assert done.code == 0, done.output
    [written] = folder.glob(f"*/{name}-*.json")
    return json.loads(written.read_text()), plain(done.output)


@pytest.fixture
def story(cluster: Cluster, namespace: str, tmp_path: Path) -> Story:
    cluster.apply(namespace, FAULTS)
    return Story(cluster, namespace, tmp_path / "records")


def kagent(agent: A2AAgent) -> dict[str, Any]:
    return {"aiops_kagent": {"url": agent.url, "model": "agents-model"}, "aiops_advisors_within_seconds": 60}


CASES = {
    "agreeing": (beginning_with(lambda codes: codes[0]), "agrees with the rules to begin with "),
    "of another mind": (beginning_with(lambda codes: codes[-1]), "disagrees with the rules: would begin with "),
    "nonsense": (lambda question: "All is well, <script>alert(1)</script>.", "said nothing that can be used: "),
    "another cluster's class": (beginning_with(lambda codes: "oom-killed"), "said nothing that can be used: "),
}


@pytest.mark.parametrize("name", PLAYBOOKS)
@pytest.mark.parametrize("case", CASES)
def test_advice_stands_beside_the_findings_and_changes_none(story: Story, tmp_path: Path, name: str, case: str) -> None:
    reply, said = CASES[case]
    with A2AAgent(reply) as agent:
        report, shown = said_by(story, name, tmp_path / "reports", **kagent(agent))
    [advice] = report["advice"]
    assert advice["advisor"] == "kagent (agents-model)"
    assert advice["text"].startswith(said)
    codes = [finding["code"] for finding in report["findings"]]
    if case == "agreeing":
        assert advice["text"].startswith(f"{said}{codes[0]}.")
    elif case == "of another mind":
        assert f"not with {codes[0]}." in advice["text"]
    assert len(agent.asked) >= 1
    assert not agent.executed
    # What was asked is the report's own findings, and what was said changes none of them.
    assert codes[0] in agent.asked[0].text
    ranks = [finding["rank"] for finding in report["findings"]]
    assert ranks == sorted(ranks, reverse=True)
    [page] = (tmp_path / "reports").glob("*/*.html")
    for text in (shown, story.record(), page.read_text()):
        assert said.strip() in " ".join(text.split())
        assert "<script>" not in text
    assert [event.body["name"] for event in story.events() if event.event == "advised"][0] == "kagent"


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_an_agent_that_is_away_is_missed_and_one_that_is_not_set_up_is_not(
    story: Story, tmp_path: Path, name: str
) -> None:
    with A2AAgent("") as agent:
        gone = kagent(agent)
    report, shown = said_by(story, name, tmp_path / "away", **gone)
    [advice] = report["advice"]
    assert "said nothing that can be used" in advice["text"]
    assert "said nothing that can be used" in " ".join(shown.split())
    assert report["findings"]
    report, shown = said_by(story, name, tmp_path / "alone")
    assert report["advice"] == []
    assert report["findings"]
    assert "Advice" not in shown
