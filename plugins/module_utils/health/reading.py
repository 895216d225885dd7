# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads everything that a health report looks at: a fixed number of lists, side by side, under one deadline."""

from __future__ import annotations

import concurrent.futures
import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode, decode_page
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    Forbidden,
    NotFound,
    Unauthorized,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import built_in
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.near import NAMES_ONLY
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import NotAssessed, Source
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import shapes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact

THREADS = 6
# Few fields of each object are decoded, so pages may be large.
PAGE_SIZE = 2500
METRICS_BYTES = 16 << 20
READER = "the ClusterRoles of playbooks/files/report-access.yaml have it"


@dataclass(frozen=True)
class Listed:
    """One list: its kind, what is kept of each object (None: only the metadata is asked for), and where from."""

    api_version: str
    kind: str
    shape: type | None
    namespace: str = ""
    field_selector: str = ""


LISTS: dict[str, Listed] = {
    "Pod": Listed("v1", "Pod", shapes.HealthPod),
    "Node": Listed("v1", "Node", shapes.HealthNode),
    "Deployment": Listed("apps/v1", "Deployment", shapes.Controller),
    "StatefulSet": Listed("apps/v1", "StatefulSet", shapes.Controller),
    "DaemonSet": Listed("apps/v1", "DaemonSet", shapes.Controller),
    "Job": Listed("batch/v1", "Job", shapes.Job),
    "CronJob": Listed("batch/v1", "CronJob", shapes.CronJob),
    "HorizontalPodAutoscaler": Listed("autoscaling/v2", "HorizontalPodAutoscaler", shapes.Autoscaler),
    "PodDisruptionBudget": Listed("policy/v1", "PodDisruptionBudget", shapes.Budget),
    "Service": Listed("v1", "Service", shapes.Service),
    "EndpointSlice": Listed("discovery.k8s.io/v1", "EndpointSlice", shapes.EndpointSlice),
    "Ingress": Listed("networking.k8s.io/v1", "Ingress", shapes.Ingress),
    "IngressClass": Listed("networking.k8s.io/v1", "IngressClass", shapes.Plain),
    "NetworkPolicy": Listed("networking.k8s.io/v1", "NetworkPolicy", shapes.Policy),
    "PersistentVolumeClaim": Listed("v1", "PersistentVolumeClaim", shapes.Claim),
    "PersistentVolume": Listed("v1", "PersistentVolume", shapes.PersistentVolume),
    "StorageClass": Listed("storage.k8s.io/v1", "StorageClass", shapes.StorageClass),
    "ConfigMap": Listed("v1", "ConfigMap", None),
    "Secret": Listed("v1", "Secret", None),
    "TlsSecret": Listed("v1", "Secret", shapes.TlsSecret, field_selector="type=kubernetes.io/tls"),
    "ServiceAccount": Listed("v1", "ServiceAccount", None),
    "Namespace": Listed("v1", "Namespace", shapes.Namespace),
    "ResourceQuota": Listed("v1", "ResourceQuota", shapes.Quota),
    "ValidatingWebhookConfiguration": Listed(
        "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", shapes.WebhookConfiguration
    ),
    "MutatingWebhookConfiguration": Listed(
        "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", shapes.WebhookConfiguration
    ),
    "APIService": Listed("apiregistration.k8s.io/v1", "APIService", shapes.Conditioned),
    "CustomResourceDefinition": Listed("apiextensions.k8s.io/v1", "CustomResourceDefinition", shapes.Conditioned),
    "CertificateSigningRequest": Listed("certificates.k8s.io/v1", "CertificateSigningRequest", shapes.SigningRequest),
    "Lease": Listed("coordination.k8s.io/v1", "Lease", shapes.Lease, namespace="kube-system"),
    "PodMetrics": Listed("metrics.k8s.io/v1beta1", "PodMetrics", shapes.PodUsage),
    "NodeMetrics": Listed("metrics.k8s.io/v1beta1", "NodeMetrics", shapes.NodeUsage),
}
# Paths that are read as text.
TEXTS = {"version": "/version", "readyz": "/readyz", "metrics": "/metrics"}


