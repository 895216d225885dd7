# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much room the nodes have: requests against what they give, and what is left when the largest node goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.nodes import (
    allocatable,
    cluster_meta,
    gibibytes,
    takes_pods,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Pair, Snapshot, requests_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_millicores


@dataclass(frozen=True)
class NodeRoom:
    """What one node gives to pods, and what its pods request."""

    name: str
    given: Pair
    requested: Pair

    @property
    def free(self) -> Pair:
        """Never below nothing."""
        return max(0, self.given[0] - self.requested[0]), max(0, self.given[1] - self.requested[1])


def node_rooms(seen: Snapshot) -> list[NodeRoom]:
    """Nodes that take ordinary pods."""
    rooms = []
    for node in seen.of("Node"):
        if takes_pods(node):
            name = node.metadata.name
            rooms.append(NodeRoom(name, allocatable(node), seen.requested_by_node.get(name, (0, 0))))
    return rooms


def total(pairs: Sequence[Pair]) -> Pair:
    """The sum of both."""
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def free_room(seen: Snapshot) -> Pair:
    """What pods may still request over all nodes that take them."""
    return total([room.free for room in node_rooms(seen)])


def judge(seen: Snapshot) -> Iterator[Finding]:
    """H921 to H924."""
    rooms = node_rooms(seen)
    given, requested = total([room.given for room in rooms]), total([room.requested for room in rooms])
    if not given[0] or not given[1]:
        return
    cluster = cluster_meta("capacity")
    fix = Fix("Add a node, or let workloads request what they use: playbooks/optimize_resources.yml shows how much.")
    shares = requested[0] / given[0], requested[1] / given[1]
    for at, (code, word, show) in enumerate((("H921", "CPU", format_millicores), ("H922", "memory", gibibytes))):
        if shares[at] > seen.settings.cluster_share:
            told = f"{word} requested {show(requested[at])} of {show(given[at])} ({shares[at]:.0%})"
            yield found(code, "Cluster", cluster, told, [f"requests of all pods on {len(rooms)} nodes: {told}"], fix)
    yield from _spare(rooms, fix)
    yield from _pieces(seen, rooms, fix)


def _spare(rooms: list[NodeRoom], fix: Fix) -> Iterator[Finding]:
    if len(rooms) < 2:
        return
    largest = max(rooms, key=lambda room: room.requested)
    free = total([room.free for room in rooms if room is not largest])
    if largest.requested[0] > free[0] or largest.requested[1] > free[1]:
        told = (
            f"{largest.name}: its pods request {_words(largest.requested)}, the other {len(rooms) - 1} nodes have "
            f"{_words(free)} left"
        )
        yield found("H923", "Cluster", cluster_meta("capacity"), told, [f"requests by node: {told}"], fix)


def _pieces(seen: Snapshot, rooms: list[NodeRoom], fix: Fix) -> Iterator[Finding]:
    """H924: the largest pod that a workload has fits in the sum of what is free, and on no node."""
    sizes = [(requests_of(item.spec.template.spec), item) for item in seen.workloads if item.kind != "DaemonSet"]
    if not sizes or not rooms:
        return
    size, item = max(sizes, key=lambda pair: pair[0])
    free = total([room.free for room in rooms])
    fits = any(size[0] <= room.free[0] and size[1] <= room.free[1] for room in rooms)
    if not fits and size[0] <= free[0] and size[1] <= free[1]:
        told = f"a pod of {item.kind} {item.metadata.namespace}/{item.metadata.name} requests {_words(size)}"
        evidence = [f"{told}; {len(rooms)} nodes have {_words(free)} left together, none has as much alone"]
        yield found("H924", "Cluster", cluster_meta("capacity"), told, evidence, fix)


def _words(pair: Pair) -> str:
    return f"{format_millicores(pair[0])} CPU and {gibibytes(pair[1])} memory"
