# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What AWX's recorded answers amount to: an approval by somebody of exactly this plan, or one sentence why not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from example_plans import make_plan

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval, approvers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import deciding, gate, handing, proving
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Journal

RECORDINGS = Path(__file__).parent / "recordings"
# The recorded approvals were asked for at 12:01 and decided within a minute.
MADE = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
OPENED = {"run_id": "20261120T120000Z-0a1b2c3d", "host": "cluster", "person": {"name": "runner", "identity": "os-user"}}


def recorded(name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return answer


@pytest.fixture
def word(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    """Packs a journal that holds a plan."""

    def pack(plan: dict[str, Any]) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir())) + 1:03d}-shop-checkout.jsonl"
        journal = Journal.create(path)
        journal.append("opened", OPENED)
        journal.append("planned", plan)
        journal.close()
        return handing.pack(path)

    return pack


@pytest.fixture
def seen(word: Callable[[dict[str, Any]], str]) -> gate.Seen:
    """A workflow that admin launched and bob approved, as it was recorded, with a plan."""
    job = recorded("job_apply") | {"id": 6, "finished": "2026-11-20T12:01:00Z"}
    job["artifacts"] = {handing.ARTIFACT: word(make_plan(3, MADE))}
    return gate.Seen(
        own=recorded("nodes_done")["results"][1],
        workflow=recorded("wfjob_running") | {"extra_vars": '{"reason": "orders  need it"}'},
        plan_job=job,
        approvals=[("gate", recorded("approval_approved"))],
        gates=1,
    )


PLAN = make_plan(3, MADE)


def changed(seen: gate.Seen, **parts: Any) -> gate.Seen:
    return gate.Seen(**{**copy.deepcopy(seen.__dict__), **parts})


def decided(seen: gate.Seen, plan: dict[str, Any] = PLAN, **settings: Any) -> approval.Decision | approval.Refusal:
    return deciding.decision(plan, gate.prove(seen, plan), approvers.Settings(**settings), [OPENED["person"]])


def test_an_approval_by_another_person_is_one_of_a_user_of_awx(seen: gate.Seen) -> None:
    outcome = decided(seen, separation_tier=3)
    assert isinstance(outcome, approval.Decision)
    assert (outcome.decision, outcome.by, outcome.identity, outcome.channel) == ("approved", "bob", "awx-user", "awx")
    assert outcome.asked_at == "2026-11-20T12:01:15.993Z"
    assert outcome.decided_at == "2026-11-20T12:01:54.186Z"
    # Fifteen minutes after the decision, not after the job began.
    assert outcome.expires_at == "2026-11-20T12:16:54.186Z"
    assert outcome.justification == "AWX workflow job 2, approval 4; launched by admin: orders need it"
    assert outcome.approvals[0]["proof"] == {"workflow_job": 2, "plan_job": 6, "workflow_approval": 4, "user": 3}
    assert {item["name"] for item in outcome.requesters} == {"runner", "admin"}


@pytest.mark.parametrize(
    ("recording", "decision", "by"), [("approval_denied", "rejected", "admin"), ("approval_timedout", "expired", "")]
)
def test_what_is_no_approval_is_a_decision_all_the_same(
    seen: gate.Seen, recording: str, decision: str, by: str
) -> None:
    own = seen.own | {"identifier": "declined"}
    outcome = decided(changed(seen, approvals=[("gate", recorded(recording))], own=own))
    assert isinstance(outcome, approval.Decision)
    assert (outcome.decision, outcome.by) == (decision, by)


def test_canceled_is_nobody_s_decision(seen: gate.Seen) -> None:
    canceled = recorded("approval_timedout") | {"status": "canceled", "timed_out": False}
    outcome = decided(changed(seen, approvals=[("gate", canceled)], own=seen.own | {"identifier": "declined"}))
    assert isinstance(outcome, approval.Decision)
    assert outcome.decision == "unavailable"


