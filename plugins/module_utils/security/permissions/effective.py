# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may do what, and where: bindings resolved to their roles, groups to their members, aggregation to its rules.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.selecting import matches
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Binding, Role, Rule, Subject

EVERY_ACCOUNT = "system:serviceaccounts"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
ANONYMOUS = "system:anonymous"
MASTERS = "system:masters"
# Of the names that begin with system:, those that are no component's.
BROAD = (MASTERS, EVERY_ACCOUNT, AUTHENTICATED, UNAUTHENTICATED, ANONYMOUS)
RBAC = "rbac.authorization.k8s.io"
_BOOTSTRAPPED = "kubernetes.io/bootstrapping"
# Whom of these Kubernetes itself binds, by the binding: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go
_BOUND = {
    "cluster-admin": (MASTERS,),
    "system:discovery": (AUTHENTICATED,),
    "system:basic-user": (AUTHENTICATED,),
    "system:public-info-viewer": (AUTHENTICATED, UNAUTHENTICATED),
    "system:service-account-issuer-discovery": (EVERY_ACCOUNT,),
}
_USER_OF_ACCOUNT = re.compile(r"system:serviceaccount:([^:]+):([^:]+)")
# Kind, namespace (empty for a ClusterRole) and name.
_RoleKey = tuple[str, str, str]


@dataclass(frozen=True)
class Grant:
    """One binding's effect: the rules of its role, in one namespace or (empty) in the whole cluster.

    bindable: the rules of each role that they let one bind by its name.
    """

    binding: Binding
    role: Role | None
    rules: tuple[Rule, ...]
    namespace: str
    bindable: tuple[tuple[Rule, ...], ...] = ()

    @property
    def name(self) -> str:
        """ClusterRoleBinding ci; RoleBinding shop/ci."""
        meta = self.binding.metadata
        return (
            f"{self.binding.kind} {meta.namespace}/{meta.name}"
            if meta.namespace
            else f"{self.binding.kind} {meta.name}"
        )


@dataclass
class Grants:
    """All of them, and by ServiceAccount, and by kind and name of another subject."""

    all: list[Grant] = field(default_factory=list)
    _accounts: dict[tuple[str, str], list[Grant]] = field(default_factory=dict)
    _others: dict[tuple[str, str], list[Grant]] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts) -> Grants:
        """Resolves every binding. A binding whose role does not exist grants nothing."""
        roles = {(item.kind, item.metadata.namespace, item.metadata.name): item for item in facts.roles}
        rules = {key: (*item.rules, *_aggregated(item, facts.roles)) for key, item in roles.items()}
        grants = cls()
        for binding in facts.bindings:
            place = binding.metadata.namespace
            kind = binding.roleRef.kind
            key = (kind, place if kind == "Role" else "", binding.roleRef.name)
            own = rules.get(key, ())
            bindable = tuple(rules[other] for other in _named_to_bind(own, place) if other in rules)
            grants._add(Grant(binding, roles.get(key), own, place, bindable))
        return grants

    def _add(self, grant: Grant) -> None:
        self.all.append(grant)
        for subject in grant.binding.subjects:
            if subject.kind == "ServiceAccount":
                self._accounts.setdefault(account_of(subject, grant), []).append(grant)
            elif not is_own(grant.binding, subject):
                self._others.setdefault((subject.kind, subject.name), []).append(grant)

    def own(self, namespace: str, name: str) -> list[Grant]:
        """What was granted to a ServiceAccount, or to all of its namespace."""
        return [
            *self._accounts.get((namespace, name), ()),
            *self.of_other("Group", f"{EVERY_ACCOUNT}:{namespace}"),
        ]

    def of_account(self, namespace: str, name: str) -> list[Grant]:
        """The same, and what somebody granted to everybody; not what Kubernetes itself grants to everybody."""
        return [
            *self.own(namespace, name),
            *self.of_other("Group", EVERY_ACCOUNT),
            *self.of_other("Group", AUTHENTICATED),
        ]

    def of_other(self, kind: str, name: str) -> list[Grant]:
        """What somebody granted to a User or Group by name."""
        return self._others.get((kind, name), [])


def account_of(subject: Subject, grant: Grant) -> tuple[str, str]:
    """Namespace and name of a ServiceAccount that a binding names."""
    return (subject.namespace or grant.namespace, subject.name)


def account_of_user(name: str) -> tuple[str, str] | None:
    """Namespace and name of the ServiceAccount whose user has the name; None for other users."""
    found = _USER_OF_ACCOUNT.fullmatch(name)
    return (found[1], found[2]) if found else None


def is_built_in(binding: Binding) -> bool:
    """Whether it looks like a binding that Kubernetes itself makes. Anybody may give one such a label and name."""
    name = binding.metadata.name
    return _BOOTSTRAPPED in binding.metadata.labels and binding.roleRef.name in (name, name.removeprefix("system::"))


def is_own(binding: Binding, subject: Subject) -> bool:
    """Whether Kubernetes itself bound the subject: it adds those that are missing, and keeps what others added."""
    name = binding.metadata.name
    if not is_built_in(binding):
        return False
    if subject.name in BROAD:
        return subject.name in _BOUND.get(name, ())
    if not name.startswith("system:"):
        return False
    if subject.kind == "ServiceAccount":
        # Of each controller, in a binding of its name.
        mine = (f":{subject.name}", f":leader-locking-{subject.name}")
        return subject.namespace == "kube-system" and name.endswith(mine)
    return is_component(subject)


def is_component(subject: Subject) -> bool:
    """Users and groups of the control plane and of nodes."""
    if subject.kind == "ServiceAccount" or subject.name in BROAD:
        return False
    return subject.name.startswith("system:") and not subject.name.startswith(f"{EVERY_ACCOUNT}:")


def _named_to_bind(rules: Iterable[Rule], place: str) -> Iterator[_RoleKey]:
    """The roles that rules in a namespace or (empty) everywhere let one bind by their names."""
    for rule in rules:
        for name in rule.resourceNames:
            if allows(rule, "bind", RBAC, "clusterroles"):
                yield "ClusterRole", "", name
            if place and allows(rule, "bind", RBAC, "roles"):
                yield "Role", place, name


def _aggregated(role: Role, roles: Iterable[Role]) -> list[Rule]:
    """Rules of the ClusterRoles that it gathers; the cluster writes them into it too, unless its controller is down."""
    if role.aggregationRule is None or role.rules:
        return []
    return [
        rule
        for other in roles
        if other.kind == "ClusterRole" and other is not role
        for selector in role.aggregationRule.clusterRoleSelectors
        if matches(selector, other.metadata.labels)
        for rule in other.rules
    ]


def allows(rule: Rule, verb: str, group: str, resource: str) -> bool:
    """Whether a rule has a verb on a resource or (pods/exec) a subresource; resourceNames are not looked at."""
    _name, slash, part = resource.partition("/")
    return (
        (verb in rule.verbs or "*" in rule.verbs)
        and (group in rule.apiGroups or "*" in rule.apiGroups)
        and (resource in rule.resources or "*" in rule.resources or bool(slash and f"*/{part}" in rule.resources))
    )
