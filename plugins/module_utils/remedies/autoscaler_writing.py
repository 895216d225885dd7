# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creating an autoscaler, deleting the one that was created, and no other."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, Conflict, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import autoscalers, changes, paths, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import PlanInvalid, PreconditionChanged
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan, Write
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

ID = "set_hpa"
ATTEMPTS = 5


def is_autoscaler(ref: ObjectRef) -> bool:
    """Whether the reference is to a HorizontalPodAutoscaler of the version that is written here."""
    return (ref.api_version, ref.kind) == (autoscalers.API_VERSION, autoscalers.KIND)


def is_about_autoscaler(plan: Plan) -> bool:
    """Whether the plan is of the remedy `set_hpa`, or reverses one that was."""
    return ID in (plan.remedy, plan.parameters.get("remedy"))


def the_write(writes: Sequence[Write]) -> Write:
    """The one write to the autoscaler."""
    found = [write for write in writes if is_autoscaler(write.object)]
    if len(found) != 1:
        raise PlanInvalid(f"the plan holds {len(found)} writes to an autoscaler, not one")
    return found[0]


def read(client: Client, ref: ObjectRef) -> Document:
    """The autoscaler, or an empty document where there is none."""
    try:
        return workloads.read(client, ref)
    except NotFound:
        return {}


def refuse_if_changed(now: Document, made: Write) -> None:
    """Raise `PreconditionChanged` where the autoscaler is not as the write left it. Pure."""
    if made.verb == "patch":
        changed = [item for item in made.body if paths.read(now, item["path"]) != changes.target_value(item)]
        where = changed[0]["path"] if changed else []
        planned = changes.target_value(changed[0]) if changed else None
    else:
        changed = changes.differences(made.body["spec"], now["spec"], ["spec"])
        where = changed[0]["path"] if changed else []
        planned = paths.read(made.body, where)
    if changed:
        values = [None if value is paths.ABSENT else value for value in (planned, paths.read(now, where))]
        raise PreconditionChanged(workloads.words(workloads.ref_of(now)), paths.text(where), *values)


def create(client: Client, write: Write, *, dry_run: bool) -> Document:
    """The autoscaler as created. One that is there already is a changed precondition, unless it is this very one."""
    try:
        return client.create(write.body, dry_run=dry_run)
    except ClusterError as failed:
        if not isinstance(failed, Conflict) and not failed.outcome_unknown:
            raise
        now = read(client, write.object)
        if failed.outcome_unknown and now and not changes.differences(write.body["spec"], now["spec"]):
            return now
        if failed.outcome_unknown:
            raise
        raise PreconditionChanged(workloads.words(write.object), "the object", None, "there") from failed


def delete(client: Client, write: Write, *, dry_run: bool) -> Document:
    """Delete the autoscaler that the body describes; empty where it is gone already.

    One that somebody changed since is left: `PreconditionChanged`.
    """
    for attempt in range(ATTEMPTS):
        now = read(client, write.object)
        if not now or (write.object.uid and now["metadata"]["uid"] != write.object.uid):
            return {}
        refuse_if_changed(now, write)
        metadata = now["metadata"]
        try:
            client.delete(
                write.object, uid=metadata["uid"], resource_version=metadata["resourceVersion"], dry_run=dry_run
            )
            return now
        except NotFound:
            return {}
        except Conflict:
            # Its status changes every few seconds; the next reading compares the spec again.
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")
