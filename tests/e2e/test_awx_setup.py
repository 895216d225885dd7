# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A contract test: the real modules of awx.awx set the collection up in a stand-in for AWX's API that keeps state.

It was never AWX: `tests/standins/awx_api.py` answers as a real AWX 24.6.1 did when it was recorded.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from awx_api import Awx, Item
from support.awx import PEOPLE, post, set_up, settings, with_people
from support.playbook import BIN, ROOT, clean_environment
from support.story import plain

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import gate

WEBHOOK = {"name": "chat", "type": "webhook", "configuration": {"url": "https://hooks.example.com/x", "headers": {}}}
SECRET = {**WEBHOOK, "configuration": {**WEBHOOK["configuration"], "username": "aiops", "password": "hidden"}}
STORIES = ("diagnose", "scale", "optimize", "rollout", "rollback", "critical")


@pytest.fixture
def awx() -> Iterator[Awx]:
    with Awx() as server:
        yield with_people(server)


def names(awx: Awx, endpoint: str) -> set[str]:
    return {item.get("name") or item.get("identifier") for item in awx.items[endpoint]}


def node(awx: Awx, workflow: str, identifier: str) -> Item:
    number = awx.named("workflow_job_templates", f"aiops change: {workflow}")["id"]
    for item in awx.items["workflow_job_template_nodes"]:
        if item["workflow_job_template"] == number and item["identifier"] == identifier:
            links = {
                link: [
                    awx.find("workflow_job_template_nodes", to)["identifier"]
                    for to in awx.associated.get(f"workflow_job_template_nodes/{item['id']}/{link}", [])
                ]
                for link in ("success_nodes", "failure_nodes", "always_nodes")
            }
            return {**item, **links}
    raise AssertionError(f"{workflow} has no node {identifier}")


def survey(awx: Awx, endpoint: str, name: str) -> set[str]:
    spec = awx.surveys[f"{endpoint}/{awx.named(endpoint, name)['id']}/survey_spec"]["spec"]
    return {question["variable"] for question in spec}


def test_everything_is_made_and_a_second_run_changes_nothing(awx: Awx) -> None:
    first = set_up(awx, awx_notifications=[SECRET])
    assert first.code == 0, first.output
    assert first.changed > 30
    # Every story has a job template with a survey, every changing story a workflow.
    stories = ("diagnose", "scale", "optimize", "rollout", "health", "security", "verify", "rollback")
    for story in stories:
        assert survey(awx, "job_templates", f"aiops {story}")
    assert names(awx, "workflow_job_templates") == {f"aiops change: {story}" for story in STORIES}
    for story in STORIES:
        assert "reason" in survey(awx, "workflow_job_templates", f"aiops change: {story}")
        assert survey(awx, "workflow_job_templates", f"aiops change: {story}") <= gate.ANSWERS
    # plan, gate, apply, validate, verify: and what was declined is written down.
    for story in STORIES:
        first_gate = node(awx, story, "gate")
        template = awx.find("workflow_approval_templates", first_gate["unified_job_template"])
        assert template["timeout"] == (3600 if story == "critical" else 1800)
        assert node(awx, story, "plan")["success_nodes"] == ["gate"]
        assert first_gate["success_nodes"] == (["gate-security"] if story == "critical" else ["apply"])
        assert first_gate["failure_nodes"] == ["declined"]
        assert node(awx, story, "apply")["success_nodes"] == ["validate"]
        assert node(awx, story, "validate")["success_nodes"] == ["verify"]
    second = node(awx, "critical", "gate-security")
    assert (second["success_nodes"], second["failure_nodes"]) == (["apply"], ["declined"])
    # Nobody may add variables, and only the job that applies has the kubeconfig that may write.
    for endpoint in ("job_templates", "workflow_job_templates"):
        assert not any(item["ask_variables_on_launch"] for item in awx.items[endpoint])
    for item in awx.items["job_templates"]:
        held = {
            awx.find("credentials", number)["name"]
            for number in awx.associated[f"job_templates/{item['id']}/credentials"]
        }
        assert ("aiops cluster, write" in held) == (item["name"] == "aiops apply")
        assert ("aiops cluster, read" in held) == (item["name"] != "aiops apply")
        assert (ROOT / item["playbook"]).is_file()
    assert {item["rrule"] for item in awx.items["schedules"]} == {
        "DTSTART;TZID=UTC:20260105T000000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO",
        "DTSTART;TZID=UTC:20260105T000000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=FR",
    }
    told = awx.named("notification_templates", "aiops chat")["id"]
    for item in awx.items["workflow_job_templates"]:
        for when in ("approvals", "error"):
            assert awx.associated[f"workflow_job_templates/{item['id']}/notification_templates_{when}"] == [told]
    who_may_what(awx)

    before, writes = json.dumps(awx.items, sort_keys=True, default=str), len(awx.writes)
    again = set_up(awx, awx_notifications=[SECRET])
    assert again.code == 0, again.output
    assert again.changed == 0, again.output
    # What a module sends though nothing differs (a secret that cannot be compared) leaves everything as it was.
    assert json.dumps(awx.items, sort_keys=True, default=str) == before
    assert not [line for line in awx.writes[writes:] if not line.startswith("PATCH")]


