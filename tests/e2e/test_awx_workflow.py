# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A contract test of workflows in AWX: only what another person approved, in this very workflow, is written.

The jobs are real (ansible-runner, the embedded cluster, its audit log); AWX is a stand-in that answers as AWX was
recorded.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from awx_api import Awx, Item
from support import audit
from support.awx import SETTINGS, Site, post, set_up, with_people
from support.cluster import Cluster
from support.workloads import deployment, hungry, memory_limit, until_killed

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import handing
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Journal, trusted_events

# One workflow after the other, against one AWX.
pytestmark = pytest.mark.xdist_group("awx workflow")


@pytest.fixture(scope="module")
def site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    namespace = f"test-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", namespace)
    cluster.apply(namespace, json.dumps(hungry()))
    with Awx() as awx:
        made = set_up(with_people(awx), **SETTINGS)
        assert made.code == 0, made.output
        until_killed(cluster, namespace)
        yield Site(awx, cluster, namespace, tmp_path_factory.mktemp("awx"))
    cluster.kubectl("delete", "namespace", namespace, "--wait=false")


def events(journal: Path) -> dict[str, Item]:
    """The last body of each event."""
    return {event.event: event.body for event in trusted_events(journal)}


def approved_by(name: str) -> Callable[[Site, Item], None]:
    def decide(site: Site, workflow: Item) -> None:
        assert site.decide(workflow, name) == 204

    return decide


def denied(site: Site, workflow: Item) -> None:
    assert site.decide(workflow, "bob", "deny") == 204


def timed_out(site: Site, _workflow: Item) -> None:
    site.awx.ahead += timedelta(hours=1)


def approved_by_one_who_leaves(site: Site, workflow: Item) -> None:
    site.awx.user("erin", "erin-password", superuser=True)
    assert site.decide(workflow, "erin") == 204
    site.awx.delete_user("erin")


def at_the_second_gate(decide: Callable[[Site, Item], None]) -> Callable[[Site, Item], None]:
    """Bob approves at the first."""

    def both(site: Site, workflow: Item) -> None:
        approved_by("bob")(site, workflow)
        site.workflows.go_on(workflow)
        decide(site, workflow)

    return both


def denied_by_security(site: Site, workflow: Item) -> None:
    assert site.decide(workflow, "carol", "deny") == 204


