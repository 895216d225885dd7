# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the cluster tells what nodes and pods use: metrics-server's API, and figures in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.overview import SIMULATED_ANNOTATION
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import NodeShape
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores_or_none, whole_or_none
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup.checks import (
    FAILS,
    MISSING,
    UNKNOWN,
    WORKS,
    Check,
)

PART = "metrics-server"
API = "/apis/metrics.k8s.io/v1beta1"
# minikube puts the profile's name on every node that it makes.
MINIKUBE_LABEL = "minikube.k8s.io/name"
_ENABLE = "run setup.yml with metrics_server_source=manifest (or addon, on minikube)"
_LOGS = "look at: kubectl -n kube-system logs deployment/metrics-server"


@dataclass(frozen=True)
class Nodes:
    """Nodes that a kubelet stands behind, by name, and the minikube profile that made them (empty: none did)."""

    names: frozenset[str]
    minikube_profile: str


def read_nodes(client: Client, deadline: Deadline) -> Nodes:
    """The cluster's nodes, without simulated ones, which use nothing. Raises ClusterError."""
    listed: list[NodeShape] = client.list("v1", "Node", shape=NodeShape, deadline=deadline)
    real = [node.metadata for node in listed if SIMULATED_ANNOTATION not in node.metadata.annotations]
    profiles = {metadata.labels[MINIKUBE_LABEL] for metadata in real if MINIKUBE_LABEL in metadata.labels}
    return Nodes(frozenset(metadata.name for metadata in real), min(profiles, default=""))


def look(client: Client, nodes: Nodes, deadline: Deadline) -> list[Check]:
    """The checks as things stand now; a cluster that does not answer is a check too."""
    try:
        answer = decode(client.get_raw(f"{API}/nodes", deadline=deadline))
    except NotFound:
        return [Check(PART, "API", MISSING, "this cluster has no metrics API (metrics.k8s.io)", _ENABLE)]
    except ClusterError as error:
        return [Check(PART, "API", FAILS, f"the metrics API does not answer: {error}", _LOGS)]
    return [Check(PART, "API", WORKS, "metrics.k8s.io answers"), figures(answer, nodes)]


def figures(answer: Any, nodes: Nodes) -> Check:
    """Whether the answer holds CPU and memory of every node (pure)."""
    items = answer.get("items") if isinstance(answer, dict) else None
    told = {item["metadata"]["name"] for item in items or () if _has_usage(item)} & nodes.names
    count = f"of {len(told)} of {len(nodes.names)} nodes"
    if not nodes.names:
        return Check(PART, "figures", UNKNOWN, "there is no node whose figures could be asked for", "add a node")
    if told == nodes.names:
        return Check(PART, "figures", WORKS, f"CPU and memory {count}")
    without = ", ".join(sorted(nodes.names - told)[:3])
    return Check(PART, "figures", FAILS, f"CPU and memory {count}; none of {without}", f"wait a minute, then {_LOGS}")


def _has_usage(item: Any) -> bool:
    usage = item.get("usage") or {}
    known = (millicores_or_none(usage.get("cpu")), whole_or_none(usage.get("memory")))
    return None not in known and bool(whole_or_none(usage.get("memory")))
