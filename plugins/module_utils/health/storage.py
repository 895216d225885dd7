# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Claims, volumes and storage classes."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Claim, Controller, HealthPodSpec
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot, named

CLAIM, VOLUME, CLASS = "PersistentVolumeClaim", "PersistentVolume", "StorageClass"
DEFAULT = "storageclass.kubernetes.io/is-default-class"


def claims(seen: Snapshot) -> Iterator[Finding]:
    """H501, H502, H510."""
    classes = {item.metadata.name: item for item in seen.of(CLASS)}
    volumes = {item.spec.storageClassName for item in seen.of(VOLUME)}
    for claim in seen.of(CLAIM):
        meta, wanted = claim.metadata, claim.spec.storageClassName
        fix = fixes.look("See what it waits for", "describe", "pvc", meta.name, namespace=meta.namespace)
        if claim.status.phase == "Lost":
            evidence = [f"status: Lost; spec: volumeName {claim.spec.volumeName}"]
            yield found("H502", CLAIM, meta, claim.spec.volumeName, evidence, fix)
        elif claim.status.phase == "Pending" and wanted and wanted not in classes and wanted not in volumes:
            evidence = [f"spec: storageClassName {wanted}", f"storage classes: {named(classes) or 'none'}"]
            yield found("H510", CLAIM, meta, wanted, evidence, fix)
        elif claim.status.phase == "Pending" and seen.settled(meta) and not _waits(claim, seen):
            told = f"Pending since {meta.creationTimestamp}"
            yield found("H501", CLAIM, meta, told, [f"status: {told}"], fix)


def _waits(claim: Claim, seen: Snapshot) -> bool:
    """Whether it is bound only once a pod uses it, and none does: a template without pods binds nothing."""
    modes = {item.metadata.name: item.volumeBindingMode for item in seen.of(CLASS)}
    late = modes.get(claim.spec.storageClassName or "") == "WaitForFirstConsumer"
    return late and (claim.metadata.namespace, claim.metadata.name) not in mounted_claims(seen)


def mounted_claims(seen: Snapshot) -> set[tuple[str, str]]:
    """(namespace, name) of claims that a pod names."""
    return {(pod.metadata.namespace, name) for pod in seen.of("Pod") for name in claims_of(pod.spec)}


def used_claims(seen: Snapshot) -> set[tuple[str, str]]:
    """(namespace, name) of claims that a pod or a template names."""
    named_ = {(meta.namespace, name) for _kind, meta, spec in seen.templates for name in claims_of(spec)}
    return named_ | mounted_claims(seen)


def claims_of(spec: HealthPodSpec) -> list[str]:
    """Names of the claims that a pod spec mounts."""
    return [item.persistentVolumeClaim.claimName for item in spec.volumes if item.persistentVolumeClaim]


def unused(seen: Snapshot) -> Iterator[Finding]:
    """H505 claims that no pod uses, H511 claims that are used and do not exist."""
    used, known = used_claims(seen), seen.names(CLAIM)
    owned = [item for item in seen.of("StatefulSet") if item.spec.volumeClaimTemplates]
    for claim in seen.of(CLAIM):
        meta = claim.metadata
        idle = claim.status.phase == "Bound" and seen.age(meta.creationTimestamp) >= seen.settings.unused_seconds
        if idle and (meta.namespace, meta.name) not in used and not _made_by(claim, owned):
            fix = fixes.look(
                "If nobody needs what is on it, delete it", "delete", "pvc", meta.name, namespace=meta.namespace
            )
            yield found("H505", CLAIM, meta, "", ["no pod and no pod template names it"], fix)
    for kind, meta, spec in seen.templates:
        for name in claims_of(spec):
            if (meta.namespace, name) not in known:
                fix = Fix("Create the claim, or correct its name in the workload's source.")
                yield found("H511", kind, meta, name, [f"spec: a volume names claim {name}"], fix, part=name)


def _made_by(claim: Claim, owners: list[Controller]) -> bool:
    """A StatefulSet's claims are called TEMPLATE-SET-NUMBER; they stay when it is scaled down."""
    name, namespace = claim.metadata.name, claim.metadata.namespace
    return any(
        item.metadata.namespace == namespace and name.startswith(f"{template.metadata.name}-{item.metadata.name}-")
        for item in owners
        for template in item.spec.volumeClaimTemplates
    )


def volumes(seen: Snapshot) -> Iterator[Finding]:
    """H506 to H508."""
    for volume in seen.of(VOLUME):
        meta, phase, claim = volume.metadata, volume.status.phase, volume.spec.claimRef
        fix = fixes.look("Save what is on it, then delete it", "delete", "pv", meta.name)
        was = f"was bound to {claim.namespace}/{claim.name}" if claim else ""
        if phase == "Released":
            yield found("H506", VOLUME, meta, was, [f"status: Released; {was}"], fix)
        elif phase == "Failed":
            look = fixes.look("See why", "describe", "pv", meta.name)
            yield found("H507", VOLUME, meta, was, ["status: Failed"], look)
        elif phase == "Available" and seen.age(meta.creationTimestamp) >= seen.settings.unused_seconds:
            yield found("H508", VOLUME, meta, "", ["status: Available"], fix)


def classes(seen: Snapshot) -> Iterator[Finding]:
    """H509."""
    defaults = [item for item in seen.of(CLASS) if item.metadata.annotations.get(DEFAULT) == "true"]
    for item in defaults if len(defaults) > 1 else ():
        others = named(other.metadata.name for other in defaults if other is not item)
        words = ("annotate", "storageclass", item.metadata.name, f"{DEFAULT}-", "--overwrite")
        fix = fixes.look("Leave the mark on one only", *words)
        yield found("H509", CLASS, item.metadata, f"also {others}", [f"annotation {DEFAULT} on both"], fix)
