# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what an analysis is about: the workload, its pods, who scales it, and the cluster that it has to fit in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BadTarget, kind_of, parse_target
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import autoscalers, load, owners, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import fitting, in_charge
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.capacity import Cluster, Pods
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

Document = dict[str, Any]
SCALABLE = ("Deployment", "StatefulSet")
# Kubernetes' MaxGeneratedNameLength (apiserver: pkg/storage/names).
GENERATED = 58


@dataclass(frozen=True)
class Subject:
    """One workload and all that is known about scaling it; `unread` are sentences about what is not."""

    target: Target
    workload: Document
    pods: list[Document]
    autoscaler: Document | None
    in_charge: in_charge.InCharge | None
    cluster: Cluster
    unread: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """`Deployment shop/web`."""
        return workloads.words(self.target.ref)

    @property
    def replicas(self) -> int:
        """How many there should be now."""
        return workloads.desired_replicas(self.workload)

    @property
    def requests(self) -> dict[str, int]:
        """CPU requests by pod name, in millicores."""
        return {pod["metadata"]["name"]: load.requested_millicores(pod) for pod in self.pods}

    @property
    def template(self) -> Document:
        """A pod as the API server admits it (defaults of limit ranges filled in), without its place."""
        if not self.pods:
            template: Document = self.workload["spec"]["template"]
            return template
        newest = max(self.pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp", "")))
        return {**newest, "spec": {key: value for key, value in newest["spec"].items() if key != "nodeName"}}

    @property
    def request(self) -> int:
        """What one pod requests of CPU, in millicores; 0 where a container or a sidecar requests none."""
        each = [load.requested_millicores({"spec": {"containers": [item]}}) for item in self._running]
        return sum(each) if all(each) else 0

    @property
    def _running(self) -> list[Document]:
        """The containers and sidecars of one pod: without a request of each an autoscaler cannot count."""
        spec = self.template["spec"]
        sidecars = [item for item in spec.get("initContainers") or [] if item.get("restartPolicy") == "Always"]
        return [*(spec.get("containers") or []), *sidecars]

    @property
    def placed(self) -> Pods:
        """Its pods as the capacity check takes them."""
        there = sum(fitting.takes_room(pod) for pod in self.pods)
        return Pods(self.template, self.target.namespace, there, len(self.pods))

    @property
    def containers(self) -> set[str]:
        """Names of the containers of each pod, without those that run before it or beside it."""
        return {item["name"] for item in self.template["spec"].get("containers") or []}

    @property
    def other_pods(self) -> set[str]:
        """Names of the namespace's pods that are not the workload's."""
        own = {pod["metadata"]["name"] for pod in self.pods}
        namespace = self.target.namespace
        listed = {pod["metadata"]["name"] for pod in self.cluster.pods if pod["metadata"].get("namespace") == namespace}
        return listed - own

    @property
    def pod_names(self) -> str:
        """A regular expression over the names of its pods, those included that are gone by now."""
        name = re.escape(self.target.name)
        if self.target.kind == "StatefulSet":
            return f"{name}-[0-9]+"
        if len(self.target.name) > GENERATED - len("-0123456789-"):
            # Of a name that is too long the API server keeps so much, and adds five characters without a dash.
            return f"{re.escape(f'{self.target.name}-'[:GENERATED])}[a-z0-9-]{{5,}}"
        return f"{name}-[a-z0-9]+-[a-z0-9]{{5}}"


def scalable(kind: str, name: str) -> tuple[str, str]:
    """Kind and name of the target that the words name. Raises `BadTarget` for what has no replicas to set."""
    wanted, name = parse_target(kind, name)
    if wanted is None:
        return "", ""
    if wanted.name == "Pod":
        raise BadTarget(
            f"'{name}' would be a pod, and one pod is not scaled: name its workload, such as deployment/{name}"
        )
    if wanted.name not in SCALABLE:
        why = "one runs on each node" if wanted.name == "DaemonSet" else "it has no replicas to set"
        raise BadTarget(f"a {wanted.name} cannot be scaled ({why}): name one of {', '.join(SCALABLE)}")
    return wanted.name, name


def read(client: Client, kind: str, namespace: str, name: str, deadline: Deadline) -> Subject:
    """The subject. Raises `BadTarget` where there is none, `ClusterError` where it cannot be read."""
    known = kind_of(kind)
    ref = ObjectRef(known.api_version, known.name, name, namespace)
    try:
        workload = {"apiVersion": ref.api_version, "kind": ref.kind, **client.get(ref, deadline=deadline)}
    except NotFound as missing:
        raise BadTarget(f"there is no {kind} {namespace}/{name}: {missing}") from missing
    pods = _owned(workload, _listed(client, "v1", "Pod", namespace, deadline, workloads.selector_text(workload)))
    target = Target(client.cluster, ref.api_version, ref.kind, namespace, name, workload["metadata"]["uid"])
    scaled, vertical, unread = in_charge.read(client, namespace, deadline)
    found = _listed(client, autoscalers.API_VERSION, autoscalers.KIND, namespace, deadline)
    autoscaler = next((item for item in found if autoscalers.aims_at(item, workload)), None)
    cluster = read_cluster(client, namespace, deadline)
    who = in_charge.of(workload, scaled, vertical)
    return Subject(target, workload, pods, autoscaler, who, cluster, [*unread, *cluster.unread])


def _listed(
    client: Client, api_version: str, kind: str, namespace: str, deadline: Deadline, selector: str = ""
) -> list[Document]:
    items = client.list(api_version, kind, namespace=namespace, label_selector=selector, deadline=deadline)
    return [{"apiVersion": api_version, "kind": kind, **item} for item in items]


def _owned(workload: Document, pods: list[Document]) -> list[Document]:
    """Of the pods that the selector selects, those that are the workload's and stay."""
    return [pod for pod in pods if _is_of(workload, pod) and not _is_going(pod)]


def _is_of(workload: Document, pod: Mapping[str, Any]) -> bool:
    owner = owners.controller_of(pod)
    if owner is None:
        return False
    if workload["kind"] == "Deployment":
        label = (pod["metadata"].get("labels") or {}).get("pod-template-hash", "")
        return owner["kind"] == "ReplicaSet" and owner["name"] == f"{workload['metadata']['name']}-{label}"
    return bool(owner["uid"] == workload["metadata"]["uid"])


def _is_going(pod: Mapping[str, Any]) -> bool:
    ended = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    return bool(ended or pod["metadata"].get("deletionTimestamp"))


def read_cluster(client: Client, namespace: str, deadline: Deadline) -> Cluster:
    """Nodes, pods, quotas and limit ranges; what may not be read is said, and nothing then is said to fit."""
    unread: list[str] = []

    def listed(kind: str, where: str, why: str) -> list[Document] | None:
        try:
            found: list[Document] = client.list("v1", kind, namespace=where, deadline=deadline)
            return found
        except ClusterError as failed:
            unread.append(f"{why}: {failed}")
            return None

    nodes = listed("Node", "", "what the nodes can take is not known")
    pods = listed("Pod", "", "what the nodes hold already is not known")
    quotas = listed("ResourceQuota", namespace, "the namespace's quotas are not known")
    ranges = listed("LimitRange", namespace, "the namespace's limit ranges are not known")
    # Without the other pods every node would seem empty.
    known = nodes if nodes and pods is not None else []
    return Cluster(known, pods or [], quotas or [], ranges or [], unread)
