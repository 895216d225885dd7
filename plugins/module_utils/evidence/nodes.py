# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nodes: whether they are well, and what is free on the ones that could take a pod."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import amounts_from, asked, pod_from
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Amounts, Node, Pod

# Nodes whose pods are listed to know what is free; the rest is known by its allocatable only.
COUNTED_NODES = 3

Json = Mapping[str, Any]


def node_from(item: Json) -> Node:
    """A node as `GET` answers it."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    conditions = {c.get("type"): c for c in status.get("conditions") or []}
    ready = conditions.get("Ready") or {}
    return Node(
        item["metadata"]["name"],
        ready.get("status") == "True" if ready else None,
        " ".join(filter(None, (ready.get("reason"), ready.get("message"))))[:300]
        if ready.get("status") != "True"
        else "",
        bool(spec.get("unschedulable")),
        sorted(str(t) for t, c in conditions.items() if str(t).endswith("Pressure") and c.get("status") == "True"),
        [_taint(t) for t in spec.get("taints") or []],
        dict(item["metadata"].get("labels") or {}),
        amounts_from(status.get("allocatable")),
    )


def _taint(taint: Json) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint.get('key')}{value}:{taint.get('effect')}"


def candidates(nodes: list[Node], pod: Pod) -> list[Node]:
    """Nodes that could take the pod but for resources, the largest first."""
    fitting = [n for n in nodes if n.ready and not n.unschedulable and tolerates_all(n, pod) and selected(n, pod)]
    return sorted(
        fitting, key=lambda n: (-(n.allocatable.memory_bytes or 0), -(n.allocatable.cpu_millicores or 0), n.name)
    )


def selected(node: Node, pod: Pod) -> bool:
    """The node has the labels of the pod's nodeSelector (node affinity is left to the scheduler's own words)."""
    return all(node.labels.get(key) == value for key, value in pod.node_selector.items())


def tolerates_all(node: Node, pod: Pod) -> bool:
    """The pod tolerates every taint of the node that keeps pods away."""
    return all(tolerates(pod, t) for t in node.taints if not t.endswith(":PreferNoSchedule"))


def tolerates(pod: Pod, taint: str) -> bool:
    """`taint` as key=value:effect. Source: the scheduler's TaintToleration rules."""
    pair, _colon, effect = taint.rpartition(":")
    key, _equals, value = pair.partition("=")
    for toleration in pod.tolerations:
        if toleration.get("effect") not in (None, "", effect):
            continue
        if toleration.get("key") not in (None, "", key):
            continue
        if toleration.get("operator") == "Exists" or (
            toleration.get("key") == key and toleration.get("value", "") == value
        ):
            return True
    return False


def free_on(node: Node, pods: list[Json]) -> Amounts:
    """Allocatable less the requests of the pods that are on the node and not finished."""
    cpu, memory = node.allocatable.cpu_millicores or 0, node.allocatable.memory_bytes or 0
    other = dict(node.allocatable.other)
    for item in pods:
        pod = pod_from(item)
        if pod.phase in ("Succeeded", "Failed"):
            continue
        want = asked(pod)
        cpu -= want.cpu_millicores or 0
        memory -= want.memory_bytes or 0
        for name, value in want.other.items():
            other[name] = other.get(name, 0) - value
        other["pods"] = other.get("pods", 0) - 1
    return Amounts(cpu, memory, other)