# Which workflow it is, how it is decided, which of its jobs then runs, what becomes of that, and what it says. The plan
# is of tier 3.
CASES: dict[str, tuple[str, Callable[[Site, Item], None], str, str, str, str]] = {
    "denied": ("diagnose", denied, "declined", "successful", "rejected", "Status: rejected"),
    "timed out": ("diagnose", timed_out, "declined", "successful", "expired", "Status: expired"),
    "denied at the second gate": (
        "critical",
        at_the_second_gate(denied_by_security),
        "declined",
        "successful",
        "rejected",
        "Status: rejected",
    ),
    "timed out at the second gate": (
        "critical",
        at_the_second_gate(timed_out),
        "declined",
        "successful",
        "expired",
        "Status: expired",
    ),
    "approved by the launcher": (
        "diagnose",
        approved_by("alice"),
        "apply",
        "failed",
        "refused",
        "alice asked for this change: somebody else has to approve it",
    ),
    "approver deleted afterwards": (
        "diagnose",
        approved_by_one_who_leaves,
        "apply",
        "failed",
        "refused",
        "an approval counts only with its approver, whose user may have been deleted",
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_what_no_other_person_approved_is_not_written(site: Site, name: str) -> None:
    story, decide, node, status, ends, sentence = CASES[name]
    workflow = site.launch(template=f"aiops change: {story}")
    decide(site, workflow)
    site.workflows.go_on(workflow)
    site.awx.ahead = timedelta()
    job = site.workflows.job(workflow, node)
    assert job is not None
    assert job["status"] == status, site.output(job)
    assert sentence in site.output(job)
    assert audit.writes(site.cluster, site.namespace) == []
    assert site.workflows.job(workflow, "validate") is None
    # It is in the record that the plan's job began.
    [journal] = site.journals(job)
    assert events(journal)["planned"]["tier"]["level"] == 3
    assert events(journal)["sealed"]["status"] == ends
    assert workflow["status"] == status


def test_who_may_decide_and_only_once(site: Site) -> None:
    workflow = site.launch()
    assert site.decide(workflow, "mallory") == 403
    assert site.decide(workflow, "aiops-reader") == 403
    waiting = site.workflows.pending(workflow)
    assert site.decide(workflow, "bob", "deny") == 204
    assert post(site.awx, f"{waiting['url']}approve/", "carol-token") == 400


def forged(site: Site) -> str:
    """The plan with another limit, in a journal whose chain and digest fit."""
    assert site.plan is not None
    name, lines = handing.unpack(site.plan[handing.ARTIFACT])
    folder = site.folder / f"forged-{uuid.uuid4().hex[:6]}"
    folder.mkdir()
    (folder / "before.jsonl").write_bytes(lines)
    journal = Journal.create(folder / name)
    for event in trusted_events(folder / "before.jsonl"):
        body = event.body
        if event.event == "planned":
            plan = json.loads(json.dumps(body).replace("24Mi", "99Mi"))
            body = {**plan, "digest": canonical.plan_digest(plan)}
        journal.append(event.event, body)
    journal.close()
    return handing.pack(folder / name)


def test_a_launcher_s_variables_are_dropped_and_where_they_are_let_in_refused(site: Site) -> None:
    template = site.awx.named("workflow_job_templates", "aiops change: diagnose")
    dropped = site.launch(aiops_journal=forged(site), change_separation_tier=4)
    assert set(json.loads(dropped["extra_vars"])) == {"target", "namespace", "reason"}
    # Somebody allows variables on launch: they win over what the plan's job hands over, and over the settings.
    template["ask_variables_on_launch"] = True
    try:
        for given in (
            {"aiops_journal": forged(site)},
            {"change_separation_tier": 4, "change_security_approvers": ["alice"]},
            {"change_may_write": True, "change_channel": "terminal"},
        ):
            workflow = site.launch(**given)
            assert site.decide(workflow, "bob") == 204
            site.workflows.go_on(workflow)
            job = site.workflows.job(workflow, "apply")
            assert job is not None
            assert job["status"] == "failed"
            assert "has variables that no survey asks for, and they win over the settings here" in site.output(job)
            assert next(iter(given)) in site.output(job)
    finally:
        template["ask_variables_on_launch"] = False
    assert audit.writes(site.cluster, site.namespace) == []


def test_the_apply_job_counts_only_as_a_node_of_its_own_workflow(site: Site) -> None:
    approved = site.launch()
    assert site.decide(approved, "bob") == 204
    template = site.awx.named("job_templates", "aiops apply")
    # Somebody lets people launch it, with variables: they name the workflow that was approved.
    template["ask_variables_on_launch"] = True
    given = {"awx_workflow_job_id": approved["id"], "aiops_journal": site.plan and site.plan[handing.ARTIFACT]}
    direct = site.workflows.launch_job("aiops apply", **given)
    template["ask_variables_on_launch"] = False
    assert direct["status"] == "failed"
    assert f"job {direct['id']} is no node of workflow job {approved['id']}" in site.output(direct)

    alone = site.workflows.launch_job("aiops apply")
    assert "is part of no workflow: it was launched alone or relaunched" in site.output(alone)
    assert audit.writes(site.cluster, site.namespace) == []


def test_the_right_one_writes_once_and_can_be_undone(site: Site) -> None:
    workflow = site.launch(reason="orders need 16 MiB")
    assert site.decide(workflow, "bob") == 204
    site.workflows.go_on(workflow)
    apply = site.workflows.job(workflow, "apply")
    assert workflow["status"] == "successful", site.output(apply)
    assert memory_limit(site.cluster, site.namespace) == "24Mi"
    writes = audit.writes(site.cluster, site.namespace)
    assert len(writes) == 1

    # One record from the plan to the later verification, though each job had a folder of its own.
    verify = site.workflows.job(workflow, "verify")
    [journal] = site.journals(verify)
    names = [event.event for event in trusted_events(journal)]
    for earlier, later in (("planned", "decided"), ("decided", "applying"), ("applying", "validated")):
        assert names.index(earlier) < names.index(later)
    assert names.count("resumed") == 3
    assert names.count("verified") == 2
    found = events(journal)
    assert found["sealed"]["status"] == "done"
    assert audit.run_ids(writes) == {found["opened"]["run_id"]}
    decided = found["decided"]
    assert (decided["decision"], decided["by"]) == ("approved", "bob")
    assert (decided["identity"], decided["channel"]) == ("awx-user", "awx")
    assert "launched by alice: orders need 16 MiB" in decided["justification"]
    assert "alice" in {item["name"] for item in decided["requesters"]}
    assert decided["approvals"][0]["proof"]["workflow_job"] == workflow["id"]

    # The same job again has no workflow, and nothing to go on with.
    again = site.workflows.launch_job("aiops apply", relaunch_of=apply)
    assert "it was launched alone or relaunched, and no approval counts for it" in site.output(again)
    assert len(audit.writes(site.cluster, site.namespace)) == 1

    undone = site.workflows.launch("aiops change: rollback", "alice", aiops_job=str(verify["id"]), reason="too much")
    assert site.decide(undone, "bob") == 204
    site.workflows.go_on(undone)
    assert memory_limit(site.cluster, site.namespace) == "12Mi", site.output(site.workflows.job(undone, "apply"))
    assert undone["status"] == "successful", site.output(site.workflows.job(undone, "validate"))
    assert len(audit.writes(site.cluster, site.namespace)) == 2
    # What is verified is the reversal, not the change that it undid.
    [journal] = site.journals(site.workflows.job(undone, "verify"))
    names = [event.event for event in trusted_events(journal)]
    assert events(journal)["planned"]["remedy"] == "restore"
    assert names.count("verified") == 2
    assert events(journal)["verified"]["message"] == "every field is what the reversal made it"
    assert events(journal)["sealed"]["status"] == "done"


def test_nothing_to_approve_ends_the_workflow_before_anybody_is_asked(site: Site) -> None:
    site.cluster.apply(site.namespace, json.dumps(deployment("idle")))
    site.cluster.kubectl("rollout", "status", "deployment/idle", "-n", site.namespace, "--timeout=60s")
    site.plans_anew = True
    workflow = site.launch(target="deployment/idle")
    plan = site.workflows.job(workflow, "plan")
    assert plan is not None
    assert plan["status"] == "failed"
    assert "so there is nothing to approve: the workflow ends here" in site.output(plan)
    assert site.workflows.job(workflow, "gate") is None
