# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reverse a plan that was applied earlier: a plan of its own, made from the journalled one.

It writes the values that the first plan had put by, on condition that the object still holds what that plan wrote, and
needs a decision of at least the tier of the first.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import changes, confidential, paths, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import PreconditionChanged, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft, Plan
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

ID = "restore"


def parameters_of(original: Plan) -> dict[str, Any]:
    """What names the reversed plan: its digest and its remedy."""
    return {"remedy": original.remedy, "of": original.digest}


def draft(document: Document, original: Plan, read: Callable[[ObjectRef], Document]) -> Draft:
    """The object with every field that the original plan (with its values) wrote as it was before that plan.

    `read` reads the objects that the plan wrote beside it.
    """
    if not operations(original.rollback.writes):
        raise RemedyError(
            f"The plan ({original.summary}) wrote no field that could be restored: {original.rollback.steps}"
        )
    refs = dict.fromkeys(write.object for write in original.writes if write.verb == "patch")
    others = [(read(ref), ref) for ref in refs if ref != original.target.ref]
    beside = [(other, _restored(other, ref, original)) for other, ref in others]
    desired = _restored(document, original.target.ref, original)
    words = workloads.words(workloads.ref_of(document))
    return Draft(summary=f"Undo in {words}: {original.summary}", desired=desired, beside=beside)


def _restored(document: Document, ref: ObjectRef, original: Plan) -> Document:
    """One object as it was; `PreconditionChanged` where it does not hold what the plan wrote."""
    words = workloads.words(ref)
    if document["metadata"]["uid"] != ref.uid:
        raise PreconditionChanged(words, "metadata.uid", ref.uid, document["metadata"]["uid"])
    forward, back = (
        operations([write for write in writes if write.object == ref])
        for writes in (original.writes, original.rollback.writes)
    )
    for operation in forward:
        now, written = paths.read(document, operation["path"]), changes.target_value(operation)
        if now != written:
            raise PreconditionChanged(
                words,
                paths.text(operation["path"]),
                *(confidential.shown(operation["path"], value) for value in (written, now)),
            )
    desired = copy.deepcopy(document)
    for operation in back:
        put(desired, operation)
    return desired


def operations(writes: list[Any]) -> list[changes.Operation]:
    """Every field operation of a list of writes."""
    return [operation for write in writes if write.verb == "patch" for operation in write.body]


def put(document: Document, operation: changes.Operation) -> None:
    """Carry out one operation on a document in memory."""
    parent = paths.read(document, operation["path"][:-1])
    key = operation["path"][-1]
    if operation["op"] == "remove":
        del parent[key]
    else:
        parent[key] = copy.deepcopy(operation["value"])
