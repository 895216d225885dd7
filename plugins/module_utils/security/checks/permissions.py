# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bindings that grant what leads further. What Kubernetes binds by itself is folded: see folded()."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.permissions import PERMISSIONS
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions import effective
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.effective import Grant, Grants
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.powers import (
    has_everything,
    has_wildcard,
    powers_of,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Subject

ACCOUNT_CODES = ("rbac-account-missing",)
CODES = tuple(code for code in PERMISSIONS if code not in ACCOUNT_CODES)
# The roles that Kubernetes ships for whoever runs a namespace: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
_WHOLE_NAMESPACE = ("admin", "edit")
_NOBODY = (effective.UNAUTHENTICATED, effective.ANONYMOUS)
# kubeadm lets joining nodes read where the API server is.
_FOR_JOINING = ("kube-public", "kubeadm:bootstrap-signer-clusterinfo")
_ONE_LOWER = {"critical": "high", "high": "medium", "medium": "low", "low": "low"}


def check(facts: Facts) -> Iterator[Fault]:
    """Each binding but those of Kubernetes itself."""
    for grant in Grants.of(facts).all:
        if _is_kubernetes(grant):
            continue
        subjects = [item for item in grant.binding.subjects if not _is_folded(grant, item)]
        if grant.role is None:
            message = f"the {grant.binding.roleRef.kind} {grant.binding.roleRef.name} that it binds does not exist"
            yield _fault(grant, "rbac-role-missing", message)
        elif subjects:
            yield from _subjects(grant, subjects)
            yield from _rules(grant, subjects)


def folded(facts: Facts) -> int:
    """How many bindings are Kubernetes' own and not told one by one."""
    return sum(_is_kubernetes(grant) for grant in Grants.of(facts).all)


def check_accounts(facts: Facts) -> Iterator[Fault]:
    """Bindings to ServiceAccounts that do not exist."""
    there = {(item.metadata.namespace, item.metadata.name) for item in facts.service_accounts}
    for grant in Grants.of(facts).all:
        if not grant.rules:
            continue
        for subject in grant.binding.subjects:
            if subject.kind != "ServiceAccount" or effective.is_own(grant.binding, subject):
                continue
            account = effective.account_of(subject, grant)
            if account not in there and facts.sees(account[0]):
                name = "/".join(account)
                message = f"it binds the ServiceAccount {name}, which does not exist"
                yield _fault(grant, "rbac-account-missing", message, part=f"ServiceAccount {name}")


def _subjects(grant: Grant, subjects: list[Subject]) -> Iterator[Fault]:
    """Subjects that nobody should bind, whatever the role."""
    role = f"{grant.binding.roleRef.kind} {grant.binding.roleRef.name}"
    for subject in subjects:
        if subject.name in _NOBODY:
            yield _fault(grant, "rbac-anonymous", f"{subject.name}, which is everybody without a login, has the {role}")
        elif subject.kind == "Group" and subject.name == effective.MASTERS:
            yield _fault(grant, "rbac-system-masters", f"it binds the group {effective.MASTERS}")
        elif subject.kind == "Group" and subject.name in (effective.AUTHENTICATED, effective.EVERY_ACCOUNT):
            yield _fault(grant, "rbac-everybody", f"every member of {subject.name} has the {role}")
        elif subject.kind == "ServiceAccount" and subject.name == "default":
            account = "/".join(effective.account_of(subject, grant))
            yield _fault(grant, "rbac-default-account", f"the ServiceAccount {account} has the {role}")


def _rules(grant: Grant, subjects: list[Subject]) -> Iterator[Fault]:
    """The strongest that the rules give: who may do everything is not told each part of it."""
    who = _names(subjects, grant)
    if has_everything(grant.rules):
        code = "rbac-namespace-admin" if grant.namespace else "rbac-cluster-admin"
        yield _fault(grant, code, f"{who} may do everything in {_where(grant)}")
        return
    ref = grant.binding.roleRef
    if grant.namespace and ref.kind == "ClusterRole" and ref.name in _WHOLE_NAMESPACE:
        yield _fault(
            grant, "rbac-namespace-admin", f"{who} may do almost everything in {_where(grant)} (role {ref.name})"
        )
        return
    for power in powers_of(grant):
        yield _fault(grant, power.code, f"{who} may {power.says} in {_where(grant)}", lower=bool(grant.namespace))
    if has_wildcard(grant.rules):
        yield _fault(grant, "rbac-wildcard", f"the {ref.kind} {ref.name} names its resources or verbs by *")


def _is_kubernetes(grant: Grant) -> bool:
    """Whether the binding is Kubernetes' own, and nobody added to it."""
    return effective.is_built_in(grant.binding) and all(_is_folded(grant, item) for item in grant.binding.subjects)


def _is_folded(grant: Grant, subject: Subject) -> bool:
    """Whether it is Kubernetes that has the role: of that, only the group system:masters may do everything."""
    if has_everything(grant.rules) and subject.name != effective.MASTERS:
        return False
    meta = grant.binding.metadata
    joining = (meta.namespace, meta.name) == _FOR_JOINING and subject.name == effective.ANONYMOUS
    return joining or effective.is_own(grant.binding, subject) or effective.is_component(subject)


def _names(subjects: list[Subject], grant: Grant) -> str:
    names = [
        f"ServiceAccount {'/'.join(effective.account_of(item, grant))}"
        if item.kind == "ServiceAccount"
        else f"{item.kind} {item.name}"
        for item in subjects
    ]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _where(grant: Grant) -> str:
    return f"namespace {grant.namespace}" if grant.namespace else "every namespace"


def _fault(grant: Grant, code: str, message: str, *, part: str = "", lower: bool = False) -> Fault:
    meta = grant.binding.metadata
    severity = _ONE_LOWER[PERMISSIONS[code].severity] if lower else ""
    ref = grant.binding.roleRef
    evidence = (f"{grant.name} binds {ref.kind} {ref.name}",)
    return Fault(code, grant.binding.kind, meta.namespace, meta.name, message, part, evidence, severity=severity)
