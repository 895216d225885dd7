# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes to what is no pod template: labels of namespaces, network policies, bindings, webhooks, Services, Secrets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.namespaces import (
    ENFORCE,
    ENFORCE_VERSION,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.secrets import LAST_APPLIED
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fixing.change import Change
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.effective import (
    BROAD,
    RBAC,
    is_own,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.control import (
    NEWEST_MINOR,
    Subject,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.policy import allowed
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.reading import CONTROLLERS
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Binding
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Subject as BoundSubject
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Workload

_RBAC = f"{RBAC}/v1"
_ADMISSION = "admissionregistration.k8s.io/v1"
_API_VERSIONS = {
    "Namespace": "v1",
    "Service": "v1",
    "Secret": "v1",
    "Ingress": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "RoleBinding": _RBAC,
    "ClusterRoleBinding": _RBAC,
    "ValidatingWebhookConfiguration": _ADMISSION,
    "MutatingWebhookConfiguration": _ADMISSION,
    "ValidatingAdmissionPolicy": _ADMISSION,
}
# The type, without the fields that only a load balancer or a port of the nodes may have.
_OUTSIDE_ONLY = (
    "loadBalancerSourceRanges",
    "loadBalancerClass",
    "allocateLoadBalancerNodePorts",
    "externalTrafficPolicy",
)
_INSIDE = {"type": "ClusterIP", **dict.fromkeys(_OUTSIDE_ONLY)}
# Whose subject is what is wrong; the rest of the binding may stay.
_OF_SUBJECTS = (
    "rbac-anonymous",
    "rbac-everybody",
    "rbac-account-missing",
    "rbac-default-account",
    "rbac-system-masters",
)


def change_of(fault: Fault, facts: Facts) -> Change | None:
    """The change that takes the finding away; None where a person has to know more than the cluster does."""
    if fault.code.startswith("rbac-") and fault.code != "rbac-wildcard":
        return _binding(fault, facts)
    build = _BUILDERS.get(fault.code)
    return build(fault, facts) if build else None


def ref_of(fault: Fault) -> ObjectRef:
    """The object that a fault is about."""
    return ObjectRef(_API_VERSIONS[fault.kind], fault.kind, fault.name, fault.namespace)


def _binding(fault: Fault, facts: Facts) -> Change | None:
    """Without the subjects in question, or without the binding where no other is left. Whom Kubernetes bound stays."""
    binding = _find(facts.bindings, fault)
    bound = binding.subjects if binding else []
    kept = [item for item in bound if (binding and is_own(binding, item)) or not _is_meant(fault, item)]
    if not kept or kept == bound:
        return Change("delete", ref_of(fault))
    subjects = [{"kind": item.kind, "name": item.name, **_place_of(item, fault)} for item in kept]
    return Change("patch", ref_of(fault), {"subjects": subjects}, "merge")


def _place_of(subject: BoundSubject, fault: Fault) -> dict[str, str]:
    if subject.kind == "ServiceAccount":
        return {"namespace": subject.namespace or fault.namespace}
    return {"apiGroup": RBAC}


def _find(bindings: Sequence[Binding], fault: Fault) -> Binding | None:
    wanted = (fault.kind, fault.namespace, fault.name)
    return next((b for b in bindings if (b.kind, b.metadata.namespace, b.metadata.name) == wanted), None)


def _is_meant(fault: Fault, subject: BoundSubject) -> bool:
    if fault.code not in _OF_SUBJECTS:
        return True
    if fault.code == "rbac-account-missing":
        account = f"{subject.namespace or fault.namespace}/{subject.name}"
        return subject.kind == "ServiceAccount" and fault.part == f"ServiceAccount {account}"
    if fault.code == "rbac-default-account":
        return subject.name == "default"
    return subject.name in BROAD and subject.name in fault.message


def _namespace(fault: Fault, facts: Facts) -> Change | None:
    """The strictest level that everything in it keeps today; where not even baseline is kept, warnings first.

    None where not everything in it could be read: a level that is too strict refuses its pods at their next start.
    """
    if facts.unread.keys() & {"pods", *CONTROLLERS}:
        return None
    minor = min(facts.minor or NEWEST_MINOR, NEWEST_MINOR)
    inside = [Subject(w.spec, w.annotations, minor) for w in facts.workloads if w.namespace == fault.name]
    kept = next((level for level in ("restricted", "baseline") if all(allowed(one, level) for one in inside)), "")
    prefix = ENFORCE.rpartition("/")[0]
    labels = {ENFORCE: kept} if kept else {f"{prefix}/warn": "baseline", f"{prefix}/audit": "baseline"}
    return Change("patch", ref_of(fault), {"metadata": {"labels": labels}}, "merge")


def _newest_policy(fault: Fault, _facts: Facts) -> Change:
    return Change("patch", ref_of(fault), {"metadata": {"labels": {ENFORCE_VERSION: "latest"}}}, "merge")


def network_policy(fault: Fault, workload: Workload, exposed: bool) -> Change:
    """A policy for the workload: calls from its own namespace, or where the outside has to reach it, on its ports."""
    direction = "Ingress" if fault.code == "network-ingress-open" else "Egress"
    rule: dict[str, Any]
    if direction == "Egress":
        dns = [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]
        rule = {"egress": [{"ports": dns}, {"to": [{"podSelector": {}}]}]}
    elif exposed:
        ports = sorted({port.containerPort for item in workload.containers() for port in item.ports})
        rule = {"ingress": [{"ports": [{"port": port} for port in ports]}] if ports else []}
    else:
        rule = {"ingress": [{"from": [{"podSelector": {}}]}]}
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"{workload.name}-{direction.lower()}"[:253], "namespace": workload.namespace},
        "spec": {"podSelector": {"matchLabels": workload.labels}, "policyTypes": [direction], **rule},
    }
    name = body["metadata"]["name"]  # type: ignore[index]
    return Change("create", ObjectRef("networking.k8s.io/v1", "NetworkPolicy", name, workload.namespace), body)


