# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is new, gone and still there since the report before."""

from __future__ import annotations

from typing import Any

from findings_made import finding, report
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.comparing import compare, with_first_seen
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import NotAssessed

MONDAY, NEXT_MONDAY = "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"


def names(findings: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in findings]


def test_a_week_later() -> None:
    before = report(finding(name="stays"), finding(name="goes"), at=MONDAY)
    now = report(finding(name="stays", message="worse than it was"), finding(name="comes"), at=NEXT_MONDAY)
    changes = compare(now, before)
    assert changes.since == MONDAY
    assert (names(changes.new), names(changes.gone), names(changes.continuing)) == (["comes"], ["goes"], ["stays"])


def test_what_cannot_be_looked_for_is_not_gone() -> None:
    blind = NotAssessed("nodes", "forbidden", codes=("AIH201",))
    before = report(finding("AIH201", name="node-1"), finding("AIH101"), at=MONDAY)
    changes = compare(report(not_assessed=(blind,), at=NEXT_MONDAY), before)
    assert names(changes.unknown) == ["node-1"]
    assert names(changes.gone) == ["checkout"]


def test_the_first_report_calls_nothing_new() -> None:
    changes = compare(report(finding()), None)
    assert (changes.since, changes.new, changes.gone) == ("", [], [])


def test_first_seen_is_carried_on() -> None:
    first = with_first_seen(report(finding(name="stays"), at=MONDAY), None)
    second = with_first_seen(report(finding(name="stays"), finding(name="comes"), at=NEXT_MONDAY), first)
    assert {item["name"]: item["first_seen"] for item in second["findings"]} == {"stays": MONDAY, "comes": NEXT_MONDAY}


def test_what_was_unknown_for_a_week_is_neither_new_nor_forgotten() -> None:
    blind = NotAssessed("nodes", "forbidden", codes=("AIH201",))
    first = with_first_seen(report(finding("AIH201", name="node-1"), finding("AIH201", name="node-2"), at=MONDAY), None)
    second = with_first_seen(report(not_assessed=(blind,), at=NEXT_MONDAY), first)
    stored = {**second, "changes": compare(second, first).to_json()}
    third = with_first_seen(report(finding("AIH201", name="node-1"), at="2026-11-30T00:00:00Z"), stored)
    changes = compare(third, stored)
    assert (names(changes.new), names(changes.continuing), names(changes.gone)) == ([], ["node-1"], ["node-2"])
    assert third["findings"][0]["first_seen"] == MONDAY


keys = some.sets(some.tuples(some.sampled_from(["AIH1", "AIH2"]), some.sampled_from("abcd")))


@given(keys, keys)
def test_every_finding_is_in_exactly_one_list(then: set[tuple[str, str]], now: set[tuple[str, str]]) -> None:
    before = report(*(finding(code, name=name) for code, name in then), at=MONDAY)
    after = report(*(finding(code, name=name) for code, name in now), at=NEXT_MONDAY)
    changes = compare(after, before)
    assert {(item["code"], item["name"]) for item in changes.new} == now - then
    assert {(item["code"], item["name"]) for item in changes.gone} == then - now
    assert {(item["code"], item["name"]) for item in changes.continuing} == now & then
