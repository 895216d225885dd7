# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan of a remedy that writes fields of a workload: dry run, diff, tier, rollback, owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import Conflict, Invalid
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    admission,
    changes,
    confidential,
    difference_text,
    owners,
    paths,
    restore,
    scale,
    stuck_pods,
    tiers,
    with_it,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.assembling import Order, assembled, precondition
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import Remedy, allows
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import (
    Draft,
    Owner,
    Plan,
    Rollback,
    Tier,
    Validation,
    Write,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming

ATTEMPTS: Final = 6
CHECKS: Final = (
    "every pod is of the new template and available",
    "no container waits in an error state or was killed for memory",
    "restarts stay where they are",
)


def exact(
    client: Client, order: Order, remedy: Remedy, document: Document, drafted: Callable[[Document], Draft], draft: Draft
) -> Plan:
    """The plan; `drafted` makes the draft anew where the object changes while it is planned."""
    document, draft, result = _dry_run(client, document, drafted, draft)
    operations, beside = _split(remedy, differences(document, result), draft, document)
    if not operations:
        raise NothingToChange(
            f"{workloads.words(workloads.ref_of(document))} is so already: the API server changes nothing"
        )
    ref = workloads.ref_of(document)
    others = with_it.planned(client, draft)
    warnings = [*draft.warnings, *_beside_warnings(beside), *_writer_warnings(document, operations)]
    evictions: list[Write] = []
    if remedy.changes_template:
        warnings += admission.check_pod(client, document, result)
        evictions = stuck_pods.evictions(client, document)
    inverse = confidential.concealed(client, document, changes.inverse(operations, document))
    writes = [Write("1", "patch", ref, "json", confidential.concealed(client, document, operations)), *evictions]
    writes += others.writes
    back = [Write("1", "patch", ref, "json", inverse), *others.back, *stuck_pods.after_rollback(document)]
    context = _context(document, order)
    tier = tiers.tier_of(writes, context, tiers.floor_of(order.settings, order.remedy))
    tier = order.raised(tiers.raised(tier, *draft.also_tier), document)
    owner = owners.owner_of(document, write_owned=order.settings.write_owned)
    if not owner.writable:
        owner = _with_snippet(owner, document, operations)
    label = f"{ref.kind.lower()}/{ref.name}"
    return assembled(
        order,
        draft,
        target=order.target(document),
        writes=writes,
        preconditions=[
            precondition(document, operations, draft),
            *stuck_pods.preconditions(evictions),
            *others.preconditions,
            *draft.also_preconditions,
        ],
        diff=difference_text.unified(label, document["spec"], result["spec"]) + others.diff + draft.also_diff,
        tier=tier,
        rollback=_rollback(tier, back, draft.rollback_note),
        validation=Validation(
            order.settings.validate_seconds, order.settings.settle_seconds, draft.checks or list(CHECKS), ref
        ),
        owner=owner,
        warnings=warnings + ([owner.note] if owner.kind == "helm" or order.settings.write_owned and owner.note else []),
    )


def _dry_run(
    client: Client, document: Document, drafted: Callable[[Document], Draft], draft: Draft
) -> tuple[Document, Draft, Document]:
    """The object, its draft and what the API server makes of it; drafted anew when the object changed in between."""
    for attempt in range(ATTEMPTS):
        operations = _intended(draft, document)
        if not operations:
            raise NothingToChange(f"{workloads.words(workloads.ref_of(document))} is so already")
        ref = workloads.ref_of(document)
        try:
            body = changes.json_patch(document, operations)
            return document, draft, client.patch(ref, body, patch_type="json", dry_run=True)
        except Conflict:
            if attempt == ATTEMPTS - 1:
                raise
        except Invalid as refused:
            raise RemedyError(f"The API server refuses the change: {refused}") from refused
        document = workloads.read(client, ref)
        draft = drafted(document)
    raise AssertionError("unreachable")


def _intended(draft: Draft, document: Document) -> list[changes.Operation]:
    return differences(document, draft.desired or document)


def differences(before: Document, after: Document) -> list[changes.Operation]:
    """What differs in the spec, and in the annotation that keeps what a gated rollout replaced."""
    old, new = ((item["metadata"].get("annotations") or {}).get(arming.ANNOTATION) for item in (before, after))
    found = changes.differences(before["spec"], after["spec"], ["spec"])
    if old == new:
        return found
    if not before["metadata"].get("annotations"):
        return [*found, {"op": "add", "path": ["metadata", "annotations"], "value": {arming.ANNOTATION: new}}]
    was, then = ({arming.ANNOTATION: value} if value else {} for value in (old, new))
    return [*found, *changes.differences(was, then, ["metadata", "annotations"])]


def _split(
    remedy: Remedy, operations: list[changes.Operation], draft: Draft, document: Document
) -> tuple[list[changes.Operation], list[changes.Operation]]:
    """The remedy's own changes, with the values as the API server stores them, and what comes beside them."""
    own = {paths.text(operation["path"]) for operation in _intended(draft, document)}
    inside: list[changes.Operation] = []
    beside: list[changes.Operation] = []
    for operation in operations:
        leaves = changes.written_leaves([operation, *changes.inverse([operation], document)])
        touched = paths.text(operation["path"]) in own or all(allows(remedy, leaf) for leaf in leaves)
        (inside if touched else beside).append(operation)
    return inside, beside


def _beside_warnings(beside: list[changes.Operation]) -> list[str]:
    if not beside:
        return []
    fields = ", ".join(paths.text(operation["path"]) for operation in beside)
    return [f"Admission in the cluster would change more than the remedy writes: {fields}."]


def _writer_warnings(document: Document, operations: list[changes.Operation]) -> list[str]:
    found = owners.other_writers(document, operations)
    return [f"{', '.join(found)} set this field before and may set it again."] if found else []


def _context(document: Document, order: Order) -> tiers.TierContext:
    return tiers.TierContext(
        advisor=order.advisor,
        replicas=workloads.desired_replicas(document),
        pod_replaced=document["kind"] in workloads.KINDS,
        deletes_claims=scale.deletes_claims(document),
    )


def _rollback(tier: Tier, back: list[Write], note: str) -> Rollback:
    by_hand = tier.level == 4
    how = "By hand, through playbooks/rollback.yml" if by_hand else "By itself, when the change fails or does not hold"
    objects = dict.fromkeys(write.object for write in back if write.verb == "patch")
    fields = "; ".join(f"{_fields(back, item)} of {workloads.words(item)}" for item in objects)
    steps = f"{how}: restore {fields}. {note}".rstrip()
    return Rollback(not by_hand, tiers.ROLLBACK_SECONDS[tier.level], steps, back)


def _fields(back: list[Write], ref: ObjectRef) -> str:
    operations = restore.operations([write for write in back if write.object == ref])
    return ", ".join(paths.text(operation["path"]) for operation in operations)


def _with_snippet(owner: Owner, document: Document, operations: list[changes.Operation]) -> Owner:
    return Owner(owner.kind, owner.name, owner.writable, owner.note, owners.source_snippet(document, operations))
