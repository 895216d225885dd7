# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Namespaces, quotas, webhooks, API services, custom resources and certificate requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.services import ready_endpoints
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot, condition
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import number_or_none

VALIDATING, MUTATING = "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"


def namespaces(seen: Snapshot) -> Iterator[Finding]:
    """H807."""
    for item in seen.of("Namespace"):
        late = seen.age(item.metadata.deletionTimestamp)
        if item.status.phase == "Terminating" and late > seen.settings.settled_seconds:
            fix = fixes.look(
                "See which finalizers or kinds hold it", "get", "namespace", item.metadata.name, "-o", "yaml"
            )
            evidence = [f"status: Terminating; deletionTimestamp {item.metadata.deletionTimestamp}"]
            yield found("H807", "Namespace", item.metadata, f"for {late / 60:.0f} minutes", evidence, fix)


def quotas(seen: Snapshot) -> Iterator[Finding]:
    """H808."""
    for item in seen.of("ResourceQuota"):
        for word, hard in item.status.hard.items():
            most, used = number_or_none(hard), number_or_none(item.status.used.get(word, "0"))
            if most and used is not None and float(used / most) >= seen.settings.quota_share:
                told = f"{word}: {item.status.used[word]} of {hard}"
                fix = Fix("Raise the quota, or let workloads request what they use (playbooks/optimize_resources.yml).")
                yield found("H808", "ResourceQuota", item.metadata, told, [f"status: {told}"], fix, part=word)


def webhooks(seen: Snapshot) -> Iterator[Finding]:
    """H825: a webhook that refuses what it cannot ask, and whose Service nobody answers for."""
    services, ready = seen.names("Service"), ready_endpoints(seen)
    for kind in (VALIDATING, MUTATING):
        for item in seen.of(kind):
            for hook in item.webhooks:
                service = hook.clientConfig.service
                if service is None or hook.failurePolicy == "Ignore":
                    continue
                name = (service.namespace, service.name)
                if name in services and ready[name]:
                    continue
                what = "has no ready endpoint" if name in services else "does not exist"
                told = f"{hook.name}: Service {service.namespace}/{service.name} {what}"
                fix = fixes.look(
                    "Bring the Service back, or delete the webhook", "delete", kind.lower(), item.metadata.name
                )
                yield found("H825", kind, item.metadata, told, [f"failurePolicy Fail; {told}"], fix, part=hook.name)


def api_services(seen: Snapshot) -> Iterator[Finding]:
    """H826."""
    for item in seen.of("APIService"):
        yield from _not_true(item, "APIService", "Available", "H826")


def custom_resources(seen: Snapshot) -> Iterator[Finding]:
    """H827."""
    for item in seen.of("CustomResourceDefinition"):
        yield from _not_true(item, "CustomResourceDefinition", "Established", "H827")


def _not_true(item: Any, kind: str, word: str, code: str) -> Iterator[Finding]:
    told = condition(item.status.conditions, word)
    if told is None or told.status != "True":
        text = f"{told.reason} {told.message}".strip() if told else f"no condition {word}"
        fix = fixes.look("See what it says", "describe", kind.lower(), item.metadata.name)
        yield found(code, kind, item.metadata, text, [f"condition {word}: {text}"], fix)


def signing_requests(seen: Snapshot) -> Iterator[Finding]:
    """H824."""
    for item in seen.of("CertificateSigningRequest"):
        if not item.status.conditions and seen.settled(item.metadata):
            fix = fixes.look("Approve or deny it", "certificate", "approve", item.metadata.name)
            evidence = ["status: neither approved nor denied"]
            yield found("H824", "CertificateSigningRequest", item.metadata, "", evidence, fix)
