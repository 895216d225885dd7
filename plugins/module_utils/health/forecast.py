# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What fills up: volumes and the cluster, by Prometheus' linear prediction from the last days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.capacity import node_rooms, total
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.nodes import cluster_meta, gibibytes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Meta
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus import Prometheus
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_millicores

CLAIM = "PersistentVolumeClaim"
_BY_CLAIM = "max by (namespace, persistentvolumeclaim)"
_USED, _SIZE = "kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes"
_CPU = 'sum(rate(container_cpu_usage_seconds_total{container!=""}[5m])) * 1000'
_MEMORY = 'sum(container_memory_working_set_bytes{container!=""})'
# Of less history the pace is chance: half of the day, and five of the seven days.
LEAST_HOURS_OF_DAY = 12
LEAST_HOURS_OF_WEEK = 120


@dataclass(frozen=True)
class VolumeFill:
    """Bytes of a claim's volume now, and expected; expected is None with too little history."""

    namespace: str
    claim: str
    used: float
    size: float
    expected: float | None


@dataclass(frozen=True)
class ClusterFill:
    """(millicores, bytes) of the cluster: used now and expected after capacity_days. None where nobody knows."""

    used: tuple[float | None, float | None]
    expected: tuple[float | None, float | None]


def read_volumes(prometheus: Prometheus, seen: Snapshot, deadline: Deadline) -> list[VolumeFill]:
    """Raises MetricsError. 3 queries."""
    at, ahead = seen.now.timestamp(), seen.settings.volume_days * 86400

    def ask(expression: str) -> dict[tuple[str, str], float]:
        answers = prometheus.instant_query(f"{_BY_CLAIM} ({expression})", at=at, deadline=deadline)
        return {(s.labels.get("namespace", ""), s.labels.get("persistentvolumeclaim", "")): s.value for s in answers}

    used, sizes = ask(_USED), ask(_SIZE)
    expected = ask(f"predict_linear({_USED}[1d], {ahead:.0f}) and {_hours(_USED, '1d')} >= {LEAST_HOURS_OF_DAY}")
    return [
        VolumeFill(*name, value, sizes[name], expected.get(name))
        for name, value in sorted(used.items())
        if sizes.get(name)
    ]


def judge_volumes(fills: Sequence[VolumeFill], settings: Settings) -> Iterator[Finding]:
    """H503, H504."""
    for fill in fills:
        meta = Meta(fill.claim, fill.namespace)
        fix = fixes.look(
            "Enlarge the claim or delete what is not needed", "get", "pvc", fill.claim, namespace=fill.namespace
        )
        share = fill.used / fill.size
        if share >= settings.volume_share:
            told = f"{share:.0%} of {gibibytes(int(fill.size))}"
            yield found("H503", CLAIM, meta, told, [f"Prometheus, {_USED}: {told}"], fix)
        elif fill.expected is not None and fill.expected >= fill.size:
            told = f"{share:.0%} now, full within {settings.volume_days:g} days"
            yield found("H504", CLAIM, meta, told, [f"Prometheus, predict_linear over a day: {told}"], fix)


def read_cluster(prometheus: Prometheus, seen: Snapshot, deadline: Deadline) -> ClusterFill:
    """Raises MetricsError. 4 queries."""
    at, ahead = seen.now.timestamp(), seen.settings.capacity_days * 86400

    def ask(expression: str) -> float | None:
        answers = prometheus.instant_query(expression, at=at, deadline=deadline)
        return answers[0].value if answers else None

    def expect(what: str) -> float | None:
        return ask(f"predict_linear(({what})[7d:1h], {ahead:.0f}) and {_hours(what, '7d')} >= {LEAST_HOURS_OF_WEEK}")

    return ClusterFill((ask(_CPU), ask(_MEMORY)), (expect(_CPU), expect(_MEMORY)))


def _hours(expression: str, window: str) -> str:
    """In how many hours of the window there was a value: two samples would already be a line."""
    return f"count_over_time(({expression})[{window}:1h])"


def judge_cluster(fill: ClusterFill, seen: Snapshot) -> Iterator[Finding]:
    """H925."""
    given = total([room.given for room in node_rooms(seen)])
    days = seen.settings.capacity_days
    for at, (word, show) in enumerate((("CPU", format_millicores), ("memory", gibibytes))):
        expected, used = fill.expected[at], fill.used[at]
        if expected is not None and used is not None and given[at] and used < given[at] <= expected:
            ahead = f"{show(int(expected))} in {days:g} days"
            told = f"{word} used {show(int(used))} now, {ahead}, nodes give {show(given[at])}"
            fix = Fix("Plan nodes for it, or find out what grows.")
            evidence = [f"Prometheus, predict_linear over 7 days: {told}"]
            yield found("H925", "Cluster", cluster_meta("capacity"), told, evidence, fix, part=word)
