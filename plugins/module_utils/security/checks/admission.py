# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Webhooks and policies that stop nothing when it matters."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.exposure import is_loopback
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Webhook, WebhookConfiguration

CODES = ("webhook-fails-open", "webhook-external")
SERVICE_CODES = ("webhook-service-missing",)
POLICY_CODES = ("policy-fails-open", "policy-not-enforced")


def check(facts: Facts) -> Iterator[Fault]:
    """Each webhook of each configuration."""
    for item in facts.webhooks:
        for webhook in item.webhooks:
            # A mutating webhook that fails open only leaves out a convenience; a validating one guards something.
            if webhook.failurePolicy == "Ignore" and item.kind.startswith("Validating"):
                yield _fault(item, webhook, "webhook-fails-open", "what it should check passes when it does not answer")
            if webhook.clientConfig.url and not _is_beside(webhook.clientConfig.url):
                message = f"it sends {_objects(webhook)} to {webhook.clientConfig.url}"
                yield _fault(item, webhook, "webhook-external", message)


def check_services(facts: Facts) -> Iterator[Fault]:
    """Webhooks whose Service does not exist."""
    there = {(service.metadata.namespace, service.metadata.name) for service in facts.services}
    for item in facts.webhooks:
        for webhook in item.webhooks:
            service = webhook.clientConfig.service
            if service is None or not facts.sees(service.namespace):
                continue
            if (service.namespace, service.name) not in there:
                message = f"its Service {service.namespace}/{service.name} does not exist"
                yield _fault(item, webhook, "webhook-service-missing", message)


def check_policies(facts: Facts) -> Iterator[Fault]:
    """Each ValidatingAdmissionPolicy."""
    denying = {item.spec.policyName for item in facts.policy_bindings if "Deny" in item.spec.validationActions}
    for policy in facts.policies:
        name = policy.metadata.name
        if policy.spec.failurePolicy == "Ignore":
            message = "what it should check passes when it cannot be evaluated"
            yield Fault("policy-fails-open", "ValidatingAdmissionPolicy", "", name, message)
        if name not in denying:
            message = "no binding of it denies anything"
            yield Fault("policy-not-enforced", "ValidatingAdmissionPolicy", "", name, message)


def _is_beside(url: str) -> bool:
    """Whether the API server finds it on its own machine, as a managed control plane has it."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def _objects(webhook: Webhook) -> str:
    return ", ".join(sorted({name for rule in webhook.rules for name in rule.resources})) or "objects"


def _fault(item: WebhookConfiguration, webhook: Webhook, code: str, message: str) -> Fault:
    return Fault(code, item.kind, "", item.metadata.name, message, part=f"webhook {webhook.name}")