def who_may_what(awx: Awx) -> None:
    workflow = awx.named("workflow_job_templates", "aiops change: diagnose")["id"]
    apply = awx.named("job_templates", "aiops apply")["id"]
    may = {
        name: [
            role
            for role in ("execute", "approval")
            if awx.may(awx.asker(f"Bearer {name}-token"), "workflow_job_templates", workflow, role)
        ]
        for name in (*PEOPLE, "aiops-reader")
    }
    assert may == {
        "alice": ["execute", "approval"],
        "bob": ["execute", "approval"],
        "carol": ["approval"],
        "dave": ["approval"],
        "mallory": [],
        "aiops-reader": [],
    }
    assert awx.may(awx.asker("Bearer aiops-reader-read"), "workflow_job_templates", workflow, "read")
    assert not any(
        awx.may(awx.asker(f"Bearer {name}-token"), "job_templates", apply, "execute", "admin") for name in PEOPLE
    )


def test_check_mode_reports_on_an_empty_awx_and_on_one_that_has_it_all(awx: Awx) -> None:
    given: dict[str, Any] = {"awx_stories": ["diagnose"], "awx_notifications": [WEBHOOK]}
    # As -e awx_verify=false gives them.
    given |= {"awx_verify": "false", "awx_update_secrets": "false"}
    empty = set_up(awx, "--check", **given)
    assert empty.code == 0, empty.output
    assert empty.changed > 10
    assert awx.writes == []
    assert set_up(awx, **given).code == 0
    assert awx.named("credentials", "aiops reader")["inputs"]["verify_ssl"] is False
    writes = len(awx.writes)
    full = set_up(awx, "--check", **given)
    assert (full.code, full.changed) == (0, 0), full.output
    assert len(awx.writes) == writes
    gone = set_up(awx, awx_state="absent", **given)
    assert gone.code == 0, gone.output
    left = {name: items for name, items in awx.items.items() if items and name not in ("users", "credential_types")}
    assert left == {}
    assert names(awx, "credential_types") == {"Red Hat Ansible Automation Platform", "Source Control"}
    assert names(awx, "users") == {None}
    twice = set_up(awx, awx_state="absent", **given)
    assert (twice.code, twice.changed) == (0, 0), twice.output


@pytest.mark.parametrize("kind", ["projects", "credentials", "workflow_job_templates", "users"])
def test_an_organization_with_more_in_it_stays(awx: Awx, kind: str) -> None:
    made = awx.create("organizations", {"name": "aiops"})
    if kind == "users":
        member = made["summary_fields"]["object_roles"]["member_role"]["id"]
        awx.associated[f"roles/{member}/users"] = [awx.named("users", "alice")["id"]]
    else:
        awx.create(kind, {"name": "of somebody else", "organization": made["id"]})
    gone = set_up(awx, awx_state="absent")
    assert gone.code == 0, gone.output
    assert names(awx, "organizations") == {"aiops"}
    assert kind == "users" or names(awx, kind) == {"of somebody else"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"awx_token": ""}, "AWX needs awx_url"),
        ({"awx_window_seconds": {"3": 0, "4": 3600}}, "Tier 3 needs 1 to 1800 seconds; AWX takes 0 for ever"),
        ({"awx_window_seconds": {"3": 7200, "4": 3600}}, "Tier 3 needs 1 to 1800 seconds"),
        ({"awx_image": ""}, "The jobs need"),
        ({"awx_reader_token": ""}, "awx_reader_token or awx_reader_password"),
        (
            {"awx_reports": [{"name": "weekly-health", "playbook": "health_report", "days": ["mon"]}]},
            "awx_reports has weekly-health. A report is called as the job template that AWX starts for it",
        ),
        ({"awx_token": "wrong"}, "401"),
    ],
)
def test_what_cannot_be_set_up_is_one_sentence(awx: Awx, given: Item, sentence: str) -> None:
    done = set_up(awx, **given)
    assert done.code == 2, done.output
    assert sentence in plain(done.output)
    assert awx.writes == []


def test_the_stand_in_has_the_oddities_that_the_role_goes_round(awx: Awx) -> None:
    """A workflow with an approval inside its nodes reports a change on every run; a new gate with links is a 404."""
    nodes = [
        {"identifier": "gate", "unified_job_template": {"type": "workflow_approval", "name": "ask", "timeout": 60}}
    ]
    given = {"name": "inline", "organization": "ops", "workflow_nodes": nodes}
    awx.create("organizations", {"name": "ops"})
    assert [module(awx, "workflow_job_template", **given)["changed"] for _run in range(3)] == [True, True, True]
    linked = module(
        awx,
        "workflow_job_template_node",
        workflow_job_template="inline",
        identifier="second",
        approval_node={"name": "ask again", "timeout": 60},
        success_nodes=["gate"],
    )
    assert linked["failed"]
    assert "could not be found" in linked["msg"]


def module(awx: Awx, module_name: str, **arguments: Any) -> Item:
    given = {**arguments, "controller_host": awx.address, "controller_oauthtoken": "admin-token"}
    done = subprocess.run(
        [BIN / "ansible", "localhost", "-c", "local", "-m", f"awx.awx.{module_name}", "-a", json.dumps(given)],
        env=clean_environment({"ANSIBLE_LOAD_CALLBACK_PLUGINS": "1", "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    result: Item = json.loads(done.stdout[done.stdout.index("{") :])["plays"][0]["tasks"][0]["hosts"]["localhost"]
    return result


def test_deciding_is_as_it_was_recorded(awx: Awx) -> None:
    assert settings(awx)["awx_url"] == awx.address
    assert post(awx, "/api/v2/workflow_approvals/1/approve/", "alice-token") == 404
    assert post(awx, "/api/v2/workflow_approvals/1/approve/", "nobody") == 401
    assert post(awx, "/api/v2/workflow_approvals/1/approve/", "alice-read") == 403
