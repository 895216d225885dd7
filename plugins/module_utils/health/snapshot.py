# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that was read, with the few views of it that several checks need. Pure once it is filled."""

from __future__ import annotations

import datetime
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import (
    Condition,
    LabelSelector,
    ResourceRequirements,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import (
    Controller,
    HealthContainer,
    HealthContainerStatus,
    HealthPod,
    HealthPodSpec,
    Service,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores_or_none, whole_or_none

Pair = tuple[int, int]
"""Millicores and bytes."""
WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet")

millicores = functools.lru_cache(4096)(millicores_or_none)
whole = functools.lru_cache(4096)(whole_or_none)


@dataclass(frozen=True)
class OwnerName:
    """The object that a pod belongs to in people's eyes: its Deployment, not its ReplicaSet."""

    kind: str
    namespace: str
    name: str


@dataclass
class Snapshot:
    """lists holds what was read by name of reading.py; what could not be read is not in it. now is in UTC."""

    now: datetime.datetime
    settings: Settings
    lists: dict[str, list[Any]]
    texts: dict[str, str] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Whether all of these were read."""
        return all(name in self.lists or name in self.texts for name in names)

    def of(self, name: str) -> list[Any]:
        """Objects of a list, none where it was not read."""
        return self.lists.get(name, [])

    def age(self, stamp: str) -> float:
        """Seconds since a time of the API; 0 for none or one that cannot be read."""
        moment = parse_rfc3339(stamp) if stamp else None
        return (self.now - moment).total_seconds() if moment else 0.0

    def settled(self, metadata: Any) -> bool:
        """Whether an object is old enough to be judged, and not on its way out."""
        return not metadata.deletionTimestamp and self.age(metadata.creationTimestamp) >= self.settings.settled_seconds

    @functools.cached_property
    def workloads(self) -> list[Controller]:
        """Deployments, StatefulSets and DaemonSets."""
        return [item for kind in WORKLOAD_KINDS for item in self.of(kind)]

    @functools.cached_property
    def pods_by_owner(self) -> dict[OwnerName, list[HealthPod]]:
        """Pods by what they belong to; a bare pod belongs to itself."""
        grouped: dict[OwnerName, list[HealthPod]] = defaultdict(list)
        for pod in self.of("Pod"):
            grouped[owner_of(pod)].append(pod)
        return dict(grouped)

    def resources_of(self, item: Controller, container: HealthContainer) -> ResourceRequirements:
        """What a container of a workload's template has.

        A limit alone is requested too. What the template leaves open the newest pod tells: a limit range's default.
        """
        pods = self.pods_by_owner.get(OwnerName(item.kind, item.metadata.namespace, item.metadata.name), [])
        newest = max(pods, key=lambda pod: pod.metadata.creationTimestamp, default=None)
        there = each_container(newest.spec) if newest else ()
        given = next((other.resources for other in there if other.name == container.name), ResourceRequirements())
        own = container.resources
        return ResourceRequirements({**given.requests, **own.limits, **own.requests}, {**given.limits, **own.limits})

    @functools.cached_property
    def pods_by_node(self) -> dict[str, list[HealthPod]]:
        """Pods that take room on a node, by its name."""
        grouped: dict[str, list[HealthPod]] = defaultdict(list)
        for pod in self.of("Pod"):
            if pod.spec.nodeName and pod.status.phase not in ("Succeeded", "Failed"):
                grouped[pod.spec.nodeName].append(pod)
        return dict(grouped)

    @functools.cached_property
    def requested_by_node(self) -> dict[str, Pair]:
        """What the pods that take room on a node request together, by its name."""
        return {name: _total([requests_of(pod.spec) for pod in pods]) for name, pods in self.pods_by_node.items()}

    @functools.cached_property
    def limited_by_node(self) -> dict[str, Pair]:
        """The same of their limits."""
        return {name: _total([limits_of(pod.spec) for pod in pods]) for name, pods in self.pods_by_node.items()}

    @functools.cached_property
    def _pods_by_label(self) -> dict[tuple[str, str, str], list[HealthPod]]:
        grouped: dict[tuple[str, str, str], list[HealthPod]] = defaultdict(list)
        for pod in self.of("Pod"):
            if not is_over(pod):
                for key, value in pod.metadata.labels.items():
                    grouped[pod.metadata.namespace, key, value].append(pod)
        return grouped

    @functools.cached_property
    def _pods_by_namespace(self) -> dict[str, list[HealthPod]]:
        grouped: dict[str, list[HealthPod]] = defaultdict(list)
        for pod in self.of("Pod"):
            if not is_over(pod):
                grouped[pod.metadata.namespace].append(pod)
        return grouped

    def pods_with(self, namespace: str, labels: Mapping[str, str]) -> list[HealthPod]:
        """Pods of a namespace with all of these labels, finished ones left out."""
        if not labels:
            return self._pods_by_namespace.get(namespace, [])
        lists = [self._pods_by_label.get((namespace, key, value), []) for key, value in labels.items()]
        fewest = min(lists, key=len)
        wanted = labels.items()
        return [pod for pod in fewest if wanted <= pod.metadata.labels.items()]

    def pods_selected(self, namespace: str, selector: LabelSelector | None) -> list[HealthPod]:
        """Pods that a label selector selects: none for no selector, all of the namespace for an empty one."""
        if selector is None:
            return []
        candidates = self.pods_with(namespace, selector.matchLabels)
        return [pod for pod in candidates if selects(selector, pod.metadata.labels)]

    @functools.cached_property
    def _services_by_label(self) -> dict[tuple[str, str, str], list[Service]]:
        """By the first label of their selector: what a Service selects has that label, whatever else it has."""
        grouped: dict[tuple[str, str, str], list[Service]] = defaultdict(list)
        for service in self.of("Service"):
            for key, value in list(service.spec.selector.items())[:1]:
                grouped[service.metadata.namespace, key, value].append(service)
        return grouped

    def services_for(self, namespace: str, labels: Mapping[str, str]) -> list[str]:
        """Names of the Services that select pods with these labels."""
        near = [item for pair in labels.items() for item in self._services_by_label.get((namespace, *pair), ())]
        return sorted(item.metadata.name for item in near if item.spec.selector.items() <= labels.items())

    def names(self, kind: str) -> set[tuple[str, str]]:
        """(namespace, name) of all objects of a kind."""
        return {(item.metadata.namespace, item.metadata.name) for item in self.of(kind)}

    @functools.cached_property
    def templates(self) -> list[tuple[str, Any, HealthPodSpec]]:
        """(kind, metadata, pod spec) of everything that starts pods, bare pods included, Jobs of CronJobs not."""
        found: list[tuple[str, Any, HealthPodSpec]] = []
        found += [(item.kind, item.metadata, item.spec.template.spec) for item in self.workloads]
        found += [("CronJob", item.metadata, item.spec.jobTemplate.spec.template.spec) for item in self.of("CronJob")]
        found += [
            ("Job", item.metadata, item.spec.template.spec)
            for item in self.of("Job")
            if not controller_of(item.metadata)
        ]
        found += [
            ("Pod", pod.metadata, pod.spec)
            for pod in self.of("Pod")
            if not controller_of(pod.metadata) and not is_over(pod)
        ]
        return found


def is_over(pod: HealthPod) -> bool:
    """Whether a pod came to its end, well or not."""
    return pod.status.phase in ("Succeeded", "Failed")


def controller_of(metadata: Any) -> Any:
    """The owner reference of the controller, None where there is none."""
    return next((owner for owner in metadata.ownerReferences if owner.controller), None)


def owner_of(pod: HealthPod) -> OwnerName:
    """What a pod belongs to; a ReplicaSet's name without its hash is its Deployment's."""
    meta = pod.metadata
    owner = controller_of(meta)
    if owner is None:
        return OwnerName("Pod", meta.namespace, meta.name)
    hashed = meta.labels.get("pod-template-hash")
    if owner.kind == "ReplicaSet" and hashed and owner.name.endswith(f"-{hashed}"):
        return OwnerName("Deployment", meta.namespace, owner.name.removesuffix(f"-{hashed}"))
    return OwnerName(owner.kind, meta.namespace, owner.name)


def selects(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Kubernetes' rule for label selectors: all labels, and all expressions."""
    if not selector.matchLabels.items() <= labels.items():
        return False
    return all(_holds(item.operator, labels.get(item.key), item.values) for item in selector.matchExpressions)


def _holds(operator: str, value: str | None, values: Iterable[str]) -> bool:
    if operator == "In":
        return value is not None and value in values
    if operator == "NotIn":
        return value is None or value not in values
    return (value is not None) == (operator == "Exists")


def condition(conditions: Iterable[Condition], type_: str) -> Condition | None:
    """The condition of that type."""
    return next((item for item in conditions if item.type == type_), None)


def requests_of(spec: HealthPodSpec) -> Pair:
    """Millicores and bytes that the scheduler counts: the containers' sum and sidecars, at least any init container's.

    https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
    """
    cpu = memory = most_cpu = most_memory = 0
    for item in each_container(spec):
        own_cpu, own_memory = _pair(item.resources.requests)
        cpu, memory = cpu + own_cpu, memory + own_memory
    for item in spec.initContainers:
        if item.restartPolicy != "Always":
            own_cpu, own_memory = _pair(item.resources.requests)
            most_cpu, most_memory = max(most_cpu, own_cpu), max(most_memory, own_memory)
    return max(cpu, most_cpu), max(memory, most_memory)


def limits_of(spec: HealthPodSpec) -> Pair:
    """Millicores and bytes of the containers' limits; a container without one counts as 0."""
    return _total([_pair(item.resources.limits) for item in spec.containers])


def _pair(quantities: Mapping[str, str]) -> Pair:
    return millicores(quantities.get("cpu")) or 0, whole(quantities.get("memory")) or 0


def _total(pairs: list[Pair]) -> Pair:
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def named(items: Iterable[str], most: int = 5) -> str:
    """Names for a sentence: a, b, c and 4 more."""
    known = sorted(items)
    return ", ".join(known[:most]) + (f" and {len(known) - most} more" if len(known) > most else "")


def each_container(spec: HealthPodSpec) -> Iterator[HealthContainer]:
    """Containers and sidecars: those that keep running."""
    yield from spec.containers
    yield from (item for item in spec.initContainers if item.restartPolicy == "Always")


def each_status(pod: HealthPod) -> Iterator[HealthContainerStatus]:
    """The states of those."""
    yield from pod.status.containerStatuses
    if pod.status.initContainerStatuses:
        sidecars = {item.name for item in each_container(pod.spec)}
        yield from (state for state in pod.status.initContainerStatuses if state.name in sidecars)
