# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the cluster says about the workloads to be sized: read once, then looked up (pure but for `read`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.gather import Gathering
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import revision_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

Document = dict[str, Any]
Key = tuple[str, str, str]
KINDS: Final = ("Deployment", "StatefulSet", "DaemonSet")
_READ: Final = (
    ("Pod", "v1"),
    ("ReplicaSet", "apps/v1"),
    *((kind, "apps/v1") for kind in KINDS),
    ("HorizontalPodAutoscaler", "autoscaling/v2"),
    ("VerticalPodAutoscaler", "autoscaling.k8s.io/v1"),
)
# Without these nothing can be said about what is requested and since when.
NEEDED: Final = ("Pod", "ReplicaSet", *KINDS)


@dataclass
class Workload:
    """A Deployment, StatefulSet or DaemonSet with the pods that it controls now.

    `revision` is the newest ReplicaSet of a Deployment, `autoscalers` and `vertical` what scales it.
    """

    document: Document
    pods: list[Document] = field(default_factory=list)
    revision: Document | None = None
    autoscaler: Document | None = None
    vertical: Document | None = None

    @property
    def key(self) -> Key:
        """Kind, namespace and name."""
        metadata = self.document["metadata"]
        return self.document["kind"], metadata["namespace"], metadata["name"]

    @property
    def words(self) -> str:
        """`Deployment shop/checkout`."""
        kind, namespace, name = self.key
        return f"{kind} {namespace}/{name}"

    @property
    def replicas(self) -> int:
        """How many pods it should have now."""
        if self.document["kind"] == "DaemonSet":
            return int((self.document.get("status") or {}).get("desiredNumberScheduled", 0))
        return int(self.document["spec"].get("replicas", 1))

    def target(self, cluster: str) -> Target:
        """As a plan's target."""
        kind, namespace, name = self.key
        return Target(cluster, "apps/v1", kind, namespace, name, self.document["metadata"]["uid"])


@dataclass
class Scope:
    """The workloads of a namespace or of the cluster, and what could not be read."""

    workloads: dict[Key, Workload]
    unavailable: list[Any] = field(default_factory=list)
    _by_prefix: dict[tuple[str, str], Key] = field(default_factory=dict)
    _by_pod: dict[tuple[str, str], Key | None] = field(default_factory=dict)

    def workload_of(self, namespace: str, pod: str) -> Key | None:
        """The workload whose present revision a pod is, or was, of: by its owner, or by its name where it is gone.

        Controllers name pods after themselves: ReplicaSets and DaemonSets add five characters, StatefulSets a number.
        """
        if (namespace, pod) in self._by_pod:
            return self._by_pod[namespace, pod]
        return self._by_prefix.get((namespace, pod.rpartition("-")[0]))


def read(client: Client, namespace: str, deadline: Deadline) -> Scope:
    """Everything of a namespace (or of all, where empty) that sizing needs. Raises `ClusterError` for what it cannot do
    without."""
    gathering = Gathering(client, deadline)
    try:
        jobs = {
            kind: partial(client.list, api_version, kind, namespace=namespace, deadline=deadline)
            for kind, api_version in _READ
        }
        found = gathering.together(jobs)
    finally:
        gathering.close()
    missing = [item for item in gathering.unavailable if item.what in NEEDED]
    if missing:
        why = "; ".join(f"{item.what}: {item.why}" for item in missing)
        raise ClusterError(f"the workloads cannot be read ({why})")
    return scope_of(found, gathering.unavailable)


def scope_of(documents: Mapping[str, list[Document]], unavailable: list[Any] | None = None) -> Scope:
    """The scope that lists of objects by kind make. Pure."""
    workloads = {
        # Items of a list come without their kind.
        (kind, item["metadata"]["namespace"], item["metadata"]["name"]): Workload(
            {**item, "apiVersion": "apps/v1", "kind": kind}
        )
        for kind in KINDS
        for item in documents.get(kind) or []
    }
    scope = Scope(workloads, unavailable or [])
    owners = _revisions(documents.get("ReplicaSet") or [], scope)
    for key in workloads:
        kind, namespace, name = key
        if kind != "Deployment":
            scope._by_prefix[namespace, name] = key
    for pod in documents.get("Pod") or []:
        _place(pod, owners, scope)
    _scalers(documents, scope)
    return scope


def _controller(document: Document) -> tuple[str, str]:
    for reference in document["metadata"].get("ownerReferences") or []:
        if reference.get("controller"):
            return str(reference["kind"]), str(reference["name"])
    return "", ""


def _revisions(replica_sets: list[Document], scope: Scope) -> dict[tuple[str, str], Key]:
    """(namespace, ReplicaSet) → Deployment; notes each Deployment's newest, whose pods alone count."""
    by_owner: dict[Key, list[Document]] = defaultdict(list)
    owners: dict[tuple[str, str], Key] = {}
    for item in replica_sets:
        kind, name = _controller(item)
        key = (kind, item["metadata"]["namespace"], name)
        if key in scope.workloads:
            by_owner[key].append(item)
            owners[key[1], item["metadata"]["name"]] = key
    for key, items in by_owner.items():
        newest = max(items, key=revision_of)
        scope.workloads[key].revision = newest
        scope._by_prefix[key[1], newest["metadata"]["name"]] = key
    return owners


def _place(pod: Document, owners: Mapping[tuple[str, str], Key], scope: Scope) -> None:
    namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    kind, owner = _controller(pod)
    key = owners.get((namespace, owner)) if kind == "ReplicaSet" else (kind, namespace, owner)
    if key is None or key not in scope.workloads:
        scope._by_pod[namespace, name] = None
        return
    workload = scope.workloads[key]
    workload.pods.append(pod)
    of_newest = workload.revision is None or workload.revision["metadata"]["name"] == owner
    scope._by_pod[namespace, name] = key if of_newest else None


def _scalers(documents: Mapping[str, list[Document]], scope: Scope) -> None:
    for kind, reference in (("HorizontalPodAutoscaler", "scaleTargetRef"), ("VerticalPodAutoscaler", "targetRef")):
        for item in documents.get(kind) or []:
            aim = item["spec"].get(reference) or {}
            key = (str(aim.get("kind")), item["metadata"]["namespace"], str(aim.get("name")))
            if key not in scope.workloads:
                continue
            if kind == "HorizontalPodAutoscaler":
                scope.workloads[key].autoscaler = item
            else:
                scope.workloads[key].vertical = item
