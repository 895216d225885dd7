# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The objects that a pod's spec names, and whether they exist. Values of Secrets and ConfigMaps are never asked for:
existence and key names come from the object's metadata alone (the field owners name each key)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Reference

METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
KEPT_REFERENCES = 24
_PLURALS = {
    "ConfigMap": "configmaps",
    "Secret": "secrets",
    "ServiceAccount": "serviceaccounts",
    "PersistentVolumeClaim": "persistentvolumeclaims",
}

Json = Mapping[str, Any]


def references_of(spec: Json) -> list[Reference]:
    """What a pod's spec refers to, each once, with where it is used; bounded."""
    found: dict[tuple[str, str], Reference] = {}
    for reference in _named(spec):
        known = found.setdefault((reference.kind, reference.name), reference)
        if known is not reference:
            known.optional = known.optional and reference.optional
            known.used_by = (
                known.used_by if reference.used_by in known.used_by else f"{known.used_by}, {reference.used_by}"[:200]
            )
    return list(found.values())[:KEPT_REFERENCES]


def _named(spec: Json) -> Iterator[Reference]:
    yield Reference("ServiceAccount", spec.get("serviceAccountName") or "default", "the pod")
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        yield from _of_container(container)
    for volume in spec.get("volumes") or []:
        yield from _of_volume(volume)
    for secret in spec.get("imagePullSecrets") or []:
        if secret.get("name"):
            yield Reference("Secret", secret["name"], "imagePullSecrets", optional=True)


def _of_container(container: Json) -> Iterator[Reference]:
    name = container["name"]
    for variable in container.get("env") or []:
        source = variable.get("valueFrom") or {}
        for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            if (source.get(key) or {}).get("name"):
                used_by = f"env {variable['name']} of container {name}"
                yield Reference(kind, source[key]["name"], used_by, bool(source[key].get("optional")))
    for bulk in container.get("envFrom") or []:
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if (bulk.get(key) or {}).get("name"):
                yield Reference(
                    kind, bulk[key]["name"], f"envFrom of container {name}", bool(bulk[key].get("optional"))
                )


def _of_volume(volume: Json) -> Iterator[Reference]:
    used_by = f"volume {volume['name']}"
    if volume.get("configMap"):
        yield Reference("ConfigMap", volume["configMap"]["name"], used_by, bool(volume["configMap"].get("optional")))
    if volume.get("secret"):
        yield Reference("Secret", volume["secret"]["secretName"], used_by, bool(volume["secret"].get("optional")))
    if volume.get("persistentVolumeClaim"):
        yield Reference("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"], used_by)
    for source in (volume.get("projected") or {}).get("sources") or []:
        for key, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            # Every namespace has this one; the token volume of each pod names it.
            if source.get(key) and source[key]["name"] != "kube-root-ca.crt":
                yield Reference(kind, source[key]["name"], used_by, bool(source[key].get("optional")))


def look_up(client: Client, namespace: str, reference: Reference, deadline: Deadline) -> Reference:
    """`reference` with existence and what can be told of it. Raises ClusterError other than NotFound."""
    path = f"/api/v1/namespaces/{namespace}/{_PLURALS[reference.kind]}/{reference.name}"
    is_claim = reference.kind == "PersistentVolumeClaim"
    try:
        raw = client.get_raw(path, deadline=deadline, accept="application/json" if is_claim else METADATA_ONLY)
    except NotFound:
        reference.exists = False
        return reference
    item = json.loads(raw)
    reference.exists = True
    if is_claim:
        reference.facts = _claim_facts(item)
    elif reference.kind in ("ConfigMap", "Secret"):
        reference.keys = key_names(item)
    return reference


def key_names(item: Json) -> list[str] | None:
    """Keys of a ConfigMap or Secret as its field owners name them; None where nobody recorded them."""
    keys: set[str] = set()
    told = False
    for entry in item["metadata"].get("managedFields") or []:
        for part in ("f:data", "f:binaryData"):
            fields = (entry.get("fieldsV1") or {}).get(part)
            if fields is not None:
                told = True
                keys.update(key[2:] for key in fields if key.startswith("f:"))
    return sorted(keys) if told else None


def _claim_facts(item: Json) -> dict[str, str]:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    return {
        "phase": status.get("phase", ""),
        "class": spec.get("storageClassName") or "",
        "size": ((spec.get("resources") or {}).get("requests") or {}).get("storage", ""),
        "access_modes": ",".join(spec.get("accessModes") or []),
        "volume": spec.get("volumeName", ""),
        "uid": item["metadata"].get("uid", ""),
    }
