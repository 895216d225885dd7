# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Workloads and pods as the API server returns them, for the tests of remedies."""

from __future__ import annotations

import copy
from typing import Any

Document = dict[str, Any]
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/web"
POD = "/api/v1/namespaces/shop/pods/web-1"


def container(name: str = "app", **fields: Any) -> Document:
    resources = {"requests": {"memory": "32Mi"}, "limits": {"memory": "64Mi"}}
    return {"name": name, "image": "shop/web:1", "resources": resources, **fields}


def workload(kind: str = "Deployment", containers: list[Document] | None = None, **spec: Any) -> Document:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers or [container()]}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "uid": "uid-web",
            "resourceVersion": "1",
            "generation": 2,
            "labels": {},
            "annotations": {},
        },
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template, **spec},
        "status": {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1},
    }


def pod(name: str = "web-1", owner: tuple[str, str] | None = ("ReplicaSet", "web-abc"), **status: Any) -> Document:
    references = []
    if owner:
        api_version = "apps/v1" if owner[0] in ("ReplicaSet", "StatefulSet", "DaemonSet") else "example.org/v1"
        references = [
            {"apiVersion": api_version, "kind": owner[0], "name": owner[1], "uid": "uid-owner", "controller": True}
        ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{name}",
            "resourceVersion": "1",
            "creationTimestamp": "2026-11-20T10:00:00Z",
            "labels": {"app": "web"},
            **({"ownerReferences": references} if references else {}),
        },
        "spec": {"nodeName": "node-1", "containers": [container()]},
        "status": {"conditions": [{"type": "Ready", "status": "True"}], **status},
    }


def replica_set() -> Document:
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web", "controller": True}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "web-abc", "namespace": "shop", "uid": "uid-owner", "ownerReferences": [owner]},
        "spec": {"template": copy.deepcopy(workload()["spec"]["template"])},
    }
