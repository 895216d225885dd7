# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects as the API has them, healthy unless a test says otherwise, and a snapshot of them."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import shapes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.checks import run
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.reading import LISTS
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot

Object = dict[str, Any]
NOW = datetime.datetime(2026, 11, 16, tzinfo=datetime.UTC)
OLD = "2026-10-01T00:00:00Z"
YOUNG = "2026-11-15T23:59:00Z"
READYZ = "[+]ping ok\n[+]etcd ok\nreadyz check passed\n"


def meta(name: str, namespace: str = "shop", **more: Any) -> Object:
    return {"name": name, "namespace": namespace, "creationTimestamp": OLD, **more}


def container(**changes: Any) -> Object:
    return {
        "name": "app",
        "image": "registry.example/app:1.4",
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "livenessProbe": {"httpGet": {"path": "/live", "port": "http"}, "failureThreshold": 6},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "failureThreshold": 3},
        **changes,
    }


def pod(name: str = "web-6f-a", node: str = "node-1", **status: Any) -> Object:
    """A ready pod of Deployment web."""
    owner = {"kind": "ReplicaSet", "name": "web-6f", "controller": True}
    ready = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True"}]
    state = {"name": "app", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": OLD}}}
    return {
        "metadata": meta(name, labels={"app": "web", "pod-template-hash": "6f"}, ownerReferences=[owner]),
        "spec": {"nodeName": node, "containers": [container()]},
        "status": {"phase": "Running", "conditions": ready, "containerStatuses": [state], **status},
    }


def deployment(name: str = "web", replicas: int = 2, **changes: Any) -> Object:
    labels = {"app": name}
    return {
        "metadata": meta(name),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%"}},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container()]}},
        },
        "status": {"replicas": replicas, "availableReplicas": replicas, "updatedReplicas": replicas},
        **changes,
    }


def node(name: str = "node-1", **status: Any) -> Object:
    return {
        "metadata": meta(name, ""),
        "status": {
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}],
            "nodeInfo": {"kubeletVersion": "v1.34.4"},
            **status,
        },
    }


def service(name: str = "web", **spec: Any) -> Object:
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    return {"metadata": meta(name), "spec": {"type": "ClusterIP", "selector": {"app": "web"}, "ports": ports, **spec}}


def slice_of(name: str = "web", namespace: str = "shop", ready: bool = True) -> Object:
    labels = {"kubernetes.io/service-name": name}
    return {"metadata": meta(f"{name}-x", namespace, labels=labels), "endpoints": [{"conditions": {"ready": ready}}]}


def healthy() -> dict[str, list[Object]]:
    """A small cluster without a fault."""
    lists: dict[str, list[Object]] = {name: [] for name in LISTS}
    budget = {"selector": {"matchLabels": {"app": "web"}}, "maxUnavailable": 1}
    held = {"currentHealthy": 2, "desiredHealthy": 1, "disruptionsAllowed": 1, "expectedPods": 2}
    lists["Node"] = [node("node-1"), node("node-2")]
    lists["Deployment"] = [deployment()]
    lists["Pod"] = [pod("web-6f-a", "node-1"), pod("web-6f-b", "node-2")]
    lists["Service"] = [service()]
    lists["EndpointSlice"] = [slice_of()]
    lists["PodDisruptionBudget"] = [{"metadata": meta("web"), "spec": budget, "status": held}]
    lists["ServiceAccount"] = [{"metadata": meta("default")}]
    lists["Namespace"] = [{"metadata": meta("shop", ""), "status": {"phase": "Active"}}]
    return copy.deepcopy(lists)


def snapshot(lists: dict[str, list[Object]], texts: dict[str, str] | None = None, **settings: Any) -> Snapshot:
    """Decoded as the API's answers are. A list that is not given was not read."""
    decoded: dict[str, list[Any]] = {}
    for name, items in lists.items():
        shape = LISTS[name].shape or shapes.Plain
        decoded[name] = [decode(json.dumps(item).encode(), shape) for item in items]
        for item in decoded[name] if shape is shapes.Controller else ():
            item.kind = name
    known = {"version": "v1.34.4", "readyz": READYZ, "metrics": "", **(texts or {})}
    return Snapshot(NOW, Settings(**settings), decoded, known)


def found_in(lists: dict[str, list[Object]], texts: dict[str, str] | None = None, **settings: Any) -> list[Finding]:
    """What all checks say."""
    return run(snapshot(lists, texts, **settings))


def codes(findings: list[Finding]) -> set[str]:
    return {finding.code for finding in findings}
