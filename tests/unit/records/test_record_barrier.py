# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nothing is written before exactly this plan's approval is on disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from example_plans import make_plan

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approvers import Settings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import barrier, live, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Journal, trusted_events
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, Run

NOW = datetime.now(UTC)
PLAN = make_plan(3, NOW)
OTHER = make_plan(3, NOW, summary="something else")
CRITICAL = make_plan(4, NOW)
SETTINGS = Settings()


def _approval(plan: dict[str, Any], by: str = "bob", role: str = "approver", **more: Any) -> dict[str, Any]:
    return {"by": by, "role": role, "strength": "terminal", "digest": plan["digest"], **more}


def _two(plan: dict[str, Any] = CRITICAL) -> list[dict[str, Any]]:
    return [_approval(plan, "alice", "security"), _approval(plan)]


def _decided(plan: dict[str, Any] = PLAN, **changes: Any) -> tuple[str, dict[str, Any]]:
    body = {"decision": "approved", "digest": plan["digest"], "by": "bob", "approvals": [_approval(plan)]}
    return "decided", {**body, "expires_at": times.rfc3339(NOW + timedelta(minutes=10)), **changes}


TRIVIAL = make_plan(1, NOW)
Step = tuple[str, dict[str, Any]]

# (events of the run, the plan about to be applied, what is missing; "" if nothing)
CASES: list[tuple[list[Step], dict[str, Any], str]] = [
    ([("planned", PLAN), _decided()], PLAN, ""),
    ([("planned", TRIVIAL)], TRIVIAL, ""),
    ([("planned", TRIVIAL), _decided(TRIVIAL)], TRIVIAL, ""),
    ([("planned", TRIVIAL), _decided(TRIVIAL, decision="rejected")], TRIVIAL, "not approved"),
    ([("planned", OTHER), _decided(OTHER), ("planned", PLAN), _decided()], PLAN, ""),
    ([], PLAN, "not the last one in the journal"),
    ([("planned", PLAN)], PLAN, "no decision"),
    ([_decided(), ("planned", PLAN)], PLAN, "no decision"),
    ([("planned", PLAN), _decided(decision="rejected")], PLAN, "not approved"),
    ([("planned", PLAN), _decided(decision="expired")], PLAN, "not approved"),
    ([("planned", PLAN), _decided(decision="aborted")], PLAN, "not approved"),
    ([("planned", PLAN), _decided(decision="unavailable")], PLAN, "not approved"),
    ([("planned", PLAN), _decided(), _decided(decision="rejected")], PLAN, "not approved"),
    ([("planned", PLAN), _decided(OTHER)], PLAN, "is for sha256:"),
    ([("planned", OTHER), _decided(OTHER)], PLAN, "not the last one"),
    ([("planned", PLAN), _decided(), ("planned", OTHER)], PLAN, "not the last one"),
    ([("planned", PLAN), _decided()], {**PLAN, "summary": "forged"}, "was altered"),
    ([("planned", PLAN), _decided()], {**PLAN, "digest": OTHER["digest"]}, "was altered"),
    ([("planned", PLAN), _decided(expires_at=times.rfc3339(NOW - timedelta(seconds=1)))], PLAN, "approval ended"),
    ([("planned", PLAN), _decided(expires_at="whenever")], PLAN, "approval ended"),
    ([("planned", PLAN), _decided(), ("applying", {})], PLAN, "already applied"),
    ([("planned", PLAN), _decided(approvals=[])], PLAN, "an approval is missing"),
    ([("planned", PLAN), _decided(approvals="bob")], PLAN, "an approval is missing"),
    ([("planned", PLAN), _decided(approvals=_two(OTHER))], PLAN, "an approval is missing"),
    ([("planned", CRITICAL), _decided(CRITICAL)], CRITICAL, "a second approver is missing"),
    ([("planned", CRITICAL), _decided(CRITICAL, approvals=_two()[1:] * 2)], CRITICAL, "a second approver"),
    ([("planned", CRITICAL), _decided(CRITICAL, approvals=_two()[:1] * 2)], CRITICAL, "a second approver"),
    ([("planned", CRITICAL), _decided(CRITICAL, approvals=_two())], CRITICAL, ""),
    (
        [("planned", CRITICAL), _decided(CRITICAL, approvals=[_two()[0], _approval(CRITICAL, "carol")])],
        CRITICAL,
        "a second approver",
    ),
    (
        [("planned", CRITICAL), _decided(CRITICAL, approvals=_two(), requesters=[{"name": "bob"}])],
        CRITICAL,
        "a second approver",
    ),
    (
        [("planned", CRITICAL), _decided(CRITICAL, approvals=[_approval(CRITICAL, emergency=True)], emergency=True)],
        CRITICAL,
        "approval of two people is missing",
    ),
    ([("planned", make_plan(7, NOW)), _decided(make_plan(7, NOW))], make_plan(7, NOW), "no tier"),
]


@pytest.mark.parametrize(("steps", "plan", "missing"), CASES)
def test_only_an_approval_of_exactly_this_plan_clears_it(
    run: Run, steps: list[Step], plan: dict[str, Any], missing: str
) -> None:
    for name, body in steps:
        run.add(name, body)
    if missing:
        with pytest.raises(barrier.NotCleared, match=missing):
            barrier.clear(run.published(), plan, NOW, SETTINGS, {}, write=True)
        assert [item.event for item in trusted_events(run.journal_path)] == ["opened", *(name for name, _body in steps)]
        return
    barrier.clear(run.published(), plan, NOW, SETTINGS, {}, write=True)
    assert trusted_events(run.journal_path)[-1].event == "applying"


