# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets themselves, by their metadata: their values are not read."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import SecretMeta
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Workload

CODES = ("secret-old", "secret-token", "secret-in-annotation")
UNUSED_CODES = ("secret-unused",)
TOKEN = "kubernetes.io/service-account-token"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# Secrets that no object refers to by name: their programs find them by type or label.
_FOUND_OTHERWISE = ("helm.sh/release.v1", TOKEN, "bootstrap.kubernetes.io/token")


def check(facts: Facts) -> Iterator[Fault]:
    """Old ones, tokens that never expire, and copies in annotations."""
    oldest = facts.now - datetime.timedelta(days=facts.settings.secret_max_age_days)
    for secret in facts.secrets:
        created = parse_rfc3339(secret.metadata.creationTimestamp)
        if secret.type == TOKEN:
            yield _fault(secret, "secret-token", "it holds a ServiceAccount's token that never expires")
        elif created is not None and created < oldest:
            yield _fault(secret, "secret-old", f"it is as it was made {(facts.now - created).days} days ago")
        if LAST_APPLIED in secret.metadata.annotations:
            yield _fault(secret, "secret-in-annotation", "its values stand in an annotation too")


def check_unused(facts: Facts) -> Iterator[Fault]:
    """Those that nothing refers to."""
    used = {(workload.namespace, name) for workload in facts.workloads for name in used_by(workload)}
    for account in facts.service_accounts:
        names = [*account.secrets, *account.imagePullSecrets]
        used |= {(account.metadata.namespace, item.name) for item in names}
    for ingress in facts.ingresses:
        used |= {(ingress.metadata.namespace, entry.secretName) for entry in ingress.spec.tls}
    for secret in facts.secrets:
        meta = secret.metadata
        # Whatever has an owner is that one's business.
        if secret.type in _FOUND_OTHERWISE or meta.ownerReferences or (meta.namespace, meta.name) in used:
            continue
        yield _fault(secret, "secret-unused", "no pod, template, ServiceAccount or Ingress refers to it")


def used_by(workload: Workload) -> Iterator[str]:
    """Names of the Secrets that a pod or template refers to."""
    for reference in workload.spec.imagePullSecrets:
        yield reference.name
    for container in workload.containers():
        for variable in container.env:
            if variable.valueFrom and variable.valueFrom.secretKeyRef:
                yield variable.valueFrom.secretKeyRef.name
        for source in container.envFrom:
            if source.secretRef:
                yield source.secretRef.name
    for volume in workload.spec.volumes:
        yield str((volume.get("secret") or {}).get("secretName") or "")
        for source_ in (volume.get("projected") or {}).get("sources") or ():
            yield str((source_.get("secret") or {}).get("name") or "")
        for kind in ("csi", "flexVolume", "cephfs", "rbd", "iscsi", "azureFile"):
            part = volume.get(kind) or {}
            reference_ = part.get("nodePublishSecretRef") or part.get("secretRef") or {}
            yield str(reference_.get("name") or part.get("secretName") or "")


def _fault(secret: SecretMeta, code: str, message: str) -> Fault:
    return Fault(code, "Secret", secret.metadata.namespace, secret.metadata.name, message)
