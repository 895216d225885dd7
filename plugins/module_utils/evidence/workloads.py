# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decodes controllers: the chain of owners, status, revisions, and the pods in one line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence import revisions
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BY_NAME
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import (
    conditions_from,
    is_ready,
    problem_of,
    restarts,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Pod, PodLine, Revision, Workload
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

Json = Mapping[str, Any]

# A pod that failed longer ago than this, and was replaced, has been lived with.
LEFTOVER_SECONDS = 3600


def selector_text(selector: Json | None) -> str:
    """A LabelSelector in the words of the `labelSelector` parameter; empty where it has none."""
    selector = selector or {}
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for expression in selector.get("matchExpressions") or []:
        key, values = expression["key"], ",".join(expression.get("values") or [])
        words = {
            "In": f"{key} in ({values})",
            "NotIn": f"{key} notin ({values})",
            "Exists": key,
            "DoesNotExist": f"!{key}",
        }
        parts.append(words.get(expression["operator"], key))
    return ",".join(parts)


def target_of(item: Json, kind: str, cluster: str) -> Target:
    """The target that an object of a known kind is."""
    meta = item["metadata"]
    api_version = BY_NAME[kind].api_version if kind in BY_NAME else str(item.get("apiVersion", ""))
    return Target(cluster, api_version, kind, meta.get("namespace", ""), meta["name"], meta.get("uid", ""))


def workload_from(item: Json, kind: str, cluster: str) -> Workload:
    """Desired and actual counts of a controller, in one shape for all kinds."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    desired = spec.get("replicas", 1)
    ready = status.get("readyReplicas", 0)
    available = status.get("availableReplicas", 0)
    updated = status.get("updatedReplicas", 0)
    if kind == "DaemonSet":
        desired, ready = status.get("desiredNumberScheduled", 0), status.get("numberReady", 0)
        available, updated = status.get("numberAvailable", 0), status.get("updatedNumberScheduled", 0)
    elif kind == "Job":
        desired, ready = spec.get("completions") or 1, status.get("succeeded", 0)
        available = ready
    elif kind == "CronJob":
        desired = 0
    return Workload(
        target_of(item, kind, cluster),
        desired,
        ready,
        available,
        updated,
        suspended=bool(spec.get("suspend") or spec.get("paused")),
        conditions=conditions_from(status),
    )


def compare_revisions(workload: Workload, found: list[tuple[Revision, Json]]) -> None:
    """Fill in the revisions of `workload` and what changed since the one to compare with."""
    workload.revisions = [revision for revision, _template in found]
    before = revisions.compared(workload.revisions)
    if before is None:
        return
    templates = {revision.number: template for revision, template in found}
    workload.compared_revision, workload.compared_serving = before.number, before.ready > 0
    workload.changes = revisions.changes(templates[before.number], templates[workload.revisions[-1].number])


def revision_of(pod: Pod) -> str:
    """The hash of the template that the pod was made from; empty where its controller has no revisions."""
    return pod.labels.get("controller-revision-hash") or pod.labels.get("pod-template-hash", "")


def pod_line(pod: Pod) -> PodLine:
    """A pod of the workload in one line."""
    return PodLine(
        pod.name,
        pod.phase,
        is_ready(pod),
        restarts(pod),
        problem_of(pod),
        revision_of(pod),
        pod.created_at,
        {c.name: c.limits.memory_bytes for c in pod.containers if c.limits.memory_bytes is not None},
    )


def worst_first(pods: list[Pod]) -> list[Pod]:
    """Pods by how much is wrong with them; of equals the newest first, then by name."""
    newest = sorted(sorted(pods, key=lambda p: p.name), key=lambda p: p.created_at, reverse=True)
    return sorted(newest, key=badness, reverse=True)


def is_complete(job: Json) -> bool:
    """The Job has all the completions that it wants."""
    return any(c.type == "Complete" and c.status == "True" for c in conditions_from(job.get("status") or {}))


def news_first(pods: list[Pod], *, complete: bool, now: str) -> list[Pod]:
    """The worst first, and after all others the failed pods that are no news: tries of a Job that is `complete`, and
    pods that were replaced and ended longer than LEFTOVER_SECONDS before `now` (nobody deletes either for days)."""
    alive = [p.created_at for p in pods if p.phase in ("Running", "Pending") and not p.deleted_at]

    def is_leftover(pod: Pod) -> bool:
        replaced = any(pod.created_at < created for created in alive) and not _ended_lately(pod, now)
        return pod.phase == "Failed" and (complete or replaced)

    return sorted(worst_first(pods), key=is_leftover)


def _ended_lately(pod: Pod, now: str) -> bool:
    """Its containers ended or its conditions changed within LEFTOVER_SECONDS; also where neither is told."""
    times = (*(c.state.finished_at for c in pod.containers), *(c.since for c in pod.conditions))
    ended, moment = parse_rfc3339(max(times, default="")), parse_rfc3339(now)
    return ended is None or moment is None or (moment - ended).total_seconds() <= LEFTOVER_SECONDS


def badness(pod: Pod) -> tuple[int, int]:
    """Greater is worse: failing now, then not ready, then restarted, then well; deleted and completed ones last."""
    problem = problem_of(pod)
    if problem == "Terminating" or pod.phase == "Succeeded":
        return 0, 0
    if problem in ("NotReady", "Pending"):
        return 3, restarts(pod)
    if problem:
        return 4, restarts(pod)
    return (2 if restarts(pod) else 1), restarts(pod)
