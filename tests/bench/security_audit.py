# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a security audit with attack paths takes beside fetching and selectively decoding the same lists.

python tests/bench/security_audit.py                       grows a simulated cluster on a loopback server
python tests/bench/security_audit.py --kubeconfig FILE     a real one; the dry runs of its changes are counted in
"""

from __future__ import annotations

import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ratio

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "unit" / "security"), str(ROOT / "tests" / "e2e")]

from made_up import BUILT_IN  # noqa: E402
from support import hardened  # noqa: E402

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.gather import THREADS  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Asked, run  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.reading import (  # noqa: E402
    LISTS,
    OPTIONAL,
    PAGE_SIZE,
    Listed,
)

PODS_OF_ONE = 50
NODES_PER_POD = 50
# The first list of a kind: Secrets are listed twice.
PLURALS = {item.kind: item.what for item in reversed(LISTS)}
_TOKEN = {"sources": [{"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}}]}


def pod(number: int, nodes: int) -> dict[str, Any]:
    """As the API server has it, managed fields and status left out of what is looked at but not of the page."""
    one = number // PODS_OF_ONE
    name = f"app-{one}"
    spec = hardened.pod_spec(serviceAccountName=f"account-{one}", nodeName=f"node-{number % nodes}")
    spec["volumes"] = [{"name": f"kube-api-access-{number % 100000:05d}", "projected": _TOKEN}]
    if one % 20 == 0:
        spec["containers"][0]["securityContext"] = {"privileged": True}
    owner = {"kind": "ReplicaSet", "name": f"{name}-5d4f8c7b9", "uid": f"uid-{one}", "controller": True}
    fields = {"manager": "kubelet", "fieldsV1": {f"f:{key}": {} for key in "abcdefghijklmnopqrstuvwxyz"}}
    return {
        "metadata": {
            "name": f"{name}-5d4f8c7b9-{number}",
            "namespace": f"team-{one % 40}",
            "labels": {"app": name, "pod-template-hash": "5d4f8c7b9"},
            "ownerReferences": [owner],
            "managedFields": [fields] * 4,
        },
        "spec": spec,
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}] * 4},
    }


def others(workloads: int, nodes: int) -> list[dict[str, Any]]:
    """ServiceAccounts, a binding each (some lead far), Services (some reach the outside), and nodes."""
    made: list[dict[str, Any]] = [*BUILT_IN]
    made += [{"kind": "Node", "metadata": {"name": f"node-{number}"}} for number in range(nodes)]
    for number in range(workloads):
        place = {"namespace": f"team-{number % 40}"}
        subject = [{"kind": "ServiceAccount", "name": f"account-{number}", **place}]
        rules = [hardened.rule("create", "pods") if number % 7 == 0 else hardened.rule("get", "configmaps")]
        kind = "LoadBalancer" if number % 5 == 0 else "ClusterIP"
        group = [
            {"kind": "ServiceAccount", "metadata": {"name": f"account-{number}"}},
            *hardened.bound(f"b-{number}", rules, subject),
            {**hardened.service(f"app-{number}", type=kind)},
        ]
        for item in group:
            item["metadata"] |= place
        made += group
    return made


def simulated(pods: int) -> dict[str, list[dict[str, Any]]]:
    """Lists as the API has them, by the kind's plural."""
    nodes = max(3, pods // NODES_PER_POD)
    lists: dict[str, list[dict[str, Any]]] = defaultdict(list)
    lists["pods"] = [pod(number, nodes) for number in range(pods)]
    for item in others(pods // PODS_OF_ONE, nodes):
        lists[PLURALS[item["kind"]]].append(item)
    return dict(lists)


def fetch(client: Client) -> list[list[Any]]:
    """Every list that each cluster serves once, with as many threads as the audit has."""
    deadline = Deadline.after(ratio.LIMIT_SECONDS)

    def listed(item: Listed) -> list[Any]:
        return client.list(
            item.api_version,
            item.kind,
            shape=item.shape,
            field_selector=item.field_selector,
            page_size=PAGE_SIZE,
            metadata_only=item.metadata_only,
            deadline=deadline,
        )

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(listed, [item for item in LISTS if item.what not in OPTIONAL.values()]))


def report(client: Client) -> dict[str, Any]:
    """All of it, attack paths and dry runs included."""
    return run(client, Asked(), deadline=Deadline.after(ratio.LIMIT_SECONDS))


if __name__ == "__main__":
    ratio.run(__file__, "security audit", simulated, fetch, report)
