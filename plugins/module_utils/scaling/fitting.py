# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many more pods of a template the nodes can take, node by node (pure).

The sum of what is free says nothing: three nodes with 300m each take no pod of 500m. Counted as the scheduler counts:
requests of the pods that are there, against what is allocatable; taints, selectors, affinity and spreading considered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores, to_bytes
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import placement

Document = Mapping[str, Any]
Amounts = dict[str, int]
# More than any cluster runs of one workload; bounds the work for tiny pods on huge nodes.
MOST_PODS: Final = 5000


@dataclass(frozen=True)
class Room:
    """One node: what is free (CPU in millicores, memory in bytes, others in pieces), how many pods fit, and why not."""

    node: str
    fits: int
    free: Amounts
    why: str = ""


@dataclass(frozen=True)
class Fit:
    """How many of the wanted pods find a node. `pooled` is how many there would be room for in the sum of the nodes."""

    wanted: int
    fits: int
    pooled: int
    rooms: list[Room] = field(default_factory=list)
    why: str = ""


def amounts(requests: Mapping[str, Any]) -> Amounts:
    """Quantities as whole numbers: CPU in millicores, the rest in bytes or pieces."""
    return {name: millicores(value) if name == "cpu" else to_bytes(value) for name, value in requests.items()}


def need_of(spec: Document) -> Amounts:
    """What a pod requests, as the scheduler counts: that of its containers, and its overhead."""
    need = _sum([of_containers(spec, requests_of), amounts(spec.get("overhead") or {})])
    return {**{name: amount for name, amount in need.items() if amount}, "pods": 1}


def of_containers(spec: Document, of: Callable[[Document], Amounts]) -> Amounts:
    """What a pod's containers need together: they and the sidecars, or a larger init container. Without overhead."""
    containers = [of(item) for item in spec.get("containers") or []]
    sidecars: list[Amounts] = []
    peak: Amounts = {}
    for item in spec.get("initContainers") or []:
        if item.get("restartPolicy") == "Always":
            sidecars.append(of(item))
        else:
            peak = _greatest(peak, _sum([*sidecars, of(item)]))
    return _greatest(peak, _sum([*containers, *sidecars]))


def requests_of(container: Document) -> Amounts:
    """What one container requests."""
    resources = container.get("resources") or {}
    # A resource with a limit alone requests as much.
    return amounts({**(resources.get("limits") or {}), **(resources.get("requests") or {})})


def limits_of(container: Document) -> Amounts:
    """What one container may have at most, as far as it is bounded."""
    return amounts((container.get("resources") or {}).get("limits") or {})


def _sum(parts: Sequence[Amounts]) -> Amounts:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def _greatest(one: Amounts, other: Amounts) -> Amounts:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in {*one, *other}}


def takes_room(pod: Document) -> bool:
    """Whether a pod holds what it requests on a node: it has one, and has not ended."""
    phase = (pod.get("status") or {}).get("phase")
    return bool(pod["spec"].get("nodeName")) and phase not in ("Succeeded", "Failed")


def fit(template: Document, nodes: Sequence[Document], pods: Sequence[Document], wanted: int, namespace: str) -> Fit:
    """How many of `wanted` more pods of the template (a pod's metadata and spec, as admitted) the nodes take.

    `pods` are all pods of the cluster, those of the workload included.
    """
    need = need_of(template["spec"])
    there = [pod for pod in pods if takes_room(pod)]
    used: dict[str, list[Amounts]] = {}
    for pod in there:
        used.setdefault(pod["spec"]["nodeName"], []).append(need_of(pod["spec"]))
    free = {node["metadata"]["name"]: _free(node, used) for node in nodes}
    refusal = placement.refusals(template, nodes, there, namespace)
    open_nodes = [node for node in nodes if not refusal[node["metadata"]["name"]]]
    room = {node["metadata"]["name"]: _times(free[node["metadata"]["name"]], need) for node in open_nodes}
    rules = placement.spreading(template, nodes, there, namespace)
    placed = _place(dict(room), rules, min(wanted, MOST_PODS))
    rooms = [_room(node["metadata"]["name"], free, need, room, refusal) for node in nodes]
    pooled = _times(_sum([free[name] for name in room]), need) if room else 0
    fits = sum(placed.values())
    why = "" if fits >= wanted else _why(rooms, need, fits, pooled, bool(rules) and sum(room.values()) > fits)
    return Fit(wanted, fits, pooled, rooms, why)


def _free(node: Document, used: Mapping[str, list[Amounts]]) -> Amounts:
    allocatable = amounts((node.get("status") or {}).get("allocatable") or {})
    taken = _sum(used.get(node["metadata"]["name"], []))
    return {name: max(0, amount - taken.get(name, 0)) for name, amount in allocatable.items()}


def _times(free: Amounts, need: Amounts) -> int:
    """How often the need goes into what is free; a resource that a node does not have is none."""
    return min(min(free.get(name, 0) // amount for name, amount in need.items()), MOST_PODS)


def _place(room: dict[str, int], rules: Sequence[Callable[[str, Counter[str]], bool]], wanted: int) -> Counter[str]:
    """Pods per node: one after the other, each where most room is left among the nodes that every rule allows."""
    placed: Counter[str] = Counter()
    if not rules:
        for name in sorted(room, key=lambda item: (-room[item], item)):
            placed[name] = min(room[name], wanted - placed.total())
        return placed
    for _pod in range(wanted):
        allowed = [name for name, left in room.items() if left > 0 and all(rule(name, placed) for rule in rules)]
        if not allowed:
            break
        best = min(allowed, key=lambda name: (placed[name], -room[name], name))
        placed[best] += 1
        room[best] -= 1
    return placed


def _room(
    name: str,
    free: Mapping[str, Amounts],
    need: Amounts,
    room: Mapping[str, int],
    refusal: Mapping[str, str],
) -> Room:
    shown = {key: free[name].get(key, 0) for key in need}
    if refusal[name]:
        return Room(name, 0, shown, refusal[name])
    if room[name]:
        return Room(name, room[name], shown)
    short = next(key for key, amount in need.items() if free[name].get(key, 0) < amount)
    return Room(name, 0, shown, f"too little {short} is free")


def _why(rooms: Sequence[Room], need: Amounts, fits: int, pooled: int, spread: bool) -> str:
    if spread:
        return f"its rules of spreading leave place for {fits}"
    reasons = Counter(room.why for room in rooms if not room.fits)
    told = ", ".join(f"{why} on {count} node{'s' if count > 1 else ''}" for why, count in reasons.most_common(3))
    fragmented = f"; the nodes together have room for {pooled}, but in pieces" if pooled > fits else ""
    return f"the nodes take {fits} more" + (f" ({told})" if told else "") + fragmented
