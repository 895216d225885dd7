# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The remedies that the project knows, and the one rule over all: a plan writes its remedy's fields and no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscaler_checks,
    changes,
    confidential,
    gated_rollout,
    paths,
    restart_pod,
    restart_rollout,
    restore,
    rollback_revision,
    scale,
    set_hpa,
    set_image,
    set_probe,
    set_resources,
    signatures,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import PlanInvalid, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import (
    Remedy,
    allows,
    allows_beside,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan, Write
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.tiers import AUTOSCALER, WORKLOADS

REMEDIES: Final[Mapping[str, Remedy]] = {
    remedy.id: remedy
    for remedy in (
        restart_pod.REMEDY,
        restart_rollout.REMEDY,
        rollback_revision.REMEDY,
        set_resources.REMEDY,
        set_image.REMEDY,
        set_probe.REMEDY,
        scale.REMEDY,
        set_hpa.REMEDY,
        gated_rollout.REMEDY,
        gated_rollout.UNDO,
        gated_rollout.CONTINUE,
        gated_rollout.DISARM,
    )
}


def find(remedy_id: Any) -> Remedy:
    """The remedy of that id; a sentence naming all where there is none."""
    return REMEDIES[signatures.find(remedy_id).id]


def remedy_of(plan: Plan) -> Remedy:
    """The remedy whose fields the plan writes (of a reversal: the remedy that it reverses)."""
    return find(plan.parameters.get("remedy") if plan.remedy == restore.ID else plan.remedy)


def verify_writes(plan: Plan) -> None:
    """Raise `PlanInvalid` where a write, or its reversal, touches anything but the remedy's fields of the target."""
    try:
        remedy = remedy_of(plan)
    except RemedyError as wrong:
        raise PlanInvalid(f"the plan cannot be carried out: {wrong}") from None
    if not plan.writes:
        raise PlanInvalid("the plan holds no write")
    for path in [field.path for precondition in plan.preconditions for field in precondition.fields]:
        if not _is_path(path):
            raise PlanInvalid(f"the plan holds a path that is none: {str(path)[:120]}")
    if remedy.id == set_hpa.REMEDY.id:
        autoscaler_checks.verify(plan, remedy, restoring=plan.remedy == restore.ID)
        return
    for write in plan.writes:
        _verify_write(plan, remedy, write)
    for write in plan.rollback.writes:
        _verify_rollback_write(plan, remedy, write)
    forward, back = (restore.operations(writes) for writes in (plan.writes, plan.rollback.writes))
    if [item.get("path") for item in forward] != [item.get("path") for item in back]:
        raise PlanInvalid("the plan's rollback does not restore exactly the fields that the plan writes")
    for operation in [*forward, *back]:
        _verify_operation(operation, plan.target.namespace)
    for write in [*plan.writes, *plan.rollback.writes]:
        may = allows if write.object == plan.target.ref else allows_beside
        for leaf in changes.written_leaves([item for item in restore.operations([write]) if item["op"] != "remove"]):
            if not may(remedy, leaf):
                raise PlanInvalid(f"remedy {remedy.id} may not write {paths.text(leaf)} of {write.object.kind}")


def _verify_write(plan: Plan, remedy: Remedy, write: Write) -> None:
    kind = (write.object.api_version, write.object.kind)
    same_namespace = write.object.namespace == plan.target.namespace
    if write.verb == "patch" and is_beside(plan, remedy, write):
        return
    if write.verb == "patch":
        if kind not in WORKLOADS or write.object != plan.target.ref or not remedy.may_write or not _is_list(write):
            raise PlanInvalid(f"remedy {remedy.id} may not patch {write.object.kind} {write.object.name}")
    elif write.verb not in ("evict", "delete") or kind != ("v1", "Pod") or not same_namespace or not write.object.uid:
        raise PlanInvalid(f"remedy {remedy.id} may not {write.verb} {write.object.kind} {write.object.name}")
    elif remedy.id == restart_pod.REMEDY.id:
        if write.object != plan.target.ref:
            raise PlanInvalid("remedy restart_pod may not touch another pod than its target")
    elif write.verb == "delete" or plan.target.kind != "StatefulSet":
        raise PlanInvalid(f"remedy {remedy.id} may not {write.verb} pods")


def is_beside(plan: Plan, remedy: Remedy, write: Write) -> bool:
    """Whether a patch is of an autoscaler in the target's namespace, by a remedy that has to write it too."""
    kind, namespace = (write.object.api_version, write.object.kind), write.object.namespace
    known = kind == AUTOSCALER and namespace == plan.target.namespace and bool(write.object.uid)
    return known and bool(remedy.may_write_beside) and _is_list(write)


def _verify_rollback_write(plan: Plan, remedy: Remedy, write: Write) -> None:
    ours = write.object == plan.target.ref or is_beside(plan, remedy, write)
    patches_target = write.verb == "patch" and ours and _is_list(write)
    evicts_stuck = write.verb == "evict" and plan.target.kind == "StatefulSet" and not write.object.name
    if not patches_target and not evicts_stuck:
        raise PlanInvalid(f"a rollback may not {write.verb} {write.object.kind} {write.object.name}")


def _is_list(write: Write) -> bool:
    return isinstance(write.body, list) and all(isinstance(item, Mapping) for item in write.body)


def _verify_operation(operation: Any, namespace: str) -> None:
    known = isinstance(operation, Mapping) and operation.get("op") in ("add", "replace", "remove")
    if not known or not _is_path(operation.get("path")) or not _has_its_value(operation, namespace):
        raise PlanInvalid(f"the plan holds an operation that is none: {str(operation)[:120]}")


def _has_its_value(operation: Mapping[str, Any], namespace: str) -> bool:
    keys = set(operation) - {"op", "path"}
    if operation["op"] == "remove":
        return not keys
    return keys == {"value"} or (keys == {"value_from"} and confidential.is_source(operation["value_from"], namespace))


def _is_path(path: Any) -> bool:
    def is_step(step: Any) -> bool:
        if isinstance(step, Mapping):
            return list(step) == ["name"] and isinstance(step["name"], str)
        return isinstance(step, str) and bool(step)

    return isinstance(path, list) and bool(path) and all(is_step(step) for step in path)
