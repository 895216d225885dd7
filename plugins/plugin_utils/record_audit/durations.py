# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long it took until a run knew, until somebody decided, and until it was repaired (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.quantiles import quantile
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event

# Phase -> what it is measured from and to, and how many seconds it may take.
PHASES: Final = {
    "diagnosis": ("from the start of the run to the diagnosis", 300.0),
    "decision": ("from the plan to the decision of a person", 300.0),
    "repair": ("from the start of the run to a change that holds", 900.0),
}


@dataclass(frozen=True)
class Figures:
    """Of one phase: how many were measured, and seconds; None where none were."""

    count: int
    total: float
    p50: float | None
    p95: float | None


def of_run(events: Sequence[Event]) -> dict[str, list[float]]:
    """Seconds by phase of one run; a phase that did not happen has none."""
    found: dict[str, list[float]] = {phase: [] for phase in PHASES}
    if not events:
        return found
    start, planned = events[0].time, ""
    applying = wrote = False
    for event in events:
        # What is diagnosed after a write is why a rollout was halted.
        if event.event == "diagnosed" and not found["diagnosis"] and not wrote:
            _add(found["diagnosis"], start, event.time)
        elif event.event == "planned":
            planned, applying = event.time, False
        elif event.event == "decided" and event.body.get("decision") in ("approved", "rejected") and planned:
            _add(found["decision"], planned, event.time)
            planned = ""
        elif event.event == "applying":
            applying = wrote = True
        elif event.event == "validated" and applying and event.body.get("ok") is True and not found["repair"]:
            _add(found["repair"], start, event.time)
    return found


def figures(seconds: Sequence[float]) -> Figures:
    """Percentiles by linear interpolation, as Prometheus has them."""
    if not seconds:
        return Figures(0, 0.0, None, None)
    return Figures(len(seconds), sum(seconds), quantile(0.5, seconds), quantile(0.95, seconds))


def _add(into: list[float], begin: str, end: str) -> None:
    one, other = times.parse(begin), times.parse(end)
    if one is not None and other is not None:
        into.append(max(0.0, (other - one).total_seconds()))
