# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What waits for a decision, and what has waited too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from example_plans import make_plan

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval_text
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approvers import Settings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import pending, pending_folder, status, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import (
    FIRST_PREV,
    Event,
    make_event,
    trusted_events,
    verify,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, Run

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
MADE = NOW - timedelta(minutes=30)
# Made half an hour ago, good for an hour.
PLAN, CRITICAL = make_plan(3, MADE), make_plan(4, MADE)
CAROL = {"name": "carol", "sudo_user": "", "identity": "os-user"}

Step = tuple[str, dict[str, Any]]


def _events(*steps: Step, process: dict[str, Any] | None = None) -> list[Event]:
    opened = {"run_id": "r-1", "stage": "diagnosis", "person": CAROL, "process": process}
    events: list[Event] = []
    for name, body in (("opened", opened), *steps):
        prev = events[-1].hash if events else FIRST_PREV
        events.append(make_event(len(events) + 1, name, body, prev, times.rfc3339(MADE)))
    return events


def _approval(by: str = "alice", role: str = "security") -> dict[str, Any]:
    given = {"by": by, "role": role, "strength": "terminal", "digest": CRITICAL["digest"]}
    return {**given, "at": times.rfc3339(MADE)}


def _decided(decision: str, plan: dict[str, Any] = CRITICAL, **more: Any) -> Step:
    return "decided", {"decision": decision, "digest": plan["digest"], **more}


PLANNED = ("planned", CRITICAL)
# (what happened, what is missing; "" where nothing waits)
CASES: list[tuple[list[Step], str]] = [
    ([], ""),
    ([PLANNED], "the approval of two people is missing"),
    ([PLANNED, ("sealed", {"status": "waiting"})], "the approval of two people"),
    ([PLANNED, _decided("unavailable")], "the approval of two people"),
    ([PLANNED, _decided("unavailable", approvals=[_approval()])], "a second approver is missing"),
    ([PLANNED, _decided("unavailable", approvals=[_approval("carol")])], "the approval of two people"),
    ([PLANNED, _decided("unavailable", approvals=[_approval(), _approval("bob", "approver")])], "was not applied"),
    ([PLANNED, ("refused", {"message": "another digest"})], "the approval of two people"),
    ([PLANNED, ("refused", {"message": "changed", "reason": "PreconditionChanged"})], ""),
    ([PLANNED, _decided("rejected")], ""),
    ([PLANNED, _decided("expired")], ""),
    ([PLANNED, _decided("aborted")], ""),
    ([PLANNED, ("expired", {"digest": CRITICAL["digest"]})], ""),
    ([PLANNED, _decided("approved"), ("applying", {})], ""),
    ([("planned", make_plan(3, MADE))], "an approval is missing"),
    ([("planned", make_plan(1, MADE))], ""),
    ([("planned", make_plan(9, MADE))], ""),
    ([("planned", {**CRITICAL, "digest": None})], ""),
    ([("planned", {"digest": "x"})], ""),
    ([("planned", make_plan(4, MADE, owner={"kind": "argocd", "writable": False}))], ""),
    ([PLANNED, _decided("rejected"), ("planned", PLAN)], "an approval is missing"),
]


@pytest.mark.parametrize(("steps", "missing"), CASES)
def test_what_waits(steps: list[Step], missing: str) -> None:
    found = pending.waiting(_events(*steps), NOW, Settings())
    if not missing:
        assert found is None
        return
    assert found
    assert missing in found.missing
    assert found.seconds_left == 1800
    assert (found.run_id, found.requesters) == ("r-1", ["carol"])
    assert found.target == "Deployment shop/checkout in production"


def test_an_approval_that_was_not_applied_ends_by_itself() -> None:
    approved = _decided("approved", PLAN, approvals=[], expires_at=times.rfc3339(NOW + timedelta(seconds=60)))
    found = pending.waiting(_events(("planned", PLAN), approved), NOW, Settings())
    assert found
    assert found.seconds_left == 60


APPROVED = {**_approval(), "digest": PLAN["digest"]}


@pytest.mark.parametrize(
    ("decided", "message"),
    [
        ([], "Nobody decided before 2026-11-20T13:00:00.000Z, and silence is a rejection: an approval is missing."),
        (
            [
                _decided(
                    "approved",
                    PLAN,
                    approvals=[{**_approval(), "digest": PLAN["digest"]}],
                    expires_at=times.rfc3339(NOW),
                )
            ],
            "It was approved, and not applied before 2026-11-20T12:30:00.000Z: the approval is void.",
        ),
    ],
)
def test_an_expiry_says_what_was_left_undone(decided: list[Step], message: str) -> None:
    found = pending.waiting(_events(("planned", PLAN), *decided), NOW, Settings())
    assert found
    assert pending.expiry(found)["message"] == message


def test_the_highest_tier_comes_first_then_the_least_time() -> None:
    plans = [PLAN, make_plan(3, MADE - timedelta(minutes=5)), CRITICAL, make_plan(2, MADE)]
    found = [pending.waiting(_events(("planned", plan)), NOW, Settings()) for plan in plans]
    ordered = pending.worst_first([item for item in found if item])
    assert [(item.tier, item.seconds_left) for item in ordered] == [(4, 1800), (3, 1500), (3, 1800), (2, 1800)]


def test_what_is_asked_at_a_terminal_right_now_says_so() -> None:
    asked = ("asked", {"person": "bob"})
    found = pending.waiting(_events(PLANNED, asked, process=status.process()), NOW, Settings())
    assert found and found.asked_now == "bob"
    found = pending.waiting(_events(PLANNED, asked), NOW, Settings())
    assert found and found.asked_now == ""


def test_the_screen_needs_80_columns_and_names_the_command() -> None:
    long = make_plan(4, MADE, summary="Scale " * 40)
    found = [item for item in [pending.waiting(_events(("planned", long)), NOW, Settings())] if item]
    lines = [text for text, _colour in approval_text.pending(found, ["r-2"], ["the journal x was altered"], "records")]
    assert all(len(line) <= 80 for line in lines)
    shown = "\n".join(lines)
    assert "1 waits for a decision in records." in shown
    assert "Tier 4    Deployment shop/checkout in production (30 min 0 s left)" in shown
    assert "To decide: ansible-playbook playbooks/approve.yml -e record=r-1" in shown
    assert "Expired   r-2: nobody decided in time" in shown
    assert "Damaged   the journal x was altered" in shown


def test_an_expiry_is_recorded_once(tmp_path: Path) -> None:
    body = {"run_id": "r-9", "stage": "diagnosis", "command": "x", "person": CAROL}
    old = make_plan(4, datetime.now(UTC) - timedelta(hours=2))
    runs = []
    for plan in (old, make_plan(3)):
        run = Run.open(Folder(tmp_path), "shop checkout", body)
        run.add("planned", plan)
        run.add("decided", {"decision": "unavailable", "digest": plan["digest"], "approvals": []})
        run.seal(failed=False, counts={})
        runs.append(run)
    runs[1].journal_path.with_name("003-damaged.jsonl").write_text("{}\n")
    before = runs[0].journal_path.read_bytes()

    pending_folder.over(tmp_path, Settings(), write=False)
    assert runs[0].journal_path.read_bytes() == before
    waits, expired, [damaged] = pending_folder.over(tmp_path, Settings(), write=True)
    assert [item.tier for item in waits] == [3]
    assert [item.digest for item in expired] == [old["digest"]]
    assert "damaged.jsonl was altered" in damaged
    last = trusted_events(runs[0].journal_path)[-1]
    assert (last.event, last.body["status"], last.body["digest"]) == ("expired", "expired", old["digest"])
    assert verify(runs[0].journal_path).sealed
    assert status.current(trusted_events(runs[0].journal_path)) == "expired"
    assert "**Status: expired**" in runs[0].record_path.read_text()

    after = runs[0].journal_path.read_bytes()
    assert pending_folder.over(tmp_path, Settings(), write=True)[1] == []
    assert runs[0].journal_path.read_bytes() == after


def test_the_question_of_a_run_that_goes_on_is_its_own(tmp_path: Path) -> None:
    run = Run.open(Folder(tmp_path), "shop", {"run_id": "r-9", "stage": "diagnosis", "person": CAROL})
    run.add("planned", make_plan(4, datetime.now(UTC) - timedelta(hours=1, seconds=5)))
    waits, expired, _damaged = pending_folder.over(tmp_path, Settings(), write=True)
    assert (len(waits), expired) == (1, [])
