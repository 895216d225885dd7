# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Story 1 with no advisor, each alone, both, both wrong, late, and hostile: advice is shown and recorded, no more.

kagent is the A2A stand-in, kubectl-ai its stand-in in the real bubblewrap, each with a scripted model.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bubblewrap
import pytest
import yaml
from a2a_agent import A2AAgent, after
from hostile_replies import CANARY, replies
from openai_model import Model
from support import audit
from support.cluster import Cluster, eventually
from support.playbook import ROOT
from support.story import Story, plain
from support.workloads import hungry, memory_limit, until_killed

READ_ONLY = ROOT / "roles" / "kubectl_ai" / "files" / "read-only.yaml"
STANDIN = str(ROOT / "tests" / "standins" / "kubectl-ai")
KEY = "sk-FAKEKEY1234567890abcdef"
PASSWORD = "hunter2hunter2hunter2"


def answer(target: str, namespace: str, class_: str, remedy: str = "", **parameters: Any) -> str:
    advised = {"remedy": remedy, "parameters": parameters, "reason": "I think so", "expected_outcome": "it runs"}
    cause = {"class": class_, "summary": f"it is {class_}", "confidence": 0.8, "evidence": ["E1"]}
    return json.dumps(
        {
            "target": {"kind": "Deployment", "namespace": namespace, "name": target},
            "diagnosis": {"verdict": "failing", "root_cause": cause},
            "recommendation": advised if remedy else None,
        }
    )


@pytest.fixture(scope="module")
def failing(cluster: Cluster) -> Iterator[str]:
    """`checkout` needs more memory, as the rules know; `silent` ends with 3, why they do not, and leaks a password."""
    name = f"advice-{uuid.uuid4().hex[:6]}"
    cluster.kubectl("create", "namespace", name)
    cluster.kubectl("apply", "-f", str(READ_ONLY))
    silent = hungry("silent")
    [container] = silent["spec"]["template"]["spec"]["containers"]
    container.update(command=["sh", "-c", f"echo password={PASSWORD}; sleep 1; exit 3"], resources={})
    container["env"] = [{"name": "DB_PASSWORD", "value": PASSWORD}]
    cluster.apply(name, "\n---\n".join(json.dumps(item) for item in (hungry(), silent)))
    until_killed(cluster, name)
    assert eventually(lambda: "terminated" in json.dumps(cluster.get("pods", "-n", name, "-l", "app=silent")), 60)
    yield name
    assert audit.writes(cluster, name) == []
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def story(cluster: Cluster, failing: str, tmp_path: Path) -> Story:
    path = f"{bubblewrap.folder()}:{os.environ['PATH']}"
    return Story(cluster, failing, tmp_path / "records", {"PATH": path, "OPENAI_API_KEY": KEY})


@dataclass
class Asked:
    """The settings of a run, and what each side was told."""

    settings: dict[str, Any]
    agent: A2AAgent | None = None
    model: Model | None = None

    @property
    def told(self) -> str:
        """Everything that any model's side received."""
        said = [item.text for item in self.agent.asked] if self.agent else []
        return "\n".join([*said, *(item.text for item in self.model.seen)] if self.model else said)


def asked(stack: ExitStack, kagent: Any = None, kubectl_ai: str | None = None, **behaviour: Any) -> Asked:
    settings: dict[str, Any] = {"aiops_advisors_within_seconds": 60}
    found = Asked(settings)
    if kagent is not None:
        found.agent = stack.enter_context(A2AAgent(kagent, **behaviour))
        settings["aiops_kagent"] = {"url": found.agent.url, "model": "agents-model"}
    if kubectl_ai is not None:
        found.model = stack.enter_context(Model([kubectl_ai]))
        environment = {"OPENAI_API_KEY": KEY, "OPENAI_ENDPOINT": found.model.url}
        one = {"program": STANDIN, "provider": "openai", "model": "gpt-4.1-mini", "environment": environment}
        settings["aiops_kubectl_ai"] = [one]
    return found


def head(story: Story) -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(story.record().split("---\n")[1])
    return values


RIGHT, WRONG = "oom-killed", "dns-failure"
CASES = {
    "no advisor": (None, None),
    "kagent alone": (RIGHT, None),
    "kubectl-ai alone": (None, RIGHT),
    "both": (RIGHT, RIGHT),
    "both wrong": (WRONG, WRONG),
}


