# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ConfigMaps, Secrets and ServiceAccounts: named and not there, or there and not named. Only names are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import HealthPodSpec
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot

Name = tuple[str, bool]
"""A name, and whether the pod does without it."""

# Made by Kubernetes in every namespace, or read by what runs outside of pods.
OWN_CONFIG_MAPS = ("kube-root-ca.crt",)
SYSTEM_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease")
# Helm keeps its releases in Secrets of this name; nobody mounts them.
HELM_PREFIX = "sh.helm.release."


def config_maps_of(spec: HealthPodSpec) -> set[Name]:
    """ConfigMaps that a pod spec names in environment and volumes."""
    names: set[Name] = set()
    for container in [*spec.containers, *spec.initContainers]:
        names |= _of(env.valueFrom.configMapKeyRef for env in container.env if env.valueFrom)
        names |= _of(env.configMapRef for env in container.envFrom)
    for volume in spec.volumes:
        names |= _of([volume.configMap])
        names |= _of(source.configMap for source in (volume.projected.sources if volume.projected else ()))
    return names


def secrets_of(spec: HealthPodSpec) -> set[Name]:
    """The same for Secrets, image pull Secrets left out."""
    names: set[Name] = set()
    for container in [*spec.containers, *spec.initContainers]:
        names |= _of(env.valueFrom.secretKeyRef for env in container.env if env.valueFrom)
        names |= _of(env.secretRef for env in container.envFrom)
    for volume in spec.volumes:
        if volume.secret:
            names.add((volume.secret.secretName, volume.secret.optional))
        names |= _of(source.secret for source in (volume.projected.sources if volume.projected else ()))
    return names


def _of(references: Any) -> set[Name]:
    return {(item.name, item.optional) for item in references if item is not None and item.name}


def config_maps(seen: Snapshot) -> Iterator[Finding]:
    """H801."""
    yield from _missing(seen, "H801", "ConfigMap", config_maps_of)


def secrets(seen: Snapshot) -> Iterator[Finding]:
    """H802, and H323 for image pull Secrets."""
    yield from _missing(seen, "H802", "Secret", secrets_of)
    known = seen.names("Secret")
    for kind, meta, spec in seen.templates:
        for item in spec.imagePullSecrets:
            if (meta.namespace, item.name) not in known:
                fix = Fix("Create the Secret (type kubernetes.io/dockerconfigjson), or correct its name.")
                yield found("H323", kind, meta, item.name, [f"spec: imagePullSecrets {item.name}"], fix, part=item.name)


def _missing(seen: Snapshot, code: str, kind: str, names_of: Any) -> Iterator[Finding]:
    known = seen.names(kind)
    for owner, meta, spec in seen.templates:
        for name, optional in sorted(names_of(spec)):
            if not optional and (meta.namespace, name) not in known:
                fix = Fix(f"Create the {kind} {name}, or correct its name in the workload's source.")
                yield found(code, owner, meta, name, [f"spec: names {kind} {name}", "it is not there"], fix, part=name)


def unused_config_maps(seen: Snapshot) -> Iterator[Finding]:
    """H804."""
    used = {(meta.namespace, name) for _kind, meta, spec in seen.templates for name, _optional in config_maps_of(spec)}
    for item in seen.of("ConfigMap"):
        if item.metadata.name not in OWN_CONFIG_MAPS and _idle(item.metadata, used, seen):
            yield _unused("H804", "ConfigMap", item.metadata)


def unused_secrets(seen: Snapshot) -> Iterator[Finding]:
    """H805: named by no pod, ServiceAccount, ingress or token of a ServiceAccount."""
    used = {(meta.namespace, name) for _kind, meta, spec in seen.templates for name, _optional in secrets_of(spec)}
    used |= {(meta.namespace, item.name) for _kind, meta, spec in seen.templates for item in spec.imagePullSecrets}
    used |= {(item.metadata.namespace, tls.secretName) for item in seen.of("Ingress") for tls in item.spec.tls}
    for item in seen.of("Secret"):
        meta = item.metadata
        token = "kubernetes.io/service-account.name" in meta.annotations
        if not token and not meta.name.startswith(HELM_PREFIX) and _idle(meta, used, seen):
            yield _unused("H805", "Secret", meta)


def _idle(meta: Any, used: set[tuple[str, str]], seen: Snapshot) -> bool:
    """Old enough, owned by nobody, not a program's own (those carry an operator's or leader's mark), and not named."""
    return (
        (meta.namespace, meta.name) not in used
        and not meta.ownerReferences
        and meta.namespace not in SYSTEM_NAMESPACES
        and seen.age(meta.creationTimestamp) >= seen.settings.unused_seconds
    )


def _unused(code: str, kind: str, meta: Any) -> Finding:
    words = ("delete", kind.lower(), meta.name)
    fix = fixes.look("If no program reads it through the API, delete it", *words, namespace=meta.namespace)
    return found(code, kind, meta, "", ["no pod and no pod template names it"], fix)


def service_accounts(seen: Snapshot) -> Iterator[Finding]:
    """H322 named and not there, H806 there and not named."""
    known = seen.names("ServiceAccount")
    used = {(meta.namespace, spec.serviceAccountName or "default") for _kind, meta, spec in seen.templates}
    used |= {(pod.metadata.namespace, pod.spec.serviceAccountName) for pod in seen.of("Pod")}
    for kind, meta, spec in seen.templates:
        name = spec.serviceAccountName
        if name and (meta.namespace, name) not in known:
            fix = Fix(f"Create the ServiceAccount {name}, or correct its name in the workload's source.")
            yield found("H322", kind, meta, name, [f"spec: serviceAccountName {name}", "it is not there"], fix)
    for item in seen.of("ServiceAccount"):
        if item.metadata.name != "default" and _idle(item.metadata, used, seen):
            words = ("delete", "serviceaccount", item.metadata.name)
            fix = fixes.look(
                "If nobody outside the cluster uses it, delete it", *words, namespace=item.metadata.namespace
            )
            yield found("H806", "ServiceAccount", item.metadata, "", ["no pod and no pod template names it"], fix)
