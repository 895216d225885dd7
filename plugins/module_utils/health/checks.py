# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which check needs what, and which findings it may give: the one table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import (
    autoscaling,
    budgets,
    capacity,
    certificates,
    cluster_objects,
    containers,
    control_plane,
    ingresses,
    jobs,
    nodes,
    pods,
    policies,
    references,
    services,
    storage,
    usage,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import WORKLOAD_KINDS, Snapshot

TEMPLATES = (*WORKLOAD_KINDS, "Job", "CronJob", "Pod")


@dataclass(frozen=True)
class Check:
    """A function over a snapshot; it is left out, and its codes are not assessed, where a list that it needs is not
    there."""

    look: Callable[[Snapshot], Iterator[Finding]]
    needs: tuple[str, ...]
    codes: tuple[str, ...]


def _row(look: Callable[[Snapshot], Iterator[Finding]], codes: str, *needs: str) -> Check:
    return Check(look, needs, tuple(codes.split()))


CHECKS = (
    _row(pods.judge, "H101 H102 H103 H104 H105 H106 H107 H111 H112 H113 H114 H115", "Pod"),
    _row(pods.leftovers, "H108 H109 H110", "Pod"),
    _row(pods.best_effort, "H116", "Pod"),
    _row(nodes.conditions, "H201 H202 H203 H204 H205 H206", "Node"),
    _row(nodes.versions, "H207 H208", "Node", "version"),
    _row(nodes.room, "H209 H210 H212", "Node", "Pod"),
    _row(nodes.usage, "H211", "Node", "NodeMetrics"),
    _row(workloads.replicas, "H301 H302 H305", *WORKLOAD_KINDS),
    _row(workloads.rollouts, "H303 H304 H321 H326", *WORKLOAD_KINDS),
    _row(workloads.availability, "H306 H307 H319 H324 H325", *WORKLOAD_KINDS, "Service", "Pod", "Node"),
    _row(workloads.references, "H320 H327 H329", *WORKLOAD_KINDS, "Service"),
    _row(containers.probes, "H308 H309 H310 H315", *WORKLOAD_KINDS, "Service"),
    _row(containers.resources, "H311 H312 H313", *WORKLOAD_KINDS, "Pod"),
    _row(containers.images, "H314", *TEMPLATES),
    _row(containers.variables, "H328", *WORKLOAD_KINDS),
    _row(usage.judge, "H316 H317 H318", *WORKLOAD_KINDS, "Pod", "PodMetrics"),
    _row(autoscaling.judge, "H401 H402 H403 H404 H405", "HorizontalPodAutoscaler", *WORKLOAD_KINDS, "Pod"),
    _row(autoscaling.burst, "H406 H408", "HorizontalPodAutoscaler", *WORKLOAD_KINDS, "Node", "Pod"),
    _row(autoscaling.twins, "H407", "HorizontalPodAutoscaler"),
    _row(budgets.judge, "H411 H412 H413 H415 H416", "PodDisruptionBudget", "Pod", *WORKLOAD_KINDS),
    _row(budgets.missing, "H414", "PodDisruptionBudget", *WORKLOAD_KINDS),
    _row(storage.claims, "H501 H502 H510", "PersistentVolumeClaim", "PersistentVolume", "StorageClass", *TEMPLATES),
    _row(storage.unused, "H505 H511", "PersistentVolumeClaim", *TEMPLATES),
    _row(storage.volumes, "H506 H507 H508", "PersistentVolume"),
    _row(storage.classes, "H509", "StorageClass"),
    _row(services.endpoints, "H601 H602 H604 H605", "Service", "EndpointSlice", "Pod", *WORKLOAD_KINDS),
    _row(services.ports, "H603", "Service", "Pod"),
    _row(policies.judge, "H614", "NetworkPolicy", "Pod"),
    _row(policies.peers, "H615", "NetworkPolicy", "Namespace", *TEMPLATES),
    _row(ingresses.backends, "H607 H608", "Ingress", "Service"),
    _row(ingresses.classes, "H609", "Ingress", "IngressClass"),
    _row(ingresses.certificates, "H610", "Ingress", "Secret"),
    _row(ingresses.twins, "H612", "Ingress"),
    _row(jobs.jobs, "H701 H705 H706", "Job"),
    _row(jobs.cron_jobs, "H702 H703 H704 H707", "CronJob", "Job"),
    _row(references.config_maps, "H801", "ConfigMap", *TEMPLATES),
    _row(references.secrets, "H802 H323", "Secret", *TEMPLATES),
    _row(references.unused_config_maps, "H804", "ConfigMap", *TEMPLATES),
    _row(references.unused_secrets, "H805", "Secret", "Ingress", *TEMPLATES),
    _row(references.service_accounts, "H322 H806", "ServiceAccount", *TEMPLATES),
    _row(cluster_objects.namespaces, "H807", "Namespace"),
    _row(cluster_objects.quotas, "H808", "ResourceQuota"),
    _row(
        cluster_objects.webhooks,
        "H825",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
        "Service",
        "EndpointSlice",
    ),
    _row(cluster_objects.api_services, "H826", "APIService"),
    _row(cluster_objects.custom_resources, "H827", "CustomResourceDefinition"),
    _row(cluster_objects.signing_requests, "H824", "CertificateSigningRequest"),
    _row(certificates.judge, "H821 H822", "TlsSecret"),
    _row(control_plane.readiness, "H901", "readyz"),
    _row(control_plane.components, "H902", "Lease"),
    _row(control_plane.dns, "H905", "Service", "EndpointSlice"),
    _row(control_plane.deprecated, "H810", "metrics"),
    _row(capacity.judge, "H921 H922 H923 H924", "Node", "Pod", *WORKLOAD_KINDS),
)
# Told by Prometheus alone; traffic.py and forecast.py.
OF_PROMETHEUS = ("H503", "H504", "H911", "H912", "H913", "H925")


def run(seen: Snapshot) -> list[Finding]:
    """The findings of every check that has what it needs."""
    return [finding for check in CHECKS if seen.has(*check.needs) for finding in check.look(seen)]


def codes_without(name: str) -> tuple[str, ...]:
    """Codes that are unknown where that list could not be read."""
    return tuple(code for check in CHECKS if name in check.needs for code in check.codes)
