# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small shop as the API server lists it, and usage as a source of metrics answers it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.quantiles import figures
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import ContainerUsage, Usage, Window

Document = dict[str, Any]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MIB = 1 << 20
DAY = 86_400
OLD = 30.0


def ago(days: float) -> str:
    return rfc3339(NOW - timedelta(days=days))


def container(name: str = "app", cpu: str = "1", memory: str = "1Gi", **fields: Any) -> Document:
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    return {"name": name, "image": "shop/web:1", "resources": {"requests": requests}, **fields}


def deployment(name: str = "web", days: float = OLD, replicas: int = 1, **spec: Any) -> Document:
    """`spec` is the pod's."""
    condition = {"type": "Progressing", "reason": "NewReplicaSetAvailable", "lastUpdateTime": ago(days)}
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}", "creationTimestamp": ago(days)},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {}, "spec": {"containers": [container()], **spec}},
        },
        "status": {"conditions": [condition], "replicas": replicas},
    }


def _owned(kind: str, name: str) -> list[Document]:
    return [{"kind": kind, "name": name, "controller": True}]


def replica_set(deployment_name: str = "web", suffix: str = "abc", revision: int = 1) -> Document:
    return {
        "metadata": {
            "name": f"{deployment_name}-{suffix}",
            "namespace": "shop",
            "uid": f"uid-{deployment_name}-{suffix}",
            "creationTimestamp": ago(OLD),
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "ownerReferences": _owned("Deployment", deployment_name),
        },
        "spec": {},
    }


def pod(name: str = "web-abc-x1111", owner: str = "web-abc", kind: str = "ReplicaSet", **status: Any) -> Document:
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{name}",
            "creationTimestamp": ago(OLD),
            "ownerReferences": _owned(kind, owner),
        },
        "spec": {"nodeName": "node-1", "containers": [container()]},
        "status": {"phase": "Running", **status},
    }


def shop(**more: list[Document]) -> dict[str, list[Document]]:
    """Lists by kind."""
    return {"Deployment": [deployment()], "ReplicaSet": [replica_set()], "Pod": [pod()], **more}


def window(days: float = 14) -> Window:
    return Window(NOW.timestamp(), days * DAY)


def usage_of(
    pod_name: str = "web-abc-x1111",
    container_name: str = "app",
    cpu: float = 150.0,
    memory: float = 115.0,
    days: float = 14,
    missing: tuple[float, float] = (0, 0),
    **more: Any,
) -> ContainerUsage:
    """Flat usage (millicores, MiB) for the last so many days, without the ones between these ages in days."""
    seen = window()
    moments = [seen.end - seen.point_seconds * number for number in range(round(days * DAY / seen.point_seconds))]
    kept = [at for at in reversed(moments) if not missing[0] <= (seen.end - at) / DAY < missing[1]]
    points = [(at, cpu) for at in kept], [(at, memory * MIB) for at in kept]
    if not kept:
        return ContainerUsage(pod_name, container_name)
    return ContainerUsage(
        pod_name,
        container_name,
        figures([value for _at, value in points[0]]),
        figures([value for _at, value in points[1]]),
        len(kept) * 24,
        *points,
        **more,
    )


def usage(*containers: ContainerUsage) -> Usage:
    return Usage("Prometheus http://prometheus:9090", window(), list(containers), 12, 1.5)
