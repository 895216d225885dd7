# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ingresses: that their Services, ports, class and certificates exist, and no two claim one path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import BackendService, Ingress
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot, named

LEGACY_CLASS = "kubernetes.io/ingress.class"


def backends(seen: Snapshot) -> Iterator[Finding]:
    """H607, H608."""
    services = {(item.metadata.namespace, item.metadata.name): item for item in seen.of("Service")}
    for ingress in seen.of("Ingress"):
        meta = ingress.metadata
        fix = fixes.look("Correct its backend", "edit", "ingress", meta.name, namespace=meta.namespace)
        for backend in backends_of(ingress):
            service = services.get((meta.namespace, backend.name))
            if service is None:
                evidence = [f"spec: backend Service {backend.name}"]
                yield found("H607", "Ingress", meta, backend.name, evidence, fix, part=backend.name)
                continue
            wanted = backend.port.name or backend.port.number
            there = {port.name for port in service.spec.ports} | {port.port for port in service.spec.ports}
            if wanted and wanted not in there:
                told = f"{backend.name}:{wanted}"
                evidence = [
                    f"spec: backend {told}",
                    f"ports of the Service: {named(str(port.port) for port in service.spec.ports)}",
                ]
                yield found("H608", "Ingress", meta, told, evidence, fix, part=told)


def backends_of(ingress: Ingress) -> list[BackendService]:
    """Services that an ingress sends to, each once."""
    paths = [path for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
    candidates = [ingress.spec.defaultBackend, *(path.backend for path in paths)]
    found_services: dict[tuple[str, str, int], BackendService] = {}
    for backend in candidates:
        if backend is not None and backend.service is not None:
            service = backend.service
            found_services.setdefault((service.name, service.port.name, service.port.number), service)
    return list(found_services.values())


def classes(seen: Snapshot) -> Iterator[Finding]:
    """H609."""
    known = {item.metadata.name for item in seen.of("IngressClass")}
    for ingress in seen.of("Ingress"):
        wanted = ingress.spec.ingressClassName
        if wanted and wanted not in known and LEGACY_CLASS not in ingress.metadata.annotations:
            evidence = [f"spec: ingressClassName {wanted}", f"ingress classes: {named(known) or 'none'}"]
            fix = Fix("Install the controller of that class, or name a class that there is.")
            yield found("H609", "Ingress", ingress.metadata, wanted, evidence, fix)


def certificates(seen: Snapshot) -> Iterator[Finding]:
    """H610."""
    secrets = seen.names("Secret")
    for ingress in seen.of("Ingress"):
        meta = ingress.metadata
        for tls in ingress.spec.tls:
            if tls.secretName and (meta.namespace, tls.secretName) not in secrets:
                fix = Fix("Create the Secret (type kubernetes.io/tls), or correct its name.")
                evidence = [f"spec: tls secretName {tls.secretName}"]
                yield found("H610", "Ingress", meta, tls.secretName, evidence, fix, part=tls.secretName)


def twins(seen: Snapshot) -> Iterator[Finding]:
    """H612: the same host and path in two ingresses of one class."""
    claimed: dict[tuple[str, str, str], list[Ingress]] = defaultdict(list)
    for ingress in seen.of("Ingress"):
        for rule in ingress.spec.rules:
            for path in rule.http.paths if rule.http else ():
                claimed[ingress.spec.ingressClassName, rule.host, path.path or "/"].append(ingress)
    for (_class, host, path), ingresses in claimed.items():
        for ingress in ingresses if len({id(item) for item in ingresses}) > 1 else ():
            others = named(f"{o.metadata.namespace}/{o.metadata.name}" for o in ingresses if o is not ingress)
            told = f"{host or '*'}{path}, also claimed by {others}"
            fix = Fix("Leave the path to one of them.")
            yield found(
                "H612",
                "Ingress",
                ingress.metadata,
                told,
                [f"spec: rule {host or '*'}{path} in both"],
                fix,
                part=f"{host}{path}",
            )