def _webhook(fault: Fault, _facts: Facts) -> Change:
    name = fault.part.removeprefix("webhook ")
    return Change("patch", ref_of(fault), {"webhooks": [{"name": name, "failurePolicy": "Fail"}]}, "strategic")


def _without_snippets(fault: Fault, facts: Facts) -> Change | None:
    for ingress in facts.ingresses:
        if (ingress.metadata.namespace, ingress.metadata.name) == (fault.namespace, fault.name):
            keys = [key for key in ingress.metadata.annotations if key.endswith(("-snippet", "-snippets"))]
            body = {"metadata": {"annotations": dict.fromkeys(keys)}}
            return Change("patch", ref_of(fault), body, "merge")
    return None


def _merge(body: dict[str, Any]) -> Callable[[Fault, Facts], Change]:
    return lambda fault, _facts: Change("patch", ref_of(fault), body, "merge")


def _delete(fault: Fault, _facts: Facts) -> Change:
    return Change("delete", ref_of(fault))


_BUILDERS: dict[str, Callable[[Fault, Facts], Change | None]] = {
    "namespace-not-enforced": _namespace,
    "namespace-privileged": _namespace,
    "namespace-policy-pinned": _newest_policy,
    "network-policy-selects-nothing": _delete,
    "service-external-ips": _merge({"spec": {"externalIPs": None}}),
    "service-dashboard-exposed": _merge({"spec": _INSIDE}),
    "service-sensitive-port": _merge({"spec": _INSIDE}),
    "ingress-snippet": _without_snippets,
    "secret-in-annotation": _merge({"metadata": {"annotations": {LAST_APPLIED: None}}}),
    "secret-unused": _delete,
    "secret-token": _delete,
    "webhook-fails-open": _webhook,
    "webhook-service-missing": _delete,
    "policy-fails-open": _merge({"spec": {"failurePolicy": "Fail"}}),
}
