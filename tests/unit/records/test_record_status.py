# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a run stands, from its events alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import status
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import FIRST_PREV, Event, make_event

APPROVED = ("decided", {"decision": "approved"})
GOOD = {"ok": True}
BAD = {"ok": False}


def _events(*steps: str | tuple[str, dict[str, object]]) -> list[Event]:
    events: list[Event] = []
    for step in ("opened", *steps):
        name, body = (step, {}) if isinstance(step, str) else step
        events.append(make_event(len(events) + 1, name, body, events[-1].hash if events else FIRST_PREV, ""))
    return events


APPLIED = ("planned", APPROVED, "applying", "applied")

# (steps, status at a good end, status at a failed end, status when stopped from outside)
STANDINGS = [
    ((), "done", "failed", "interrupted"),
    (("observed", "diagnosed"), "done", "failed", "interrupted"),
    (("planned",), "waiting", "failed", "interrupted"),
    (("planned", "asked"), "waiting", "failed", "interrupted"),
    (("planned", ("decided", {"decision": "unavailable"})), "waiting", "failed", "waiting"),
    (("planned", ("decided", {"decision": "rejected"})), "rejected", "failed", "rejected"),
    (("planned", ("decided", {"decision": "expired"})), "expired", "failed", "expired"),
    (("planned", ("decided", {"decision": "aborted"})), "aborted", "failed", "aborted"),
    (("planned", ("decided", {"decision": "nonsense"})), "waiting", "failed", "waiting"),
    (("planned", APPROVED), "waiting", "failed", "interrupted"),
    (("planned", APPROVED, "applying"), "monitoring", "failed", "interrupted"),
    (APPLIED, "monitoring", "failed", "interrupted"),
    ((*APPLIED, ("validated", GOOD)), "monitoring", "failed", "monitoring"),
    ((*APPLIED, ("validated", {})), "failed", "failed", "interrupted"),
    ((*APPLIED, ("validated", BAD)), "failed", "failed", "interrupted"),
    ((*APPLIED, ("validated", GOOD), ("monitored", GOOD)), "done", "failed", "done"),
    ((*APPLIED, ("validated", GOOD), ("monitored", BAD)), "failed", "failed", "interrupted"),
    ((*APPLIED, "failed"), "failed", "failed", "interrupted"),
    ((*APPLIED, ("validated", BAD), "rolling-back"), "failed", "failed", "interrupted"),
    (
        (*APPLIED, ("validated", BAD), "rolling-back", ("rolled-back", GOOD)),
        "rolled-back",
        "rolled-back",
        "rolled-back",
    ),
    ((*APPLIED, "rolling-back", ("rolled-back", GOOD), "failed"), "rolled-back", "rolled-back", "rolled-back"),
    ((*APPLIED, "rolling-back", ("rolled-back", BAD)), "failed", "failed", "interrupted"),
    (("refused", "failed"), "refused", "refused", "refused"),
    (("planned", ("note", {"status": "held"})), "held", "held", "held"),
    (("planned", ("note", {"status": "nonsense"})), "waiting", "failed", "interrupted"),
    (
        (*APPLIED, ("validated", GOOD), ("sealed", {"status": "monitoring"}), "resumed"),
        "monitoring",
        "monitoring",
        "monitoring",
    ),
    # A later run that found nothing to do, or could not begin.
    ((*APPLIED, ("validated", GOOD), ("monitored", GOOD), "resumed", "failed"), "done", "done", "done"),
    (("planned", ("sealed", {"status": "waiting"}), "resumed", "failed"), "waiting", "waiting", "waiting"),
    ((*APPLIED, ("sealed", {"status": "failed"}), "resumed", "failed"), "failed", "failed", "interrupted"),
    ((*APPLIED, ("validated", GOOD), "resumed", "failed", ("verified", BAD)), "failed", "failed", "interrupted"),
    ((*APPLIED, ("validated", GOOD), "resumed", ("verified", GOOD)), "done", "failed", "done"),
    (("planned", ("decided", {"decision": "unavailable"}), "resumed", APPROVED), "waiting", "failed", "interrupted"),
]


@pytest.mark.parametrize(("steps", "good", "failed", "stopped"), STANDINGS)
def test_standings(steps: tuple[str, ...], good: str, failed: str, stopped: str) -> None:
    events = _events(*steps)
    assert status.at_end(events, failed=False) == good
    assert status.at_end(events, failed=True) == failed
    assert status.at_interruption(events) == stopped


def _opened_by(process: dict[str, object], *more: str) -> list[Event]:
    events = [make_event(1, "opened", {"process": process}, FIRST_PREV, "")]
    for name in more:
        events.append(make_event(len(events) + 1, name, {}, events[-1].hash, ""))
    return events


def test_a_run_whose_process_is_there_goes_on() -> None:
    assert status.current(_opened_by(status.process(), "planned")) == "open"


def test_a_run_whose_process_is_gone_was_interrupted() -> None:
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    process = {**status.process(), "pid": int(done.stdout)}
    assert status.current(_opened_by(process, "planned", "applying")) == "interrupted"


def test_another_process_with_the_same_number_is_not_the_run() -> None:
    process = {**status.process(), "pid": os.getpid(), "started": "1"}
    assert status.current(_opened_by(process)) == "interrupted"
    assert status.current(_opened_by({})) == "interrupted"


def test_a_run_on_another_machine_is_taken_to_go_on() -> None:
    assert status.current(_opened_by({**status.process(), "machine": "elsewhere", "pid": 1})) == "open"
