# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services and Ingresses that open more than they should."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.network import EVERYWHERE
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.exposure import is_internal, is_published
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Ingress, Service

SERVICE_CODES = (
    "service-load-balancer-open",
    "service-node-port",
    "service-external-ips",
    "service-external-name",
    "service-sensitive-port",
    "service-dashboard-exposed",
)
INGRESS_CODES = ("ingress-no-tls", "ingress-any-host", "ingress-snippet")
# Ports as IANA and the programs' own manuals have them.
SENSITIVE = {
    22: "SSH",
    1433: "SQL Server",
    2375: "Docker",
    2376: "Docker",
    2379: "etcd",
    3306: "MySQL",
    5432: "PostgreSQL",
    5984: "CouchDB",
    6379: "Redis",
    6443: "the Kubernetes API",
    9042: "Cassandra",
    9200: "Elasticsearch",
    10250: "the kubelet",
    11211: "memcached",
    27017: "MongoDB",
}
_DASHBOARDS = ("kubernetes-dashboard", "headlamp", "kubernetes-dashboard-kong-proxy")
_METADATA = ("localhost", "metadata.google.internal", "metadata")


def check_services(facts: Facts) -> Iterator[Fault]:
    """Each Service."""
    for service in facts.services:
        for code, message in _service(service):
            yield Fault(code, "Service", service.metadata.namespace, service.metadata.name, message)


def _service(service: Service) -> Iterator[tuple[str, str]]:
    spec = service.spec
    ranges = spec.loadBalancerSourceRanges
    anybody = not ranges or any(block in EVERYWHERE for block in ranges)
    if spec.type == "LoadBalancer" and anybody and not is_internal(service):
        yield "service-load-balancer-open", "its load balancer takes calls from every address"
    if spec.type == "NodePort":
        ports = ", ".join(str(port.nodePort) for port in spec.ports)
        yield "service-node-port", f"port {ports} is open on every node"
    if spec.externalIPs:
        yield "service-external-ips", f"it claims the addresses {', '.join(spec.externalIPs)}"
    if spec.type == "ExternalName" and _leads_inside(spec.externalName):
        yield "service-external-name", f"it stands for {spec.externalName}"
    if not is_published(service):
        return
    names = {SENSITIVE[port.port]: port.port for port in spec.ports if port.port in SENSITIVE}
    names |= {
        SENSITIVE[int(port.targetPort)]: port.port for port in spec.ports if _number(port.targetPort) in SENSITIVE
    }
    for name, number in names.items():
        yield "service-sensitive-port", f"its port {number} is {name}'s, and reachable from outside"
    if service.metadata.name in _DASHBOARDS or service.metadata.labels.get("k8s-app") in _DASHBOARDS:
        yield "service-dashboard-exposed", "a dashboard of the cluster is reachable from outside"


def _number(port: int | str) -> int:
    return int(port) if str(port).isdigit() else 0


def _leads_inside(name: str) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name.rstrip(".").lower() in _METADATA
    return not address.is_global


def check_ingresses(facts: Facts) -> Iterator[Fault]:
    """Each Ingress."""
    for ingress in facts.ingresses:
        for code, message in _ingress(ingress):
            yield Fault(code, "Ingress", ingress.metadata.namespace, ingress.metadata.name, message)


def _ingress(ingress: Ingress) -> Iterator[tuple[str, str]]:
    covered = {host for entry in ingress.spec.tls for host in entry.hosts}
    hosts = [rule.host for rule in ingress.spec.rules]
    # An entry without hosts is the certificate for every host.
    whole = any(not entry.hosts for entry in ingress.spec.tls)
    plain = [host or "every host" for host in hosts if not whole and not _covers(covered, host)]
    if plain or (not hosts and not ingress.spec.tls):
        yield "ingress-no-tls", f"{', '.join(plain) or 'every host'} is served without TLS"
    if any(host in ("", "*") for host in hosts) or (not hosts and ingress.spec.defaultBackend):
        yield "ingress-any-host", "it answers for every host name"
    snippets = [key for key in ingress.metadata.annotations if key.endswith(("-snippet", "-snippets"))]
    if snippets:
        yield "ingress-snippet", f"it writes into the controller's configuration by {', '.join(snippets)}"


def _covers(certificates: set[str], host: str) -> bool:
    return host in certificates or f"*.{host.partition('.')[2]}" in certificates
