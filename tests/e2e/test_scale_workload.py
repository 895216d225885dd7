# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Story 2 on a real cluster: a program under real load gets an autoscaler, and gives it back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from a2a_agent import A2AAgent
from support import audit, load
from support.cluster import Cluster, eventually
from support.playbook import ROOT
from support.shell import Shell, environment_of, sections
from support.story import QUICK, Story, plain

TARGET = "deployment/podinfo"
WINDOW_SECONDS = 45


@pytest.fixture
def hot(cluster: Cluster, namespace: str, tmp_path: Path) -> Iterator[Story]:
    """podinfo under a load that takes more than 75 % of its CPU request."""
    load.deploy(cluster, namespace)
    with load.hot(cluster, namespace):
        yield Story(cluster, namespace, tmp_path / "records")


def settings(cluster: Cluster, **more: Any) -> dict[str, Any]:
    return {
        "target": TARGET,
        "scale_workload_window_seconds": WINDOW_SECONDS,
        # Sampled while the run lasts: the whole window is of this load.
        "scale_workload_source": "metrics_api",
        # What a request costs varies on a loaded machine: CPU has to come to rest well under the 70 % of the rule.
        "scale_workload_target_percent": 50,
        "change_validate_seconds": 120,
        "aiops_advisors_within_seconds": 60,
        **more,
    }


def replicas(story: Story) -> int:
    return int(story.cluster.get("deployment", "podinfo", "-n", story.namespace)["spec"]["replicas"])


def autoscalers(story: Story) -> list[dict[str, Any]]:
    return list(story.cluster.get("hpa", "-n", story.namespace)["items"])


def test_from_the_load_to_an_autoscaler_and_back(cluster: Cluster, hot: Story) -> None:
    shows_the_plan_and_writes_nothing(cluster, hot)
    watched = {"change_monitor_seconds": 75, "change_monitor_interval_seconds": 5}
    with advisor(hot, "cpu-over-requests") as agent:
        terminal = hot.at_terminal(
            "scale_workload.yml", **settings(cluster, aiops_kagent={"url": agent.url}, **watched)
        )
        terminal.sees("Agrees +kagent")
        terminal.approves("the shop opens at eight")
        run = terminal.end(300)
    assert run.code == 0, run.output
    said = plain(run.output)
    assert "Status: done" in said, said
    [autoscaler] = autoscalers(hot)
    spec, status = autoscaler["spec"], autoscaler["status"]
    assert 2 <= spec["minReplicas"] <= spec["maxReplicas"]
    assert status["currentMetrics"][0]["resource"]["current"]["averageUtilization"] < 70
    assert replicas(hot) >= spec["minReplicas"] > 1
    looks = re.findall(r"CPU at (\d+) % of its requests", said)
    assert int(looks[-1]) < 70, looks
    assert re.search(r"errors 0\.0 % of \d{3,} requests", said), said
    check_record(hot, spec)
    [made] = audit.writes(cluster, hot.namespace)
    assert (made["verb"], made["objectRef"]["resource"]) == ("create", "horizontalpodautoscalers")
    roll_back(cluster, hot)


def advisor(story: Story, class_: str) -> A2AAgent:
    cause = {"class": class_, "summary": "there is no room", "confidence": 0.8, "evidence": ["E1"]}
    reply = {
        "target": {"kind": "Deployment", "namespace": story.namespace, "name": "podinfo"},
        "diagnosis": {"verdict": "degraded", "root_cause": cause, "contributing": [], "chain": []},
        "recommendation": None,
    }
    return A2AAgent(reply=json.dumps(reply))


