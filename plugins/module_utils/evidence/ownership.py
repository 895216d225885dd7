# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Climbs from a pod or controller to the controller that a remedy would change, and reads its revisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence import revisions
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.gather import reason_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BY_NAME
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Revision, Unavailable
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.workloads import selector_text

Json = Mapping[str, Any]
# Pod → ReplicaSet → Deployment and pod → Job → CronJob are the longest chains of known kinds.
MOST_STEPS = 3


@dataclass
class Ownership:
    """The chain of controllers from the nearest to the top one: kind and object of each; and the top one's pods."""

    chain: list[tuple[str, Json]] = field(default_factory=list)
    replica_sets: list[Json] = field(default_factory=list)
    revisions: list[tuple[Revision, Json]] = field(default_factory=list)
    pods: list[Json] = field(default_factory=list)
    selector: str = ""
    unavailable: list[Unavailable] = field(default_factory=list)


def climb(client: Client, item: Json, kind: str, deadline: Deadline) -> Ownership:
    """The owners of `item` (which is the first of the chain where it is a controller itself), revisions and pods."""
    found = Ownership([] if kind == "Pod" else [(kind, item)])
    namespace = item["metadata"].get("namespace", "")
    for _step in range(MOST_STEPS):
        owner = next((o for o in item["metadata"].get("ownerReferences") or [] if o.get("controller")), None)
        if (
            owner is None
            or owner["kind"] not in BY_NAME
            or owner.get("apiVersion") != BY_NAME[owner["kind"]].api_version
        ):
            break
        try:
            item = client.get(
                ObjectRef(owner["apiVersion"], owner["kind"], owner["name"], namespace), deadline=deadline
            )
        except ClusterError as failure:
            found.unavailable.append(Unavailable(f"owner {owner['kind'].lower()}/{owner['name']}", reason_of(failure)))
            break
        found.chain.append((owner["kind"], item))
    if found.chain:
        _read_below(client, found, namespace, deadline)
    return found


def _read_below(client: Client, found: Ownership, namespace: str, deadline: Deadline) -> None:
    """The pods of the top controller, and its revisions where its kind has any."""
    kind, top = found.chain[-1]
    if kind == "CronJob":
        top = _newest_job(client, found, namespace, deadline) or top
    found.selector = selector_text((top.get("spec") or {}).get("selector"))
    uid = top["metadata"].get("uid", "")

    def read(what: str, api_version: str, item_kind: str) -> list[Json]:
        try:
            return client.list(
                api_version, item_kind, namespace=namespace, label_selector=found.selector, deadline=deadline
            )
        except ClusterError as failure:
            found.unavailable.append(Unavailable(what, reason_of(failure)))
            return []

    if not found.selector:
        return
    found.pods = read("pods of the workload", "v1", "Pod")
    if kind == "Deployment":
        found.replica_sets = read("revisions of the workload", "apps/v1", "ReplicaSet")
        found.revisions = revisions.of_replica_sets(found.replica_sets, uid)
    elif kind in ("StatefulSet", "DaemonSet"):
        items = read("revisions of the workload", "apps/v1", "ControllerRevision")
        found.revisions = revisions.of_controller_revisions(items, uid, _ready_by_hash(found.pods))


def _newest_job(client: Client, found: Ownership, namespace: str, deadline: Deadline) -> Json | None:
    """The job in the chain, else the CronJob's newest; it is put before the CronJob."""
    if len(found.chain) > 1:
        return found.chain[-2][1]
    uid = found.chain[0][1]["metadata"].get("uid", "")
    try:
        jobs = client.list("batch/v1", "Job", namespace=namespace, deadline=deadline)
    except ClusterError as failure:
        found.unavailable.append(Unavailable("jobs of the cron job", reason_of(failure)))
        return None
    own = [j for j in jobs if any(o.get("uid") == uid for o in j["metadata"].get("ownerReferences") or [])]
    newest = max(own, key=lambda j: j["metadata"].get("creationTimestamp") or "", default=None)
    if newest is not None:
        found.chain.insert(0, ("Job", newest))
    return newest


def _ready_by_hash(pods: list[Json]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for pod in pods:
        pod_hash = (pod["metadata"].get("labels") or {}).get("controller-revision-hash", "")
        conditions = (pod.get("status") or {}).get("conditions") or []
        if any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions):
            counts[pod_hash] = counts.get(pod_hash, 0) + 1
    return counts
