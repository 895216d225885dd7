# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts of a workload and its pods that several remedies need. Pure reading of JSON objects, but for the listings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.owners import controller_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import KINDS

Document = dict[str, Any]
HASH_LABEL: Final = {
    "Deployment": "pod-template-hash",
    "StatefulSet": "controller-revision-hash",
    "DaemonSet": "controller-revision-hash",
}
REVISION: Final = "deployment.kubernetes.io/revision"


def revision_of(replica_set: Mapping[str, Any]) -> int:
    """The number that the controller gave a ReplicaSet; 0 where there is none, or what somebody wrote is none."""
    written = str((replica_set["metadata"].get("annotations") or {}).get(REVISION, ""))
    return int(written) if written.isdecimal() and len(written) < 19 else 0


def ref_of(document: Mapping[str, Any]) -> ObjectRef:
    """The reference (with uid) of an object as the API server returned it."""
    metadata = document["metadata"]
    return ObjectRef(
        document["apiVersion"], document["kind"], metadata["name"], metadata.get("namespace", ""), metadata["uid"]
    )


def words(ref: ObjectRef) -> str:
    """`Deployment shop/checkout`."""
    return f"{ref.kind} {ref.namespace}/{ref.name}" if ref.namespace else f"{ref.kind} {ref.name}"


def read(client: Client, ref: ObjectRef) -> Document:
    """An object with its `apiVersion` and `kind`."""
    document: Document = dict(client.get(ref))
    document.setdefault("apiVersion", ref.api_version)
    document.setdefault("kind", ref.kind)
    return document


def listed(client: Client, api_version: str, kind: str, namespace: str, label_selector: str = "") -> list[Document]:
    """Objects of a kind, each with its `apiVersion` and `kind` (which list items come without)."""
    items = client.list(api_version, kind, namespace=namespace, label_selector=label_selector)
    return [{"apiVersion": api_version, "kind": kind, **item} for item in items]


def workload_of(client: Client, document: Document) -> Document | None:
    """The Deployment, StatefulSet or DaemonSet at the top of an object's owners, or None."""
    for _level in range(3):
        if document["kind"] in KINDS:
            return document
        reference = controller_of(document)
        if reference is None or reference["apiVersion"] != "apps/v1":
            return None
        namespace = document["metadata"].get("namespace", "")
        document = read(client, ObjectRef("apps/v1", reference["kind"], reference["name"], namespace, reference["uid"]))
    return None


def containers(workload: Mapping[str, Any]) -> dict[str, tuple[str, Document]]:
    """Name → (`containers` or `initContainers`, the container) of a pod template."""
    spec = workload["spec"]["template"]["spec"]
    found = {}
    for room in ("containers", "initContainers"):
        for container in spec.get(room) or []:
            found[container["name"]] = (room, container)
    return found


def container_path(workload: Mapping[str, Any], name: str) -> list[Any]:
    """The path of a container in its workload; a sentence naming the containers there are where it has no such one."""
    known = containers(workload)
    if name not in known:
        raise RemedyError(f"{words(ref_of(workload))} has no container {name!r}; it has: {', '.join(sorted(known))}")
    return ["spec", "template", "spec", known[name][0], {"name": name}]


def selector_text(workload: Mapping[str, Any]) -> str:
    """The workload's label selector as the API takes it in a query."""
    selector = workload["spec"].get("selector") or {}
    terms = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for expression in selector.get("matchExpressions") or []:
        terms.append(_expression(expression))
    return ",".join(terms)


def _expression(expression: Mapping[str, Any]) -> str:
    key, values = expression["key"], ",".join(expression.get("values") or [])
    forms = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key, "DoesNotExist": f"!{key}"}
    return forms[expression["operator"]]


def pods_of(client: Client, workload: Mapping[str, Any]) -> list[Document]:
    """Pods that the workload controls: by its selector, then by their owner reference."""
    metadata = workload["metadata"]
    pods = listed(client, "v1", "Pod", metadata.get("namespace", ""), selector_text(workload))
    return [pod for pod in pods if _controls(workload, controller_of(pod))]


def revision_objects(client: Client, workload: Mapping[str, Any]) -> list[Document]:
    """The ReplicaSets of a Deployment, the ControllerRevisions of the others."""
    kind = "ReplicaSet" if workload["kind"] == "Deployment" else "ControllerRevision"
    found = listed(client, "apps/v1", kind, workload["metadata"].get("namespace", ""), selector_text(workload))
    return [item for item in found if (controller_of(item) or {}).get("uid") == workload["metadata"]["uid"]]


def _controls(workload: Mapping[str, Any], reference: Mapping[str, Any] | None) -> bool:
    if reference is None:
        return False
    if workload["kind"] == "Deployment":
        return reference["kind"] == "ReplicaSet" and str(reference["name"]).startswith(
            f"{workload['metadata']['name']}-"
        )
    return bool(reference["uid"] == workload["metadata"]["uid"])


def desired_replicas(workload: Mapping[str, Any]) -> int:
    """How many pods the workload should have (a DaemonSet: nodes that it is scheduled to)."""
    if workload["kind"] == "DaemonSet":
        return int((workload.get("status") or {}).get("desiredNumberScheduled", 0))
    replicas = workload["spec"].get("replicas", 1)
    return 1 if replicas is None else int(replicas)


def refuse_if_held(workload: Mapping[str, Any]) -> None:
    """Raise a sentence where a changed template would not reach the pods: paused, or updated only by deletion."""
    spec = workload["spec"]
    if spec.get("paused"):
        raise RemedyError(f"{words(ref_of(workload))} is paused, so a change would reach no pod: resume it first")
    if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        raise RemedyError(
            f"{words(ref_of(workload))} has updateStrategy OnDelete, so a change reaches no pod until it is deleted: "
            "change the strategy or delete its pods by hand"
        )


def is_guaranteed(workload: Mapping[str, Any]) -> bool:
    """Whether its pods are of QoS class Guaranteed: every container's CPU and memory limit set, its request equal."""
    return all(_fixed(container) for _room, container in containers(workload).values())


def _fixed(container: Mapping[str, Any]) -> bool:
    resources = container.get("resources") or {}
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    return all(name in limits and requests.get(name, limits[name]) == limits[name] for name in ("cpu", "memory"))


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether the pod's Ready condition is True and it is not going away."""
    conditions = (pod.get("status") or {}).get("conditions") or []
    ready = any(item.get("type") == "Ready" and item.get("status") == "True" for item in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")