@pytest.fixture
def approved(run: Run) -> Run:
    run.add("planned", PLAN)
    run.add(*_decided())
    return run


def test_the_barrier_demands_what_the_settings_demand(approved: Run) -> None:
    stronger = Settings(minimum_strength="ssh-signature")
    with pytest.raises(barrier.NotCleared, match="an approval is missing"):
        barrier.clear(approved.published(), PLAN, NOW, stronger, {}, write=True)
    with pytest.raises(barrier.NotCleared, match="minimum_strength is 'none'"):
        barrier.clear(approved.published(), PLAN, NOW, Settings(minimum_strength="none"), {}, write=True)


def test_one_person_clears_a_critical_plan_in_an_emergency_that_is_allowed(run: Run) -> None:
    run.add("planned", CRITICAL)
    alone = [_approval(CRITICAL, "carol", emergency=True)]
    run.add(*_decided(CRITICAL, approvals=alone, emergency=True))
    with pytest.raises(barrier.NotCleared, match="not enough"):
        barrier.clear(run.published(), CRITICAL, NOW, Settings(emergency="other"), {}, write=True)
    assert (
        barrier.clear(run.published(), CRITICAL, NOW, Settings(emergency="anyone"), {}, write=True)["emergency"] is True
    )


def test_an_approval_is_good_for_one_application(approved: Run) -> None:
    barrier.clear(approved.published(), PLAN, NOW, SETTINGS, {}, write=True)
    with pytest.raises(barrier.NotCleared, match="already applied"):
        barrier.clear(approved.published(), PLAN, NOW, SETTINGS, {}, write=True)


def test_check_mode_writes_nothing(approved: Run) -> None:
    before = approved.journal_path.read_bytes()
    barrier.clear(approved.published(), PLAN, NOW, SETTINGS, {}, write=False)
    assert approved.journal_path.read_bytes() == before


def test_the_run_goes_on_after_the_barrier_wrote(approved: Run) -> None:
    barrier.clear(approved.published(), PLAN, NOW, SETTINGS, {}, write=True)
    approved.add("applied", {})
    assert [item.event for item in trusted_events(approved.journal_path)][-2:] == ["applying", "applied"]


def test_anything_unrecorded_holds_it_back(approved: Run) -> None:
    live.publish({}, "the disk was full")
    with pytest.raises(barrier.NotCleared, match="the disk was full"):
        barrier.clear(approved.published(), PLAN, NOW, SETTINGS, {}, write=True)


def test_a_missing_record_holds_it_back_and_an_altered_one_does_not(approved: Run) -> None:
    approved.record_path.write_text("forged")
    barrier.clear(approved.published(), PLAN, NOW, SETTINGS, {}, write=False)
    approved.record_path.unlink()
    with pytest.raises(barrier.NotCleared, match="is not there"):
        barrier.clear(approved.published(), PLAN, NOW, SETTINGS, {}, write=True)


def test_an_altered_journal_holds_it_back(approved: Run) -> None:
    approved.journal_path.write_bytes(approved.journal_path.read_bytes().replace(b'"by":"bob"', b'"by":"eve"'))
    with pytest.raises(RecordError, match="was altered"):
        barrier.clear(approved.published(), PLAN, NOW, SETTINGS, {}, write=True)


def test_a_journal_written_anew_holds_it_back(approved: Run) -> None:
    """Another consistent chain, with an approval, in place of the run's own."""
    opened = approved.published()
    bodies = [(item.event, item.body) for item in approved.events]
    approved.journal_path.unlink()
    forged = Journal.create(approved.journal_path)
    for name, body in bodies:
        forged.append(name, {**body, "by": "eve"} if name == "decided" else body)
    with pytest.raises(RecordError, match="was rewritten"):
        barrier.clear(opened, PLAN, NOW, SETTINGS, {}, write=True)


def test_the_journal_of_another_run_holds_it_back(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "001-x.jsonl")
    for name, body in [("opened", {"process": {"pid": 2**30}}), ("planned", PLAN), _decided()]:
        head = journal.append(name, body).hash
    (tmp_path / "001-x.run.prompt.md").touch()
    opened = live.Open(str(journal.path), str(tmp_path / "001-x.run.prompt.md"), "r", head, str(tmp_path))
    with pytest.raises(barrier.NotCleared, match="opened by another run"):
        barrier.clear(opened, PLAN, NOW, SETTINGS, {}, write=True)


def test_a_journal_that_is_gone_holds_it_back(approved: Run) -> None:
    opened = approved.published()
    approved.journal_path.unlink()
    with pytest.raises(RecordError, match="cannot be written: No such file"):
        barrier.clear(opened, PLAN, NOW, SETTINGS, {}, write=True)


def test_two_resumed_runs_never_both_get_through(approved: Run, tmp_path: Path) -> None:
    again = Run.resume(Folder(tmp_path / "history"), "1", {})
    barrier.clear(again.published(), PLAN, NOW, SETTINGS, {}, write=True)
    with pytest.raises(barrier.NotCleared, match="already applied"):
        barrier.clear(approved.published(), PLAN, NOW, SETTINGS, {}, write=True)
