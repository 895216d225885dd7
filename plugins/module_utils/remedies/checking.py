# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether everything still is as the plan has it, read again right before a write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscaler_writing,
    autoscalers,
    changes,
    confidential,
    owners,
    paths,
    restart_pod,
    restore,
    scale,
    tiers,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NotWritable, PreconditionChanged
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import FieldValue, Plan, Precondition
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document


def checked(client: Client, plan: Plan) -> Document:
    """Read every object of the plan's preconditions and compare; returns the target as just read."""
    target: Document | None = None
    for precondition in plan.preconditions:
        document = _read(client, precondition.object)
        if precondition.object == plan.target.ref:
            target = document
            compare(client, plan, document)
        else:
            compare_fields(document, precondition)
    if target is None:
        target = _read(client, plan.target.ref)
        compare(client, plan, target)
    return target


def _read(client: Client, ref: ObjectRef) -> Document:
    try:
        document = workloads.read(client, ref)
    except NotFound:
        raise PreconditionChanged(workloads.words(ref), "the object", f"there (uid {ref.uid})", None) from None
    same_object(ref, document)
    return document


def same_object(ref: ObjectRef, document: Mapping[str, Any]) -> None:
    """Raise where the object of that name is another one than the plan was made for."""
    if document["metadata"]["uid"] != ref.uid:
        raise PreconditionChanged(workloads.words(ref), "metadata.uid", ref.uid, document["metadata"]["uid"])


def compare(client: Client, plan: Plan, document: Document) -> None:
    """The target against the plan: uid, fields, owner, autoscaler and tier."""
    same_object(plan.target.ref, document)
    for precondition in plan.preconditions:
        if precondition.object == plan.target.ref:
            compare_fields(document, precondition)
    words = workloads.words(plan.target.ref)
    if document["metadata"].get("deletionTimestamp"):
        raise PreconditionChanged(words, "metadata.deletionTimestamp", None, document["metadata"]["deletionTimestamp"])
    owner = _owner(document, plan)
    if owner != plan.owner.kind:
        raise NotWritable(
            f"{words} belongs to another owner than when the plan was made: {owners.owner_of(document).note}"
        )
    if autoscaler_writing.is_about_autoscaler(plan):
        _same_autoscaler(client, plan, document)
    elif any(operation["path"] == ["spec", "replicas"] for operation in restore.operations(plan.writes)):
        scale.refuse_if_autoscaled(client, document)
    compare_tier(plan, document)


def _same_autoscaler(client: Client, plan: Plan, workload: Document) -> None:
    """A new autoscaler is made only where no other scales the workload."""
    write = autoscaler_writing.the_write(plan.writes)
    found = autoscalers.of_workload(client, workload) if write.verb == "create" else None
    if found:
        name = f"HorizontalPodAutoscaler {found['metadata']['name']}"
        raise PreconditionChanged(workloads.words(plan.target.ref), "its autoscaler", None, name)


def _owner(document: Document, plan: Plan) -> str:
    if document["kind"] == "Pod" and restart_pod.is_replaced(document):
        return owners.NOBODY.kind
    return owners.owner_of(document, write_owned=plan.owner.writable).kind


def compare_object(client: Client, plan: Plan, ref: ObjectRef, document: Document) -> None:
    """Any object of the plan against it: the target with all that depends on it, another by its uid and fields."""
    if ref == plan.target.ref:
        compare(client, plan, document)
        return
    same_object(ref, document)
    for precondition in plan.preconditions:
        if precondition.object == ref:
            compare_fields(document, precondition)


def compare_fields(document: Mapping[str, Any], precondition: Precondition) -> None:
    """Raise `PreconditionChanged` for the first field that is not as planned. Pure."""
    for field in precondition.fields:
        now = paths.read(document, field.path)
        if not _holds(field, now):
            planned = "as planned" if field.sha256 else None if field.absent else field.value
            shown = "different" if field.sha256 else confidential.shown(field.path, now)
            raise PreconditionChanged(workloads.words(precondition.object), paths.text(field.path), planned, shown)


def _holds(field: FieldValue, now: Any) -> bool:
    if field.absent or now is paths.ABSENT:
        return field.absent and now is paths.ABSENT
    if field.sha256:
        return canonical.sha256(now) == field.sha256
    return bool(now == field.value)


def compare_tier(plan: Plan, document: Document) -> None:
    """Raise where the same writes would by now be of a higher tier (more replicas to restart, claims to lose)."""
    context = tiers.TierContext(
        advisor=plan.advisor,
        replicas=1 if document["kind"] == "Pod" else workloads.desired_replicas(document),
        pod_replaced=document["kind"] in workloads.KINDS or restart_pod.is_replaced(document),
        deletes_claims=scale.deletes_claims(document) if document["kind"] in workloads.KINDS else False,
    )
    now = tiers.tier_of(plan.writes, context)
    if now.level > plan.tier.level:
        raise PreconditionChanged(workloads.words(plan.target.ref), "tier", plan.tier.level, f"{now.level} ({now.why})")


def patch_of(document: Document, operations: list[changes.Operation]) -> list[dict[str, Any]]:
    """The JSON patch for the object just read; a container that is gone is a changed precondition."""
    try:
        return changes.json_patch(document, operations)
    except KeyError as gone:
        raise PreconditionChanged(
            workloads.words(workloads.ref_of(document)), str(gone.args[0]), "there", None
        ) from None