def test_a_schedule_is_nobody_who_could_approve_their_own(seen: gate.Seen) -> None:
    scheduled = seen.workflow | {"launched_by": recorded("approval_scheduled_pending")["launched_by"]}
    proof = gate.prove(changed(seen, workflow=scheduled), PLAN)
    assert proof.launcher is None
    assert "launched by a schedule" in proof.justification


def by_launcher(seen: gate.Seen) -> gate.Seen:
    mine = seen.workflow | {"launched_by": {"id": 3, "name": "bob", "type": "user"}}
    return changed(seen, workflow=mine)


def without_approver(seen: gate.Seen) -> gate.Seen:
    approved = copy.deepcopy(recorded("approval_approved"))
    del approved["summary_fields"]["approved_or_denied_by"]
    return changed(seen, approvals=[("gate", approved)])


def approval_with(**values: Any) -> Callable[[gate.Seen], gate.Seen]:
    return lambda seen: changed(seen, approvals=[("gate", recorded("approval_approved") | values)])


REFUSED: dict[str, tuple[Callable[[gate.Seen], gate.Seen], str]] = {
    "launcher": (by_launcher, "bob asked for this change: somebody else has to approve it"),
    "approver gone": (without_approver, "names nobody who decided"),
    "pending": (
        lambda seen: changed(seen, approvals=[("gate", recorded("approval_pending"))]),
        "approval 4 (gate) is not decided yet",
    ),
    "not asked": (lambda seen: changed(seen, approvals=[]), "nobody was asked yet"),
    "one of two gates": (lambda seen: changed(seen, gates=2), "only 1 of the workflow's 2 gates are approved"),
    "no approval": (approval_with(type="job"), "the node gate is no approval but job"),
    "both": (approval_with(timed_out=True), "says both"),
    "unknown status": (approval_with(status="done"), "a status that is unknown here: 'done'"),
    "no times": (approval_with(finished=None), "does not say when it was asked and decided"),
    "too late": (approval_with(finished="2026-11-20T12:32:00Z"), "came too late"),
    "asked before the plan": (approval_with(started="2026-11-20T11:40:00Z"), "before the plan was made"),
    "launcher unknown": (
        lambda seen: changed(seen, workflow=seen.workflow | {"launched_by": {}}),
        "does not say which user or schedule launched workflow job 2 (nobody)",
    ),
    "launched by a workflow": (
        lambda seen: changed(seen, workflow=seen.workflow | {"launched_by": {"type": "workflow_job", "id": 1}}),
        "(workflow_job)",
    ),
    "another node": (
        lambda seen: changed(seen, own=seen.own | {"identifier": "declined"}),
        "this node is declined, not apply",
    ),
    "the node that applies after a denial": (
        lambda seen: changed(seen, approvals=[("gate", recorded("approval_denied"))]),
        "this node is apply, and what the gates decided is rejected",
    ),
    "a setting among the variables": (
        lambda seen: changed(seen, workflow=seen.workflow | {"extra_vars": '{"change_separation_tier": 4}'}),
        "has variables that no survey asks for, and they win over the settings here: change_separation_tier",
    ),
    "variables unreadable": (
        lambda seen: changed(seen, workflow=seen.workflow | {"extra_vars": "[]"}),
        "the variables of workflow job 2 cannot be read",
    ),
    "no artifacts": (
        lambda seen: changed(seen, plan_job=seen.plan_job | {"artifacts": {}}),
        "job 6 handed over no plan",
    ),
    "no journal": (
        lambda seen: changed(seen, plan_job=seen.plan_job | {"artifacts": {handing.ARTIFACT: "e30="}}),
        "is no journal",
    ),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_anything_unclear_is_refused_with_its_own_sentence(seen: gate.Seen, name: str) -> None:
    change, sentence = REFUSED[name]
    try:
        outcome = decided(change(seen), separation_tier=3)
    except AwxRefusal as error:
        outcome = approval.Refusal(str(error))
    assert isinstance(outcome, approval.Refusal), outcome
    assert sentence in outcome.reason


def test_another_plan_than_the_approved_one_is_refused(seen: gate.Seen) -> None:
    other = make_plan(3, MADE, summary="Delete everything")
    with pytest.raises(AwxRefusal, match="nothing but that one may be written"):
        gate.prove(seen, other)


def test_a_variable_that_says_another_plan_is_somebody_s_doing(
    seen: gate.Seen, word: Callable[[dict[str, Any]], str]
) -> None:
    gate.prove(seen, PLAN, seen.plan_job["artifacts"][handing.ARTIFACT])
    with pytest.raises(AwxRefusal, match="somebody put another aiops_journal among the variables"):
        gate.prove(seen, PLAN, word(make_plan(3, MADE, summary="Delete everything")))


def security(recording: str, by: str = "carol", **times_of: str) -> dict[str, Any]:
    """The second gate's approval; asked for when the first was given."""
    given = copy.deepcopy(recorded(recording)) | {"id": 5, "started": "2026-11-20T12:01:55Z"}
    given |= {"finished": "2026-11-20T12:02:30Z", **times_of}
    if "approved_or_denied_by" in given["summary_fields"]:
        given["summary_fields"]["approved_or_denied_by"] = {"id": 4, "username": by}
    return given


@pytest.fixture
def two_gates(seen: gate.Seen, word: Callable[[dict[str, Any]], str]) -> Callable[..., gate.Seen]:
    """The workflow critical about a plan: bob approved, then the second gate."""

    def build(plan: dict[str, Any], second: dict[str, Any], node: str) -> gate.Seen:
        job = seen.plan_job | {"artifacts": {handing.ARTIFACT: word(plan)}}
        both = [("gate", recorded("approval_approved")), ("gate-security", second)]
        return changed(seen, plan_job=job, gates=2, approvals=both, own=seen.own | {"identifier": node})

    return build


# What the second gate says, which node then runs, and the decision; what the barrier says to bob's approval
# afterwards ("" where it holds), however it came into the journal.
SECOND_GATE: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "denied": (security("approval_denied"), "declined", "rejected", "the gates of AWX's workflow did not approve"),
    "timed out": (security("approval_timedout"), "declined", "expired", "the gates of AWX's workflow did not approve"),
    "approved late": (security("approval_approved", finished="2026-11-20T12:26:00Z"), "apply", "approved", ""),
}


