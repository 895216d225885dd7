# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restart every pod of a workload, one batch after the other: what `kubectl rollout restart` does.

The change is one annotation of the pod template. Its rollback restores the annotation, which makes the template that of
the revision before: pods of it that still run are kept, so a restart that gets stuck is undone without a further
restart; after a completed restart the rollback rolls the pods once more. The spec is then what it was, as for every
other remedy.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import Remedy
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import SIGNATURES
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.tiers import RESTARTED_AT
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

ANNOTATIONS = ("spec", "template", "metadata", "annotations")


def draft(_client: Client, workload: Document, _parameters: Mapping[str, Any], now: datetime) -> Draft:
    """The annotation set to the time of the plan; relies on the number of replicas, of which the tier is made."""
    workloads.refuse_if_held(workload)
    desired = copy.deepcopy(workload)
    metadata = desired["spec"]["template"].setdefault("metadata", {})
    annotations = metadata.get("annotations") or {}
    metadata["annotations"] = {**annotations, RESTARTED_AT: now.strftime("%Y-%m-%dT%H:%M:%SZ")}
    replicas = workloads.desired_replicas(workload)
    daemons = workload["kind"] == "DaemonSet"
    return Draft(
        summary=f"Restart the {replicas} pod(s) of {workloads.words(workloads.ref_of(workload))}.",
        desired=desired,
        relies_on=[["status", "desiredNumberScheduled"] if daemons else ["spec", "replicas"]],
        rollback_note="Restoring the annotation of a completed restart rolls the pods once more.",
    )


REMEDY = Remedy(SIGNATURES["restart_rollout"], ((*ANNOTATIONS, RESTARTED_AT),), draft)
