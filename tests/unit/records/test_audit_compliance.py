# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a change of tier 2 and up has to have, and the times that people and programs took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from example_plans import make_plan
from writing import METRICS, approval, begin, whole_change

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit import durations
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.audit import audit
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.compliance import changes, not_written
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import FIRST_PREV, Event, make_event
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder

PLAN = make_plan(3)
GOOD: dict[str, dict[str, Any]] = {
    "opened": {"run_id": "r1", "stage": "diagnosis", "person": {"name": "bob", "sudo_user": "", "identity": "os-user"}},
    "diagnosed": {},
    "planned": PLAN,
    "decided": approval(PLAN),
    "applying": {"digest": PLAN["digest"]},
    "applied": {},
    "validated": {"ok": True, "metrics": METRICS},
    "sealed": {},
}


def _events(bodies: dict[str, dict[str, Any]], second: int = 0) -> list[Event]:
    """Events a second apart, from a moment within the approval's validity."""
    start = approval(PLAN)["asked_at"][:19]
    return [
        make_event(number, name.partition("#")[0], body, FIRST_PREV, f"{start}.{number:03d}Z")
        for number, (name, body) in enumerate(bodies.items(), start=1)
    ]


def _found(**changed: Any) -> list[str]:
    """The codes of one change whose events are as given; None leaves one out."""
    bodies = {name: changed.get(name, body) for name, body in GOOD.items()}
    made = changes("a.jsonl", _events({name: body for name, body in bodies.items() if body is not None}))
    return [item.code for change in made for item in change.breaches]


def test_a_complete_change_lacks_nothing() -> None:
    assert _found() == []


APPROVER = {"by": "ada", "role": "approver", "strength": "terminal", "digest": "d", "justification": "x"}
CRITICAL = make_plan(4)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"decided": None}, ["R401"]),
        ({"decided": approval(PLAN, decision="rejected")}, ["R402"]),
        ({"decided": approval(PLAN, digest="sha256:other")}, ["R402"]),
        ({"decided": approval(PLAN, expires_at="2020-01-01T00:00:00Z")}, ["R402"]),
        ({"decided": approval(PLAN, justification=" ")}, ["R403"]),
        ({"validated": {"ok": True, "metrics": {"before": {"ready": 1}, "after": {}}}}, ["R404"]),
        ({"validated": {"ok": True}}, ["R404"]),
        ({"validated": None}, ["R406"]),
        ({"planned": make_plan(3, rollback={})}, ["R402", "R405"]),
        ({"planned": CRITICAL, "decided": approval(CRITICAL)}, ["R402"]),
        ({"planned": make_plan(1), "decided": None, "validated": None}, []),
        ({"applying": None}, []),
    ],
)
def test_what_is_missing_is_named(changed: dict[str, Any], codes: list[str]) -> None:
    assert _found(**changed) == codes


def _people(*approvals: dict[str, Any]) -> dict[str, Any]:
    listed = [{**APPROVER, "digest": CRITICAL["digest"], **item} for item in approvals]
    return {"planned": CRITICAL, "decided": approval(CRITICAL, approvals=listed, emergency=len(listed) == 1)}


def test_a_critical_change_needs_two_people_or_an_emergency() -> None:
    security = {"by": "sue", "role": "security"}
    assert _found(**_people({}, security)) == []
    assert _found(**_people({}, {})) == ["R402"]
    assert _found(**_people({"by": "bob"}, security)) == ["R402"]
    assert _found(**_people({"emergency": True})) == []


@pytest.mark.parametrize(
    ("events", "outcome", "codes"),
    [
        ({"validated": {"ok": True, "metrics": METRICS}}, "done", []),
        ({"validated": {"ok": False, "metrics": METRICS}, "rolled-back": {}}, "rolled back", []),
        ({"failed": {}, "rolling-back": {}, "rolled-back": {}}, "rolled back", []),
        ({"validated": {"ok": False, "status": "held", "gate": {"outcome": "halted"}}}, "held", []),
        ({"resumed": {}, "verified": {"ok": True, "status": "aborted"}}, "not written", []),
        ({"failed": {}}, "failed", ["R406"]),
        ({}, "unknown", ["R406"]),
        ({"rolled-back": {"ok": False}}, "failed", ["R404"]),
    ],
)
def test_how_a_change_came_out(events: dict[str, Any], outcome: str, codes: list[str]) -> None:
    head = {name: body for name, body in GOOD.items() if name not in ("validated", "sealed")}
    [change] = changes("a.jsonl", _events({**head, **events}))
    assert change.outcome == outcome
    assert [item.code for item in change.breaches] == codes


