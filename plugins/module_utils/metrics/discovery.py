# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds the cluster's Prometheus by the labels of its Service, as its charts and operators set them.

The labels are those that KRR and Grafana's, Prometheus' and VictoriaMetrics' charts know
(https://github.com/robusta-dev/krr, `prometheus_discovery`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import NoSource
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus import Prometheus, behind_service

# What sees the whole history comes first: a querier over several Prometheus, then a Prometheus.
LABELS: Final = (
    {"app.kubernetes.io/component": "query", "app.kubernetes.io/name": "thanos"},
    {"app.kubernetes.io/name": "thanos-query"},
    {"app.kubernetes.io/name": "mimir", "app.kubernetes.io/component": "query-frontend"},
    {"app.kubernetes.io/name": "vmselect"},
    {"app.kubernetes.io/name": "vmsingle"},
    {"app": "kube-prometheus-stack-prometheus"},
    {"app": "prometheus", "component": "server"},
    {"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/component": "server"},
    {"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/component": "prometheus"},
    {"app.kubernetes.io/name": "prometheus"},
    {"app": "prometheus-operator-prometheus"},
    {"operated-prometheus": "true"},
    {"app": "prometheus"},
    {"k8s-app": "prometheus"},
)
PREFIXES: Final = {"mimir": "/prometheus", "vmselect": "/select/0/prometheus"}
PORT_NAMES: Final = ("http-web", "web", "http", "http-query", "http-metrics", "https-web", "https", "metrics")


def discover(client: Client, deadline: Deadline) -> Prometheus:
    """The cluster's Prometheus through the API server. Raises `NoSource` naming what was looked for."""
    try:
        services = client.list("v1", "Service", deadline=deadline)
    except ClusterError as failed:
        raise NoSource(
            f"Prometheus was not found, since the cluster's Services cannot be listed ({failed}): give its address"
        ) from failed
    service = pick(services)
    if service is None:
        raise NoSource(
            "no Prometheus was found: no Service carries the labels that its charts set, such as"
            " app.kubernetes.io/name=prometheus; give its address"
        )
    metadata = service["metadata"]
    name = (metadata.get("labels") or {}).get("app.kubernetes.io/name", "")
    port = port_of(service)
    return behind_service(client, metadata["namespace"], metadata["name"], port, PREFIXES.get(name, ""))


def pick(services: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The Service that most likely is the one to ask; of equals the first by namespace and name. Pure."""
    ordered = sorted(services, key=lambda item: (item["metadata"].get("namespace", ""), item["metadata"]["name"]))
    for wanted in LABELS:
        for service in ordered:
            labels = service["metadata"].get("labels") or {}
            if all(labels.get(key) == value for key, value in wanted.items()) and _is_asked(service):
                return service
    return None


def _is_asked(service: Mapping[str, Any]) -> bool:
    """Whether it has ports, and none of those names that stand for a part that answers no queries."""
    name, spec = service["metadata"]["name"], service.get("spec") or {}
    parts = ("alertmanager", "node-exporter", "pushgateway", "kube-state-metrics", "operator", "adapter")
    return bool(spec.get("ports")) and not any(name.endswith(part) for part in parts)


def port_of(service: Mapping[str, Any]) -> str:
    """The port as the API server's proxy takes it: its name or number, after `https:` where it speaks TLS. Pure."""
    ports = service["spec"]["ports"]
    known = {port.get("name", ""): port for port in ports}
    port = next((known[name] for name in PORT_NAMES if name in known), ports[0])
    return str(port.get("name") or port["port"])
