# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a set of rules lets its holder do that leads further, effectively: in a namespace, rules about what has none
grant nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.effective import (
    MASTERS,
    RBAC,
    Grant,
    allows,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Rule

_ADMISSION = "admissionregistration.k8s.io"
_CERTIFICATES = "certificates.k8s.io"
_WRITE = ("create", "update", "patch")
_ANY = "*"
# https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers: whose
# certificates are accepted as any user's, and as a kubelet's. The others' prove nothing to the API server.
_SIGNERS_OF_USERS = ("kubernetes.io/kube-apiserver-client", "kubernetes.io/*")
_SIGNER_OF_KUBELETS = "kubernetes.io/kube-apiserver-client-kubelet"


@dataclass(frozen=True)
class Power:
    """code: of the catalogue. Any of the verbs on any of the resources (group, resource) gives it.

    cluster_only: the resources have no namespace. named: resourceNames that keep it as bad as it is (* for all); where
    other names lead, only attack/graph.py knows. leads: what it opens there (admin, secrets, accounts, workloads, pods,
    nodes, volumes), empty where it opens nothing by itself.
    """

    code: str
    says: str
    verbs: tuple[str, ...]
    resources: tuple[tuple[str, str], ...]
    cluster_only: bool = False
    named: tuple[str, ...] = ()
    leads: str = ""


_CONTROLLERS = (
    ("", "replicationcontrollers"),
    *(("apps", name) for name in ("deployments", "daemonsets", "statefulsets", "replicasets")),
    *(("batch", name) for name in ("jobs", "cronjobs")),
)
_BIND_STRONG = Power("rbac-bind", "bind a role that leads further", (), (), leads="admin")
POWERS = (
    Power("rbac-secrets", "read Secrets", ("get", "list", "watch"), (("", "secrets"),), leads="secrets"),
    Power("rbac-create-pods", "create pods", ("create",), (("", "pods"), *_CONTROLLERS), leads="pods"),
    Power("rbac-create-pods", "change what creates pods", ("update", "patch"), _CONTROLLERS, leads="pods"),
    Power(
        "rbac-exec",
        "run commands in pods",
        ("create", "get"),
        (("", "pods/exec"), ("", "pods/attach")),
        leads="workloads",
    ),
    Power(
        "rbac-ephemeral-containers",
        "put containers into running pods",
        ("update", "patch"),
        (("", "pods/ephemeralcontainers"),),
        leads="workloads",
    ),
    Power("rbac-port-forward", "forward ports of pods", ("create", "get"), (("", "pods/portforward"),)),
    Power(
        "rbac-escalate",
        "give roles permissions that one has not",
        ("escalate",),
        ((RBAC, "roles"), (RBAC, "clusterroles")),
        # The role may be one's own.
        named=(_ANY,),
        leads="admin",
    ),
    Power(
        "rbac-bind",
        "bind any role",
        ("bind",),
        ((RBAC, "roles"), (RBAC, "clusterroles")),
        named=("cluster-admin", "admin"),
        leads="admin",
    ),
    Power(
        "rbac-change-permissions",
        "write roles or bindings",
        _WRITE,
        tuple((RBAC, name) for name in ("roles", "clusterroles", "rolebindings", "clusterrolebindings")),
    ),
    Power(
        "rbac-impersonate",
        "act as other users or groups",
        ("impersonate",),
        (("", "users"), ("", "groups")),
        cluster_only=True,
        named=(MASTERS,),
        leads="admin",
    ),
    Power("rbac-impersonate", "act as ServiceAccounts", ("impersonate",), (("", "serviceaccounts"),), leads="accounts"),
    Power(
        "rbac-persistent-volumes",
        "create PersistentVolumes",
        ("create",),
        (("", "persistentvolumes"),),
        cluster_only=True,
        leads="volumes",
    ),
    Power(
        "rbac-nodes-proxy",
        "speak to kubelets",
        ("get", "create"),
        (("", "nodes/proxy"),),
        cluster_only=True,
        leads="nodes",
    ),
    Power(
        "rbac-webhooks",
        "write admission webhooks",
        _WRITE,
        ((_ADMISSION, "mutatingwebhookconfigurations"), (_ADMISSION, "validatingwebhookconfigurations")),
        cluster_only=True,
        leads="admin",
    ),
    Power(
        "rbac-create-tokens",
        "make tokens of ServiceAccounts",
        ("create",),
        (("", "serviceaccounts/token"),),
        leads="accounts",
    ),
    Power(
        "rbac-network",
        "change network policies or where Services lead",
        (*_WRITE, "delete"),
        (("networking.k8s.io", "networkpolicies"), ("discovery.k8s.io", "endpointslices"), ("", "endpoints")),
    ),
    Power("rbac-nodes", "change nodes", ("update", "patch"), (("", "nodes"),), cluster_only=True),
    Power(
        "rbac-config-of-cluster",
        "replace kinds of the API",
        _WRITE,
        (("apiextensions.k8s.io", "customresourcedefinitions"), ("apiregistration.k8s.io", "apiservices")),
        cluster_only=True,
    ),
)


def has_everything(rules: Iterable[Rule]) -> bool:
    """Whether a rule grants every verb on every resource."""
    return any(
        "*" in rule.verbs and "*" in rule.apiGroups and "*" in rule.resources and not rule.resourceNames
        for rule in rules
    )


def has_wildcard(rules: Iterable[Rule]) -> bool:
    """Whether a rule names resources, or the verbs on them, by *."""
    return any(rule.resources and ("*" in rule.resources or "*" in rule.verbs) for rule in rules)


def powers_of(grant: Grant) -> list[Power]:
    """What a binding's rules give, each code once."""
    in_namespace = bool(grant.namespace)
    found = _by_rules(grant.rules, in_namespace)
    if "rbac-bind" not in found and any(_is_strong(rules, in_namespace) for rules in grant.bindable):
        found["rbac-bind"] = _BIND_STRONG
    return list(found.values())


def _by_rules(rules: tuple[Rule, ...], in_namespace: bool) -> dict[str, Power]:
    found: dict[str, Power] = {}
    for power in POWERS:
        if power.code not in found and not (in_namespace and power.cluster_only) and _give(rules, power):
            found[power.code] = power
    if not in_namespace and (leads := _approving_leads(rules)):
        code = "rbac-approve-certificates"
        found[code] = Power(code, "approve certificates", (), (), leads=leads)
    return found


def _is_strong(rules: tuple[Rule, ...], in_namespace: bool) -> bool:
    return has_everything(rules) or any(power.leads == "admin" for power in _by_rules(rules, in_namespace).values())


def _give(rules: tuple[Rule, ...], power: Power) -> bool:
    return any(
        gives(rule, power)
        for rule in rules
        if not rule.resourceNames or _ANY in power.named or set(rule.resourceNames) & set(power.named)
    )


def gives(rule: Rule, power: Power) -> bool:
    """Whether a rule gives it, of whatever names."""
    return any(allows(rule, verb, group, resource) for verb in power.verbs for group, resource in power.resources)


def _approving_leads(rules: tuple[Rule, ...]) -> str:
    """To what certificates lead that may be approved: admin, nodes, or empty for none that the API server accepts.

    Approving takes both: writing the approval, and the verb approve on a signer.
    """
    writes = any(
        allows(rule, verb, _CERTIFICATES, "certificatesigningrequests/approval")
        for rule in rules
        for verb in ("update", "patch")
    )
    approving = [rule for rule in rules if writes and allows(rule, "approve", _CERTIFICATES, "signers")]
    signers = {name for rule in approving for name in rule.resourceNames or _SIGNERS_OF_USERS}
    if signers & set(_SIGNERS_OF_USERS):
        return "admin"
    return "nodes" if _SIGNER_OF_KUBELETS in signers else ""
