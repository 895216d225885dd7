# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of usage_analysis_info to its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import prices_from
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.choosing import choose
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import Window
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores, to_bytes
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing import report
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.analyse import analyse, wanted_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.requests import Policy
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.workload_advice import Rules

DAY_SECONDS = 86_400.0


class UnusableOption(ValueError):
    """An option that cannot be; the message says which, and what it has to be."""


def analysed(client: Client, given: Mapping[str, Any], clock: Clock = SYSTEM_CLOCK) -> dict[str, Any]:
    """The module's result. Raises what `analyse` does, `PriceFileError` and `UnusableOption`."""
    wanted = wanted_of(given.get("kind") or "", given.get("namespace") or "", given.get("name") or "")
    rules = Rules(
        _policy(given), _days(given, "minimum_days", 0), prices_from(given.get("price_file") or ""), clock.now()
    )
    history_days, sampled = _days(given, "history_days", 0.01), float(given.get("sample_minutes") or 0)
    # Sampling takes its own time, which has been asked for.
    deadline = Deadline.after(float(given["within_seconds"]) + sampled * 60, clock)
    chosen = choose(client, given["source"], given.get("prometheus"), sampled, deadline)
    seconds = history_days * DAY_SECONDS if chosen.window_seconds is None else chosen.window_seconds
    window = Window(rules.now.timestamp() + (chosen.window_seconds or 0), seconds, **_steps(chosen.window_seconds))
    analysis = analyse(client, chosen.source, wanted, window, rules, deadline)
    result = report.to_json(analysis)
    if given.get("record"):
        result["aiops_events"] = report.events(analysis, result)
    return result


def _steps(sampled_seconds: float | None) -> dict[str, int]:
    """Samples come every 15 s; history is looked at every 5 minutes."""
    return {} if sampled_seconds is None else {"step_seconds": 15}


def _policy(given: Mapping[str, Any]) -> Policy:
    try:
        return Policy(
            given["margin_percent"], millicores(given["cpu_floor"]), to_bytes(given["memory_floor"]), given["limits"]
        )
    except ValueError as wrong:
        raise UnusableOption(f"margin_percent, cpu_floor or memory_floor cannot be used: {wrong}") from wrong


def _days(given: Mapping[str, Any], name: str, least: float) -> float:
    days = float(given[name])
    if not least <= days <= 365:
        raise UnusableOption(f"{name} must be a number of days from {least:g} to 365, not {days:g}")
    return days
