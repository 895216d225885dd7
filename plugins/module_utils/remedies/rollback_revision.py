# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Go back to the pod template of an older revision: what `kubectl rollout undo` does.

Only the fields that differ are written; the plan relies on the digest of the whole template, so what comes out is that
revision's template and no mixture. Which revision "worked last" is chosen by what can be known, and said:
one whose pods are ready now; else one that somebody had gone back to before; else, of those not known to fail, the
newest, with the warning that nothing proves that it worked.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import BELOW, Remedy
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import SIGNATURES
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

_GONE_BACK_TO = "deployment.kubernetes.io/revision-history"
_HASH = "pod-template-hash"


@dataclass(frozen=True)
class Revision:
    """One revision: its `pods` now, how many of them are `ready`, whether somebody had gone back to it before."""

    number: int
    template: Document
    pods: int = 0
    ready: int = 0
    gone_back_to: bool = False


@dataclass(frozen=True)
class Choice:
    """The revision to go back to, why it, and what to warn of."""

    revision: Revision
    why: str
    warning: str = ""


def draft(client: Client, workload: Document, parameters: Mapping[str, Any], _now: datetime) -> Draft:
    """The workload with the chosen revision's template."""
    workloads.refuse_if_held(workload)
    words = workloads.words(workloads.ref_of(workload))
    template = workload["spec"]["template"]
    choice = chosen(revisions_of(client, workload), _without_nulls(template), parameters.get("to_revision", 0), words)
    desired = copy.deepcopy(workload)
    desired["spec"]["template"] = copy.deepcopy(choice.revision.template)
    if "creationTimestamp" in template.get("metadata", {}):
        desired["spec"]["template"].setdefault("metadata", {})["creationTimestamp"] = None
    return Draft(
        summary=f"Take {words} back to revision {choice.revision.number}: {choice.why}.",
        desired=desired,
        relies_on_digest=[["spec", "template"]],
        warnings=[choice.warning] if choice.warning else [],
    )


def chosen(revisions: list[Revision], template: Mapping[str, Any], wanted: int, words: str) -> Choice:
    """The revision wanted, or with 0 the last that worked; a sentence where there is none to go back to. Pure."""
    revisions = sorted(revisions, key=lambda revision: revision.number, reverse=True)
    if wanted:
        return _wanted(revisions, template, wanted, words)
    older = [revision for revision in revisions[1:] if revision.template != template]
    if not older:
        raise RemedyError(f"{words} keeps no older revision to go back to")
    for revision in sorted(older, key=lambda revision: not revision.ready):
        if why := _known_to_work(revision):
            return Choice(revision, why)
    for revision in older:
        if not revision.pods:
            why = "the newest older one that is not known to fail"
            return Choice(revision, why, f"Nothing proves that revision {revision.number} worked: it is {why}.")
    raise RemedyError(f"No older revision of {words} is known to work: those that have pods have none that is ready")


def _known_to_work(revision: Revision) -> str:
    """By what it is known to work; empty where by nothing."""
    if revision.ready:
        return f"{revision.ready} pod(s) of it are ready now"
    return "somebody had gone back to it before" if revision.gone_back_to and not revision.pods else ""


def _wanted(revisions: list[Revision], template: Mapping[str, Any], wanted: int, words: str) -> Choice:
    for revision in revisions:
        if revision.number == wanted:
            if revision.template == template:
                raise NothingToChange(f"{words} has the template of revision {wanted} already")
            warning = f"Revision {wanted} has pods and none is ready." if revision.pods and not revision.ready else ""
            return Choice(revision, _known_to_work(revision) or "the one that the recommendation names", warning)
    known = ", ".join(str(revision.number) for revision in reversed(revisions)) or "none"
    raise RemedyError(f"{words} keeps no revision {wanted}; it keeps: {known}")


def revisions_of(client: Client, workload: Document) -> list[Revision]:
    """Every revision that the API server keeps of a workload."""
    owned = workloads.revision_objects(client, workload)
    if workload["kind"] == "Deployment":
        return [_of_replica_set(item) for item in owned]
    pods = workloads.pods_of(client, workload) if owned else []
    return [_of_controller_revision(item, pods) for item in owned]


def _of_replica_set(item: Document) -> Revision:
    annotations = item["metadata"].get("annotations") or {}
    template = copy.deepcopy(item["spec"]["template"])
    labels = template.get("metadata", {}).get("labels") or {}
    labels.pop(_HASH, None)
    status = item.get("status") or {}
    return Revision(
        workloads.revision_of(item),
        _without_nulls(template),
        int(status.get("replicas", 0)),
        int(status.get("readyReplicas", 0)),
        bool(annotations.get(_GONE_BACK_TO)),
    )


def _of_controller_revision(item: Document, pods: list[Document]) -> Revision:
    template = copy.deepcopy(item["data"]["spec"]["template"])
    template.pop("$patch", None)
    metadata = item["metadata"]
    names = {metadata["name"], (metadata.get("labels") or {}).get("controller-revision-hash", "")}
    mine = [pod for pod in pods if (pod["metadata"].get("labels") or {}).get("controller-revision-hash") in names]
    ready = sum(workloads.is_ready(pod) for pod in mine)
    return Revision(int(item["revision"]), _without_nulls(template), len(mine), ready)


def _without_nulls(value: Any) -> Any:
    """Stored revisions hold `creationTimestamp: null`, which a live template lacks."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return value


REMEDY = Remedy(
    SIGNATURES["rollback_revision"],
    (("spec", "template", BELOW),),
    draft,
)
