# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many nodes could go once requests are smaller (pure).

Nodes are emptied one after the other, the least requested first: each of a node's pods has to fit, by its requests and
the pod limit, on one of the nodes that stay and have the same taints. Affinity, volumes and budgets are not looked at,
so it is what could go at most; a drain will show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores_or_none, whole_or_none

Document = Mapping[str, Any]
Amount = tuple[int, int]
# Given a pod: (millicores, bytes) that it will request less.
Freed = Callable[[Document], Amount]


@dataclass
class _Node:
    name: str
    taints: frozenset[tuple[str, str, str]]
    cpu: int
    memory: int
    room: int
    movable: list[Amount]


def could_go(nodes: Sequence[Document], pods: Sequence[Document], freed: Freed = lambda _pod: (0, 0)) -> list[str]:
    """Names of nodes whose pods would fit on the others; control-plane nodes and cordoned ones are left out."""
    state = _state(nodes, pods, freed)
    gone: list[str] = []
    for node in sorted(state, key=lambda item: (sum(cpu for cpu, _memory in item.movable), item.name)):
        stay = [item for item in state if item.name not in gone and item is not node and item.taints == node.taints]
        placed = _placed(node.movable, stay)
        if placed is None:
            break
        for target, amount in placed:
            target.cpu, target.memory, target.room = target.cpu - amount[0], target.memory - amount[1], target.room - 1
            target.movable.append(amount)
        gone.append(node.name)
    return gone


def _state(nodes: Sequence[Document], pods: Sequence[Document], freed: Freed) -> list[_Node]:
    by_node: dict[str, list[Document]] = defaultdict(list)
    for pod in pods:
        if (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
            by_node[(pod.get("spec") or {}).get("nodeName", "")].append(pod)
    state = []
    for node in nodes:
        labels = node["metadata"].get("labels") or {}
        if "node-role.kubernetes.io/control-plane" in labels or (node.get("spec") or {}).get("unschedulable"):
            continue
        allocatable = (node.get("status") or {}).get("allocatable") or {}
        here = by_node[node["metadata"]["name"]]
        amounts = [(pod, _after(pod, freed)) for pod in here]
        cpu, memory = (sum(amount[index] for _pod, amount in amounts) for index in (0, 1))
        state.append(
            _Node(
                node["metadata"]["name"],
                _taints(node),
                (millicores_or_none(allocatable.get("cpu")) or 0) - cpu,
                (whole_or_none(allocatable.get("memory")) or 0) - memory,
                (whole_or_none(allocatable.get("pods")) or 110) - len(here),
                sorted((amount for pod, amount in amounts if _moves(pod)), reverse=True),
            )
        )
    return state


def _taints(node: Document) -> frozenset[tuple[str, str, str]]:
    taints = (node.get("spec") or {}).get("taints") or []
    return frozenset((item.get("key", ""), item.get("value", ""), item.get("effect", "")) for item in taints)


def _moves(pod: Document) -> bool:
    """A DaemonSet's pods and static pods go with their node."""
    owners = pod["metadata"].get("ownerReferences") or []
    return not any(owner.get("kind") in ("DaemonSet", "Node") for owner in owners if owner.get("controller"))


def _after(pod: Document, freed: Freed) -> Amount:
    cpu, memory = requested(pod)
    less_cpu, less_memory = freed(pod)
    return max(0, cpu - less_cpu), max(0, memory - less_memory)


def requested(pod: Document) -> Amount:
    """Millicores and bytes that the scheduler counts for a pod (without init containers that run once)."""
    spec = pod.get("spec") or {}
    counted = [*(spec.get("containers") or [])]
    counted += [item for item in spec.get("initContainers") or [] if item.get("restartPolicy") == "Always"]
    asked = [(item.get("resources") or {}).get("requests") or {} for item in counted]
    cpu = sum(millicores_or_none(item.get("cpu")) or 0 for item in asked)
    return cpu, sum(whole_or_none(item.get("memory")) or 0 for item in asked)


def _placed(amounts: Sequence[Amount], nodes: Sequence[_Node]) -> list[tuple[_Node, Amount]] | None:
    """A node for each pod, first fit, greatest first; None where one does not fit."""
    left = {node.name: [node.cpu, node.memory, node.room] for node in nodes}
    placed = []
    for cpu, memory in amounts:
        for node in nodes:
            free = left[node.name]
            if free[0] >= cpu and free[1] >= memory and free[2] > 0:
                left[node.name] = [free[0] - cpu, free[1] - memory, free[2] - 1]
                placed.append((node, (cpu, memory)))
                break
        else:
            return None
    return placed
