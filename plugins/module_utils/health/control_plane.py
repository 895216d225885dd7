# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The control plane, as far as the API tells: its own checks, its components' leases, DNS, and deprecated APIs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.nodes import cluster_meta, minor_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.services import ready_endpoints
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot

COMPONENTS = ("kube-scheduler", "kube-controller-manager")
DNS_LABEL = ("k8s-app", "kube-dns")
_FAILED_CHECK = re.compile(r"\[-\]([^\s]+)")
_DEPRECATED = re.compile(r"^apiserver_requested_deprecated_apis\{([^}]*)\} (\S+)", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


def readiness(seen: Snapshot) -> Iterator[Finding]:
    """H901: what /readyz?verbose marks as failed."""
    failed = _FAILED_CHECK.findall(seen.texts["readyz"])
    for name in failed:
        fix = Fix("Ask it again, and look into the API server's log.", "kubectl get --raw '/readyz?verbose'")
        yield found("H901", "Cluster", cluster_meta("kube-apiserver"), name, [f"/readyz: [-]{name}"], fix, part=name)


def components(seen: Snapshot) -> Iterator[Finding]:
    """H902: a component that renews its lease no more."""
    for item in seen.of("Lease"):
        late = seen.age(item.spec.renewTime)
        if item.metadata.name in COMPONENTS and late > seen.settings.lease_seconds:
            told = f"{item.metadata.name} last spoke {late:.0f} s ago"
            fix = fixes.look(
                "Look at it and its log", "get", "lease", item.metadata.name, "-o", "yaml", namespace="kube-system"
            )
            yield found("H902", "Lease", item.metadata, told, [f"spec: renewTime {item.spec.renewTime}"], fix)


def dns(seen: Snapshot) -> Iterator[Finding]:
    """H905."""
    ready = ready_endpoints(seen)
    key, value = DNS_LABEL
    for service in seen.of("Service"):
        meta = service.metadata
        if meta.namespace == "kube-system" and meta.labels.get(key) == value and not ready[meta.namespace, meta.name]:
            fix = fixes.look(
                "See what became of its pods", "get", "pods", "--selector=k8s-app=kube-dns", namespace="kube-system"
            )
            yield found("H905", "Service", meta, "", ["its EndpointSlices have no ready endpoint"], fix)


def deprecated(seen: Snapshot) -> Iterator[Finding]:
    """H810: what the API server counted as asked for since it started, and a coming version does not have."""
    server = minor_of(seen.texts.get("version", ""))
    for labels_text, value in _DEPRECATED.findall(seen.texts["metrics"]):
        labels = dict(_LABEL.findall(labels_text))
        if float(value) <= 0 or not labels.get("removed_release"):
            continue
        resource = ".".join(
            part for part in (labels.get("resource"), labels.get("version"), labels.get("group")) if part
        )
        removed = minor_of(labels["removed_release"])
        left = "" if server is None or removed is None else f", {removed - server} minor versions from now"
        told = f"{resource}, gone with {labels['removed_release']}{left}"
        fix = Fix(
            "Find who asks for it and give it a newer version.",
            "kubectl get --raw /metrics | grep apiserver_requested_deprecated_apis",
        )
        evidence = [f"/metrics of the API server: apiserver_requested_deprecated_apis{{{labels_text}}}"]
        yield found("H810", "Cluster", cluster_meta(resource), told, evidence, fix)