@pytest.mark.parametrize("tier", [1, 2, 3, 4])
@pytest.mark.parametrize("name", list(SECOND_GATE))
def test_the_last_gate_has_the_last_word_whatever_the_tier(
    two_gates: Callable[..., gate.Seen], monkeypatch: pytest.MonkeyPatch, name: str, tier: int
) -> None:
    second, node, decision, barrier = SECOND_GATE[name]
    # Up to tier 2 a decision may take five minutes.
    if tier <= 2:
        second = second | {"finished": min(second["finished"], "2026-11-20T12:06:00Z")}
    plan = make_plan(tier, MADE)
    seen = two_gates(plan, second, node)
    outcome = decided(seen, plan, separation_tier=3, security_approvers=("carol",))
    assert isinstance(outcome, approval.Decision), outcome
    ended = datetime.fromisoformat(second["finished"])
    assert (outcome.decision, outcome.decided_at) == (decision, times.rfc3339(ended))
    if decision == "approved":
        # Fifteen minutes after the last approval.
        assert outcome.expires_at == times.rfc3339(ended + timedelta(minutes=15))
        assert [item["by"] for item in outcome.approvals] == ["bob", "carol"]

    monkeypatch.setattr(proving, "proof", lambda *_asked: gate.prove(seen, plan))
    bobs = {"by": "bob", "proof": {"workflow_approval": 4}}
    assert proving.why_not_proved(bobs, {}, {}, plan).startswith(barrier)
    assert bool(proving.why_not_proved(bobs, {}, {}, plan)) == bool(barrier)