@pytest.mark.parametrize("case", CASES)
def test_the_story_runs_whoever_is_there(story: Story, case: str) -> None:
    kagent, kubectl_ai = (
        answer("checkout", story.namespace, class_, "restart_rollout") if class_ else None for class_ in CASES[case]
    )
    with ExitStack() as stack:
        given = asked(stack, kagent, kubectl_ai)
        run = story.run("diagnose_pod.yml", target="deployment/checkout", stage="plan", **given.settings)
    assert run.code == 0, run.output
    shown = plain(run.output)
    # The rules' remedy is what is proposed, whatever anybody says.
    plan = story.body("planned")
    assert (plan["remedy"], plan["advisor"]) == ("set_resources", "rules")
    assert "+ memory: 24Mi" in shown
    said = {event.body["name"]: event.body["status"] for event in story.events() if event.event == "advised"}
    names = [name for name, text in (("kagent", kagent), ("kubectl-ai", kubectl_ai)) if text]
    assert [name for name, status in said.items() if status == "answered"] == names, story.record()
    assert head(story)["operation"]["advisors"] == ["rules", *names]
    # kubectl-ai tells which model answered.
    models = {"kagent": "agents-model", "kubectl-ai": "scripted"}
    assert head(story)["model"] == (", ".join(models[name] for name in names) or "rules")
    joined = story.body("diagnosed")["joined"]
    assert [item["name"] for item in joined["disagree"]] == (names if case == "both wrong" else [])
    assert [item["name"] for item in joined["agree"]] == ([] if case == "both wrong" else names)
    if case == "both wrong":
        assert shown.index("disagrees with the rules") < shown.index("Verdict")
    assert KEY not in run.output + story.record() + story.journals()[-1].read_text()
    assert memory_limit(story.cluster, story.namespace) == "12Mi"


def test_where_rules_do_not_know_an_advisors_remedy_is_put_to_a_person(story: Story) -> None:
    with ExitStack() as stack:
        given = asked(stack, answer("silent", story.namespace, "app-crash", "restart_rollout"))
        run = story.run("diagnose_pod.yml", target="deployment/silent", stage="plan", **given.settings)
    assert run.code == 0, run.output
    assert "says kagent, the rules do not know" in plain(run.output)
    assert "by kagent, an AI" in plain(run.output)
    plan = story.body("planned")
    assert (plan["remedy"], plan["advisor"], plan["tier"]["level"]) == ("restart_rollout", "kagent", 2)
    rejected = story.run("approve.yml", record="1", decision="rejected", digest=plan["digest"], justification="no")
    assert rejected.code == 0, rejected.output
    assert "Status: rejected" in rejected.output
    # What was shown when the plan was made is shown again to who decides.
    assert "says kagent, the rules do not know" in plain(rejected.output)


def test_a_late_answer_is_recorded_and_not_waited_for(story: Story) -> None:
    with ExitStack() as stack:
        given = asked(stack, after(6, answer("silent", story.namespace, "app-crash")))
        given.settings.update(aiops_advisors_within_seconds=1)
        run = story.run("diagnose_pod.yml", target="deployment/silent", stage="observe", **given.settings)
        assert run.code == 0, run.output
        assert "it had not answered within 1 s" in plain(run.output)
        late = eventually(lambda: [event for event in story.events() if event.body.get("late")], 60)
    assert late[0].body["status"] == "answered", late
    assert "### kagent (agents-model), later" in story.record()


HOSTILE = (
    "a command in the summary",
    "a template in the reason",
    "a template in the summary",
    "a template in the chain",
    "a patch",
    "another namespace",
    "instructions out of a log",
    "a terminal's orders",
    "a record's headings",
    "an advisor that calls itself rules",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_advice_leads_to_nothing(story: Story, name: str) -> None:
    """At the stage that asks and writes, with nobody at a terminal; the audit log is looked at when all are done."""
    target = {"kind": "Deployment", "namespace": story.namespace, "name": "silent"}
    with ExitStack() as stack:
        given = asked(stack, replies(target)[name])
        run = story.run("diagnose_pod.yml", target="deployment/silent", **given.settings)
    assert run.code == 0, run.output
    assert not {"applying", "applied"} & set(story.names())
    assert audit.writes(story.cluster, story.namespace) == []
    assert not Path(CANARY).exists()
    kept = "\n".join(path.read_text() for path in story.folder.rglob("*") if path.is_file())
    assert {path.name for path in story.folder.iterdir()} == {"aiops-operations", "ledger.jsonl"}
    for text in (run.output, kept):
        assert "pwned49" not in text
        assert "\x1b" not in text
    for text in (run.output, kept, given.told):
        assert PASSWORD not in text
    assert story.body("recommended")["advisor"] in ("rules", "kagent")
    if "planned" in story.names():
        assert story.body("planned")["tier"]["level"] >= 2
