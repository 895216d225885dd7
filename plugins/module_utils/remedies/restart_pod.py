# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restart one pod: evict it (so that disruption budgets are kept) and let its controller make another.

A bare pod is deleted instead, which nothing makes again: tier 4, and its steps back are done by hand.
A Job counts an evicted pod as a failed attempt, and a static pod belongs to its node: both are refused.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import workloads, yaml_text
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.masking import masked
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.owners import controller_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import Remedy
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import SIGNATURES
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

REPLACES = ("ReplicaSet", "StatefulSet", "DaemonSet")


def draft(_client: Client, pod: Document, _parameters: Mapping[str, Any], _now: datetime) -> Draft:
    """A draft that writes no field; planning makes the eviction of it."""
    words = workloads.words(workloads.ref_of(pod))
    refuse(pod, words)
    controller = controller_of(pod)
    if controller is None:
        return Draft(
            summary=f"Delete the bare {words}; no controller makes it again.",
            relies_on=[["metadata", "ownerReferences"], ["metadata", "deletionTimestamp"]],
            warnings=["Nothing replaces this pod: it has to be created again by hand."],
            checks=["the pod is gone"],
            rollback_note=f"Create the pod again from this manifest:\n{yaml_text.dump(masked(manifest(pod)))}",
        )
    return Draft(
        summary=f"Evict {words}; {controller['kind']} {controller['name']} makes a new one.",
        relies_on=[["metadata", "ownerReferences"], ["metadata", "deletionTimestamp"]],
        checks=["the pod is gone", "its replacement is ready", "restarts stay where they are"],
        rollback_note="Nothing to restore: no field is written, the controller replaces the pod.",
    )


def refuse(pod: Document, words: str) -> None:
    """Raise a sentence for a pod that must not be restarted this way."""
    controller = controller_of(pod)
    if "kubernetes.io/config.mirror" in (pod["metadata"].get("annotations") or {}):
        raise RemedyError(f"{words} is a static pod of its node: restart it through the node's manifest folder")
    if controller is not None and controller["kind"] in ("Job", "CronJob"):
        raise RemedyError(f"{words} belongs to Job {controller['name']}, which counts an eviction as a failed attempt")
    if pod["metadata"].get("deletionTimestamp"):
        raise RemedyError(f"{words} is being deleted already")


def is_replaced(pod: Document) -> bool:
    """Whether a built-in controller makes another pod when this one goes."""
    controller = controller_of(pod)
    return controller is not None and controller["kind"] in REPLACES


def manifest(pod: Document) -> Document:
    """What to create the pod again from: without status and what the API server and scheduler filled in."""
    metadata = pod["metadata"]
    kept = {key: metadata[key] for key in ("name", "namespace", "labels", "annotations") if metadata.get(key)}
    spec = copy.deepcopy(pod["spec"])
    spec.pop("nodeName", None)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": kept, "spec": spec}


REMEDY = Remedy(SIGNATURES["restart_pod"], (), draft, changes_template=False)
