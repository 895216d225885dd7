# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds what is failing where no target is named, worst first: one selective list of pods, one a controller kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.gather import Gathering
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BY_NAME
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.workloads import LEFTOVER_SECONDS

KEPT_CANDIDATES = 20
# Few fields of each object are decoded, so pages may be large.
PAGE_SIZE = 2500
_CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
# What a container waits for in the ordinary course of starting.
_STARTING = ("", "ContainerCreating", "PodInitializing")


@dataclass(slots=True)
class ScannedOwner:
    kind: str = ""
    name: str = ""
    controller: bool = False


@dataclass(slots=True)
class ScannedMetadata:
    name: str = ""
    namespace: str = ""
    deletionTimestamp: str = ""
    ownerReferences: list[ScannedOwner] = field(default_factory=list)


@dataclass(slots=True)
class ScannedReason:
    reason: str = ""
    exitCode: int = 0


@dataclass(slots=True)
class ScannedState:
    waiting: ScannedReason | None = None
    terminated: ScannedReason | None = None


@dataclass(slots=True)
class ScannedContainer:
    restartCount: int = 0
    state: ScannedState = field(default_factory=ScannedState)


@dataclass(slots=True)
class ScannedCondition:
    type: str = ""
    status: str = ""
    reason: str = ""
    lastTransitionTime: str = ""


@dataclass(slots=True)
class ScannedPodStatus:
    phase: str = ""
    reason: str = ""
    conditions: list[ScannedCondition] = field(default_factory=list)
    initContainerStatuses: list[ScannedContainer] = field(default_factory=list)
    containerStatuses: list[ScannedContainer] = field(default_factory=list)


@dataclass(slots=True)
class ScannedPod:
    metadata: ScannedMetadata = field(default_factory=ScannedMetadata)
    status: ScannedPodStatus = field(default_factory=ScannedPodStatus)


@dataclass(slots=True)
class ScannedControllerSpec:
    replicas: int | None = None
    suspend: bool = False


@dataclass(slots=True)
class ScannedControllerStatus:
    replicas: int = 0
    readyReplicas: int = 0
    desiredNumberScheduled: int = 0
    currentNumberScheduled: int = 0
    numberReady: int = 0
    conditions: list[ScannedCondition] = field(default_factory=list)


@dataclass(slots=True)
class ScannedController:
    metadata: ScannedMetadata = field(default_factory=ScannedMetadata)
    spec: ScannedControllerSpec = field(default_factory=ScannedControllerSpec)
    status: ScannedControllerStatus = field(default_factory=ScannedControllerStatus)


@dataclass(frozen=True)
class Candidate:
    """Something that fails: `severity` orders, greater is worse."""

    kind: str
    namespace: str
    name: str
    problem: str
    severity: int
    owner: str = ""


def find_failing(gathering: Gathering, namespace: str, now: str) -> list[Candidate]:
    """What is failing `now` in the namespace (empty: in the cluster), worst first, at most KEPT_CANDIDATES."""

    def listed(kind: str, shape: type) -> Callable[[], list[Any]]:
        api_version = BY_NAME[kind].api_version
        return lambda: gathering.client.list(
            api_version, kind, namespace=namespace, shape=shape, page_size=PAGE_SIZE, deadline=gathering.deadline
        )

    where = f"of namespace {namespace}" if namespace else "of the cluster"
    jobs = {f"pods {where}": listed("Pod", ScannedPod)}
    for kind in _CONTROLLERS:
        jobs[f"{BY_NAME[kind].plural} {where}"] = listed(kind, ScannedController)
    answers = gathering.together(jobs)
    done = {
        (job.metadata.namespace, job.metadata.name)
        for job in answers.get(f"jobs {where}", [])
        if any(c.type == "Complete" and c.status == "True" for c in job.status.conditions)
    }
    found = [c for pod in answers.get(f"pods {where}", []) if not is_leftover(pod, done, now) and (c := judge_pod(pod))]
    for kind in _CONTROLLERS:
        items = answers.get(f"{BY_NAME[kind].plural} {where}", [])
        found += [c for item in items if (c := judge_controller(kind, item))]
    return ranked(found)


