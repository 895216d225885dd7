# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pods that fail, folded to what they belong to: one finding a workload and container, its pods as evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import (
    HealthContainerStatus,
    HealthPod,
    Meta,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import (
    OwnerName,
    Snapshot,
    condition,
    controller_of,
    each_status,
    named,
)

PULL = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable")
CONFIG = ("CreateContainerConfigError",)
CANNOT_START = ("CreateContainerError", "RunContainerError", "StartError", "PostStartHookError")
# What the runtime says of a container whose program it could not even start.
NEVER_RAN = ("StartError", "ContainerCannotRun")
SHOWN_PODS = 5
MOST_FACTOR = 5.0
Told = tuple[str, str, str]
"""Code, container, and what was seen of one pod."""


def judge(seen: Snapshot) -> Iterator[Finding]:
    """H101 to H107, H111 to H115: what a pod's status says."""
    by_owner: dict[tuple[OwnerName, str, str], list[tuple[str, str]]] = defaultdict(list)
    for owner, pods in seen.pods_by_owner.items():
        for pod in pods:
            if not pod.metadata.deletionTimestamp and pod.status.phase not in ("Succeeded", "Failed"):
                for code, part, text in troubles(pod, seen):
                    by_owner[owner, code, part].append((pod.metadata.name, text))
    for (owner, code, part), told in by_owner.items():
        yield _folded(owner, code, part, told, seen)


def _folded(owner: OwnerName, code: str, part: str, told: list[tuple[str, str]], seen: Snapshot) -> Finding:
    everyone = len(seen.pods_by_owner[owner])
    where = f"{len(told)} of {everyone} pods" if owner.kind != "Pod" else "the pod"
    text = told[0][1]
    evidence = [f"status of pod {name}: {what}" for name, what in told[:SHOWN_PODS]]
    if len(told) > SHOWN_PODS:
        evidence.append(f"and {len(told) - SHOWN_PODS} more pods")
    return found(
        code,
        owner.kind,
        Meta(owner.name, owner.namespace),
        f"{where}{f', container {part}' if part else ''}: {text}",
        evidence,
        fixes.diagnose(owner.kind, owner.namespace, owner.name),
        part=part,
        factors={"pods": min(MOST_FACTOR, float(len(told)))},
    )


def troubles(pod: HealthPod, seen: Snapshot) -> Iterator[Told]:
    """What is wrong with one pod: its scheduling, each of its containers, else its readiness."""
    status = pod.status
    scheduled = condition(status.conditions, "PodScheduled")
    if scheduled is not None and scheduled.status == "False":
        # A few seconds without a node are ordinary; the scheduler's own word that none fits is not.
        if scheduled.reason == "SchedulingGated":
            if seen.settled(pod.metadata):
                yield "H115", "", f"gated by {named(gate.name for gate in pod.spec.schedulingGates)}"
        else:
            yield "H104", "", scheduled.message or scheduled.reason
        return
    if status.phase == "Unknown" or status.reason == "NodeLost":
        yield "H113", "", status.message or "its node is lost"
        return
    running = list(each_status(pod))
    told = [item for state in status.initContainerStatuses if state not in running for item in _of_init(state)]
    told += [item for state in running for item in _of_container(state, seen)]
    yield from told
    if not told and seen.settled(pod.metadata):
        yield from _of_readiness(pod)


def _of_init(state: HealthContainerStatus) -> Iterator[Told]:
    waiting, ended = state.state.waiting, state.state.terminated
    if waiting and waiting.reason in PULL:
        yield "H102", state.name, f"{waiting.reason} {waiting.message}".strip()
    elif waiting and waiting.reason in (*CONFIG, *CANNOT_START):
        yield "H105" if waiting.reason in CONFIG else "H111", state.name, f"{waiting.reason} {waiting.message}".strip()
    elif waiting and waiting.reason == "CrashLoopBackOff":
        yield "H112", state.name, f"restarted {state.restartCount} times{_ended(state)}"
    elif ended and ended.exitCode:
        yield "H112", state.name, f"ended with exit code {ended.exitCode}"


def _of_container(state: HealthContainerStatus, seen: Snapshot) -> Iterator[Told]:
    waiting, last = state.state.waiting, state.lastState.terminated
    now = state.state.terminated
    # For a moment after each crash the kubelet tells of that alone, and not yet that it holds the next start back.
    crashed = now is not None and now.exitCode != 0 and state.restartCount > 0
    looping = crashed or (waiting is not None and waiting.reason == "CrashLoopBackOff")
    if waiting and waiting.reason in PULL:
        yield "H102", state.name, f"{waiting.reason} {waiting.message}".strip()
        return
    if waiting and waiting.reason in CONFIG:
        yield "H105", state.name, waiting.message or waiting.reason
        return
    if waiting and waiting.reason in CANNOT_START:
        yield "H111", state.name, f"{waiting.reason} {waiting.message}".strip()
        return
    end = now or last
    if looping and end and end.reason in NEVER_RAN:
        yield "H111", state.name, f"{end.reason}, restarted {state.restartCount} times"
        return
    killed = any(item is not None and item.reason == "OOMKilled" for item in (now, last))
    if killed:
        yield "H103", state.name, f"OOMKilled, restarted {state.restartCount} times"
    if looping and not killed:
        yield "H101", state.name, f"restarted {state.restartCount} times{_ended(state)}"
    elif not waiting and not killed and state.restartCount >= seen.settings.restarts:
        yield "H106", state.name, f"restarted {state.restartCount} times{_ended(state)}"


