# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What pods use now, from the metrics API."""

from __future__ import annotations

import json

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Usage
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores_or_none, whole_or_none


def read_usage(
    client: Client, namespace: str, selector: str, pod: str, deadline: Deadline
) -> dict[str, dict[str, Usage]]:
    """Usage by pod and container, of the pods that `selector` selects or of the one pod. Raises ClusterError."""
    base = f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods"
    if selector:
        items = json.loads(client.get_raw(base, {"labelSelector": selector}, deadline=deadline)).get("items") or []
    else:
        items = [json.loads(client.get_raw(f"{base}/{pod}", deadline=deadline))]
    return {
        item["metadata"]["name"]: {
            c["name"]: Usage(
                millicores_or_none(c["usage"].get("cpu")) or 0,
                whole_or_none(c["usage"].get("memory")) or 0,
                item.get("timestamp", ""),
            )
            for c in item.get("containers") or []
        }
        for item in items
    }
