# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One call from the options of scaling_analysis_info to its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import prices_from
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import report, searching, subject
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.judging import Settings, judge
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.watching import STEP_SECONDS, Rule, watch


class UnusableOption(ValueError):
    """An option that cannot be; the message says which, and what it has to be."""


def analysed(client: Client, given: Mapping[str, Any], clock: Clock = SYSTEM_CLOCK) -> dict[str, Any]:
    """The module's result. Raises `BadTarget`, `MetricsError`, `PriceFileError`, `UnusableOption`, `ClusterError`."""
    rule = rule_of(given)
    settings = Settings(given["way"], _between(given, "target_percent", 1, 100))
    prices = prices_from(given.get("price_file") or "")
    within = _between(given, "within_seconds", 1, 3600)
    # Sampling takes the whole window, which has been asked for, and comes after a Prometheus that gave no answer.
    deadline = Deadline.after(2 * float(within) + rule.window_seconds, clock)
    kind, name = subject.scalable(given.get("kind") or "", given.get("name") or "")
    namespace = given.get("namespace") or ""
    found: list[searching.Candidate] = []
    if not name:
        found = searching.hottest(client, namespace, rule.threshold_percent, deadline)
        if not found:
            return report.nothing_found(client.cluster, namespace, rule.threshold_percent)
        kind, namespace, name = found[0].kind, found[0].namespace, found[0].name
    about = subject.read(client, kind, namespace or "default", name, deadline)
    seen = watch(client, about, rule, given, deadline)
    judged = judge(about, seen, settings)
    analysis = report.Analysis(about, seen, judged, prices, rfc3339(clock.now()), found)
    return report.to_json(analysis)


def rule_of(given: Mapping[str, Any]) -> Rule:
    """The rule of the options. Raises `UnusableOption`."""
    window = float(given["window_seconds"])
    if not 2 * STEP_SECONDS <= window <= 3600:
        raise UnusableOption(f"window_seconds must be from {2 * STEP_SECONDS} to 3600, not {window:g}")
    return Rule(
        window,
        _between(given, "threshold_percent", 1, 1000),
        _between(given, "present_percent", 1, 100),
        _between(given, "history_days", 0, 365),
    )


def _between(given: Mapping[str, Any], name: str, least: int, most: int) -> Any:
    value = given[name]
    if not least <= value <= most:
        raise UnusableOption(f"{name} must be from {least} to {most}, not {value:g}")
    return value
