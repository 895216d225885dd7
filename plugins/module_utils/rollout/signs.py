# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a new pod is a failure for certain: a crash, a kill for memory, an image, readiness that fails. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import observing, validating, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document


@dataclass
class History:
    """When (monotonic seconds) each pod was first seen, and which pods have been ready, by uid."""

    seen: dict[str, float] = field(default_factory=dict)
    ready: set[str] = field(default_factory=set)

    def note(self, pods: Iterable[Document], now: float) -> None:
        """Take in the pods as they are now."""
        for pod in pods:
            uid = pod["metadata"]["uid"]
            self.seen.setdefault(uid, now)
            if workloads.is_ready(pod):
                self.ready.add(uid)


def trouble(pods: Iterable[Document], history: History, now: float, ready_within_seconds: float) -> tuple[str, str]:
    """The first certain failure in one sentence and the pod's name; empty where there is none."""
    for pod in pods:
        if pod["metadata"].get("deletionTimestamp"):
            continue
        found = _of_containers(pod) or _of_pod(pod) or _of_readiness(pod, history, now, ready_within_seconds)
        if found:
            return found, pod["metadata"]["name"]
    return "", ""


def _of_containers(pod: Document) -> str:
    init = {item["name"] for item in (pod.get("status") or {}).get("initContainerStatuses") or []}
    for state in observing.states_of(pod):
        found = validating.failure_of(state, 0)
        if found:
            return found
        if state.trouble:
            return f"container {state.container} of pod {state.pod} is in {state.trouble}"
        if state.last_end and (state.container not in init or not state.last_end.startswith("Completed")):
            return f"container {state.container} of pod {state.pod} ended: {state.last_end}"
    return ""


def _of_pod(pod: Mapping[str, object]) -> str:
    status = pod.get("status") or {}
    if isinstance(status, Mapping) and status.get("phase") == "Failed":
        metadata = pod["metadata"]
        name = metadata["name"] if isinstance(metadata, Mapping) else ""
        return f"pod {name} failed: {status.get('reason') or status.get('message') or 'no reason known'}"
    return ""


def _of_readiness(pod: Document, history: History, now: float, ready_within_seconds: float) -> str:
    uid, name = pod["metadata"]["uid"], pod["metadata"]["name"]
    if workloads.is_ready(pod):
        return ""
    if uid in history.ready:
        return f"pod {name} was ready and is not any more: {_why(pod)}"
    if now - history.seen.get(uid, now) >= ready_within_seconds:
        return f"pod {name} did not become ready within {ready_within_seconds:g} s: {_why(pod)}"
    return ""


def _why(pod: Document) -> str:
    conditions = {item["type"]: item for item in (pod.get("status") or {}).get("conditions") or []}
    for kind in ("PodScheduled", "Ready"):
        condition = conditions.get(kind) or {}
        if condition.get("status") == "False":
            return str(condition.get("message") or condition.get("reason") or "its readiness probe fails")[:200]
    return "it has no status yet"
