# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who can reach a workload: the outside, the rest of the cluster, or nobody."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import HttpRoute, Ingress, Service
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Key, Workload

OUTSIDE, CLUSTER, NOBODY, UNKNOWN = "internet", "cluster", "none", "unknown"
# A load balancer with one of these annotations has an address of the inside only.
_INTERNAL = (
    ("service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
    ("networking.gke.io/load-balancer-type", "internal"),
    ("cloud.google.com/load-balancer-type", "internal"),
)


@dataclass
class Exposure:
    """through: for each workload that the outside reaches, by what."""

    through: dict[Key, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts) -> Exposure:
        """By Services, Ingresses, HTTPRoutes and ports of the node."""
        found = cls()
        by_service = {
            (item.metadata.namespace, item.metadata.name): item for item in facts.services if item.spec.selector
        }
        published: dict[tuple[str, str], list[str]] = {}
        for service in facts.services:
            if is_published(service):
                place = (service.metadata.namespace, service.metadata.name)
                published.setdefault(place, []).append(
                    f"Service {'/'.join(place)} ({service.spec.type or 'externalIPs'})"
                )
        for ingress in facts.ingresses:
            for name in backends(ingress):
                place = (ingress.metadata.namespace, name)
                published.setdefault(place, []).append(f"Ingress {ingress.metadata.namespace}/{ingress.metadata.name}")
        for route in facts.http_routes:
            for place in route_backends(route):
                published.setdefault(place, []).append(f"HTTPRoute {route.metadata.namespace}/{route.metadata.name}")
        selected = _by_namespace(facts.workloads)
        for place, ways in published.items():
            if place in by_service:
                found._add(selected.get(place[0], ()), by_service[place].spec.selector, ways)
        for workload in facts.workloads:
            ports = [port for item in workload.containers() for port in item.ports]
            if any(port.hostPort and not is_loopback(port.hostIP) for port in ports):
                found.through.setdefault(workload.key, []).append("a port of its node")
        return found

    def _add(self, workloads: Iterable[Workload], selector: Mapping[str, str], ways: list[str]) -> None:
        for workload in workloads:
            if selector.items() <= workload.labels.items():
                self.through.setdefault(workload.key, []).extend(ways)


def is_published(service: Service) -> bool:
    """Whether a Service has an address outside of the cluster."""
    if service.spec.externalIPs or service.spec.type == "NodePort":
        return True
    return service.spec.type == "LoadBalancer" and not is_internal(service)


def is_internal(service: Service) -> bool:
    """Whether its load balancer was asked to be inside only."""
    annotations = {key: value.lower() for key, value in service.metadata.annotations.items()}
    return any(annotations.get(key) == value for key, value in _INTERNAL)


def backends(ingress: Ingress) -> list[str]:
    """The Services that an Ingress leads to."""
    found = [ingress.spec.defaultBackend] if ingress.spec.defaultBackend else []
    found += [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
    return list(dict.fromkeys(item.service.name for item in found if item.service))


def route_backends(route: HttpRoute) -> Iterator[tuple[str, str]]:
    """Namespace and name of the Services that an HTTPRoute leads to; one that a mesh follows leads nobody in."""
    if any(parent.kind == "Gateway" for parent in route.spec.parentRefs):
        found = (backend for rule in route.spec.rules for backend in rule.backendRefs if backend.kind == "Service")
        yield from dict.fromkeys((item.namespace or route.metadata.namespace, item.name) for item in found)


def is_loopback(host: str) -> bool:
    """Whether it is the machine itself that is meant."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _by_namespace(workloads: Iterable[Workload]) -> dict[str, list[Workload]]:
    found: dict[str, list[Workload]] = {}
    for workload in workloads:
        found.setdefault(workload.namespace, []).append(workload)
    return found