def test_a_run_with_two_changes_is_judged_for_each() -> None:
    second = make_plan(3, summary="take it back")
    more = {
        "planned#2": second,
        "decided#2": approval(second),
        "applying#2": {},
        "validated#2": {"ok": True},
    }
    made = changes("a.jsonl", _events({**GOOD, **more}))
    assert [(item.line, [breach.code for breach in item.breaches]) for item in made] == [(5, []), (11, ["R404"])]


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ({}, "waiting"),
        ({"decided": {"decision": "unavailable"}}, "waiting"),
        ({"decided": {"decision": "rejected"}}, "rejected"),
        ({"decided": {"decision": "expired"}}, "expired"),
        ({"decided": {"decision": "aborted"}}, "aborted"),
        ({"decided": {"decision": "approved"}, "refused": {}}, "refused"),
    ],
)
def test_a_plan_that_was_never_begun_is_counted_and_not_judged(events: dict[str, Any], outcome: str) -> None:
    made = _events({"opened": GOOD["opened"], "planned": PLAN, **events})
    assert not_written(made) == [(3, outcome)]
    assert changes("a.jsonl", made) == []


def test_a_folder_is_counted_by_tier_and_outcome(tmp_path: Path) -> None:
    whole_change(Folder(tmp_path), 3)
    whole_change(Folder(tmp_path), 3, without="validated")
    whole_change(Folder(tmp_path), 1, without="decided")
    whole_change(Folder(tmp_path), 4, emergency=True, approvals=[])
    made = audit(tmp_path)
    assert made.outcomes() == {(1, "done"): 1, (3, "done"): 2, (4, "done"): 1}
    assert (made.percent, len(made.judged), made.compliant) == (pytest.approx(100 / 3), 3, 1)
    assert {item.code: item.where for item in made.breaches} == {
        "R404": "aiops-operations/002-shop-checkout.jsonl:5",
        "R402": "aiops-operations/004-shop-checkout.jsonl:4",
    }
    assert [item.journal for item in made.emergencies] == ["aiops-operations/004-shop-checkout.jsonl"]


def test_without_a_change_there_is_no_percentage(tmp_path: Path) -> None:
    begin(Folder(tmp_path)).seal(failed=False, counts={})
    assert audit(tmp_path).percent is None


def _at(name: str, seconds: int, **body: Any) -> Event:
    time = f"2026-11-20T12:{seconds // 60:02d}:{seconds % 60:02d}.000Z"
    return make_event(1, name, body, FIRST_PREV, time)


def test_times_of_a_run() -> None:
    events = [
        _at("opened", 0),
        _at("diagnosed", 2),
        _at("planned", 3),
        _at("decided", 63, decision="unavailable"),
        _at("decided", 123, decision="approved"),
        _at("applying", 124),
        _at("validated", 184, ok=True),
        _at("validated", 999, ok=True),
    ]
    assert durations.of_run(events) == {"diagnosis": [2.0], "decision": [120.0], "repair": [184.0]}
    halted = [_at("opened", 0), _at("applying", 1), _at("diagnosed", 99)]
    assert durations.of_run(halted)["diagnosis"] == []
    assert durations.of_run([]) == {"diagnosis": [], "decision": [], "repair": []}
    assert durations.of_run([_at("opened", 0), _at("validated", 9, ok=True)])["repair"] == []


def test_percentiles_are_linear() -> None:
    made = durations.figures([0.0, 10.0, 20.0])
    assert (made.count, made.total, made.p50, made.p95) == (3, 30.0, 10.0, pytest.approx(19.0))
    assert durations.figures([]).p50 is None
