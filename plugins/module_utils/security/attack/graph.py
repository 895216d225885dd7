# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What leads where once a pod is taken: its token to its account, permissions to accounts, pods, nodes and the cluster,
a break-out to its node, and a node to every pod on it.

Only pods that run count. Where many things are reached at once (every account of a namespace) one vertex stands for
them, so that edges grow with the objects and not with their product. What is named in rules (resourceNames, in every
namespace where a ClusterRoleBinding grants them) has vertices of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.breaking_out import way_to_node
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.namespaces import ENFORCE
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.secrets import TOKEN
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.tokens import mounts_token, without_token
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.effective import (
    Grant,
    Grants,
    account_of_user,
    allows,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.powers import (
    POWERS,
    gives,
    has_everything,
    powers_of,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Meta
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Key, Workload

# A kind, then what names one of it.
Vertex = tuple[str, ...]
ADMIN: Vertex = ("admin",)
ANY_NODE: Vertex = ("nodes",)
ACCOUNT_OF_TOKEN = "kubernetes.io/service-account.name"
# Whose objects lead further one by one, where a rule names them.
_BY_NAME = tuple(power for power in POWERS if power.leads in ("accounts", "secrets"))


@dataclass(frozen=True, slots=True)
class Edge:
    """through: by what, for a person. cut: what would have to go so that the edge goes; empty where nothing can."""

    source: Vertex
    target: Vertex
    through: str
    cut: str


@dataclass
class Graph:
    """Edges by their source; in the order in which they were added, which is that of the sorted objects."""

    edges: dict[Vertex, list[Edge]] = field(default_factory=dict)

    def add(self, source: Vertex, target: Vertex, through: str, cut: str = "") -> None:
        """One more edge."""
        self.edges.setdefault(source, []).append(Edge(source, target, through, cut))

    def all(self) -> Iterator[Edge]:
        """Every edge."""
        for edges in self.edges.values():
            yield from edges

    @property
    def size(self) -> int:
        """Number of edges."""
        return sum(len(edges) for edges in self.edges.values())


def vertex_of(key: Key) -> Vertex:
    """The vertex of a workload."""
    return ("workload", *key)


def build(facts: Facts) -> Graph:
    """The graph of everything that was read."""
    graph, grants, without = Graph(), Grants.of(facts), without_token(facts)
    running = [workload for workload in facts.workloads if workload.pods]
    accounts = {(item.namespace, item.service_account) for item in running}
    accounts |= {(item.metadata.namespace, item.metadata.name) for item in facts.service_accounts}
    granted = {account: found for account in sorted(accounts) if (found := grants.of_account(*account))}
    for workload in sorted(running, key=lambda item: item.key):
        _from_workload(graph, workload, mounts_token(workload, without))
    others = _acted_as(grants)
    known = {*others, *_nameable(granted, facts)}
    for account, found in granted.items():
        _from_grants(graph, ("account", *account), found, facts, known)
    for kind, name in sorted(others):
        _from_grants(graph, (kind, name), grants.of_other(kind.title(), name), facts, known)
    _token_secrets(graph, facts)
    _shared(graph, sorted(granted), running)
    for node in facts.nodes:
        graph.add(ANY_NODE, ("node", node.metadata.name), "one of the nodes")
    return graph


def _from_workload(graph: Graph, workload: Workload, has_token: bool) -> None:
    vertex = vertex_of(workload.key)
    if has_token:
        account = ("account", workload.namespace, workload.service_account)
        graph.add(vertex, account, "its token", f"the token in {workload}")
    if way := way_to_node(workload.spec):
        for node in sorted(workload.nodes):
            graph.add(vertex, ("node", node), way, f"{way} of {workload}")
    # Whoever has the node has every pod on it; a pod that leads nowhere is left out.
    if vertex in graph.edges:
        for node in sorted(workload.nodes):
            graph.add(("node", node), vertex, "runs on it")


def _from_grants(graph: Graph, vertex: Vertex, grants: list[Grant], facts: Facts, known: set[Vertex]) -> None:
    """known: what of that which rules name leads on."""
    opened = [(grant, _opened(grant)) for grant in grants]
    creates_pods = any("pods" in leads for _grant, leads in opened)
    for grant, leads in opened:
        found = [
            (target, through)
            for lead, through in leads.items()
            # Somebody has to mount the volume.
            if lead != "volumes" or creates_pods
            for target in _targets(lead, grant.namespace, facts)
        ]
        found += [(target, through) for target, through in _by_name(grant) if target in known]
        for target, through in found:
            if target != vertex:
                graph.add(vertex, target, f"{through} ({grant.name})", grant.name)


def _opened(grant: Grant) -> dict[str, str]:
    """Where a grant leads, and by what."""
    if has_everything(grant.rules):
        leads = ("accounts", "workloads", "pods") if grant.namespace else ("admin",)
        return dict.fromkeys(leads, "may do everything")
    return {power.leads: f"may {power.says}" for power in powers_of(grant) if power.leads}


def _by_name(grant: Grant) -> Iterator[tuple[Vertex, str]]:
    """What its rules name of accounts, Secrets, users and groups, and what may be done with it."""
    place = grant.namespace
    for rule in grant.rules:
        if not rule.resourceNames:
            continue
        for power in _BY_NAME:
            if gives(rule, power):
                kind = "account" if power.leads == "accounts" and place else power.leads
                yield from (((kind, place, name), f"may {power.says}") for name in rule.resourceNames)
        for kind in ("user", "group"):
            if not place and allows(rule, "impersonate", "", f"{kind}s"):
                yield from ((_somebody(kind, name), f"may act as that {kind}") for name in rule.resourceNames)


def _somebody(kind: str, name: str) -> Vertex:
    account = account_of_user(name) if kind == "user" else None
    return ("account", *account) if account else (kind, name)


def _acted_as(grants: Grants) -> set[tuple[str, str]]:
    """Users and groups that rules name and that have permissions of their own."""
    named = {vertex for grant in grants.all for vertex, _through in _by_name(grant)}
    return {(v[0], v[1]) for v in named if v[0] in ("user", "group") and grants.of_other(v[0].title(), v[1])}


def _nameable(accounts: Iterable[tuple[str, str]], facts: Facts) -> Iterator[Vertex]:
    """ServiceAccounts with permissions and Secrets with tokens, in their namespace and, by the name, in any."""
    for place, name in accounts:
        yield "account", place, name
        yield "accounts", "", name
    for secret, _account in _tokens(facts):
        yield "secrets", secret.namespace, secret.name
        yield "secrets", "", secret.name


def _targets(lead: str, place: str, facts: Facts) -> Iterator[Vertex]:
    """What a power opens, in a namespace or (empty) everywhere."""
    if lead == "admin":
        # Of one namespace only, it is all of that namespace.
        yield from [("accounts", place), ("workloads", place)] if place else [ADMIN]
    elif lead in ("nodes", "volumes"):
        yield ANY_NODE
    elif lead == "pods":
        yield ("accounts", place)
        if _admits_privileged(facts, place):
            yield ANY_NODE
    elif lead == "secrets":
        yield ("secrets", place)
    else:
        yield (lead, place)


def _admits_privileged(facts: Facts, place: str) -> bool:
    """Whether some namespace in question lets a privileged pod in."""
    return any(
        item.metadata.labels.get(ENFORCE, "privileged") == "privileged"
        for item in facts.namespaces
        if place in ("", item.metadata.name)
    )


def _tokens(facts: Facts) -> Iterator[tuple[Meta, str]]:
    """Secrets that hold the token of an account, and its name."""
    for secret in facts.secrets:
        name = secret.metadata.annotations.get(ACCOUNT_OF_TOKEN, "")
        if secret.type == TOKEN and name:
            yield secret.metadata, name


def _token_secrets(graph: Graph, facts: Facts) -> None:
    """Secrets that hold a token lead whoever reads them to its account."""
    named = {edge.target for edge in graph.all() if edge.target[0] == "secrets"}
    for secret, name in _tokens(facts):
        place, cut = secret.namespace, f"Secret {secret.namespace}/{secret.name}"
        for source in [("secrets", place), *({("secrets", place, secret.name), ("secrets", "", secret.name)} & named)]:
            graph.add(source, ("account", place, name), f"its token in {cut}", cut)


def _shared(graph: Graph, accounts: list[tuple[str, str]], running: list[Workload]) -> None:
    """The vertices that stand for all accounts, pods or token Secrets of a namespace, and for all namespaces."""
    named = {edge.target for edge in graph.all() if edge.target[0] == "accounts"}
    for place, name in accounts:
        for source in [("accounts", place), *({("accounts", "", name)} & named)]:
            graph.add(source, ("account", place, name), f"ServiceAccount {place}/{name}")
    for workload in running:
        vertex = vertex_of(workload.key)
        if vertex in graph.edges:
            graph.add(("workloads", workload.namespace), vertex, str(workload))
    for kind in ("accounts", "workloads", "secrets"):
        for place in sorted({vertex[1] for vertex in graph.edges if vertex[0] == kind and vertex[1]}):
            graph.add((kind, ""), (kind, place), f"namespace {place}")
