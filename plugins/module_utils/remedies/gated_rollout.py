# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Roll out a change that stops at a few pods: arm the gate, change the template, watch, then release or hold.

Three more remedies end a gate that an earlier run left: take the release back, let it go on, restore the strategy.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import rollback_revision, set_image, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import BELOW, Remedy
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import (
    Draft,
    FieldValue,
    Plan,
    Precondition,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import SIGNATURES
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming, room, settings

HELM: Final = ("release", "revision", "chart", "chart_digest", "values_digest", "manifest_digest", "tier", "tier_why")
REVISION_PATH: Final = ["metadata", "annotations", workloads.REVISION]
WHAT: Final = {
    "image": "roll out another image",
    "manifest": "roll out the manifest's template",
    "guard": "guard the next rollout, whoever starts it",
}
NOTE: Final = (
    "Until the gate releases it no further pod is replaced, whether or not anybody watches. A bad sign pauses it; the "
    "old template then comes back by a decision of its own."
)
FIELDS: Final = (
    ("metadata", "annotations", arming.ANNOTATION),
    ("spec", "paused"),
    ("spec", "minReadySeconds"),
    ("spec", "progressDeadlineSeconds"),
    ("spec", "strategy", "rollingUpdate", BELOW),
    ("spec", "updateStrategy", "rollingUpdate", BELOW),
    ("spec", "template", BELOW),
)


def draft(client: Client, workload: Document, parameters: Mapping[str, Any], now: datetime) -> Draft:
    """The workload gated, with its new template where the change is ours to write."""
    arming.refuse(workload)
    change, gate = parameters["change"], settings.from_json(parameters.get("gate") or {})
    words, replicas = workloads.words(workloads.ref_of(workload)), workloads.desired_replicas(workload)
    first = min(gate.first_pods, replicas)
    by_others = change in ("helm", "guard")
    changed = workload if by_others else _changed(client, workload, parameters, now)
    if changed["kind"] == "Deployment":
        lacks = room.lacking(client, _namespace(workload), changed["spec"]["template"]["spec"], first)
        if lacks:
            raise RemedyError(f"{words} cannot be gated: {lacks}")
    helm = _helm(parameters) if change == "helm" else {}
    desired = arming.armed(
        workload,
        first,
        pause=by_others,
        values=_values(workload, first, change, helm),
        helm={name: helm[name] for name in ("release", "revision")} if helm else None,
    )
    desired["spec"]["template"] = changed["spec"]["template"]
    what = f"upgrade the Helm release {helm['release']} from revision {helm['revision']}" if helm else WHAT[change]
    return Draft(
        summary=f"In {words}, {what}: {first} of {replicas} new pods first, the rest only when those are good.",
        desired=desired,
        relies_on=[REVISION_PATH] if workload["kind"] == "Deployment" else [],
        relies_on_digest=[["spec", "template"]],
        checks=_checks(gate, first),
        rollback_note=NOTE,
        warnings=_warnings(helm),
        also_diff=str(helm.get("diff") or ""),
        also_preconditions=[_release(client, workload, helm)] if helm else [],
        also_tier=(int(helm["tier"]), f"the chart {helm['tier_why']}") if helm else (1, ""),
        parameters=_kept(parameters, gate, helm),
    )


def _values(workload: Document, first: int, change: str, helm: Mapping[str, Any]) -> dict[str, Any]:
    """What is armed at once, so that the upgrade that is waited for can still be written."""
    if change == "guard":
        return arming.awaiting(workload, first)
    # Fields that the release's own chart sets are gated once it has written them: Helm 4 would refuse to otherwise.
    return arming.beside(workload, first, helm.get("sets") or ())


def _kept(parameters: Mapping[str, Any], gate: settings.GateSettings, helm: Mapping[str, Any]) -> dict[str, Any]:
    """What the plan holds: every setting in full, of a manifest only its digest, a release's diff where it is shown."""
    kept = {**parameters, "gate": gate.to_json()}
    if "manifest" in kept:
        kept["manifest"] = {"sha256": canonical.sha256(kept["manifest"])}
    if helm:
        kept["helm"] = {name: value for name, value in helm.items() if name != "diff"}
    return kept


def _helm(parameters: Mapping[str, Any]) -> dict[str, Any]:
    helm = dict(parameters.get("helm") or {})
    if not helm.get("diff"):
        raise RemedyError("the upgrade has to be looked at anew: start playbooks/rollout.yml again")
    for name in HELM:
        if helm.get(name) in (None, ""):
            raise RemedyError(f"a gated Helm upgrade needs helm.{name}")
    return helm


def _release(client: Client, workload: Document, helm: Mapping[str, Any]) -> Precondition:
    """Helm's own record of the release must still say that this revision is the deployed one."""
    name = f"sh.helm.release.v1.{helm['release']}.v{helm['revision']}"
    ref = ObjectRef("v1", "Secret", name, _namespace(workload))
    try:
        found = workloads.read(client, ref)
    except NotFound:
        why = f"Helm keeps no Secret {name} in namespace {ref.namespace}, so its release is not known"
        raise RemedyError(why) from None
    if (found["metadata"].get("labels") or {}).get("status") != "deployed":
        raise RemedyError(f"revision {helm['revision']} of the Helm release {helm['release']} is not the deployed one")
    return Precondition(workloads.ref_of(found), [FieldValue(["metadata", "labels", "status"], "deployed")])


def _warnings(helm: Mapping[str, Any]) -> list[str]:
    found = []
    if helm.get("sets"):
        fields = ", ".join(helm["sets"])
        found.append(f"The chart itself sets {fields}: the rollout stays paused until the gate has set them again.")
    if helm.get("ungated"):
        found.append(f"The upgrade also replaces the pods of {', '.join(helm['ungated'])}, which no gate holds.")
    if helm.get("hooks"):
        found.append(f"The chart runs {helm['hooks']} hooks, which are not in the difference.")
    return found


def _checks(gate: settings.GateSettings, first: int) -> list[str]:
    rule = gate.rule
    checks = [
        f"none of the first {first} new pods crashes, lacks its image or loses its readiness",
        f"with at least {rule.min_requests} requests and {rule.min_errors} errors, not over "
        f"{rule.max_error_rate * 100:.4g} % of the requests to them fail",
        f"this holds for {rule.watch_seconds:g} s and until every pod is new; too little to tell from holds it",
    ]
    if rule.max_latency_seconds:
        share = f"{rule.latency_percentile * 100:.3g} %"
        checks.append(f"{share} of the requests to them take at most {rule.max_latency_seconds:g} s")
    return checks


def _changed(client: Client, workload: Document, parameters: Mapping[str, Any], now: datetime) -> Document:
    if parameters["change"] == "image":
        containers = [name for name, (room_, _c) in workloads.containers(workload).items() if room_ == "containers"]
        container = parameters.get("container") or (containers[0] if len(containers) == 1 else "")
        if not container or not parameters.get("image"):
            raise RemedyError(f"a gated image change needs image, and container, one of: {', '.join(containers)}")
        return set_image.draft(client, workload, {**parameters, "container": container}, now).desired or workload
    return _with_manifest(client, workload, parameters.get("manifest") or {})


def _with_manifest(client: Client, workload: Document, manifest: Mapping[str, Any]) -> Document:
    """The template as the API server completes the manifest's; what else the manifest changes is refused."""
    ref, metadata = workloads.ref_of(workload), manifest.get("metadata") or {}
    named = (manifest.get("kind"), metadata.get("name"), metadata.get("namespace") or ref.namespace)
    if named != (ref.kind, ref.name, ref.namespace) or not (manifest.get("spec") or {}).get("template"):
        raise RemedyError(f"the manifest must be of {workloads.words(ref)}, with its template")
    body = {"spec": {"template": manifest["spec"]["template"]}}
    try:
        result = client.patch(ref, body, dry_run=True)
    except ClusterError as refused:
        raise RemedyError(f"The API server refuses the manifest: {refused}") from refused
    changed = copy.deepcopy(workload)
    changed["spec"]["template"] = result["spec"]["template"]
    if arming.template_digest(changed) == arming.template_digest(workload):
        raise NothingToChange(f"{workloads.words(ref)} has this template already")
    return changed


def _namespace(workload: Document) -> str:
    return str(workload["metadata"].get("namespace", ""))


def old_template(client: Client, workload: Document) -> Document:
    """The template that the workload had when it was gated, from the revision that keeps it."""
    wanted = arming.gate_of(workload)["template"]
    for revision in rollback_revision.revisions_of(client, workload):
        if arming.template_digest({"spec": {"template": revision.template}}) == wanted:
            return copy.deepcopy(revision.template)
    raise RemedyError(
        f"{workloads.words(workloads.ref_of(workload))} keeps no revision with the template from before the rollout"
    )


def _ending(make: Callable[[Client, Document], Document], what: str) -> Callable[..., Draft]:
    def drafted(client: Client, workload: Document, _parameters: Mapping[str, Any], _now: datetime) -> Draft:
        words = workloads.words(workloads.ref_of(workload))
        if not arming.gate_of(workload):
            raise NothingToChange(f"{words} is not gated: there is nothing to {what.split(' ')[0].lower()}")
        helm = arming.gate_of(workload).get("helm")
        return Draft(
            summary=f"{what}, in {words}.",
            desired=make(client, workload),
            relies_on_digest=[["spec", "template"]],
            parameters={"helm": helm} if helm else {},
        )

    return drafted


def reversal(workload: Document, original: Plan) -> dict[str, Any]:
    """What undoes a gated rollout: while the gate is there, its own way back; afterwards the revision from before."""
    advice = {
        "advisor": "rules",
        "reason": "A person asks to undo an earlier change.",
        "expected_outcome": "The pods have the template from before the rollout.",
    }
    if arming.gate_of(workload):
        return {**advice, "remedy": "undo_rollout", "parameters": {}}
    for field in [field for item in original.preconditions for field in item.fields]:
        if field.path == REVISION_PATH and str(field.value).isdecimal():
            return {**advice, "remedy": "rollback_revision", "parameters": {"to_revision": int(field.value)}}
    return {**advice, "remedy": "rollback_revision", "parameters": {}}


REMEDY = Remedy(
    SIGNATURES["gated_rollout"],
    FIELDS,
    draft,
)
UNDO = Remedy(
    SIGNATURES["undo_rollout"],
    FIELDS,
    _ending(
        lambda client, workload: arming.undone(workload, old_template(client, workload)),
        "Take the release back: the old template, the strategy from before, no longer paused",
    ),
)
CONTINUE = Remedy(
    SIGNATURES["continue_rollout"],
    FIELDS,
    _ending(
        lambda _client, workload: arming.let_go(workload),
        "Let the rollout go on in spite of what halted it, with the strategy from before",
    ),
)
DISARM = Remedy(
    SIGNATURES["disarm_rollout"],
    FIELDS,
    _ending(
        lambda _client, workload: arming.disarmed(workload),
        "Restore the strategy from before the gate (a rollout that is half out stays paused)",
    ),
    changes_template=False,
)
