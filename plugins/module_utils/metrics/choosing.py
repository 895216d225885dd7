# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which source of metrics to ask: the one that is named, else the cluster's Prometheus, else what knows the present."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.discovery import discover
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import NoSource
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.http_get import Endpoint
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus import Prometheus, at_address
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus_usage import PrometheusUsage
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.sampled import from_kubelets, from_metrics_api
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import Source

SOURCES: Final = ("auto", "prometheus", "metrics_api", "kubelet")


@dataclass(frozen=True)
class Choice:
    """The source, and over how long it can look (seconds; None: as long as is wanted)."""

    source: Source
    window_seconds: float | None = None


def endpoint_of(given: Mapping[str, Any] | None) -> Endpoint | None:
    """The endpoint that a module's option `prometheus` names; None without a url."""
    known = {item.name for item in fields(Endpoint)}
    present = {name: value for name, value in (given or {}).items() if name in known and value is not None}
    return Endpoint(**present) if present.get("url") else None


def prometheus_of(client: Client, given: Mapping[str, Any] | None, deadline: Deadline) -> Prometheus:
    """The Prometheus that is named, else the cluster's own. Raises `NoSource`."""
    endpoint = endpoint_of(given)
    return at_address(endpoint) if endpoint else discover(client, deadline)


def choose(
    client: Client, wanted: str, given: Mapping[str, Any] | None, sample_minutes: float, deadline: Deadline
) -> Choice:
    """The source to ask. Raises `NoSource` where there is none, and says what else could be asked."""
    if wanted == "metrics_api":
        return Choice(from_metrics_api(client), sample_minutes * 60)
    if wanted == "kubelet":
        return Choice(from_kubelets(client), sample_minutes * 60)
    try:
        return Choice(PrometheusUsage(prometheus_of(client, given, deadline)))
    except NoSource as missing:
        if wanted == "auto" and sample_minutes > 0:
            return Choice(from_metrics_api(client), sample_minutes * 60)
        raise NoSource(
            f"{missing}; the metrics API knows only the present: source metrics_api with sample_minutes shows that"
        ) from missing
