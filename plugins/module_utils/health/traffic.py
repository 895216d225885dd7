# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests, errors and latency of each Service, from Prometheus, by the conventions of meshes and programs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.quantiles import quantile
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Meta
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus import Prometheus, Series

ServiceName = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True)
class Convention:
    """How one kind of source names its series. seconds is what one unit of its buckets is worth."""

    name: str
    requests: str
    failed: str
    buckets: str
    namespace: str = "namespace"
    service: str = "service"
    seconds: float = 1.0


# The first one that knows a Service speaks for it: mesh, ingress, then the program itself.
CONVENTIONS = (
    Convention(
        "Istio",
        'istio_requests_total{reporter="destination"}',
        'istio_requests_total{reporter="destination",response_code=~"5.."}',
        'istio_request_duration_milliseconds_bucket{reporter="destination"}',
        "destination_service_namespace",
        "destination_service_name",
        0.001,
    ),
    Convention(
        "Linkerd",
        'response_total{direction="inbound"}',
        'response_total{direction="inbound",classification="failure"}',
        'response_latency_ms_bucket{direction="inbound"}',
        seconds=0.001,
    ),
    Convention(
        "ingress-nginx",
        "nginx_ingress_controller_requests",
        'nginx_ingress_controller_requests{status=~"5.."}',
        "nginx_ingress_controller_request_duration_seconds_bucket",
        "exported_namespace",
        "exported_service",
    ),
    Convention(
        "the program (OpenTelemetry)",
        "http_server_request_duration_seconds_count",
        'http_server_request_duration_seconds_count{http_response_status_code=~"5.."}',
        "http_server_request_duration_seconds_bucket",
    ),
    Convention(
        "the program (http_request_duration_seconds)",
        'http_request_duration_seconds_count{status!=""}',
        'http_request_duration_seconds_count{status=~"5.."}',
        "http_request_duration_seconds_bucket",
    ),
    Convention(
        "the program (http_requests_total, code)",
        'http_requests_total{code!=""}',
        'http_requests_total{code=~"5.."}',
        "http_request_duration_seconds_bucket",
    ),
    Convention(
        "the program (http_requests_total, status)",
        'http_requests_total{status!=""}',
        'http_requests_total{status=~"5.."}',
        "http_request_duration_seconds_bucket",
    ),
)


@dataclass
class Traffic:
    """What is known of one Service: counts over the window and over the budget's period, seconds by percentile."""

    source: str
    requests: float = 0.0
    failed: float = 0.0
    period_requests: float = 0.0
    period_failed: float = 0.0
    latency: dict[str, float | None] = field(default_factory=dict)

    @property
    def error_share(self) -> float | None:
        """None without a request."""
        return self.failed / self.requests if self.requests > 0 else None

    def budget_used(self, objective: float) -> float | None:
        """1.0 is all of the errors that the objective allows for the period; None without a request."""
        if self.period_requests <= 0 or objective >= 1:
            return None
        return (self.period_failed / self.period_requests) / (1 - objective)


def read(prometheus: Prometheus, seen: Snapshot, deadline: Deadline) -> dict[ServiceName, Traffic]:
    """Raises MetricsError. At most 1 + 5 queries a convention that there are series of."""
    settings, at = seen.settings, seen.now.timestamp()
    services_of_pods = _services_of_pods(seen)
    known: dict[ServiceName, Traffic] = {}

    def by_service(expression: str, convention: Convention) -> dict[ServiceName, dict[float, float]]:
        """Sums by Service and bucket: by the series' own label of the Service, else by their pod."""
        sums: dict[ServiceName, dict[float, float]] = defaultdict(lambda: defaultdict(float))
        labels = f"{convention.namespace}, {convention.service}, pod, le"
        for series in prometheus.instant_query(f"sum by ({labels}) ({expression})", at=at, deadline=deadline):
            for service in _named_by(series, convention, services_of_pods):
                sums[service][_bound(series)] += series.value
        return sums

    for convention in CONVENTIONS:
        window, period = _window(settings.traffic_minutes / 1440), _window(settings.budget_days)
        counted = by_service(f"increase({convention.requests}{window})", convention)
        new = {service for service, sums in counted.items() if service not in known and sum(sums.values()) > 0}
        if not new:
            continue
        failed = by_service(f"increase({convention.failed}{window})", convention)
        long_counted = by_service(f"increase({convention.requests}{period})", convention)
        long_failed = by_service(f"increase({convention.failed}{period})", convention)
        buckets = by_service(f"rate({convention.buckets}{window})", convention)
        for service in new:
            known[service] = Traffic(
                convention.name,
                sum(counted[service].values()),
                sum(failed[service].values()),
                sum(long_counted[service].values()),
                sum(long_failed[service].values()),
                percentiles(buckets[service], convention.seconds),
            )
    return known


def _window(days: float) -> str:
    return f"[{max(1, round(days * 86400))}s]"


def percentiles(buckets: dict[float, float], seconds: float) -> dict[str, float | None]:
    """p50, p95 and p99 in seconds."""
    values = {name: quantile(share, buckets) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}
    return {name: None if value is None else value * seconds for name, value in values.items()}


def _bound(series: Series) -> float:
    try:
        return float(series.labels.get("le", "inf"))
    except ValueError:
        return math.inf


def _named_by(
    series: Series, convention: Convention, services_of_pods: dict[ServiceName, list[str]]
) -> list[ServiceName]:
    namespace, service = series.labels.get(convention.namespace, ""), series.labels.get(convention.service, "")
    if service:
        return [(namespace, service)]
    names = services_of_pods.get((namespace, series.labels.get("pod", "")), [])
    return [(namespace, name) for name in names]


def _services_of_pods(seen: Snapshot) -> dict[ServiceName, list[str]]:
    found_services: dict[ServiceName, list[str]] = defaultdict(list)
    for service in seen.of("Service"):
        namespace = service.metadata.namespace
        if service.spec.selector:
            for pod in seen.pods_with(namespace, service.spec.selector):
                found_services[namespace, pod.metadata.name].append(service.metadata.name)
    return found_services


def judge(known: dict[ServiceName, Traffic], settings: Settings) -> Iterator[Finding]:
    """H911 to H913. Fewer requests than least_requests prove nothing and are no finding."""
    for (namespace, name), traffic in sorted(known.items()):
        meta = Meta(name, namespace)
        source = f"Prometheus, by {traffic.source}"
        fix = fixes.look("See which pods answer so", "get", "endpointslices", namespace=namespace)
        share, p99 = traffic.error_share, traffic.latency.get("p99")
        enough = traffic.requests >= settings.least_requests
        if enough and share is not None and share > settings.error_share:
            told = f"{share:.1%} of {traffic.requests:.0f} requests in {settings.traffic_minutes:g} minutes"
            yield found("H911", "Service", meta, told, [f"{source}: {told}"], fix)
        if enough and p99 is not None and p99 > settings.latency_seconds:
            latency = traffic.latency
            told = ", ".join(f"{word} {value:.3g} s" for word, value in latency.items() if value is not None)
            yield found("H912", "Service", meta, told, [f"{source}, {settings.traffic_minutes:g} minutes: {told}"], fix)
        used = traffic.budget_used(settings.objective_share)
        if used is not None and used >= 1 and traffic.period_requests >= settings.least_requests:
            told = (
                f"{used:.1f} times what {settings.objective_share:.2%} allows, {traffic.period_failed:.0f} of "
                f"{traffic.period_requests:.0f} requests failed"
            )
            evidence = [f"{source}, {settings.budget_days:g} days or as far back as it keeps: {told}"]
            yield found("H913", "Service", meta, told, evidence, fix)
