# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services and network policies: whether anybody answers, and whether they select anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import HealthPod, Service
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import (
    Snapshot,
    each_container,
    named,
    owner_of,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.workloads import wanted

SLICE_OF = "kubernetes.io/service-name"


def ready_endpoints(seen: Snapshot) -> Counter[tuple[str, str]]:
    """Ready endpoints by (namespace, Service); a Service with slices but none ready counts 0 and is there."""
    counted: Counter[tuple[str, str]] = Counter()
    for item in seen.of("EndpointSlice"):
        name = item.metadata.labels.get(SLICE_OF, "")
        # Absent means ready: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ready
        ready = sum(endpoint.conditions.ready is not False for endpoint in item.endpoints)
        counted[item.metadata.namespace, name] += ready
    return counted


def endpoints(seen: Snapshot) -> Iterator[Finding]:
    """H601, H602, H604, H605."""
    ready = ready_endpoints(seen)
    for service in seen.of("Service"):
        meta, spec = service.metadata, service.spec
        if spec.type == "ExternalName" or not seen.settled(meta):
            continue
        fix = fixes.look(
            "Compare its selector with the pods' labels", "get", "pods", "--show-labels", namespace=meta.namespace
        )
        selector = named((f"{key}={value}" for key, value in spec.selector.items()), 8)
        pods = seen.pods_with(meta.namespace, spec.selector) if spec.selector else []
        if spec.selector and not pods and not _scaled_down(seen, service):
            evidence = [f"spec: selector {selector}", "no pod of the namespace has these labels"]
            yield found("H601", "Service", meta, selector, evidence, fix)
        elif spec.selector and pods and not ready[meta.namespace, meta.name]:
            owner = owner_of(pods[0])
            diagnose = fixes.diagnose(owner.kind, owner.namespace, owner.name)
            evidence = [f"{len(pods)} pods have the labels {selector}", "its EndpointSlices have no ready endpoint"]
            yield found("H602", "Service", meta, f"{len(pods)} pods, none ready", evidence, diagnose)
        elif not spec.selector and not ready[meta.namespace, meta.name]:
            yield found("H604", "Service", meta, "", ["spec: no selector", "no EndpointSlice with an endpoint"], fix)
        if spec.type == "LoadBalancer" and not service.status.loadBalancer.ingress:
            look = fixes.look(
                "See what the load balancer's controller says",
                "describe",
                "service",
                meta.name,
                namespace=meta.namespace,
            )
            yield found("H605", "Service", meta, "", ["status: loadBalancer has no ingress"], look)


def _scaled_down(seen: Snapshot, service: Service) -> bool:
    """Whether a workload that should have no pods now stands behind it: of one with replicas 0 that is H307."""
    labels = service.spec.selector.items()
    return any(
        item.metadata.namespace == service.metadata.namespace
        and wanted(item) == 0
        and labels <= item.spec.template.metadata.labels.items()
        for item in seen.workloads
    )


def ports(seen: Snapshot) -> Iterator[Finding]:
    """H603: a target port by a name that no pod behind the Service has. Numbers need not be declared."""
    for service in seen.of("Service"):
        meta = service.metadata
        pods = seen.pods_with(meta.namespace, service.spec.selector) if service.spec.selector else []
        if not pods:
            continue
        names = _port_names(pods)
        for port in service.spec.ports:
            target = port.targetPort
            if isinstance(target, str) and target and not target.isdigit() and target not in names:
                told = f"port {port.port} leads to {target}; its pods have {named(names) or 'no named port'}"
                fix = Fix("Name a port of the pods as targetPort, or give the container's port that name.")
                yield found("H603", "Service", meta, told, [f"spec: {told}"], fix, part=str(port.port))


def _port_names(pods: list[HealthPod]) -> set[str]:
    """Of containers and sidecars, as the endpoints' controller looks for them."""
    return {port.name for pod in pods for item in each_container(pod.spec) for port in item.ports if port.name}