def _ended(state: HealthContainerStatus) -> str:
    last = state.state.terminated or state.lastState.terminated
    if last is None:
        return ""
    return f", the last time with exit code {last.exitCode}{f' at {last.finishedAt}' if last.finishedAt else ''}"


def _of_readiness(pod: HealthPod) -> Iterator[Told]:
    if pod.status.phase == "Pending":
        waiting = [state.state.waiting for state in pod.status.containerStatuses if state.state.waiting]
        if not waiting or waiting[0].reason in ("ContainerCreating", "PodInitializing", ""):
            yield "H114", "", f"Pending since {pod.metadata.creationTimestamp}"
        return
    if _is_half_done(pod):
        return
    ready = condition(pod.status.conditions, "Ready")
    if pod.status.phase == "Running" and (ready is None or ready.status != "True"):
        since = f" since {ready.lastTransitionTime}" if ready and ready.lastTransitionTime else ""
        yield "H107", "", f"Ready is {ready.status if ready else 'not told'}{since}"


def _is_half_done(pod: HealthPod) -> bool:
    """Whether it is not ready only since some of its containers ended well and are not started again, as of a Job."""
    if pod.spec.restartPolicy not in ("Never", "OnFailure"):
        return False
    unready = [state.state.terminated for state in each_status(pod) if not state.ready]
    return bool(unready) and all(ended is not None and ended.exitCode == 0 for ended in unready)


def leftovers(seen: Snapshot) -> Iterator[Finding]:
    """H108 pods that failed and stayed, H109 pods that do not end, H110 pods that nobody starts anew."""
    yield from _grouped(seen, "H108", _failed)
    yield from _grouped(seen, "H109", _hangs)
    for pod in seen.of("Pod"):
        meta = pod.metadata
        bare = not meta.ownerReferences and pod.status.phase not in ("Succeeded", "Failed")
        if bare and seen.settled(meta) and not pod.metadata.labels.get("component"):
            fix = Fix("Start it by a Deployment or Job instead: its template is the pod's spec.")
            yield found("H110", "Pod", meta, "", [f"pod {meta.namespace}/{meta.name} has no owner reference"], fix)


def _grouped(seen: Snapshot, code: str, tells: Callable[[HealthPod, Snapshot], str]) -> Iterator[Finding]:
    for owner, pods in seen.pods_by_owner.items():
        told = [(pod.metadata.name, text) for pod in pods if (text := tells(pod, seen))]
        # A Job's failed pods are told by the Job.
        if not told or owner.kind == "Job":
            continue
        evidence = [f"status of pod {name}: {text}" for name, text in told[:SHOWN_PODS]]
        shown = named((name for name, _text in told), 3)
        verb = "delete" if code == "H108" else "describe"
        words = "Delete what is over" if code == "H108" else "See what holds it: a finalizer, its node, or its volume"
        fix = fixes.look(words, verb, "pod", *(name for name, _text in told[:SHOWN_PODS]), namespace=owner.namespace)
        yield found(code, owner.kind, Meta(owner.name, owner.namespace), shown, evidence, fix)


def _failed(pod: HealthPod, seen: Snapshot) -> str:
    if pod.status.phase != "Failed" or not seen.settled(pod.metadata):
        return ""
    return f"Failed {pod.status.reason} {pod.status.message}".strip()


def _hangs(pod: HealthPod, seen: Snapshot) -> str:
    # deletionTimestamp is when its grace period ends.
    late = seen.age(pod.metadata.deletionTimestamp)
    return f"should have ended {late:.0f} s ago" if late > seen.settings.settled_seconds else ""


def best_effort(seen: Snapshot) -> Iterator[Finding]:
    """H116: bare pods without any request or limit; those of workloads are told by their template (H311 to H313)."""
    for pod in seen.of("Pod"):
        if controller_of(pod.metadata) or pod.status.phase in ("Succeeded", "Failed") or not seen.settled(pod.metadata):
            continue
        if not any(item.resources.requests or item.resources.limits for item in pod.spec.containers):
            names = named(item.name for item in pod.spec.containers)
            fix = Fix("Give its containers requests and limits.")
            evidence = [f"spec of the pod: no resources on {names}"]
            yield found("H116", "Pod", pod.metadata, f"containers {names}", evidence, fix)
