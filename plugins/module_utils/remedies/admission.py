# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the namespace would say to a pod of the new template, asked by a dry run.

A Deployment's own dry run never sees limit ranges, quotas or pod security: those judge pods. So a pod of the template
is sent too, as a dry run, and the API server's own answer is reported.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    Forbidden,
    Invalid,
    NotFound,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError


def check_pod(client: Client, workload: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Warnings; raises `RemedyError` where no pod of the new template could be made."""
    try:
        client.create(pod_of(result, workload), dry_run=True)
    except (Forbidden, Invalid, NotFound) as refused:
        return judged(str(refused), workload)
    except ClusterError as failed:
        return [f"Limit ranges, quotas and pod security were not checked: {failed}"]
    return []


def judged(answer: str, workload: Mapping[str, Any]) -> list[str]:
    """What the API server's refusal of a pod means for the change. Pure.

    Quotas count the old pods too: only where no old pod goes first does a full quota stop the rollout.
    """
    if "cannot create resource" in answer or "may not create" in answer:
        return [f"Limit ranges, quotas and pod security were not checked: {answer}"]
    if "exceeded quota" in answer and old_pods_go_first(workload):
        return [f"The quota has no room for one more pod, so old pods have to go before new ones come: {answer}"]
    raise RemedyError(f"No pod of the changed template could be made in this namespace: {answer}")


def old_pods_go_first(workload: Mapping[str, Any]) -> bool:
    """Whether the rollout may remove an old pod before a new one is ready: maxUnavailable rounds to 1 or more."""
    if workload["kind"] != "Deployment":
        return True
    strategy = workload["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return True
    unavailable = (strategy.get("rollingUpdate") or {}).get("maxUnavailable", "25%")
    if isinstance(unavailable, str) and unavailable.endswith("%"):
        return math.floor(workloads.desired_replicas(workload) * int(unavailable[:-1]) / 100) >= 1
    return int(unavailable) >= 1


def pod_of(result: Mapping[str, Any], workload: Mapping[str, Any]) -> dict[str, Any]:
    """A pod as the controller would make it from the template."""
    template = copy.deepcopy(result["spec"]["template"])
    metadata = template.get("metadata") or {}
    kept = {key: metadata[key] for key in ("labels", "annotations") if metadata.get(key)}
    name = {"generateName": f"{workload['metadata']['name']}-", "namespace": workload["metadata"]["namespace"]}
    spec = template["spec"]
    if workload["kind"] == "StatefulSet":
        spec["volumes"] = _with_claims(spec.get("volumes") or [], workload)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**name, **kept}, "spec": spec}


def _with_claims(volumes: list[dict[str, Any]], workload: Mapping[str, Any]) -> list[dict[str, Any]]:
    claims = [item["metadata"]["name"] for item in workload["spec"].get("volumeClaimTemplates") or []]
    known = [volume for volume in volumes if volume["name"] not in claims]
    named = f"{workload['metadata']['name']}-0"
    return [*known, *({"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{named}"}} for name in claims)]
