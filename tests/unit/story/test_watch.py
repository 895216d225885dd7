# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a row of looks amounts to: a silent cluster is never good news."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import status
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import FIRST_PREV, make_event
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.watch import Watch

GOOD = {"outcome": "steady", "line": "2 of 2 ready", "metrics": {"desired": 2, "available": 2}}
SHORT = {"outcome": "steady", "line": "1 of 2 ready", "metrics": {"desired": 2, "available": 1}}
WORSE = {"outcome": "regression", "seen": "it restarted", "metrics": {"desired": 2, "available": 2}}
SILENT = {"outcome": "unknown", "seen": "no route to host", "metrics": None}
HOT = {**GOOD, "unmet": ["CPU is at 82 % of its requests, not under 70 %"]}
BROKEN = {"failed": True, "msg": "MODULE FAILURE"}

# The looks, whether a person stopped it, the outcome, and the status that the run has with it.
ROWS: list[tuple[list[dict[str, Any]], bool, str, str]] = [
    ([GOOD, GOOD], False, "steady", "done"),
    ([GOOD, WORSE], False, "regression", "failed"),
    ([GOOD, WORSE], True, "regression", "failed"),
    ([GOOD], True, "interrupted", "monitoring"),
    ([], True, "interrupted", "monitoring"),
    ([], False, "unknown", "monitoring"),
    ([GOOD, SILENT], False, "unknown", "monitoring"),
    ([SILENT, GOOD], False, "steady", "done"),
    ([GOOD, BROKEN], False, "unknown", "monitoring"),
    ([GOOD, HOT], False, "unmet", "monitoring"),
    ([HOT, GOOD], False, "steady", "done"),
    ([HOT, WORSE], False, "regression", "failed"),
    ([{}], False, "unknown", "monitoring"),
]


@pytest.mark.parametrize(("looks", "interrupted", "outcome", "stands"), ROWS)
def test_the_verdict(looks: list[dict[str, Any]], interrupted: bool, outcome: str, stands: str) -> None:
    watch = Watch({"desired": 2})
    for number, look in enumerate(looks):
        watch.add(look, f"12:00:0{number}", float(number))
    assert watch.verdict(interrupted=interrupted)[0] == outcome
    [event] = watch.events(interrupted=interrupted)
    assert status.standing([make_event(1, event["event"], event["body"], FIRST_PREV, "")]) == stands


def test_how_long_pods_are_missing() -> None:
    watch = Watch({"desired": 2})
    for now, look in ((0.0, GOOD), (10.0, SHORT), (40.0, SHORT)):
        watch.add(look, "", now)
    assert watch.short_for(50.0) == 40.0
    watch.add(GOOD, "", 60.0)
    assert watch.short_for(70.0) == 0.0


def test_the_lines_say_what_was_seen() -> None:
    watch = Watch({"desired": 2})
    assert watch.add(GOOD, "12:00:00", 0) == "12:00:00  2 of 2 ready"
    assert watch.add(SILENT, "12:00:01", 1) == "12:00:01  no answer: no route to host"
    assert watch.add(WORSE, "12:00:02", 2) == "12:00:02  worse: it restarted"
