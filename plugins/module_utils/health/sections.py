# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Figures, tables and charts of a health report (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Section, Table
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.capacity import NodeRoom, node_rooms, total
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.forecast import ClusterFill, VolumeFill
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.from_prometheus import Measured
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.nodes import gibibytes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import OwnerName, Snapshot, each_status
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.traffic import ServiceName, Traffic
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_millicores

MOST_ROWS = 20


def restarts_by_owner(seen: Snapshot) -> dict[OwnerName, int]:
    """Restarts of all containers and sidecars by what the pods belong to."""
    counted = {
        owner: sum(state.restartCount for pod in pods for state in each_status(pod))
        for owner, pods in seen.pods_by_owner.items()
    }
    return {owner: count for owner, count in counted.items() if count}


def figures(seen: Snapshot) -> dict[str, float]:
    """Numbers that a trend is drawn of; a figure whose source could not be read is left out, not 0."""
    known: dict[str, float] = {}
    if seen.has("Pod"):
        known["Pods"] = len(seen.of("Pod"))
        known["Restarts"] = sum(restarts_by_owner(seen).values())
    if seen.has("Node"):
        known["Nodes"] = len(seen.of("Node"))
    if seen.has("Node", "Pod"):
        rooms = node_rooms(seen)
        given, asked = total([room.given for room in rooms]), total([room.requested for room in rooms])
        if given[0] and given[1]:
            known["CPU requested, %"] = round(100 * asked[0] / given[0], 1)
            known["Memory requested, %"] = round(100 * asked[1] / given[1], 1)
    return known


def sections(seen: Snapshot, measured: Measured) -> Iterator[Section]:
    """Traffic, room, volumes, forecast, restarts: those that there is something to show of."""
    if measured.services:
        yield _traffic(measured.services, seen.settings)
    if seen.has("Node", "Pod") and node_rooms(seen):
        yield _room(node_rooms(seen), seen.settings)
    if measured.volumes:
        yield _volumes(measured.volumes, seen.settings)
    if measured.cluster:
        yield _forecast(measured.cluster, seen)
    restarts = restarts_by_owner(seen) if seen.has("Pod") else {}
    if restarts:
        yield _restarts(restarts)


def _traffic(known: dict[ServiceName, Traffic], settings: Settings) -> Section:
    worst = sorted(known.items(), key=lambda item: -(item[1].latency.get("p99") or 0.0))[:MOST_ROWS]
    rows = tuple(
        (
            f"{namespace}/{name}",
            round(item.requests),
            None if item.error_share is None else f"{item.error_share:.2%}",
            *(item.latency.get(word) for word in ("p50", "p95", "p99")),
            None if (used := item.budget_used(settings.objective_share)) is None else f"{used:.0%}",
            item.source,
        )
        for (namespace, name), item in worst
    )
    columns = ("Service", "requests", "errors", "p50, s", "p95, s", "p99, s", "error budget used", "source")
    text = (
        f"Requests of {settings.traffic_minutes:g} minutes; the budget is what an objective of "
        f"{settings.objective_share:.2%} allows over {settings.budget_days:g} days. p99 drawn; the mark is "
        f"{settings.latency_seconds:g} s."
    )
    bars = [
        {"label": f"{namespace}/{name}", "value": item.latency.get("p99"), "limit": settings.latency_seconds}
        for (namespace, name), item in worst
    ]
    return Section("Services", text, Table(columns, rows), {"type": "bars", "unit": " s", "bars": bars})


def _room(rooms: list[NodeRoom], settings: Settings) -> Section:
    def share(room: NodeRoom, at: int) -> float:
        return 100 * room.requested[at] / room.given[at] if room.given[at] else 0.0

    fullest = sorted(rooms, key=lambda room: -max(share(room, 0), share(room, 1)))[:MOST_ROWS]
    rows = tuple(
        (
            room.name,
            format_millicores(room.requested[0]),
            format_millicores(room.given[0]),
            f"{share(room, 0):.0f} %",
            gibibytes(room.requested[1]),
            gibibytes(room.given[1]),
            f"{share(room, 1):.0f} %",
        )
        for room in fullest
    )
    columns = ("node", "CPU requested", "of", "share", "memory requested", "of", "share")
    limit = 100 * settings.node_share
    bars = [
        {"label": room.name, "value": round(max(share(room, 0), share(room, 1)), 1), "limit": limit} for room in fullest
    ]
    text = f"What pods request of each node, the fuller of CPU and memory drawn; {len(fullest)} of {len(rooms)} nodes."
    return Section("Room on nodes", text, Table(columns, rows), {"type": "bars", "unit": " %", "bars": bars})


def _volumes(fills: list[VolumeFill], settings: Settings) -> Section:
    fullest = sorted(fills, key=lambda fill: -fill.used / fill.size)[:MOST_ROWS]
    rows = tuple(
        (
            f"{fill.namespace}/{fill.claim}",
            gibibytes(int(fill.used)),
            gibibytes(int(fill.size)),
            None if fill.expected is None else gibibytes(max(0, int(fill.expected))),
        )
        for fill in fullest
    )
    columns = ("claim", "used", "size", f"in {settings.volume_days:g} days")
    limit = 100 * settings.volume_share
    bars = [
        {"label": f"{fill.namespace}/{fill.claim}", "value": round(100 * fill.used / fill.size, 1), "limit": limit}
        for fill in fullest
    ]
    return Section("Volumes", "", Table(columns, rows), {"type": "bars", "unit": " %", "bars": bars})


def _forecast(fill: ClusterFill, seen: Snapshot) -> Section:
    given = total([room.given for room in node_rooms(seen)])

    def shown(value: float | None, memory: bool) -> str | None:
        if value is None:
            return None
        return gibibytes(max(0, int(value))) if memory else format_millicores(max(0, int(value)))

    rows = tuple(
        (word, shown(fill.used[at], bool(at)), shown(fill.expected[at], bool(at)), shown(given[at], bool(at)))
        for at, word in enumerate(("CPU", "memory"))
    )
    columns = ("what", "used now", f"expected in {seen.settings.capacity_days:g} days", "nodes give")
    return Section("Capacity forecast", "A straight line through the last 7 days.", Table(columns, rows))


def _restarts(restarts: dict[OwnerName, int]) -> Section:
    most = sorted(restarts.items(), key=lambda item: (-item[1], item[0].namespace, item[0].name))[:MOST_ROWS]
    rows = tuple((owner.kind, owner.namespace, owner.name, count) for owner, count in most)
    bars = [{"label": f"{owner.namespace}/{owner.name}", "value": count} for owner, count in most]
    table = Table(("kind", "namespace", "name", "restarts"), rows)
    return Section("Restarts", "Of the pods that there are now.", table, {"type": "bars", "unit": "", "bars": bars})
