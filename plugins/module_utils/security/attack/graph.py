# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What leads where once a pod is taken: its token to its account, permissions to accounts, pods, nodes and the cluster,
a break-out to its node, and a node to every pod on it.

Only pods that run count. Where many things are reached at once (every account of a namespace) one vertex stands for
them, so that edges grow with the objects and not with their product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.breaking_out import way_to_node
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.namespaces import ENFORCE
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.secrets import TOKEN
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.tokens import mounts_token, without_token
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.effective import Grant, Grants
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.powers import (
    has_everything,
    powers_of,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Key, Workload

# A kind, then what names one of it.
Vertex = tuple[str, ...]
ADMIN: Vertex = ("admin",)
ANY_NODE: Vertex = ("nodes",)
ACCOUNT_OF_TOKEN = "kubernetes.io/service-account.name"


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
    for account, found in granted.items():
        _from_account(graph, account, found, facts)
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


def _from_account(graph: Graph, account: tuple[str, str], grants: list[Grant], facts: Facts) -> None:
    vertex = ("account", *account)
    creates_pods = False
    for grant in grants:
        place = grant.namespace
        if has_everything(grant.rules):
            opened = ["accounts", "workloads", "pods"] if place else ["admin"]
            said = dict.fromkeys(opened, "may do everything")
        else:
            powers = powers_of(grant.rules, in_namespace=bool(place))
            said = {power.leads: f"may {power.says}" for power in powers if power.leads}
            creates_pods = creates_pods or "pods" in said
            if creates_pods and any(power.code == "rbac-persistent-volumes" for power in powers):
                said.setdefault("nodes", "may create PersistentVolumes")
        for lead, through in said.items():
            for target in _targets(lead, place, facts):
                if target != vertex:
                    graph.add(vertex, target, f"{through} ({grant.name})", grant.name)


def _targets(lead: str, place: str, facts: Facts) -> Iterator[Vertex]:
    """What a power opens, in a namespace or (empty) everywhere."""
    if lead == "admin":
        # Of one namespace only, it is all of that namespace.
        yield from [("accounts", place), ("workloads", place)] if place else [ADMIN]
    elif lead == "nodes":
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


def _token_secrets(graph: Graph, facts: Facts) -> None:
    """Secrets that hold a token lead whoever reads them to its account."""
    for secret in facts.secrets:
        name = secret.metadata.annotations.get(ACCOUNT_OF_TOKEN, "")
        if secret.type == TOKEN and name:
            place = secret.metadata.namespace
            through = f"its token in Secret {place}/{secret.metadata.name}"
            cut = f"Secret {place}/{secret.metadata.name}"
            graph.add(("secrets", place), ("account", place, name), through, cut)


def _shared(graph: Graph, accounts: list[tuple[str, str]], running: list[Workload]) -> None:
    """The vertices that stand for all accounts, pods or token Secrets of a namespace, and for all namespaces."""
    for place, name in accounts:
        graph.add(("accounts", place), ("account", place, name), f"ServiceAccount {place}/{name}")
    for workload in running:
        vertex = vertex_of(workload.key)
        if vertex in graph.edges:
            graph.add(("workloads", workload.namespace), vertex, str(workload))
    for kind in ("accounts", "workloads", "secrets"):
        for place in sorted({vertex[1] for vertex in graph.edges if vertex[0] == kind and vertex[1]}):
            graph.add((kind, ""), (kind, place), f"namespace {place}")
