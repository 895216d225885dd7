# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A workload's figures at one moment, for before and after and while monitoring."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores, to_bytes
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.load import Load
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.load import from_json as load_from_json
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

# Reasons with which the kubelet says that a container will not come up by waiting alone, and those that a moment's wait
# may heal (a ConfigMap that the kubelet has not seen yet).
CERTAIN: Final = frozenset({"CrashLoopBackOff", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"})
ERROR_STATES: Final = CERTAIN | frozenset(
    {
        "ErrImagePull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "PostStartHookError",
    }
)
KEPT_PODS: Final = 50


@dataclass(frozen=True)
class ContainerState:
    """One container of one pod: its restarts and, where it is in trouble, the trouble in words."""

    pod: str
    uid: str
    container: str
    restarts: int
    trouble: str = ""
    last_end: str = ""


@dataclass(frozen=True)
class Metrics:
    """Restarts of all containers, pods ready, available and desired, and usage summed over the pods.

    `cpu_millicores` and `memory_bytes` are None where unknown, then `usage_unavailable` says why; `usage_pods` is how
    many pods the usage is of. `containers` are those of at most 50 pods that are not going away. `load` is there where
    the change is about scaling.
    """

    time: str
    workload: str
    restarts: int
    ready: int
    available: int
    desired: int
    updated: int
    cpu_millicores: int | None
    memory_bytes: int | None
    usage_pods: int
    usage_unavailable: str
    containers: list[ContainerState] = field(default_factory=list)
    load: Load | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def from_json(document: Mapping[str, Any]) -> Metrics:
    """Metrics from their JSON; raises `ValueError` in one sentence."""
    try:
        containers = [ContainerState(**item) for item in document.get("containers") or []]
        load = load_from_json(document.get("load"))
        return Metrics(**{**document, "containers": containers, "load": load})
    except TypeError as wrong:
        raise ValueError(f"these are no metrics that change_observe returned: {wrong}") from None


def observe(client: Client, ref: ObjectRef, *, clock: Clock = SYSTEM_CLOCK) -> Metrics:
    """The figures of a workload, or of a pod, now. Raises `ClusterError`; missing usage is a reason, no error."""
    document = workloads.read(client, ref)
    pods = [document] if document["kind"] == "Pod" else workloads.pods_of(client, document)
    return of_pods(client, document, pods, clock)


def of_pods(client: Client, document: Document, pods: list[Document], clock: Clock) -> Metrics:
    """The figures of a workload whose pods have been read."""
    staying = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    cpu, memory, counted, why = usage(client, document["metadata"].get("namespace", ""), pods)
    return Metrics(
        time=rfc3339(clock.now()),
        workload=workloads.words(workloads.ref_of(document)),
        restarts=sum(state.restarts for pod in pods for state in states_of(pod)),
        ready=sum(workloads.is_ready(pod) for pod in pods),
        available=available(document, pods),
        desired=1 if document["kind"] == "Pod" else workloads.desired_replicas(document),
        updated=updated(document),
        cpu_millicores=cpu,
        memory_bytes=memory,
        usage_pods=counted,
        usage_unavailable=why,
        containers=[state for pod in staying[:KEPT_PODS] for state in states_of(pod)],
    )


def available(document: Document, pods: Sequence[Document]) -> int:
    """Pods that the controller counts as available."""
    status = document.get("status") or {}
    if document["kind"] == "Pod":
        return sum(workloads.is_ready(pod) for pod in pods)
    return int(status.get("numberAvailable" if document["kind"] == "DaemonSet" else "availableReplicas", 0))


def updated(document: Document) -> int:
    """Pods of the current template, as the controller counts them (a pod and a ReplicaSet know only one template)."""
    status = document.get("status") or {}
    if document["kind"] == "DaemonSet":
        return int(status.get("updatedNumberScheduled", 0))
    return int(status.get("updatedReplicas" if document["kind"] != "ReplicaSet" else "replicas", 0))


def states_of(pod: Document) -> list[ContainerState]:
    """Every container of a pod, init containers included."""
    status = pod.get("status") or {}
    found = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
    return [
        ContainerState(name, uid, item["name"], int(item.get("restartCount", 0)), _trouble(item), _last_end(item))
        for item in found
    ]


def _trouble(status: Mapping[str, Any]) -> str:
    waiting = (status.get("state") or {}).get("waiting") or {}
    if waiting.get("reason") in ERROR_STATES:
        return f"{waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")[:300]
    return ""


def _last_end(status: Mapping[str, Any]) -> str:
    """How it ended last: `OOMKilled (exit code 137)`; a container that ended now and waits for nothing counts too."""
    for state in ("state", "lastState"):
        ended = (status.get(state) or {}).get("terminated")
        if ended:
            return f"{ended.get('reason', 'ended')} (exit code {ended.get('exitCode', '?')})"
    return ""


def usage(client: Client, namespace: str, pods: Sequence[Document]) -> tuple[int | None, int | None, int, str]:
    """Millicores, bytes, of how many pods, and why not where unknown; from metrics.k8s.io, which lags 15 s or more."""
    if not pods:
        return None, None, 0, "there are no pods"
    try:
        found = usage_by_pod(client, namespace, pods)
    except (ClusterError, ValueError) as failed:
        return None, None, 0, f"the metrics API gave no answer: {failed}"
    if not found:
        return None, None, 0, "the metrics API has no figures of these pods yet"
    cpu = sum(amount for amount, _memory in found.values())
    memory = sum(amount for _cpu, amount in found.values())
    counted = len(found)
    return cpu, memory, counted, "" if counted == len(pods) else f"figures of {counted} of {len(pods)} pods only"


def usage_by_pod(client: Client, namespace: str, pods: Sequence[Document]) -> dict[str, tuple[int, int]]:
    """Millicores and bytes by pod name, of those that are measured. Raises `ClusterError` or `ValueError`."""
    answer = client.get_raw(f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods")
    names = {pod["metadata"]["name"] for pod in pods}
    found = {}
    for item in json.loads(answer).get("items") or []:
        if item["metadata"]["name"] in names:
            uses = [container["usage"] for container in item["containers"]]
            cpu = sum(millicores(use.get("cpu", 0)) for use in uses)
            found[item["metadata"]["name"]] = (cpu, sum(to_bytes(use.get("memory", 0)) for use in uses))
    return found
