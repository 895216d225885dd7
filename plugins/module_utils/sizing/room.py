# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a pod that requests more than now still finds a node: a rolling update starts one before it ends one."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import fitting
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.workload_advice import WorkloadAdvice

Document = Mapping[str, Any]


def shortage(advice: WorkloadAdvice, nodes: Sequence[Document], pods: Sequence[Document]) -> str:
    """A sentence where the change raises requests and no node has room for one such pod now; else empty."""
    if not advice.changes or advice.verdict != "under-provisioned" or not nodes:
        return ""
    namespace = advice.workload.key[1]
    found = fitting.fit(_template(advice), nodes, pods, 1, namespace)
    if found.fits:
        return ""
    return (
        f"A pod of {advice.workload.words} with the new requests finds no node now: {found.why}."
        " The rolling update would wait for room, and be taken back."
    )


def _template(advice: WorkloadAdvice) -> dict[str, Any]:
    """A pod as the change makes it."""
    template: dict[str, Any] = copy.deepcopy(advice.workload.document["spec"]["template"])
    wanted = {item.container: item.wanted for item in advice.containers if item.wanted is not None}
    spec = template["spec"]
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        amounts = wanted.get(container["name"])
        if amounts is not None:
            container["resources"] = {**(container.get("resources") or {}), **amounts.to_json()}
    return {"metadata": template.get("metadata") or {}, "spec": spec}
