# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan that creates or changes a workload's autoscaler, and the plan that undoes it.

The target is the workload; the writes are to its HorizontalPodAutoscaler. Rolling back also sets the replicas to what
they were, since an autoscaler that goes leaves them as it last set them.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import Conflict, Invalid
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscaler_writing,
    changes,
    difference_text,
    owners,
    paths,
    restore,
    scale,
    tiers,
    workloads,
    yaml_text,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.assembling import Order, assembled, precondition
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import (
    NothingToChange,
    PreconditionChanged,
    RemedyError,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import (
    Draft,
    FieldValue,
    Owner,
    Plan,
    Precondition,
    Rollback,
    Tier,
    Validation,
    Write,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

ATTEMPTS = 6
REPLICAS = ["spec", "replicas"]


def exact(client: Client, order: Order, workload: Document, drafted: Callable[[Document], Draft], draft: Draft) -> Plan:
    """The plan; `drafted` makes the draft anew where the autoscaler changes while it is planned."""
    draft, result = _dry_run(client, workload, drafted, draft)
    before = draft.autoscaler_before
    if before:
        operations = changes.differences(before["spec"], result["spec"], ["spec"])
        if not operations:
            raise NothingToChange(f"HorizontalPodAutoscaler {before['metadata']['name']} is so already")
        ref = workloads.ref_of(before)
        forward = Write("1", "patch", ref, "json", operations)
        back = Write("1", "patch", ref, "json", changes.inverse(operations, before))
    else:
        manifest = manifest_of(draft.autoscaler or {}, result)
        ref = dataclasses.replace(workloads.ref_of({**result, "metadata": {"uid": "", **manifest["metadata"]}}), uid="")
        forward, back = Write("1", "create", ref, "", manifest), Write("1", "delete", ref, "", manifest)
    replicas = {"op": "replace", "path": REPLICAS, "value": workloads.desired_replicas(workload)}
    undo = [back, Write("1", "patch", workloads.ref_of(workload), "json", [replicas])]
    diff = difference_text.unified(_label(ref), before.get("spec") or {}, result["spec"])
    return _planned(order, draft, workload, [forward], undo, _held(before), diff)


def _dry_run(
    client: Client, workload: Document, drafted: Callable[[Document], Draft], draft: Draft
) -> tuple[Draft, Document]:
    """The draft and the autoscaler as the API server makes it of it."""
    for attempt in range(ATTEMPTS):
        before, desired = draft.autoscaler_before, draft.autoscaler or {}
        try:
            if not before:
                return draft, client.create(desired, dry_run=True)
            operations = changes.differences(before["spec"], desired["spec"], ["spec"])
            body = changes.json_patch(before, operations)
            return draft, client.patch(workloads.ref_of(before), body, patch_type="json", dry_run=True)
        except Conflict as taken:
            if not before and not drafted(workload).autoscaler_before:
                name = desired["metadata"]["name"]
                raise RemedyError(f"HorizontalPodAutoscaler {name} is there and scales another workload") from taken
            if attempt == ATTEMPTS - 1:
                raise
        except Invalid as refused:
            raise RemedyError(f"The API server refuses the autoscaler: {refused}") from refused
        draft = drafted(workload)
    raise AssertionError("unreachable")


def manifest_of(desired: Document, result: Document) -> Document:
    """What is created: the draft with the spec as the API server stores it, so that a rollback can compare."""
    return {**copy.deepcopy(desired), "spec": copy.deepcopy(result["spec"])}


def _held(before: Document) -> list[Precondition]:
    """An autoscaler that is changed must be the same, with the same spec; nobody but its users writes that."""
    if not before:
        return []
    spec = FieldValue(["spec"], sha256=canonical.sha256(before["spec"]))
    return [Precondition(workloads.ref_of(before), [spec])]


def _planned(
    order: Order,
    draft: Draft,
    workload: Document,
    writes: list[Write],
    undo: list[Write],
    held: list[Precondition],
    diff: str,
) -> Plan:
    ref = workloads.ref_of(workload)
    context = tiers.TierContext(
        order.advisor, workloads.desired_replicas(workload), True, scale.deletes_claims(workload)
    )
    tier = order.raised(tiers.tier_of(writes, context, tiers.floor_of(order.settings, order.remedy)), workload)
    owner, warnings = _owner(order, draft, workload)
    return assembled(
        order,
        draft,
        tier=tier,
        target=order.target(workload),
        writes=writes,
        preconditions=[precondition(workload, [], draft), *held],
        diff=diff,
        rollback=_rollback(tier, undo, draft.rollback_note),
        validation=Validation(order.settings.validate_seconds, order.settings.settle_seconds, draft.checks, ref),
        owner=owner,
        warnings=[*draft.warnings, *warnings],
    )


def _owner(order: Order, draft: Draft, workload: Document) -> tuple[Owner, list[str]]:
    """Who keeps the workload, or the autoscaler where that one may not be written; and what has to be known of both."""
    write_owned = order.settings.write_owned
    mine = owners.owner_of(workload, write_owned=write_owned)
    theirs = owners.owner_of(draft.autoscaler_before, write_owned=write_owned)
    found = mine if mine.writable and theirs.writable else theirs if mine.writable else mine
    notes = list(dict.fromkeys(owner.note for owner in (mine, theirs) if owner.note)) if found.writable else []
    if not found.writable:
        snippet = yaml_text.dump({key: (draft.autoscaler or {})[key] for key in ("apiVersion", "kind")} | _shown(draft))
        found = dataclasses.replace(found, snippet=snippet)
    return found, notes


def _shown(draft: Draft) -> dict[str, Any]:
    desired = draft.autoscaler or {}
    names = {key: desired["metadata"][key] for key in ("name", "namespace")}
    return {"metadata": names, "spec": desired["spec"]}


def _rollback(tier: Tier, undo: list[Write], note: str) -> Rollback:
    by_hand = tier.level == 4
    how = "By hand, through playbooks/rollback.yml" if by_hand else "By itself, when the change fails or does not hold"
    done = ", ".join(_undone(write) for write in undo)
    return Rollback(not by_hand, tiers.ROLLBACK_SECONDS[tier.level], f"{how}: {done}. {note}".rstrip(), undo)


def _undone(write: Write) -> str:
    words = workloads.words(write.object)
    if write.verb != "patch":
        return f"{write.verb} {words}"
    return f"restore {', '.join(paths.text(operation['path']) for operation in write.body)} of {words}"


def _label(ref: ObjectRef) -> str:
    return f"{ref.kind.lower()}/{ref.name}"


def reversal(client: Client, order: Order, workload: Document, original: Plan) -> Plan:
    """The plan that undoes an applied one of this remedy (or its reversal).

    Raises `PreconditionChanged` where the autoscaler is not as the original left it.
    """
    undo, redo = original.rollback.writes, original.writes
    now = autoscaler_writing.read(client, autoscaler_writing.the_write(undo).object)
    held = _as_it_was_left(now, autoscaler_writing.the_write(redo))
    writes = [_sure_of(write, now, workload) for write in undo]
    writes = [write for write in writes if write.verb != "patch" or write.body]
    draft = Draft(summary=f"Undo in {workloads.words(workloads.ref_of(workload))}: {original.summary}")
    draft = dataclasses.replace(draft, autoscaler=now or autoscaler_writing.the_write(undo).body, autoscaler_before=now)
    back = [dataclasses.replace(write, id="1") for write in redo if write.object != original.target.ref]
    after = _after(now, autoscaler_writing.the_write(undo))
    label = _label(autoscaler_writing.the_write(undo).object)
    diff = difference_text.unified(label, now.get("spec") or {}, after.get("spec") or {})
    return _planned(order, draft, workload, writes, back, held, diff + _replicas_diff(workload, writes))


def _as_it_was_left(now: Document, made: Write) -> list[Precondition]:
    """The autoscaler held to its state, which has to be the one that `made` led to."""
    words = workloads.words(made.object)
    if made.verb == "delete":
        if now:
            raise PreconditionChanged(words, "the object", None, "there")
        return []
    if not now:
        raise PreconditionChanged(words, "the object", "there", None)
    autoscaler_writing.refuse_if_changed(now, made)
    return _held(now)


def _sure_of(write: Write, now: Document, workload: Document) -> Write:
    """The write with the uid of the object as found; without what is so already."""
    if write.object == workloads.ref_of(workload):
        body = [item for item in write.body if paths.read(workload, item["path"]) != item["value"]]
        return dataclasses.replace(write, id="2", body=body)
    uid = now["metadata"]["uid"] if now else ""
    return dataclasses.replace(write, object=dataclasses.replace(write.object, uid=uid))


def _after(now: Document, write: Write) -> Document:
    if write.verb != "patch":
        return dict(write.body) if write.verb == "create" else {}
    after = copy.deepcopy(now)
    for operation in write.body:
        restore.put(after, operation)
    return after


def _replicas_diff(workload: Document, writes: list[Write]) -> str:
    ref = workloads.ref_of(workload)
    changed = [write.body[0]["value"] for write in writes if write.object == ref]
    if not changed:
        return ""
    before = {"replicas": workloads.desired_replicas(workload)}
    return difference_text.unified(_label(ref), before, {"replicas": changed[0]})
