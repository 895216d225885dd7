# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may do what, and where: bindings resolved to their roles, groups to their members, aggregation to its rules.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.selecting import matches
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Binding, Role, Rule, Subject

EVERY_ACCOUNT = "system:serviceaccounts"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
ANONYMOUS = "system:anonymous"
MASTERS = "system:masters"
_BOOTSTRAPPED = "kubernetes.io/bootstrapping"


@dataclass(frozen=True)
class Grant:
    """One binding's effect: the rules of its role, in one namespace or (empty) in the whole cluster."""

    binding: Binding
    role: Role | None
    rules: tuple[Rule, ...]
    namespace: str

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
    """All of them, and by ServiceAccount and group."""

    all: list[Grant] = field(default_factory=list)
    _accounts: dict[tuple[str, str], list[Grant]] = field(default_factory=dict)
    _groups: dict[str, list[Grant]] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts) -> Grants:
        """Resolves every binding. A binding whose role does not exist grants nothing."""
        roles = {(item.kind, item.metadata.namespace, item.metadata.name): item for item in facts.roles}
        aggregated = {
            name: _aggregated(item, facts.roles)
            for (_kind, _place, name), item in roles.items()
            if item.aggregationRule
        }
        grants = cls()
        for binding in facts.bindings:
            place = binding.metadata.namespace
            kind = binding.roleRef.kind
            role = roles.get((kind, place if kind == "Role" else "", binding.roleRef.name))
            rules = [*(role.rules if role else ()), *(aggregated.get(role.metadata.name, ()) if role else ())]
            grants._add(Grant(binding, role, tuple(rules), place))
        return grants

    def _add(self, grant: Grant) -> None:
        self.all.append(grant)
        for subject in grant.binding.subjects:
            if subject.kind == "ServiceAccount":
                self._accounts.setdefault(account_of(subject, grant), []).append(grant)
            elif subject.kind == "Group":
                self._groups.setdefault(subject.name, []).append(grant)

    def own(self, namespace: str, name: str) -> list[Grant]:
        """What was granted to a ServiceAccount, or to all of its namespace."""
        return [
            *self._accounts.get((namespace, name), ()),
            *self._groups.get(f"{EVERY_ACCOUNT}:{namespace}", ()),
        ]

    def of_account(self, namespace: str, name: str) -> list[Grant]:
        """The same, and what somebody granted to everybody; not what Kubernetes itself grants to everybody."""
        everybody = (*self._groups.get(EVERY_ACCOUNT, ()), *self._groups.get(AUTHENTICATED, ()))
        return [*self.own(namespace, name), *(grant for grant in everybody if not is_built_in(grant.binding))]


def account_of(subject: Subject, grant: Grant) -> tuple[str, str]:
    """Namespace and name of a ServiceAccount that a binding names."""
    return (subject.namespace or grant.namespace, subject.name)


def is_built_in(binding: Binding) -> bool:
    """Whether Kubernetes itself made the binding, and keeps making it."""
    return _BOOTSTRAPPED in binding.metadata.labels


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
