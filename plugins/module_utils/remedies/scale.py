# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Set the number of replicas, unless an autoscaler sets it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import autoscalers, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import Remedy
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import SIGNATURES
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document


def draft(client: Client, workload: Document, parameters: Mapping[str, Any], _now: datetime) -> Draft:
    """The workload with the new number; refuses where a HorizontalPodAutoscaler would set it back."""
    refuse_if_autoscaled(client, workload)
    words = workloads.words(workloads.ref_of(workload))
    now, wanted = workloads.desired_replicas(workload), parameters["replicas"]
    if now == wanted:
        raise NothingToChange(f"{words} has {now} replicas already")
    desired = copy.deepcopy(workload)
    desired["spec"]["replicas"] = wanted
    warnings = []
    if wanted < now and deletes_claims(workload):
        warnings.append("Its persistentVolumeClaimRetentionPolicy deletes the claims of the replicas that go.")
    return Draft(summary=f"Scale {words} from {now} to {wanted} replicas.", desired=desired, warnings=warnings)


def refuse_if_autoscaled(client: Client, workload: Document) -> None:
    """Raise a sentence where an autoscaler sets the replicas; asked again at apply."""
    autoscaler = autoscalers.of_workload(client, workload)
    if autoscaler:
        name = autoscaler["metadata"]["name"]
        raise RemedyError(
            f"HorizontalPodAutoscaler {name} sets the replicas of {workloads.words(workloads.ref_of(workload))}: "
            "change its minReplicas or maxReplicas instead"
        )


def deletes_claims(workload: Mapping[str, Any]) -> bool:
    """Whether scaling down deletes volume claims of a StatefulSet."""
    policy = workload["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    return bool(policy.get("whenScaled") == "Delete" and workload["spec"].get("volumeClaimTemplates"))


REMEDY = Remedy(
    SIGNATURES["scale"],
    (("spec", "replicas"),),
    draft,
    changes_template=False,
)
