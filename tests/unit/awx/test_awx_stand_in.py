# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The stand-in for AWX says in every state what AWX said when it was recorded, as far as anybody here reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from awx_api import Awx, Refused
from awx_workflows import Job, Workflows

RECORDINGS = Path(__file__).parent / "recordings"


def recorded(name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return answer


def plan_only(job: Job) -> tuple[str, dict[str, Any]]:
    return "successful", {"plan_digest": "abc123"}


@pytest.fixture
def workflows() -> Iterator[Workflows]:
    """A workflow plan → gate → apply; bob may decide, alice may launch and decide."""
    awx = Awx()
    for name in ("alice", "bob", "mallory"):
        awx.user(name, "password")
    workflow = awx.create("workflow_job_templates", {"name": "wf-full"})
    gate = awx.create("workflow_approval_templates", {"name": "approve apply", "timeout": 900})
    templates = {
        "plan": awx.create("job_templates", {"name": "jt-plan", "playbook": "plan.yml"})["id"],
        "gate": gate["id"],
        "apply": awx.create("job_templates", {"name": "jt-apply", "playbook": "apply.yml"})["id"],
    }
    nodes = {
        name: awx.create(
            "workflow_job_template_nodes",
            {"identifier": name, "workflow_job_template": workflow["id"], "unified_job_template": number},
        )["id"]
        for name, number in templates.items()
    }
    awx.associated[f"workflow_job_template_nodes/{nodes['plan']}/success_nodes"] = [nodes["gate"]]
    awx.associated[f"workflow_job_template_nodes/{nodes['gate']}/success_nodes"] = [nodes["apply"]]
    for role, names in (("execute", ("alice",)), ("approval", ("alice", "bob"))):
        number = workflow["summary_fields"]["object_roles"][f"{role}_role"]["id"]
        awx.associated[f"roles/{number}/users"] = [awx.named("users", name)["id"] for name in names]
    yield Workflows(awx, plan_only)


STATE = ("status", "failed", "timed_out", "can_approve_or_deny", "type")


def same_state(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert {key: ours[key] for key in STATE} == {key: theirs[key] for key in STATE}
    for key in ("started", "finished", "approval_expiration"):
        assert (ours[key] is None) == (theirs[key] is None), key
    for there in ("approved_or_denied_by",):
        assert (there in ours["summary_fields"]) == (there in theirs["summary_fields"])
        assert (there in ours["related"]) == (there in theirs["related"])
    assert set(ours["launched_by"]) == set(theirs["launched_by"])


def test_pending_approved_and_decided_a_second_time(workflows: Workflows) -> None:
    awx = workflows.awx
    launched = workflows.launch("wf-full", "alice")
    waiting = workflows.pending(launched)
    same_state(waiting, recorded("approval_pending"))
    with pytest.raises(Refused) as refused:
        awx.decide(awx.asker("Bearer mallory-token"), waiting, "approve")
    assert refused.value.status == 403
    with pytest.raises(Refused) as refused:
        awx.decide(awx.asker("Bearer bob-read"), waiting, "approve")
    assert refused.value.status == 403
    awx.decide(awx.asker("Bearer bob-token"), waiting, "approve")
    same_state(waiting, recorded("approval_approved"))
    with pytest.raises(Refused) as refused:
        awx.decide(awx.asker("Bearer alice-token"), waiting, "deny")
    assert refused.value.status == 400
    workflows.go_on(launched)
    assert launched["status"] == "successful"
    awx.delete_user("bob")
    assert "approved_or_denied_by" not in waiting["summary_fields"]
    assert waiting["status"] == "successful"


def test_denied_and_timed_out(workflows: Workflows) -> None:
    awx = workflows.awx
    denied = workflows.launch("wf-full", "alice")
    approval = workflows.pending(denied)
    # A launcher may decide on their own run.
    awx.decide(awx.asker("Bearer alice-token"), approval, "deny")
    workflows.go_on(denied)
    same_state(approval, recorded("approval_denied"))
    assert denied["status"] == recorded("approval_denied")["summary_fields"]["source_workflow_job"]["status"]

    late = workflows.launch("wf-full", "alice")
    approval = workflows.pending(late)
    awx.ahead = timedelta(seconds=901)
    workflows.go_on(late)
    same_state(approval, recorded("approval_timedout"))
    assert "has expired after 900 seconds" in approval["job_explanation"]
    assert workflows.job(late, "apply") is None


def test_nodes_and_what_a_job_gets(workflows: Workflows) -> None:
    awx = workflows.awx
    seen: list[Job] = []

    def run(job: Job) -> tuple[str, dict[str, Any]]:
        seen.append(job)
        return "successful", {"plan_digest": "abc123", "x": "of the plan"}

    workflows.runner = run
    awx.named("workflow_job_templates", "wf-full")["ask_variables_on_launch"] = True
    launched = workflows.launch("wf-full", "alice", x="of the launcher", awx_job_id=1)
    awx.decide(awx.asker("Bearer bob-token"), workflows.pending(launched), "approve")
    workflows.go_on(launched)
    apply = seen[1]
    # A workflow's variables win over artifacts, the job's own number over both.
    assert (apply.variables["plan_digest"], apply.variables["x"]) == ("abc123", "of the launcher")
    assert apply.variables["awx_job_id"] == apply.number
    assert apply.variables["awx_workflow_job_id"] == launched["id"]
    nodes = [item for item in awx.items["workflow_job_nodes"] if item["workflow_job"] == launched["id"]]
    theirs = recorded("nodes_done")["results"]
    assert {item["identifier"] for item in theirs} < {item["identifier"] for item in nodes}
    assert all(set(nodes[0]) - set(item) == set() for item in theirs)
    alone = workflows.launch_job("jt-apply", relaunch_of=workflows.job(launched, "apply"))
    assert "awx_workflow_job_id" not in seen[-1].variables
    assert alone["status"] == "successful"
