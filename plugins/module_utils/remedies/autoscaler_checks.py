# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a plan about an autoscaler may hold (pure): its own workload's, the remedy's fields, and how to undo it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import autoscaler_writing, changes, paths
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import PlanInvalid
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import Remedy, allows
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan, Write

_UNDONE_BY: Final = {"create": "delete", "delete": "create", "patch": "patch"}
_METADATA: Final = frozenset({"name", "namespace", "labels", "annotations"})


def verify(plan: Plan, remedy: Remedy, *, restoring: bool) -> None:
    """Raise `PlanInvalid` where the plan would touch anything but the autoscaler of its target (and its replicas)."""
    forward, back = (autoscaler_writing.the_write(writes) for writes in (plan.writes, plan.rollback.writes))
    if back.verb != _UNDONE_BY.get(forward.verb) or (forward.verb == "delete" and not restoring):
        raise PlanInvalid(f"remedy {remedy.id} may not {forward.verb} an autoscaler and undo it by {back.verb}")
    for write in (forward, back):
        _verify_autoscaler(plan, remedy, write)
    if forward.verb == "patch" and [i["path"] for i in forward.body] != [i["path"] for i in back.body]:
        raise PlanInvalid("the plan's rollback does not restore exactly the fields that the plan writes")
    if (forward.object.name, forward.object.namespace) != (back.object.name, back.object.namespace):
        raise PlanInvalid("the plan's rollback is of another autoscaler than its write")
    others = [write for write in plan.rollback.writes if write != back]
    others += [write for write in plan.writes if write != forward]
    for write in others:
        _verify_replicas(plan, write)
    if len(plan.writes) > 1 and not restoring:
        raise PlanInvalid(f"remedy {remedy.id} may write nothing but an autoscaler")


def _verify_autoscaler(plan: Plan, remedy: Remedy, write: Write) -> None:
    where = write.object
    if where.namespace != plan.target.namespace or not where.name:
        raise PlanInvalid(f"remedy {remedy.id} may not {write.verb} {where.kind} {where.namespace}/{where.name}")
    if write.verb == "patch":
        _verify_patch(remedy, write)
    else:
        _verify_manifest(plan, remedy, write)


def _verify_patch(remedy: Remedy, write: Write) -> None:
    if not write.object.uid or not isinstance(write.body, list) or not write.body:
        raise PlanInvalid(f"remedy {remedy.id} may not patch {write.object.kind} {write.object.name}")
    for operation in write.body:
        known = isinstance(operation, Mapping) and operation.get("op") in ("add", "replace", "remove")
        if not known or not _is_path(operation.get("path")):
            raise PlanInvalid(f"the plan holds an operation that is none: {str(operation)[:120]}")
        if set(operation) - {"op", "path"} != (set() if operation["op"] == "remove" else {"value"}):
            raise PlanInvalid(f"the plan holds an operation that is none: {str(operation)[:120]}")
    for leaf in changes.written_leaves(write.body):
        if not allows(remedy, leaf):
            raise PlanInvalid(f"remedy {remedy.id} may not write {paths.text(leaf)}")


def _verify_manifest(plan: Plan, remedy: Remedy, write: Write) -> None:
    body, ref = write.body, write.object
    if not isinstance(body, Mapping) or set(body) != {"apiVersion", "kind", "metadata", "spec"}:
        raise PlanInvalid(f"the plan's {write.verb} holds no manifest of an autoscaler")
    metadata, spec = body["metadata"], body["spec"]
    if not isinstance(metadata, Mapping) or not isinstance(spec, Mapping) or set(metadata) - _METADATA:
        raise PlanInvalid(f"the plan's {write.verb} holds no manifest of an autoscaler")
    named = (body["apiVersion"], body["kind"], metadata.get("name"), metadata.get("namespace"))
    if named != (ref.api_version, ref.kind, ref.name, ref.namespace):
        raise PlanInvalid(f"the plan's manifest is of another object than {ref.kind} {ref.name}")
    target = plan.target
    if spec.get("scaleTargetRef") != {"apiVersion": target.api_version, "kind": target.kind, "name": target.name}:
        raise PlanInvalid("the plan's autoscaler scales another workload than its target")
    for leaf in paths.leaves(["spec"], {key: value for key, value in spec.items() if key != "scaleTargetRef"}):
        if not allows(remedy, leaf):
            raise PlanInvalid(f"remedy {remedy.id} may not write {paths.text(leaf)}")


def _verify_replicas(plan: Plan, write: Write) -> None:
    """Beside the autoscaler only its workload's replicas are restored."""
    operations: Any = write.body
    count = operations[0].get("value") if _is_one_map(operations) else None
    right = (
        write.verb == "patch"
        and write.object == plan.target.ref
        and _is_one_map(operations)
        and operations[0] == {"op": "replace", "path": ["spec", "replicas"], "value": count}
        and isinstance(count, int)
        and not isinstance(count, bool)
        and count > 0
    )
    if not right:
        raise PlanInvalid(f"a plan about an autoscaler may not {write.verb} {write.object.kind} {write.object.name}")


def _is_one_map(operations: Any) -> bool:
    return isinstance(operations, list) and len(operations) == 1 and isinstance(operations[0], Mapping)


def _is_path(path: Any) -> bool:
    return isinstance(path, list) and bool(path) and all(isinstance(step, str) and step for step in path)