def shows_the_plan_and_writes_nothing(cluster: Cluster, story: Story) -> None:
    """Also where an advisor disagrees."""
    with advisor(story, "capacity-short") as agent:
        run = story.run("scale_workload.yml", "--check", **settings(cluster, aiops_kagent={"url": agent.url}))
    assert run.code == 0, run.output
    said = plain(run.output)
    for words in (
        "Create HorizontalPodAutoscaler podinfo",
        "+maxReplicas: ",
        "Cost now: 1 replica, ",
        "maximum: ",
        "disagrees with the rules: there is no room",
        "Status: waiting",
    ):
        assert words in said, said
    assert not audit.writes(cluster, story.namespace)


def check_record(story: Story, spec: dict[str, Any]) -> None:
    """The record tells all of it: what was seen, why these bounds, what it costs, who decided, what came of it."""
    assert story.body("observed")["sustained"]["verdict"] == "yes"
    assert story.body("observed")["policy"]["max_replicas"] == spec["maxReplicas"]
    record = story.record()
    for words in (
        "every one over 70 %",
        "10th percentile of the demand",
        f"at the maximum {spec['maxReplicas']} replicas can be scheduled",
        "more pods by node:",
        "default prices (OpenCost's, not yours), in USD",
        "an hour,",
        "a month",
        "the shop opens at eight",
        "errors 0.0 % of",
        "delete HorizontalPodAutoscaler",
    ):
        assert words in record, words
    assert story.body("monitored")["ok"] is True


def roll_back(cluster: Cluster, story: Story) -> None:
    terminal = story.at_terminal("rollback.yml", record="2")
    terminal.approves("it closes")
    run = terminal.end()
    assert run.code == 0, run.output
    assert "Status: done" in plain(run.output)
    assert autoscalers(story) == []
    assert replicas(story) == 1
    assert eventually(lambda: cluster.get("deployment", "podinfo", "-n", story.namespace)["status"]["replicas"] == 1)
    written = [(item["verb"], item["objectRef"]["resource"]) for item in audit.writes(cluster, story.namespace)]
    assert written == [
        ("create", "horizontalpodautoscalers"),
        ("delete", "horizontalpodautoscalers"),
        ("patch", "deployments"),
    ]


def test_every_command_of_the_runbook(cluster: Cluster, hot: Story, tmp_path: Path) -> None:
    environment = environment_of(cluster, tmp_path)
    given = {name: value for name, value in settings(cluster).items() if name != "target"}
    (tmp_path / "inventories" / "group_vars" / "all.yml").write_text(yaml.safe_dump({**QUICK, **given}))
    values = {"KUBECONFIG": cluster.kubeconfig, "NAMESPACE": hot.namespace, "WORKLOAD": "podinfo"}
    text = (ROOT / "docs" / "runbooks" / "scaling-decisions.md").read_text()
    shell = Shell(sections(text), tmp_path, environment, values)
    shell.does("Set up")
    assert "every one over 70 %" in plain(shell.does("Only look"))
    said = shell.does("First minute")
    assert "Status: waiting" in said
    assert not audit.writes(cluster, hot.namespace)
    shell.reads(said, "RECORD", "DIGEST")
    shell.does("Deciding")
    assert "The change holds" in shell.does("Approve")
    assert len(autoscalers(hot)) == 1
    assert eventually(lambda: replicas(hot) > 1 and 0 < load.share_in_use(cluster, hot.namespace) < 65, 120, 3)
    assert "The change holds" in shell.does("Afterwards")
    shell.reads(shell.does("Taking it back"), "UNDO_RECORD", "UNDO_DIGEST")
    assert "Status: done" in shell.does("Without a terminal")
    assert (autoscalers(hot), replicas(hot)) == ([], 1)
    load.until_hot(cluster, hot.namespace)
    said = plain(shell.does("One or two replicas by hand"))
    assert "Scale Deployment" in said and "2 (low)" in said
    assert "20m" in shell.does("By hand: look")
    assert "successfully rolled out" in shell.does("By hand: change")
    shell.does("By hand: take it back")
    assert replicas(hot) == 1
    assert shell.ran == {title for title, blocks in shell.blocks.items() if blocks}