def what(name: str) -> str:
    """What people call a list: pods, TLS secrets, the API server's /readyz."""
    if name in TEXTS:
        return f"the API server's {TEXTS[name]}"
    listed = LISTS[name]
    resource = built_in(listed.api_version, listed.kind)
    plural = resource.full_name if resource else listed.kind
    return f"{plural} ({listed.field_selector})" if listed.field_selector else plural


@dataclass
class Reading:
    """What was read, what was not and why, and where from."""

    seen: Snapshot
    missing: dict[str, NotAssessed]
    sources: list[Source]


def read(client: Client, settings: Settings, now: datetime.datetime, deadline: Deadline) -> Reading:
    """Every list and text once. What fails or is late is in missing; nothing raises but what is a bug."""
    jobs: dict[str, Callable[[], Any]] = {name: _list(client, listed, deadline) for name, listed in LISTS.items()}
    jobs |= {name: _text(client, name, deadline) for name in TEXTS}
    reading = Reading(Snapshot(now, settings, {}), {}, [])
    pool = concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="health")
    running = {name: pool.submit(job) for name, job in jobs.items()}
    concurrent.futures.wait(running.values(), timeout=deadline.remaining())
    for name, future in running.items():
        _keep(reading, name, future)
    pool.shutdown(wait=False, cancel_futures=True)
    return reading


def _keep(reading: Reading, name: str, future: concurrent.futures.Future[Any]) -> None:
    if not future.done():
        reading.missing[name] = NotAssessed(what(name), "no answer within the time limit", "give within_seconds more")
        return
    failure = future.exception()
    if isinstance(failure, ClusterError):
        reading.missing[name] = _why(name, failure)
    elif failure is not None:
        raise failure
    elif name in TEXTS:
        reading.seen.texts[name] = future.result()
        reading.sources.append(Source(what(name), "Kubernetes API", 1))
    else:
        items = future.result()
        for item in items if LISTS[name].shape is shapes.Controller else ():
            item.kind = name
        reading.seen.lists[name] = items
        reading.sources.append(Source(what(name), "Kubernetes API", len(items)))


def _why(name: str, failure: ClusterError) -> NotAssessed:
    said = " ".join(redact(str(failure)).split())[:300]
    if isinstance(failure, (Forbidden, Unauthorized)):
        verb = "get on" if name in TEXTS else "list on"
        return NotAssessed(what(name), said, f"grant {verb} {what(name)}: {READER}")
    if name.endswith("Metrics"):
        return NotAssessed(what(name), said, "install metrics-server, or see why it does not answer")
    return NotAssessed(what(name), said, "see why the API server does not answer")


def _list(client: Client, listed: Listed, deadline: Deadline) -> Callable[[], list[Any]]:
    if listed.shape is None:
        return lambda: list(_names(client, listed, deadline))
    return lambda: client.list(
        listed.api_version,
        listed.kind,
        namespace=listed.namespace,
        shape=listed.shape,
        field_selector=listed.field_selector,
        page_size=PAGE_SIZE,
        deadline=deadline,
    )


def _names(client: Client, listed: Listed, deadline: Deadline) -> Iterator[Any]:
    """Metadata alone: values of Secrets and ConfigMaps never leave the API server."""
    resource = built_in(listed.api_version, listed.kind)
    token = ""
    while resource is not None:
        query = {"limit": PAGE_SIZE, "continue": token}
        page = decode_page(client.get_raw(resource.path(), query, deadline=deadline, accept=NAMES_ONLY), shapes.Plain)
        yield from page.items
        token = page.next
        if not token:
            return


def _text(client: Client, name: str, deadline: Deadline) -> Callable[[], str]:
    def ask() -> str:
        if name == "version":
            version = decode(client.get_raw(TEXTS[name], deadline=deadline))
            return str(version.get("gitVersion") or "")
        query = {"verbose": "true"} if name == "readyz" else None
        try:
            body = client.get_raw(TEXTS[name], query, deadline=deadline, accept="*/*", limit_bytes=METRICS_BYTES)
        except (Forbidden, Unauthorized, NotFound):
            raise
        except ClusterError as failure:
            # A server that is not ready answers 500, and says in it which of its checks failed.
            if name == "readyz" and failure.status >= 500:
                return str(failure)
            raise
        return body.decode("utf-8", "replace")

    return ask
