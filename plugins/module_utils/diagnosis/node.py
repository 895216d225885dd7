# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Node: the machine under the pod is gone, under pressure, or cannot start pods."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import (
    find_events,
    ids,
    is_starting,
    was_set_up,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import is_ready
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Facts


def node_not_ready(facts: Facts) -> Cause | None:
    """The pod's node is NotReady, and the pod not ready for it."""
    pod = facts.pod
    if pod is None or not pod.node or is_ready(pod):
        return None
    node = next((n for n in facts.nodes if n.name == pod.node), None)
    if node is not None and node.ready is False:
        summary = f"node {node.name} is not ready: {node.reason[:160]}"
        return Cause("node-not-ready", summary, 0.97, ids(node.id, pod.id), {"node": node.name, "reason": node.reason})
    if node is None and pod.reason == "NodeLost":
        return Cause(
            "node-not-ready", f"node {pod.node} is gone", 0.9, ids(pod.id), {"node": pod.node, "reason": "NodeLost"}
        )
    return None


def node_pressure_evicted(facts: Facts) -> Cause | None:
    """The kubelet evicted the pod because its node ran short of memory, disk or process ids."""
    pod = facts.pod
    if pod is None or pod.reason != "Evicted" or not pod.message:
        return None
    summary = f"the pod was evicted from node {pod.node}: {pod.message[:200]}"
    return Cause("node-pressure-evicted", summary, 0.96, ids(pod.id), {"node": pod.node, "message": pod.message})


def sandbox_failed(facts: Facts) -> Cause | None:
    """The runtime on the node cannot create the pod's sandbox."""
    if not is_starting(facts) or was_set_up(facts):
        return None
    for event in find_events(facts, ("FailedCreatePodSandBox",)):
        summary = f"the node cannot create the pod's sandbox: {event.message[:240]}"
        node = facts.pod.node if facts.pod else ""
        return Cause("sandbox-failed", summary, 0.93, ids(event.id), {"node": node, "message": event.message})
    return None
