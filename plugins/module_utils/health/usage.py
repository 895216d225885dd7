# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What containers use against what they request and may use (metrics.k8s.io, the last minute)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Controller, HealthContainer
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import (
    OwnerName,
    Snapshot,
    each_container,
    millicores,
    whole,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.workloads import owner_name
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_millicores

# Below this a share says nothing: an idle sidecar uses a tenth of its 10 millicores.
LEAST_CPU_MILLICORES = 100
LEAST_MEMORY_BYTES = 128 * 2**20
Uses = Mapping[tuple[OwnerName, str], list[tuple[int, int]]]


def judge(seen: Snapshot) -> Iterator[Finding]:
    """H316, H317, H318: by the pod that uses most, so that an average hides nobody; H318 by all of them."""
    uses = used(seen)
    for item in seen.workloads:
        for container in each_container(item.spec.template.spec):
            samples = uses.get((owner_name(item), container.name), [])
            if samples:
                yield from _of_container(item, container, samples, seen)


def used(seen: Snapshot) -> Uses:
    """(millicores, bytes) of each pod by workload and container."""
    owners = {
        (pod.metadata.namespace, pod.metadata.name): owner for owner, pods in seen.pods_by_owner.items() for pod in pods
    }
    found_uses: dict[tuple[OwnerName, str], list[tuple[int, int]]] = defaultdict(list)
    for item in seen.of("PodMetrics"):
        owner = owners.get((item.metadata.namespace, item.metadata.name))
        for container in item.containers if owner else ():
            cpu, memory = millicores(container.usage.get("cpu")), whole(container.usage.get("memory"))
            if owner and cpu is not None and memory is not None:
                found_uses[owner, container.name].append((cpu, memory))
    return found_uses


def _of_container(
    item: Controller, container: HealthContainer, samples: list[tuple[int, int]], seen: Snapshot
) -> Iterator[Finding]:
    meta, settings, resources = item.metadata, seen.settings, container.resources
    cpu, memory = max(sample[0] for sample in samples), max(sample[1] for sample in samples)
    fix = fixes.optimize(item.kind, meta.namespace, meta.name)
    source = f"metrics.k8s.io, most of {len(samples)} pods"
    asked, most = millicores(resources.requests.get("cpu")), whole(resources.limits.get("memory"))
    if asked and cpu > settings.usage_over_share * asked and cpu >= LEAST_CPU_MILLICORES:
        told = f"container {container.name} uses {format_millicores(cpu)} and requests {format_millicores(asked)}"
        yield found("H316", item.kind, meta, told, [f"{source}: {told}"], fix, part=container.name)
    if most and memory > settings.memory_share * most:
        told = f"container {container.name} uses {memory / most:.0%} of {resources.limits['memory']}"
        yield found("H317", item.kind, meta, told, [f"{source}: {told}"], fix, part=container.name)
    if not seen.settled(meta):
        return
    need = whole(resources.requests.get("memory")) or 0
    idle = [
        f"{format_millicores(cpu)} of {format_millicores(asked)} CPU"
        if asked and asked >= LEAST_CPU_MILLICORES and cpu < settings.usage_under_share * asked
        else "",
        f"{memory >> 20}Mi of {need >> 20}Mi memory"
        if need >= LEAST_MEMORY_BYTES and memory < settings.usage_under_share * need
        else "",
    ]
    if any(idle):
        told = f"container {container.name} uses {' and '.join(part for part in idle if part)}"
        yield found("H318", item.kind, meta, told, [f"{source}: {told}"], fix, part=container.name)
