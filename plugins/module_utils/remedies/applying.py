# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write a plan, and restore what it wrote. The only file of the engine that changes anything in a cluster."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    Conflict,
    Invalid,
    NotFound,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscaler_writing,
    catalogue,
    changes,
    checking,
    confidential,
    paths,
    plan_json,
    restore,
    stuck_pods,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import (
    ApplyFailed,
    NotWritable,
    PreconditionChanged,
    RemedyError,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan, Write
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

ATTEMPTS: Final = 20
PAUSE_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Written:
    """One write that was made: which of the plan, on what, the resourceVersion it led to, when, and what fields."""

    id: str
    verb: str
    object: ObjectRef
    resource_version: str
    time: str
    fields: list[str] = dataclasses.field(default_factory=list)


def apply(
    client: Client, plan: Plan, *, approved_digest: str = "", dry_run: bool = False, clock: Clock = SYSTEM_CLOCK
) -> list[Written]:
    """Make every write of the plan, each on condition that everything still is as planned.

    Raises before anything is written: `PlanInvalid` (altered, or not the approved one), `NotWritable`,
    `PreconditionChanged`; and `ApplyFailed` with what was written, when a later write is refused. A write that the API
    server refuses raises its `ClusterError`. `dry_run` does all of it as a server-side dry run.
    """
    plan_json.verify_digest(plan, approved_digest)
    catalogue.verify_writes(plan)
    if not plan.owner.writable:
        raise NotWritable(plan.owner.note)
    plan = confidential.revealed(client, plan)
    document = checking.checked(client, plan)
    written: list[Written] = []
    for write in plan.writes:
        try:
            written.append(_write(client, plan, write, document, dry_run, clock))
        except (ClusterError, RemedyError) as failed:
            if not written:
                raise
            raise ApplyFailed(f"{workloads.words(write.object)} was not written: {failed}", written) from failed
    return written


def _write(client: Client, plan: Plan, write: Write, document: Document, dry_run: bool, clock: Clock) -> Written:
    if write.verb == "patch":
        return _patch(client, plan, write, document, dry_run, clock)
    if autoscaler_writing.is_autoscaler(write.object):
        return _make_or_delete(client, write, dry_run, clock)
    try:
        if write.verb == "evict":
            client.evict(write.object, dry_run=dry_run)
        elif dry_run:
            refuse_without_permission(client, write.object)
        else:
            client.delete(write.object, uid=write.object.uid)
    except (NotFound, Conflict) as gone:
        words = workloads.words(write.object)
        raise PreconditionChanged(words, "metadata.uid", write.object.uid, f"another ({gone})") from gone
    return Written(write.id, write.verb, write.object, "", rfc3339(clock.now()))


def _make_or_delete(client: Client, write: Write, dry_run: bool, clock: Clock) -> Written:
    if write.verb == "create":
        made = autoscaler_writing.create(client, write, dry_run=dry_run)
        ref = dataclasses.replace(write.object, uid=made["metadata"].get("uid", ""))
        return Written(write.id, "create", ref, str(_version(made)), rfc3339(clock.now()), ["spec"])
    if not autoscaler_writing.delete(client, write, dry_run=dry_run):
        raise PreconditionChanged(workloads.words(write.object), "the object", f"there (uid {write.object.uid})", None)
    return Written(write.id, "delete", write.object, "", rfc3339(clock.now()), ["spec"])


def refuse_without_permission(client: Client, pod: ObjectRef) -> None:
    """What stands for the dry run of a deletion: a deletion is never sent that is not meant."""
    if not client.can_i("delete", "pods", namespace=pod.namespace, name=pod.name):
        raise RemedyError(f"{workloads.words(pod)} cannot be deleted: these credentials may not delete pods there")


def _patch(client: Client, plan: Plan, write: Write, document: Document, dry_run: bool, clock: Clock) -> Written:
    """Write with the resourceVersion just read; after a conflict read and compare again, a bounded number of times."""
    if write.object != plan.target.ref:
        document = workloads.read(client, write.object)
        checking.compare_object(client, plan, write.object, document)
    for attempt in range(ATTEMPTS):
        body = checking.patch_of(document, write.body)
        try:
            result = client.patch(write.object, body, patch_type="json", dry_run=dry_run)
            return _patched(write, result, write.body, clock)
        except ClusterError as failed:
            worth_another = isinstance(failed, (Conflict, Invalid)) or failed.outcome_unknown
            if not worth_another or attempt == ATTEMPTS - 1:
                raise
            before, document = document, workloads.read(client, write.object)
            if changes.in_place(document, write.body):
                return _patched(write, document, write.body, clock)
            checking.compare_object(client, plan, write.object, document)
            if isinstance(failed, Invalid) and _version(before) == _version(document):
                raise
        clock.sleep(PAUSE_SECONDS)
    raise AssertionError("unreachable")


def _patched(write: Write, result: Mapping[str, Any], operations: list[changes.Operation], clock: Clock) -> Written:
    fields = [paths.text(operation["path"]) for operation in operations]
    return Written(write.id, "patch", write.object, str(_version(result)), rfc3339(clock.now()), fields)


def _version(document: Mapping[str, Any]) -> Any:
    return document["metadata"].get("resourceVersion", "")


def roll_back(
    client: Client,
    plan: Plan,
    written: list[Written] | None = None,
    *,
    dry_run: bool = False,
    clock: Clock = SYSTEM_CLOCK,
) -> list[Written]:
    """Restore the fields that the plan wrote, and no other; returns the writes made (none where all is as it was).

    `written` None stands for "nobody knows how far it came" (a killed run): every field is looked at. A field that
    holds neither what it was nor what the plan wrote was changed by somebody else: `PreconditionChanged`, and nothing
    is written.
    """
    plan_json.verify_digest(plan)
    catalogue.verify_writes(plan)
    plan = confidential.revealed(client, plan)
    restored: list[Written] = []
    for write in plan.rollback.writes:
        if write.verb == "patch" and _was_made(written, write):
            restored += _restore(client, plan, write, dry_run, clock)
        elif autoscaler_writing.is_autoscaler(write.object) and _was_made(written, write):
            restored += _undo_autoscaler(client, _by_uid(write, written), dry_run, clock)
        elif write.verb == "evict" and restored and not dry_run:
            restored += _evict_stuck(client, plan, write, clock)
    return restored


def _was_made(written: list[Written] | None, write: Write) -> bool:
    return written is None or any(item.id == write.id for item in written)


def _by_uid(write: Write, written: list[Written] | None) -> Write:
    """The deletion of the very object that was created, where it is known which that is."""
    uid = next((item.object.uid for item in written or [] if item.verb == "create" and item.id == write.id), "")
    return dataclasses.replace(write, object=dataclasses.replace(write.object, uid=uid)) if uid else write


def _undo_autoscaler(client: Client, write: Write, dry_run: bool, clock: Clock) -> list[Written]:
    if write.verb == "delete":
        gone = autoscaler_writing.delete(client, write, dry_run=dry_run)
        return [Written(write.id, "delete", write.object, "", rfc3339(clock.now()), ["spec"])] if gone else []
    if autoscaler_writing.read(client, write.object):
        return []
    return [_make_or_delete(client, write, dry_run, clock)]


def _restore(client: Client, plan: Plan, write: Write, dry_run: bool, clock: Clock) -> list[Written]:
    forward = restore.operations([item for item in plan.writes if item.id == write.id and item.object == write.object])
    for attempt in range(ATTEMPTS):
        document = workloads.read(client, write.object)
        checking.same_object(write.object, document)
        due = due_operations(document, forward, write.body)
        if not due:
            return []
        body = checking.patch_of(document, due)
        try:
            return [_patched(write, client.patch(write.object, body, patch_type="json", dry_run=dry_run), due, clock)]
        except ClusterError as failed:
            worth_another = isinstance(failed, (Conflict, Invalid)) or failed.outcome_unknown
            if not worth_another or attempt == ATTEMPTS - 1:
                raise
        clock.sleep(PAUSE_SECONDS)
    raise AssertionError("unreachable")


def due_operations(
    document: Document, forward: list[changes.Operation], back: list[changes.Operation]
) -> list[changes.Operation]:
    """Those of `back` that are still to be done; `PreconditionChanged` where somebody else changed the field. Pure."""
    if not forward:
        # What the plan did not write itself (the replicas, which its autoscaler set) may hold anything by now.
        return [undone for undone in back if paths.read(document, undone["path"]) != changes.target_value(undone)]
    due = []
    for made, undone in zip(forward, back, strict=True):
        now = paths.read(document, undone["path"])
        if now == changes.target_value(undone):
            continue
        if now != changes.target_value(made):
            path = undone["path"]
            values = [confidential.shown(path, value) for value in (changes.target_value(made), now)]
            raise PreconditionChanged(workloads.words(workloads.ref_of(document)), paths.text(path), *values)
        due.append(undone)
    return due


def _evict_stuck(client: Client, plan: Plan, write: Write, clock: Clock) -> list[Written]:
    """Pods of the replaced revision that would keep a StatefulSet from going back (see `stuck_pods`)."""
    workload = workloads.read(client, plan.target.ref)
    revision = (workload.get("status") or {}).get("currentRevision", "")
    evicted = []
    for pod in workloads.pods_of(client, workload):
        label = (pod["metadata"].get("labels") or {}).get("controller-revision-hash", "")
        if label != revision and stuck_pods.is_in_the_way(pod):
            ref = workloads.ref_of(pod)
            client.evict(ref)
            evicted.append(Written(write.id, "evict", ref, "", rfc3339(clock.now())))
    return evicted
