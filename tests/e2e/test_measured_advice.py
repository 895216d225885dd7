# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Stories 2 and 3 with no advisor, each alone, both, and both wrong: what they say stands beside what was counted.

kagent is the A2A stand-in, kubectl-ai its stand-in in the real bubblewrap, each with a scripted model.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bubblewrap
import pytest
import yaml
from a2a_agent import A2AAgent
from openai_model import Model
from support import audit
from support.cluster import Cluster
from support.measured import Shop, flat, measured, simulated
from support.playbook import ROOT
from support.story import Story, plain

pytestmark = pytest.mark.xdist_group("measured-advice")

READ_ONLY = ROOT / "roles" / "kubectl_ai" / "files" / "read-only.yaml"
STANDIN = str(ROOT / "tests" / "standins" / "kubectl-ai")
REQUESTS = {"cpu": "500m", "memory": "512Mi"}


@pytest.fixture(scope="module")
def shop(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    cluster.kubectl("apply", "-f", str(READ_ONLY))
    manifests = [simulated(name, REQUESTS) for name in ("hot", "steady")]
    folder = tmp_path_factory.mktemp("history")
    with measured(cluster, folder, manifests, {"hot": flat(0.45)}, {"steady": flat(0.15)}) as made:
        yield made
        assert audit.writes(cluster, made.namespace) == []


@pytest.fixture
def story(shop: Shop, tmp_path: Path) -> Story:
    path = f"{bubblewrap.folder()}:{os.environ['PATH']}"
    return Story(shop.cluster, shop.namespace, tmp_path / "records", {"PATH": path})


@dataclass(frozen=True)
class About:
    """One of the two stories: how it is run, what the rules say, and what advisors would do instead."""

    playbook: str
    name: str
    right: str
    wrong: str
    remedy: str
    parameters: dict[str, Any]
    proposes: str
    advice: str
    questions: tuple[str, str]

    def options(self, shop: Shop) -> dict[str, Any]:
        prometheus = {"url": shop.url}
        common = {"target": f"deployment/{self.name}", "stage": "plan", "aiops_advisors_within_seconds": 60}
        if self.name == "hot":
            return {**common, "scale_workload_source": "prometheus", "scale_workload_prometheus": prometheus}
        days = {"optimize_resources_history_days": 8, "optimize_resources_minimum_days": 0}
        return {**common, **days, "optimize_resources_prometheus": prometheus}

    def says(self, shop: Shop, class_: str) -> str:
        """An advisor's answer: this class, and what it would do."""
        cause = {"class": class_, "summary": f"a sale is next week ({class_})", "confidence": 0.8, "evidence": ["E1"]}
        remedy = {"remedy": self.remedy, "parameters": self.parameters, "reason": "a sale", "expected_outcome": "room"}
        return json.dumps(
            {
                "target": {"kind": "Deployment", "namespace": shop.namespace, "name": self.name},
                "diagnosis": {"verdict": "degraded", "root_cause": cause, "contributing": [], "chain": []},
                "recommendation": remedy,
            }
        )


ABOUT = {
    "scaling": About(
        "scale_workload.yml",
        "hot",
        "cpu-over-requests",
        "capacity-short",
        "set_hpa",
        {"min_replicas": 6, "max_replicas": 20, "target_cpu_utilization_percent": 60},
        "Create HorizontalPodAutoscaler hot",
        "would set 6 to 20 replicas at 60 % CPU; the rules: set 2 to 3 replicas at 70 % CPU",
        ("should be scaled", "Can the cluster take the replicas that Deployment"),
    ),
    "sizing": About(
        "optimize_resources.yml",
        "steady",
        "over-provisioned",
        "right-sized",
        "set_resources",
        {"container": "app", "requests": {"cpu": "900m", "memory": "900Mi"}},
        "the cpu request from 500m to 200m; the memory request from 512Mi to 150Mi",
        "would set requests cpu 900m, memory 900Mi of container app; the rules: requests cpu 200m, memory 150Mi",
        ("Does this workload request what it needs?", "Does this workload request what it needs?"),
    ),
}
CASES: dict[str, tuple[bool | None, bool | None]] = {
    "no advisor": (None, None),
    "kagent alone": (True, None),
    "kubectl-ai alone": (None, True),
    "both": (True, True),
    "one of them wrong": (True, False),
    "both wrong": (False, False),
}


@pytest.mark.parametrize("what", ABOUT)
@pytest.mark.parametrize("case", CASES)
def test_the_story_runs_whoever_is_there(shop: Shop, story: Story, what: str, case: str) -> None:
    about = ABOUT[what]
    right = dict(zip(("kagent", "kubectl-ai"), CASES[case], strict=True))
    classes = {name: about.right if so else about.wrong for name, so in right.items() if so is not None}
    options = about.options(shop)
    with ExitStack() as stack:
        told: dict[str, Any] = {}
        if "kagent" in classes:
            agent = stack.enter_context(A2AAgent(about.says(shop, classes["kagent"])))
            options["aiops_kagent"] = {"url": agent.url, "model": "agents-model"}
            told["kagent"] = lambda: agent.asked[0].text
        if "kubectl-ai" in classes:
            model = stack.enter_context(Model([about.says(shop, classes["kubectl-ai"])]))
            environment = {"OPENAI_API_KEY": "sk-FAKEKEY1234567890abcdef", "OPENAI_ENDPOINT": model.url}
            one = {"program": STANDIN, "provider": "openai", "model": "gpt-4.1-mini", "environment": environment}
            options["aiops_kubectl_ai"] = [one]
            told["kubectl-ai"] = lambda: model.seen[0].text
        run = story.run(about.playbook, **options)
        questions = {name: text() for name, text in told.items()}
    assert run.code == 0, run.output
    shown = plain(run.output)
    # What is proposed is what was counted, whatever anybody says.
    plan = story.body("planned")
    assert (plan["remedy"], plan["advisor"]) == (about.remedy, "rules")
    assert about.proposes in shown
    said = {event.body["name"]: event.body["status"] for event in story.events() if event.event == "advised"}
    assert {name for name, status in said.items() if status == "answered"} == set(classes), story.record()
    head = yaml.safe_load(story.record().split("---\n")[1])
    assert head["operation"]["advisors"] == ["rules", *classes]
    joined = story.body("diagnosed")["joined"]
    for stands, wanted in (("agree", about.right), ("disagree", about.wrong)):
        assert [item["name"] for item in joined.get(stands, [])] == [
            name for name, class_ in classes.items() if class_ == wanted
        ]
    beside(story, about, classes, shown)
    for name, question in zip(("kagent", "kubectl-ai"), about.questions, strict=True):
        assert name not in questions or question in questions[name]


def beside(story: Story, about: About, classes: dict[str, str], shown: str) -> None:
    """On the screen and in the record: what each would do, the room that kubectl-ai sees, and who disagrees."""
    record = plain(story.record())
    for name, class_ in classes.items():
        for text in (shown, record):
            assert f"{name} {about.advice}" in text
        if class_ == about.wrong:
            assert shown.index("disagrees with the rules: a sale is next week") < shown.index("Verdict")
    if about.name == "hot" and "kubectl-ai" in classes:
        room = "the rules count room for 3 replicas; kubectl-ai says: a sale is next week"
        assert room in shown and room in record


def test_who_decides_later_sees_who_disagreed(shop: Shop, story: Story) -> None:
    about = ABOUT["sizing"]
    with A2AAgent(about.says(shop, about.wrong)) as agent:
        run = story.run(about.playbook, **about.options(shop), aiops_kagent={"url": agent.url})
    assert run.code == 0, run.output
    digest = story.body("planned")["digest"]
    rejected = story.run("approve.yml", record="1", decision="rejected", digest=digest, justification="the sale")
    shown = plain(rejected.output)
    assert "Status: rejected" in shown, rejected.output
    assert "kagent disagrees with the rules: a sale is next week" in shown
    assert f"kagent {about.advice}" in shown
