# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a fault's place makes it worse or better: who reaches it, and what can be reached from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.graph import Vertex, build, vertex_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.paths import Path, Reach
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.network import by_namespace, protecting
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.exposure import (
    CLUSTER,
    NOBODY,
    OUTSIDE,
    UNKNOWN,
    Exposure,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Binding, NetworkPolicy
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Key, Workload

EXPOSURE_FACTORS = {OUTSIDE: 2.0, CLUSTER: 1.0, NOBODY: 0.5, UNKNOWN: 1.0}
REACH_FACTORS = {"cluster-admin": 3.0, "node": 2.0, "": 1.0}
# Without these nobody can tell who reaches a pod, or what can be reached from it.
EXPOSURE_NEEDS = ("pods", "services", "ingresses", "httproutes", "networkpolicies")
REACH_NEEDS = ("pods", "roles", "clusterroles", "rolebindings", "clusterrolebindings", "serviceaccounts", "namespaces")


@dataclass
class Surroundings:
    """Of one cluster, as far as it was read. Everything is computed once, when it is first asked for."""

    facts: Facts

    @cached_property
    def exposure(self) -> Exposure:
        """What the outside reaches."""
        return Exposure.of(self.facts)

    @cached_property
    def reach(self) -> Reach | None:
        """What leads where; None where too little was read to say."""
        if any(name in self.facts.unread for name in REACH_NEEDS):
            return None
        return Reach(build(self.facts))

    @cached_property
    def by_key(self) -> dict[Key, Workload]:
        """One workload of each name."""
        return {workload.key: workload for workload in self.facts.workloads}

    @cached_property
    def _by_account(self) -> dict[tuple[str, str], list[Workload]]:
        found: dict[tuple[str, str], list[Workload]] = {}
        for workload in self.facts.workloads:
            found.setdefault((workload.namespace, workload.service_account), []).append(workload)
        return found

    @cached_property
    def _bindings(self) -> dict[Key, Binding]:
        return {(b.kind, b.metadata.namespace, b.metadata.name): b for b in self.facts.bindings}

    @cached_property
    def _policies(self) -> dict[str, list[NetworkPolicy]]:
        return by_namespace(self.facts.network_policies)

    def paths(self) -> list[Path]:
        """From every workload that runs and that the outside reaches."""
        starts = [vertex_of(key) for key in sorted(self.exposure.through) if self.by_key[key].pods]
        return self.reach.paths(starts) if self.reach else []

    def factors(self, fault: Fault) -> dict[str, float]:
        """exposure and reach of a workload, or of the worst workload that a binding is about; empty for others."""
        key = (fault.kind, fault.namespace, fault.name)
        if key in self.by_key:
            return self._factors([self.by_key[key]], [vertex_of(key)])
        if key in self._bindings:
            accounts = [
                (subject.namespace or fault.namespace, subject.name)
                for subject in self._bindings[key].subjects
                if subject.kind == "ServiceAccount"
            ]
            workloads = [workload for account in accounts for workload in self._by_account.get(account, ())]
            return self._factors(workloads, [("account", *account) for account in accounts]) if accounts else {}
        return {}

    def _factors(self, workloads: list[Workload], vertices: list[Vertex]) -> dict[str, float]:
        seen = {self.exposed(workload) for workload in workloads} or {NOBODY}
        exposed = max(seen, key=lambda word: EXPOSURE_FACTORS[word])
        if self.reach is None:
            return {f"exposure {exposed}": EXPOSURE_FACTORS[exposed], "reach unknown": 1.0}
        goals = [goal for vertex in vertices for goal in self.reach.goals_of(vertex)]
        goal = "cluster-admin" if "cluster-admin" in goals else "node" if goals else ""
        return {
            f"exposure {exposed}": EXPOSURE_FACTORS[exposed],
            f"reach {goal or 'none'}": REACH_FACTORS[goal],
        }

    def exposed(self, workload: Workload) -> str:
        """internet, cluster, none (a policy lets nobody in), or unknown."""
        if workload.key in self.exposure.through:
            return OUTSIDE
        if any(name in self.facts.unread for name in EXPOSURE_NEEDS):
            return UNKNOWN
        holding = protecting(workload, self._policies.get(workload.namespace, ()), "Ingress")
        return NOBODY if holding and not any(policy.spec.ingress for policy in holding) else CLUSTER
