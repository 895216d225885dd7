# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The later writes of an approved gated rollout: start, pause, release, disarm. Beside `applying.py` the only file that
writes; each step is one write with the resourceVersion just read, of nothing but the remedy's fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, Conflict, Invalid
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    catalogue,
    changes,
    checking,
    paths,
    plan_json,
    workload_plan,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.applying import (
    ATTEMPTS,
    PAUSE_SECONDS,
    Written,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import PlanInvalid
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import allows
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming

STEPS: Final[Mapping[str, Callable[[Document], Document]]] = {
    "start": arming.started,
    "pause": arming.paused,
    "release": arming.released,
    "disarm": arming.disarmed,
}


def step(client: Client, plan: Plan, name: str, *, clock: Clock = SYSTEM_CLOCK) -> Written | None:
    """Make one step of the plan's; None where the object is so already.

    Raises `RemedyError` where the object is another one or its gate cannot be read, `ClusterError` for what the API
    server refuses. A template is never touched.
    """
    plan_json.verify_digest(plan)
    remedy = catalogue.remedy_of(plan)
    for attempt in range(ATTEMPTS):
        document = workloads.read(client, plan.target.ref)
        checking.same_object(plan.target.ref, document)
        operations = workload_plan.differences(document, STEPS[name](document))
        if not operations:
            return None
        for leaf in changes.written_leaves(operations):
            if not allows(remedy, leaf) or leaf[:2] == arming.TEMPLATE:
                raise PlanInvalid(f"step {name} of remedy {remedy.id} may not write {paths.text(leaf)}")
        try:
            body = changes.json_patch(document, operations)
            result = client.patch(plan.target.ref, body, patch_type="json")
        except ClusterError as failed:
            if attempt == ATTEMPTS - 1 or not (isinstance(failed, (Conflict, Invalid)) or failed.outcome_unknown):
                raise
            clock.sleep(0 if attempt == 0 else PAUSE_SECONDS)
            continue
        version = str(result["metadata"].get("resourceVersion", ""))
        fields = [paths.text(operation["path"]) for operation in operations]
        return Written(name, "patch", plan.target.ref, version, rfc3339(clock.now()), fields)
    raise AssertionError("unreachable")
