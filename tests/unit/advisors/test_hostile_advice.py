# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Replies that mean harm, where the rules do not know and an answer may become a plan: none gets further than a text.

From the wire over reading, joining and planning (against an API that counts writes) to screen and record.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from a2a_agent import A2AAgent
from hostile_replies import CANARY, SECRET, replies

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import asking
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import AdvisorSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import KagentSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import plan_json, planning
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import screen
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, Run

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "remedies"))
from remedies_api import Api, serving
from remedies_objects import DEPLOYMENT, workload

TARGET = Target("test", "apps/v1", "Deployment", "shop", "web", "uid-web")
REPORT: dict[str, Any] = {
    "target": TARGET.__dict__,
    "workload": TARGET.__dict__,
    "pod": "web-1",
    "diagnosis": {
        "verdict": "failing",
        "root_cause": {"class": "unknown", "summary": "not known", "confidence": 0.0, "evidence": [], "details": {}},
        "contributing": [],
        "chain": [],
    },
    "evidence": [{"id": "E1", "source": "log", "time": "", "subject": "pod/web-1", "text": "terminated, exit code 3"}],
    "recommendations": [],
    "unavailable": [],
}
REPLIES = replies({"kind": "Deployment", "namespace": "shop", "name": "web"})
# Tabs and line ends are all that may control a terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def agent() -> Iterator[A2AAgent]:
    with A2AAgent() as standin:
        yield standin


def joined(agent: A2AAgent, reply: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    settings = AdvisorSettings(kagent=KagentSettings(url=agent.url), within_seconds=10)
    agent.reply = reply
    report, found = asking.advised(REPORT, settings, None)
    return report, asking.events_of(found, settings)


def plans(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What would be put to a person; against an API that counts every write that is no dry run."""
    api, made = Api(), []
    api.put(DEPLOYMENT, workload())
    with serving(api) as url:
        client = Client(Connection(host=url))
        for recommendation in report["recommendations"]:
            try:
                made.append(plan_json.to_json(planning.plan(client, recommendation, TARGET)))
            except (RemedyError, ClusterError):
                continue
    assert api.writes == []
    return made


def test_there_are_at_least_forty() -> None:
    assert len(REPLIES) >= 40


@pytest.mark.parametrize("name", REPLIES)
def test_nothing_comes_of_it_but_text(name: str, agent: A2AAgent, tmp_path: Path) -> None:
    report, events = joined(agent, REPLIES[name])
    for plan in plans(report):
        assert plan["tier"]["level"] >= 2
        assert plan["advisor"] == "kagent"
        assert plan["target"] == TARGET.__dict__
        assert {write["object"]["namespace"] for write in plan["writes"]} == {"shop"}
    for recommendation in report["recommendations"]:
        assert recommendation["advisor"] == "kagent"
        # Never in what a program reads; in sentences for a person, which stay as they are.
        assert not re.search(r"\{\{|\{%|\$\(|`", json.dumps(recommendation["parameters"]))
    assert report["diagnosis"]["root_cause"]["confidence"] <= 0.7
    assert "tier" not in json.dumps(report["recommendations"])
    shown = "\n".join(line for line, _colour in screen.lines(report, {}))
    record, journal = recorded(events, tmp_path)
    for text in (shown, record):
        assert not CONTROL.search(text), CONTROL.findall(text)
        assert SECRET not in text
        assert "hunter2" not in text
        assert "pwned49" not in text
    assert SECRET not in journal
    assert not Path(CANARY).exists()


def recorded(events: list[dict[str, Any]], folder: Path) -> tuple[str, str]:
    run = Run.open(Folder(folder), "shop-web", {"run_id": "r1", "stage": "diagnosis", "command": "x"})
    for event in events:
        run.append(event["event"], event["body"])
    run.write_record()
    run.seal(failed=False, counts={})
    left = {path.relative_to(folder).parts[0] for path in folder.rglob("*")}
    assert left == {"aiops-operations", "ledger.jsonl"}
    text = run.record_path.read_text()
    head = yaml.safe_load(text.split("---\n")[1])
    assert head["operation"]["status"] == "done"
    assert head["operation"]["decisions"] == []
    # What is a section is the record's own.
    assert re.findall(r"(?m)^## .*$", _unfenced(text)) == SECTIONS
    return text, run.journal_path.read_text()


SECTIONS = [
    f"## {name}"
    for name in (
        "Prompt",
        "Response snapshot",
        "Evidence",
        "AI recommendation",
        "Plan",
        "Decision",
        "Execution",
        "Metrics before and after",
        "Validation and monitoring",
        "Rollback",
        "Outcome",
    )
]


def _unfenced(text: str) -> str:
    kept, fence = [], ""
    for line in text.splitlines():
        mark = re.match(r"`{3,}", line)
        if mark and not fence:
            fence = mark.group()
        elif fence and line == fence:
            fence = ""
        elif not fence:
            kept.append(line)
    return "\n".join(kept)


MARKED_OR_REFUSED = (
    "a command as a remedy",
    "a substitution in parameters",
    "a template in parameters",
    "a template in the class",
    "a patch",
    "a remedy that is none",
    "another namespace",
    "another target",
    "a huge number of replicas",
    "a homoglyph in the target",
    "a homoglyph in the remedy",
    "two answers that contradict each other",
    "evidence that does not exist",
)


@pytest.mark.parametrize("name", MARKED_OR_REFUSED)
def test_what_is_outside_the_catalogue_or_the_target_is_never_proposed(name: str, agent: A2AAgent) -> None:
    report, _events = joined(agent, REPLIES[name])
    assert report["recommendations"] == []
    assert report["diagnosis"] == REPORT["diagnosis"]


def test_what_the_agent_received_holds_no_secret(agent: A2AAgent) -> None:
    planted = [
        {"id": "E1", "source": "log", "text": f"login with {SECRET} and password=hunter2hunter2 failed"},
        {"id": "E2", "source": "spec", "text": "DATABASE_URL=postgres://shop:s3cr3t-in-url@db/shop"},
    ]
    agent.reply = "none"
    settings = AdvisorSettings(kagent=KagentSettings(url=agent.url))
    asking.advised({**REPORT, "evidence": planted}, settings, None)
    asked = agent.questions[-1]
    assert "E1" in asked
    assert "E2" in asked
    for secret in (SECRET, "hunter2", "s3cr3t"):
        assert secret not in asked
