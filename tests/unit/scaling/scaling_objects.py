# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Workloads, pods, nodes and autoscalers as the API server returns them, and subjects made of them."""

from __future__ import annotations

from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import in_charge
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.capacity import Cluster
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.demand import Moment, Sustained
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.judging import Seen
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.subject import Subject
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

Document = dict[str, Any]
REQUESTS = {"cpu": "20m", "memory": "32Mi"}


def container(requests: Document | None = None) -> Document:
    return {"name": "app", "image": "web:1", "resources": {"requests": REQUESTS if requests is None else requests}}


def workload(kind: str = "Deployment", replicas: int = 1, requests: Document | None = None, **spec: Any) -> Document:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container(requests)]}}
    selector = {"matchLabels": {"app": "web"}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop", "uid": "uid-web"},
        "spec": {"replicas": replicas, "selector": selector, "template": template, **spec},
    }


def pod(number: int = 1, kind: str = "Deployment", requests: Document | None = None, node: str = "a") -> Document:
    owner = {"kind": "ReplicaSet", "name": "web-7d9c", "uid": "uid-rs"}
    if kind == "StatefulSet":
        owner = {"kind": "StatefulSet", "name": "web", "uid": "uid-web"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"web-7d9c-abcd{number}",
            "namespace": "shop",
            "uid": f"uid-{number}",
            "labels": {"app": "web", "pod-template-hash": "7d9c"},
            "ownerReferences": [{"apiVersion": "apps/v1", "controller": True, **owner}],
        },
        "spec": {"nodeName": node, "containers": [container(requests)]},
        "status": {"phase": "Running"},
    }


def node(name: str = "a", cpu: str = "2", memory: str = "4Gi") -> Document:
    allocatable = {"cpu": cpu, "memory": memory, "pods": "110"}
    return {"metadata": {"name": name, "labels": {}}, "spec": {}, "status": {"allocatable": allocatable}}


def autoscaler(most: int = 3, target: int | None = 70, active: str = "True", least: int = 1) -> Document:
    aim = {"type": "Utilization", "averageUtilization": target}
    metrics: list[Document] = [{"type": "Resource", "resource": {"name": "cpu", "target": aim}}]
    if target is None:
        metrics = [{"type": "Pods", "pods": {"metric": {"name": "requests_per_second"}}}]
    condition = {"type": "ScalingActive", "status": active, "reason": "FailedGetResourceMetric", "message": "no pods"}
    return {
        "metadata": {"name": "web-hpa", "namespace": "shop", "uid": "uid-hpa"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": least,
            "maxReplicas": most,
            "metrics": metrics,
        },
        "status": {"currentReplicas": 1, "conditions": [condition]},
    }


def subject(
    replicas: int = 1,
    *,
    kind: str = "Deployment",
    requests: Document | None = None,
    hpa: Document | None = None,
    who: in_charge.InCharge | None = None,
    cluster: Cluster | None = None,
    **spec: Any,
) -> Subject:
    pods = [pod(number, kind, requests) for number in range(1, replicas + 1)]
    target = Target("test", "apps/v1", kind, "shop", "web", "uid-web")
    cluster = cluster or Cluster([node()], pods)
    return Subject(target, workload(kind, replicas, requests, **spec), pods, hpa, who, cluster, list(cluster.unread))


def sustained(verdict: str = "yes") -> Sustained:
    return Sustained(verdict, "CPU was at 150 to 200 % of the requests", 70, 300, 20, 20, 150.0, 200.0)


def seen(*used: float, verdict: str = "yes", seconds: float = 300, **more: Any) -> Seen:
    demand = [Moment(15.0 * number, value, 20, 1) for number, value in enumerate(used or [30.0] * 19 + [40.0])]
    return Seen(sustained(verdict), demand, seconds, 15.0, "Prometheus http://prometheus", **more)