def is_leftover(pod: ScannedPod, done: set[tuple[str, str]], now: str) -> bool:
    """A failed pod that is no news: a try of a Job that is `done`, or a controller's that ended long before `now`.

    Where a controller could not replace such a pod, its own status tells so.
    """
    owner = next((o for o in pod.metadata.ownerReferences if o.controller), None)
    if pod.status.phase != "Failed" or owner is None:
        return False
    ended = parse_rfc3339(max((c.lastTransitionTime for c in pod.status.conditions), default=""))
    moment = parse_rfc3339(now)
    old = ended is not None and moment is not None and (moment - ended).total_seconds() > LEFTOVER_SECONDS
    return old or (owner.kind == "Job" and (pod.metadata.namespace, owner.name) in done)


def judge_pod(pod: ScannedPod) -> Candidate | None:
    """A candidate where a pod is failing, waits for something that does not come, or restarts; else None."""
    meta, status = pod.metadata, pod.status
    owner = next((f"{o.kind}/{o.name}" for o in meta.ownerReferences if o.controller), "")
    if meta.deletionTimestamp or status.phase == "Succeeded":
        return None
    problem, severity = _problem(status)
    return Candidate("Pod", meta.namespace, meta.name, problem, severity, owner) if problem else None


def _problem(status: ScannedPodStatus) -> tuple[str, int]:
    containers = [*status.initContainerStatuses, *status.containerStatuses]
    for state in (c.state for c in containers):
        if state.waiting and state.waiting.reason not in _STARTING:
            return state.waiting.reason, 90
        if state.terminated and (state.terminated.exitCode or state.terminated.reason == "OOMKilled"):
            return state.terminated.reason or f"exit code {state.terminated.exitCode}", 90
    if status.phase == "Failed" or status.reason:
        return status.reason or "Failed", 80
    conditions = {c.type: c for c in status.conditions}
    scheduled, ready = conditions.get("PodScheduled"), conditions.get("Ready")
    if scheduled and scheduled.status == "False":
        return scheduled.reason or "Unschedulable", 85
    if status.phase in ("Pending", "Unknown") or not ready or ready.status != "True":
        return "not ready", 60
    restarts = sum(c.restartCount for c in status.containerStatuses)
    return (f"{restarts} restarts", 20) if restarts else ("", 0)


def judge_controller(kind: str, item: ScannedController) -> Candidate | None:
    """A candidate where a controller has fewer pods than it should (their trouble is told by the pods); else None."""
    meta, spec, status = item.metadata, item.spec, item.status
    failed = next((c for c in status.conditions if c.type in ("ReplicaFailure", "Failed") and c.status == "True"), None)
    if failed and not spec.suspend:
        return Candidate(kind, meta.namespace, meta.name, failed.reason or failed.type, 95)
    desired = status.desiredNumberScheduled if kind == "DaemonSet" else spec.replicas or 0
    there = status.currentNumberScheduled if kind == "DaemonSet" else status.replicas
    if kind != "Job" and there < desired:
        return Candidate(kind, meta.namespace, meta.name, f"{there} of {desired} pods exist", 95)
    return None


def ranked(found: list[Candidate]) -> list[Candidate]:
    """Worst first, one candidate of each owner; system namespaces after the rest where equally bad."""
    found = sorted(found, key=lambda c: (-c.severity, c.namespace.startswith("kube-"), c.namespace, c.name))
    owners: set[tuple[str, str]] = set()
    kept = []
    for candidate in found:
        key = (candidate.namespace, candidate.owner or f"{candidate.kind}/{candidate.name}")
        if key not in owners:
            owners.add(key)
            kept.append(candidate)
    return kept[:KEPT_CANDIDATES]
