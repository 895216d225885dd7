# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pods folded to what people deploy: one entry for a Deployment's pods that look the same to every check."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.running import RunningPod
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import (
    Container,
    Controller,
    Owner,
    PodSpec,
)

HASH_LABEL = "pod-template-hash"
API_VERSIONS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "Pod": "v1",
}
Key = tuple[str, str, str]


@dataclass(slots=True)
class Workload:
    """Pods of one owner with one spec and, as far as any selector looks, one set of labels.

    pods counts them (0: only a template, nothing runs); nodes are where they run; pod names one of them.
    """

    kind: str
    namespace: str
    name: str
    spec: PodSpec
    labels: dict[str, str]
    annotations: dict[str, str]
    pods: int = 0
    pod: str = ""
    nodes: set[str] = field(default_factory=set)

    @property
    def key(self) -> Key:
        """kind, namespace, name."""
        return (self.kind, self.namespace, self.name)

    @property
    def service_account(self) -> str:
        """The API's default where none is named."""
        return self.spec.serviceAccountName or "default"

    def containers(self) -> list[Container]:
        """Init, ordinary and ephemeral ones."""
        return [*self.spec.initContainers, *self.spec.containers, *self.spec.ephemeralContainers]

    def __str__(self) -> str:
        """Deployment shop/web."""
        return f"{self.kind} {self.namespace}/{self.name}"


def fold(pods: Iterable[RunningPod], controllers: Iterable[Controller], looked_at: Collection[str]) -> list[Workload]:
    """Workloads of the pods, and of controllers that have no pod. looked_at: label keys that any selector uses."""
    controllers = list(controllers)
    cron_jobs = {
        (item.metadata.namespace, item.metadata.name): owner.name
        for item in controllers
        if item.kind == "Job" and (owner := _controller(item.metadata.ownerReferences))
    }
    found: dict[tuple[object, ...], Workload] = {}
    for pod in pods:
        kind, name = _owner_of(pod, cron_jobs)
        seen = tuple((key, pod.labels[key]) for key in looked_at if key in pod.labels)
        place = (kind, pod.namespace, name, id(pod.spec), seen)
        workload = found.get(place)
        if workload is None:
            labels = {key: value for key, value in pod.labels.items() if key != HASH_LABEL}
            workload = Workload(kind, pod.namespace, name, pod.spec, labels, pod.annotations, pod=pod.name)
            found[place] = workload
        workload.pods += 1
        workload.nodes.add(pod.node)
    running = {workload.key for workload in found.values()}
    idle = [_of_template(item) for item in controllers if not _controller(item.metadata.ownerReferences)]
    return [*found.values(), *(workload for workload in idle if workload.key not in running)]


def _controller(owners: Iterable[Owner]) -> Owner | None:
    return next((item for item in owners if item.controller), None)


def _owner_of(pod: RunningPod, cron_jobs: Mapping[tuple[str, str], str]) -> tuple[str, str]:
    """What people deployed. A ReplicaSet of a Deployment is called NAME-HASH, so no list of ReplicaSets is needed."""
    owner = pod.owner
    # A static pod belongs to its node.
    if owner is None or owner.kind == "Node":
        return "Pod", pod.name
    suffix = f"-{pod.labels.get(HASH_LABEL, '')}"
    if owner.kind == "ReplicaSet" and len(suffix) > 1 and owner.name.endswith(suffix):
        return "Deployment", owner.name.removesuffix(suffix)
    if owner.kind == "Job" and (pod.namespace, owner.name) in cron_jobs:
        return "CronJob", cron_jobs[pod.namespace, owner.name]
    return owner.kind, owner.name


def _of_template(item: Controller) -> Workload:
    template = item.spec.jobTemplate.spec.template if item.spec.jobTemplate else item.spec.template
    meta = item.metadata
    return Workload(
        item.kind, meta.namespace, meta.name, template.spec, template.metadata.labels, template.metadata.annotations
    )