@pytest.mark.parametrize("tier", [2, 3, 4])
def test_a_denial_stands_whatever_the_approval_before_it_was_worth(
    two_gates: Callable[..., gate.Seen], tier: int
) -> None:
    plan = make_plan(tier, MADE)
    seen = by_launcher(two_gates(plan, security("approval_denied"), "declined"))
    outcome = decided(seen, plan, separation_tier=2)
    assert isinstance(outcome, approval.Decision)
    assert (outcome.decision, outcome.by) == ("rejected", "carol")


@pytest.mark.parametrize("tier", [3, 4])
def test_two_gates_ask_two_people(two_gates: Callable[..., gate.Seen], tier: int) -> None:
    plan = make_plan(tier, MADE)
    refused = decided(two_gates(plan, security("approval_approved", by="bob"), "apply"), plan)
    assert isinstance(refused, approval.Refusal)
    assert "bob has approved this plan already: another person has to" in refused.reason


def test_two_gates_make_two_people_one_of_them_for_security(two_gates: Callable[..., gate.Seen]) -> None:
    plan = make_plan(4, MADE, decision_window_seconds=3600)
    both = two_gates(plan, security("approval_approved"), "apply")
    outcome = decided(both, plan, security_approvers=("carol",))
    assert isinstance(outcome, approval.Decision)
    assert [(item["by"], item["role"]) for item in outcome.approvals] == [("bob", "approver"), ("carol", "security")]
    for settings, sentence in (({}, "security role is missing"), ({"same_person": (("bob", "carol"),)}, "already")):
        refused = decided(both, plan, **settings)
        assert isinstance(refused, approval.Refusal)
        assert sentence in refused.reason
    alone = decided(changed(both, gates=1, approvals=both.approvals[:1]), plan)
    assert isinstance(alone, approval.Refusal)
    assert "launch the workflow for critical changes" in alone.reason


def test_a_job_is_believed_only_as_a_node_of_its_workflow() -> None:
    nodes = recorded("nodes_done")["results"]
    assert gate.own_node([nodes[1]], 9, 2)["identifier"] == "apply"
    for found, job, workflow in (([], 9, 2), (nodes, 9, 2), ([nodes[1]], 8, 2), ([nodes[1]], 9, 3)):
        with pytest.raises(AwxRefusal, match="is no node of workflow job"):
            gate.own_node(found, job, workflow)
    with pytest.raises(AwxRefusal, match="0 nodes with the identifier plan"):
        gate.node(nodes, "plan")
    with pytest.raises(AwxRefusal, match="the node apply of the workflow has not run"):
        gate.job_of(gate.node(recorded("nodes_denied")["results"], "apply"))
    with pytest.raises(AwxRefusal, match="did not end well"):
        gate.finished_job(recorded("job_apply") | {"status": "failed"}, "plan")


def test_the_window_of_the_settings_counts_too(seen: gate.Seen) -> None:
    outcome = decided(seen, window_seconds=30)
    assert isinstance(outcome, approval.Refusal)
    assert "came too late" in outcome.reason
    assert isinstance(decided(seen, window_seconds=39), approval.Decision)


def test_the_reason_is_the_launcher_s_and_bounded(seen: gate.Seen) -> None:
    for given, wanted in (('{"reason": 7}', "7"), ("{}", "no reason was given"), ("", "no reason was given")):
        proof = gate.prove(changed(seen, workflow=seen.workflow | {"extra_vars": given}), PLAN)
        assert proof.justification.endswith(f": {wanted}")
    long = json.dumps({"reason": "x" * 9000})
    assert len(gate.prove(changed(seen, workflow=seen.workflow | {"extra_vars": long}), PLAN).reason) == 500


def test_clocks_may_differ_by_a_minute(seen: gate.Seen) -> None:
    started = datetime.fromisoformat(str(seen.approvals[0][1]["started"]))
    for ahead, ok in ((50, True), (70, False)):
        finished = (started + timedelta(seconds=ahead)).isoformat()
        job = seen.plan_job | {"finished": finished}
        if ok:
            gate.prove(changed(seen, plan_job=job), PLAN)
        else:
            with pytest.raises(AwxRefusal, match="before the plan was made"):
                gate.prove(changed(seen, plan_job=job), PLAN)
