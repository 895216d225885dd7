# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a recommendation to a plan: made exact for one target by a server-side dry run. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import Conflict, Invalid
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    admission,
    applying,
    catalogue,
    changes,
    confidential,
    difference_text,
    owners,
    paths,
    plan_json,
    recency,
    restart_pod,
    restore,
    scale,
    stuck_pods,
    tiers,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import (
    Remedy,
    allows,
    checked_parameters,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import (
    Draft,
    FieldValue,
    Owner,
    Plan,
    Precondition,
    Rollback,
    Settings,
    Target,
    Tier,
    Validation,
    Write,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

ATTEMPTS: Final = 6
CHECKS: Final = (
    "every pod is of the new template and available",
    "no container waits in an error state or was killed for memory",
    "restarts stay where they are",
)


def plan(
    client: Client,
    recommendation: Mapping[str, Any],
    target: Target,
    *,
    settings: Settings | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Plan:
    """The plan for a recommendation (`remedy, parameters, reason, expected_outcome, advisor`).

    A pod named as the target of a workload's remedy stands for its workload. Raises `RemedyError` with a sentence where
    the remedy does not fit, `NothingToChange` where the object is so already, `ClusterError` for what the API refuses.
    """
    remedy = catalogue.find(recommendation.get("remedy"))
    parameters = checked_parameters(remedy, recommendation.get("parameters") or {})
    now = clock.now()

    def drafted(document: Document) -> Draft:
        return remedy.draft(client, document, parameters, now)

    document = _targeted(client, remedy, target)
    advice = {**recommendation, "parameters": parameters, "remedy": remedy.id}
    return _made_exact(client, remedy, document, target.cluster, drafted, advice, settings or Settings(), clock)


def reverse(client: Client, original: Plan, *, settings: Settings | None = None, clock: Clock = SYSTEM_CLOCK) -> Plan:
    """A plan that undoes an applied one: remedy `restore`, of at least the original's tier.

    Raises `PreconditionChanged` where the object no longer holds what the original wrote.
    """
    plan_json.verify_digest(original)
    catalogue.verify_writes(original)
    remedy = catalogue.remedy_of(original)
    document = _targeted(client, remedy, original.target)
    known = confidential.revealed(client, original)
    advice = {
        "remedy": restore.ID,
        "parameters": restore.parameters_of(original) | {"remedy": remedy.id},
        "advisor": "rules",
        "reason": "A person asks to undo an earlier change.",
        "expected_outcome": "Every field that the change wrote is what it was before it.",
    }
    settings = settings or Settings()
    floor = {restore.ID: max(original.tier.level, settings.tier_floor.get(restore.ID, 1))}
    settings = Settings(**{**vars(settings), "tier_floor": {**settings.tier_floor, **floor}})

    def drafted(read: Document) -> Draft:
        return restore.draft(read, known)

    return _made_exact(client, remedy, document, original.target.cluster, drafted, advice, settings, clock)


def _targeted(client: Client, remedy: Remedy, target: Target) -> Document:
    document = workloads.read(client, target.ref)
    words = workloads.words(workloads.ref_of(document))
    if target.uid and document["metadata"]["uid"] != target.uid:
        raise RemedyError(f"{words} is another object than the one diagnosed: it was made anew since")
    if target.kind not in remedy.kinds:
        above = workloads.workload_of(client, document)
        if above is None or above["kind"] not in remedy.kinds:
            raise RemedyError(f"remedy {remedy.id} acts on {', '.join(remedy.kinds)}, not on {words}")
        document = above
    if document["metadata"].get("deletionTimestamp") and document["kind"] != "Pod":
        raise RemedyError(f"{words} is being deleted")
    return document


def _made_exact(
    client: Client,
    remedy: Remedy,
    document: Document,
    cluster: str,
    drafted: Callable[[Document], Draft],
    advice: Mapping[str, Any],
    settings: Settings,
    clock: Clock,
) -> Plan:
    draft = drafted(document)
    if draft.desired is None:
        return _pod_plan(client, document, cluster, draft, advice, settings, clock)
    document, draft, result = _dry_run(client, document, drafted, draft)
    operations, beside = _split(
        remedy, changes.differences(document["spec"], result["spec"], ["spec"]), draft, document
    )
    if not operations:
        raise NothingToChange(
            f"{workloads.words(workloads.ref_of(document))} is so already: the API server changes nothing"
        )
    ref = workloads.ref_of(document)
    warnings = [*draft.warnings, *_beside_warnings(beside), *_writer_warnings(document, operations)]
    evictions: list[Write] = []
    if remedy.changes_template:
        warnings += admission.check_pod(client, document, result)
        evictions = stuck_pods.evictions(client, document)
    inverse = confidential.concealed(client, document, changes.inverse(operations, document))
    writes = [Write("1", "patch", ref, "json", confidential.concealed(client, document, operations)), *evictions]
    back = [Write("1", "patch", ref, "json", inverse), *stuck_pods.after_rollback(document)]
    context = _context(client, document, advice)
    tier = tiers.tier_of(writes, context, tiers.floor_of(settings, str(advice["remedy"])))
    owner = owners.owner_of(document, write_owned=settings.write_owned)
    if not owner.writable:
        owner = _with_snippet(owner, document, operations)
    label = f"{ref.kind.lower()}/{ref.name}"
    return _assembled(
        advice,
        draft,
        target=Target(cluster, ref.api_version, ref.kind, ref.namespace, ref.name, ref.uid),
        writes=writes,
        preconditions=[_precondition(document, operations, draft), *stuck_pods.preconditions(evictions)],
        diff=difference_text.unified(label, document["spec"], result["spec"]),
        tier=tier,
        rollback=_rollback(tier, back, draft.rollback_note, ref),
        validation=_validation(settings, draft.checks or list(CHECKS), ref),
        owner=owner,
        warnings=warnings + ([owner.note] if owner.kind == "helm" or settings.write_owned and owner.note else []),
        settings=settings,
        clock=clock,
    )


def _dry_run(
    client: Client, document: Document, drafted: Callable[[Document], Draft], draft: Draft
) -> tuple[Document, Draft, Document]:
    """The object, its draft and what the API server makes of it; drafted anew when the object changed in between."""
    for attempt in range(ATTEMPTS):
        assert draft.desired is not None
        operations = changes.differences(document["spec"], draft.desired["spec"], ["spec"])
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


def _split(
    remedy: Remedy, operations: list[changes.Operation], draft: Draft, document: Document
) -> tuple[list[changes.Operation], list[changes.Operation]]:
    """The remedy's own changes, with the values as the API server stores them, and what comes beside them."""
    intended = changes.differences(document["spec"], (draft.desired or document)["spec"], ["spec"])
    own = {paths.text(operation["path"]) for operation in intended}
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


def _context(client: Client, document: Document, advice: Mapping[str, Any]) -> tiers.TierContext:
    return tiers.TierContext(
        advisor=str(advice.get("advisor") or "unknown"),
        replicas=workloads.desired_replicas(document),
        pod_replaced=document["kind"] in workloads.KINDS,
        deletes_claims=scale.deletes_claims(document),
    )


def _precondition(document: Document, operations: list[changes.Operation], draft: Draft) -> Precondition:
    fields: dict[str, FieldValue] = {}
    for path in [*[operation["path"] for operation in operations], *draft.relies_on, *_held_flags(document)]:
        field = field_value(document, path)
        fields.setdefault(paths.text(field.path), field)
    for path in draft.relies_on_digest:
        value = paths.read(document, path)
        fields.setdefault(paths.text(path), FieldValue(list(path), sha256=plan_json.sha256(value)))
    return Precondition(workloads.ref_of(document), list(fields.values()))


def _held_flags(document: Document) -> list[list[Any]]:
    return [["spec", "paused"]] if document["kind"] == "Deployment" else []


def field_value(document: Document, path: paths.Path) -> FieldValue:
    """A field as it is now; of one that holds a secret, the digest of the whole template."""
    value = paths.read(document, path)
    if confidential.is_confidential(path, value):
        template = paths.read(document, confidential.TEMPLATE)
        return FieldValue(list(confidential.TEMPLATE), sha256=plan_json.sha256(template))
    return FieldValue(list(path), absent=True) if value is paths.ABSENT else FieldValue(list(path), value)


def _rollback(tier: Tier, back: list[Write], note: str, ref: ObjectRef) -> Rollback:
    by_hand = tier.level == 4
    how = "By hand, through playbooks/rollback.yml" if by_hand else "By itself, when the change fails or does not hold"
    fields = ", ".join(paths.text(operation["path"]) for operation in restore.operations(back))
    steps = f"{how}: restore {fields} of {workloads.words(ref)}. {note}".rstrip()
    return Rollback(not by_hand, tiers.ROLLBACK_SECONDS[tier.level], steps, back)


def _validation(settings: Settings, checks: list[str], workload: ObjectRef) -> Validation:
    return Validation(settings.validate_seconds, settings.settle_seconds, checks, workload)


def _with_snippet(owner: Owner, document: Document, operations: list[changes.Operation]) -> Owner:
    return Owner(owner.kind, owner.name, owner.writable, owner.note, owners.source_snippet(document, operations))


def _pod_plan(
    client: Client,
    pod: Document,
    cluster: str,
    draft: Draft,
    advice: Mapping[str, Any],
    settings: Settings,
    clock: Clock,
) -> Plan:
    ref = workloads.ref_of(pod)
    controller = owners.controller_of(pod)
    if controller is None:
        applying.refuse_without_permission(client, ref)
    else:
        client.evict(ref, dry_run=True)
    workload = workloads.workload_of(client, pod)
    pods = workloads.pods_of(client, workload) if workload else []
    context = tiers.TierContext(
        advisor=str(advice.get("advisor") or "unknown"),
        pod_replaced=restart_pod.is_replaced(pod),
        recent_replacement=recency.recent_replacement(clock.now(), settings.recent_restarts, pods or [pod]),
    )
    writes = [Write("1", "evict" if controller else "delete", ref)]
    tier = tiers.tier_of(writes, context, tiers.floor_of(settings, str(advice["remedy"])))
    replaced_by = f"(a new pod of {controller['kind']} {controller['name']})" if controller else "(none)"
    return _assembled(
        advice,
        draft,
        target=Target(cluster, ref.api_version, ref.kind, ref.namespace, ref.name, ref.uid),
        writes=writes,
        preconditions=[Precondition(ref, [field_value(pod, path) for path in draft.relies_on])],
        diff=f"--- pod/{ref.name} now\n+++ pod/{ref.name} then\n-{ref.name}\n+{replaced_by}\n",
        tier=tier,
        rollback=Rollback(False, tiers.ROLLBACK_SECONDS[tier.level], draft.rollback_note),
        validation=_validation(settings, draft.checks, workloads.ref_of(workload) if workload else ref),
        owner=owners.NOBODY if restart_pod.is_replaced(pod) else owners.owner_of(pod, write_owned=settings.write_owned),
        warnings=draft.warnings,
        settings=settings,
        clock=clock,
    )


def _assembled(
    advice: Mapping[str, Any], draft: Draft, *, tier: Tier, settings: Settings, clock: Clock, **parts: Any
) -> Plan:
    now, window = clock.now(), tiers.window_seconds(tier, settings)
    made = Plan(
        remedy=str(advice["remedy"]),
        parameters=dict(advice["parameters"]),
        advisor=str(advice.get("advisor") or "unknown"),
        reason=str(advice.get("reason") or ""),
        expected_outcome=str(advice.get("expected_outcome") or ""),
        summary=draft.summary,
        tier=tier,
        created_at=rfc3339(now),
        expires_at=rfc3339(now + timedelta(seconds=window or tiers.TRIVIAL_PLAN_SECONDS)),
        decision_window_seconds=window,
        **parts,
    )
    catalogue.verify_writes(made)
    return plan_json.with_digest(made)
