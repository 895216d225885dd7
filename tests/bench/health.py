# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a health report takes beside fetching and selectively decoding the same lists, and the memory it needs.

python tests/bench/health.py                       grows a simulated cluster on a loopback server
python tests/bench/health.py --kubeconfig FILE     a real one, such as 10,000 pods on 200 simulated nodes
"""

from __future__ import annotations

from typing import Any

import ratio

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.look import look
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.reading import Reading, read
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings

PODS_OF_A_DEPLOYMENT = 50
OLD = "2026-01-01T00:00:00Z"
# Fields that no check reads, as every real object has them: skipping them is part of the work.
UNREAD = {
    "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsV1": {"f:status": {"f:" + "x" * 40: {}}}}]
    * 12
}


def simulated(pods: int) -> dict[str, list[dict[str, Any]]]:
    """Pods, nodes, Deployments and Services, as the API lists them: 50 pods a node and a Deployment."""
    number = max(1, pods // PODS_OF_A_DEPLOYMENT)
    container = {
        "name": "app",
        "image": "registry.invalid/app:1.0",
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "livenessProbe": {"httpGet": {"path": "/live", "port": "http"}, "failureThreshold": 6},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
    }
    ready = [{"type": word, "status": "True", "lastTransitionTime": OLD} for word in ("PodScheduled", "Ready")]
    state = {"name": "app", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": OLD}}}

    def meta(name: str, namespace: str = "simulated", **more: Any) -> dict[str, Any]:
        return {"name": name, "namespace": namespace, "creationTimestamp": OLD, **UNREAD, **more}

    lists: dict[str, list[dict[str, Any]]] = {"pods": [], "nodes": [], "deployments": [], "services": []}
    for at in range(number):
        labels = {"app": f"app-{at}"}
        spec = {
            "replicas": PODS_OF_A_DEPLOYMENT,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        }
        counts = {"replicas": PODS_OF_A_DEPLOYMENT, "availableReplicas": PODS_OF_A_DEPLOYMENT}
        lists["deployments"].append({"metadata": meta(f"app-{at}"), "spec": spec, "status": counts})
        lists["services"].append({"metadata": meta(f"app-{at}"), "spec": {"selector": labels, "ports": [{"port": 80}]}})
        room = {"cpu": "32", "memory": "128Gi", "pods": "110"}
        status = {"allocatable": room, "conditions": ready[1:], "nodeInfo": {"kubeletVersion": "v1.34.4"}}
        lists["nodes"].append({"metadata": meta(f"node-{at}", ""), "status": status})
    for at in range(pods):
        name = f"app-{at % number}"
        owner = {"kind": "ReplicaSet", "name": f"{name}-6f", "controller": True}
        labels = {"app": name, "pod-template-hash": "6f"}
        lists["pods"].append(
            {
                "metadata": meta(f"{name}-6f-{at}", labels=labels, ownerReferences=[owner]),
                "spec": {
                    "nodeName": f"node-{(at * 7) % number}",
                    "containers": [container],
                    "volumes": [{"name": "t"}],
                },
                "status": {"phase": "Running", "conditions": ready, "containerStatuses": [state]},
            }
        )
    return lists


def fetch(client: Client) -> Reading:
    """Every list once, as the report reads them."""
    return read(client, Settings(), SYSTEM_CLOCK.now(), Deadline.after(ratio.LIMIT_SECONDS))


def report(client: Client) -> dict[str, Any]:
    """All of it."""
    return look(client, Settings(), within_seconds=ratio.LIMIT_SECONDS).to_json()


if __name__ == "__main__":
    ratio.run(__file__, "health report", simulated, fetch, report)
