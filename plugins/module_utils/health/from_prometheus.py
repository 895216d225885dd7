# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything of a health report that only Prometheus knows, and how it is said where it knows nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, NotAssessed, Source
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import forecast, traffic
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.discovery import discover
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import MetricsError
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.http_get import Endpoint
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus import Prometheus, at_address

HOW = "install Prometheus, or give its address as prometheus_url"
TRAFFIC = ("H911", "H912", "H913")
VOLUMES = ("H503", "H504")
CLUSTER = ("H925",)


@dataclass
class Measured:
    """What Prometheus told; a part is None where it could not be asked or had no series."""

    services: dict[traffic.ServiceName, traffic.Traffic] | None = None
    volumes: list[forecast.VolumeFill] | None = None
    cluster: forecast.ClusterFill | None = None
    findings: list[Finding] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    not_assessed: list[NotAssessed] = field(default_factory=list)


def measure(client: Client, seen: Snapshot, endpoint: Endpoint | None, deadline: Deadline) -> Measured:
    """Asks the Prometheus of that address, or the one that the cluster has."""
    measured = Measured()
    try:
        prometheus = at_address(endpoint) if endpoint else discover(client, deadline)
    except MetricsError as error:
        measured.not_assessed.append(
            NotAssessed("latency, error rates, volumes and forecasts", str(error), HOW, (*TRAFFIC, *VOLUMES, *CLUSTER))
        )
        return measured
    _services(prometheus, seen, deadline, measured)
    _volumes(prometheus, seen, deadline, measured)
    _cluster(prometheus, seen, deadline, measured)
    return measured


def _services(prometheus: Prometheus, seen: Snapshot, deadline: Deadline, measured: Measured) -> None:
    what = "latency, error rates and error budgets of Services"
    try:
        known = traffic.read(prometheus, seen, deadline)
    except MetricsError as error:
        measured.not_assessed.append(NotAssessed(what, str(error), HOW, TRAFFIC))
        return
    if not known:
        names = ", ".join(convention.name for convention in traffic.CONVENTIONS)
        why = f"{prometheus.name} has no requests of the last {seen.settings.traffic_minutes:g} minutes by {names}"
        measured.not_assessed.append(NotAssessed(what, why, "let it scrape the mesh, the ingress or the pods", TRAFFIC))
        return
    measured.services = known
    measured.findings += traffic.judge(known, seen.settings)
    measured.sources.append(Source("requests, errors and latency of Services", prometheus.name, len(known)))


def _volumes(prometheus: Prometheus, seen: Snapshot, deadline: Deadline, measured: Measured) -> None:
    what = "how full volumes are"
    try:
        fills = forecast.read_volumes(prometheus, seen, deadline)
    except MetricsError as error:
        measured.not_assessed.append(NotAssessed(what, str(error), HOW, VOLUMES))
        return
    if not fills and seen.of("PersistentVolumeClaim"):
        why = f"{prometheus.name} has no series kubelet_volume_stats_used_bytes"
        measured.not_assessed.append(NotAssessed(what, why, "let it scrape the kubelets", VOLUMES))
        return
    measured.volumes = fills
    measured.findings += forecast.judge_volumes(fills, seen.settings)
    measured.sources.append(Source("how full volumes are", prometheus.name, len(fills)))


def _cluster(prometheus: Prometheus, seen: Snapshot, deadline: Deadline, measured: Measured) -> None:
    what = "capacity forecast"
    try:
        fill = forecast.read_cluster(prometheus, seen, deadline)
    except MetricsError as error:
        measured.not_assessed.append(NotAssessed(what, str(error), HOW, CLUSTER))
        return
    if fill.used == (None, None):
        why = f"{prometheus.name} has no series container_cpu_usage_seconds_total"
        measured.not_assessed.append(NotAssessed(what, why, "let it scrape the kubelets (cAdvisor)", CLUSTER))
        return
    measured.cluster = fill
    measured.findings += forecast.judge_cluster(fill, seen)
    measured.sources.append(Source("use of the cluster over 7 days", prometheus.name, 2))
