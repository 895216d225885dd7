# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which pods a NetworkPolicy protects, in which direction, and which policies protect nothing.

A pod is protected in a direction where any policy of its namespace selects it for that direction; policies add up, so
one that allows everything undoes the others: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.selecting import keys_of, matches
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import NetworkPolicy
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Workload

POLICY_CODES = ("network-allow-all-ingress", "network-allow-all-egress")
CODES = (
    "network-ingress-open",
    "network-egress-open",
    "network-policy-bypassed",
    "network-policy-selects-nothing",
)
_DIRECTIONS = (("Ingress", "from", "may be called by every pod"), ("Egress", "to", "may call everything"))
EVERYWHERE = ("0.0.0.0/0", "::/0")


def by_namespace(policies: Iterable[NetworkPolicy]) -> dict[str, list[NetworkPolicy]]:
    """The policies of each namespace."""
    found: dict[str, list[NetworkPolicy]] = {}
    for policy in policies:
        found.setdefault(policy.metadata.namespace, []).append(policy)
    return found


def directions(policy: NetworkPolicy) -> tuple[str, ...]:
    """Ingress, Egress or both; the API's default where the policy does not say."""
    default = ("Ingress", "Egress") if policy.spec.egress else ("Ingress",)
    return tuple(policy.spec.policyTypes) or default


def protecting(workload: Workload, policies: Iterable[NetworkPolicy], direction: str) -> list[NetworkPolicy]:
    """The policies (of its namespace) that hold for a workload in a direction."""
    return [
        item for item in policies if direction in directions(item) and matches(item.spec.podSelector, workload.labels)
    ]


def allows_everything(policy: NetworkPolicy, direction: str) -> bool:
    """Whether a rule lets everybody in, or everything out, on every port."""
    word = "from" if direction == "Ingress" else "to"
    rules = (policy.spec.ingress if direction == "Ingress" else policy.spec.egress) or ()
    return direction in directions(policy) and any(
        not rule.get("ports") and (not rule.get(word) or any(_is_everybody(peer) for peer in rule[word]))
        for rule in rules
    )


def _is_everybody(peer: Mapping[str, Any]) -> bool:
    block = peer.get("ipBlock")
    if block is not None:
        return block.get("cidr") in EVERYWHERE and not block.get("except")
    namespaces, pods = peer.get("namespaceSelector"), peer.get("podSelector")
    return namespaces is not None and not any(namespaces.values()) and not any((pods or {}).values())


def check_policies(facts: Facts) -> Iterator[Fault]:
    """Policies that allow everything."""
    for policy in facts.network_policies:
        for direction, _word, message in _DIRECTIONS:
            if allows_everything(policy, direction):
                yield _of_policy(policy, f"network-allow-all-{direction.lower()}", f"what it selects {message}")


def check(facts: Facts) -> Iterator[Fault]:
    """Workloads that no policy protects, and policies that protect no workload."""
    policies = by_namespace(facts.network_policies)
    used: set[int] = set()
    for workload in facts.workloads:
        own = policies.get(workload.namespace, [])
        for direction, _word, message in _DIRECTIONS:
            holding = protecting(workload, own, direction)
            used |= {id(item) for item in holding}
            if workload.spec.hostNetwork:
                continue
            if not holding:
                message = f"no NetworkPolicy selects its pods for {direction.lower()}: they {message}"
                yield _of_workload(workload, f"network-{direction.lower()}-open", message)
        selected = [item.metadata.name for item in own if matches(item.spec.podSelector, workload.labels)]
        if workload.spec.hostNetwork and selected:
            message = f"the NetworkPolicy {', '.join(selected)} selects its pods, which use the node's network"
            yield _of_workload(workload, "network-policy-bypassed", message)
    for policy in facts.network_policies:
        # One that selects every pod waits for those to come.
        if id(policy) not in used and keys_of(policy.spec.podSelector):
            yield _of_policy(policy, "network-policy-selects-nothing", "its podSelector matches no pod and no template")


def _of_workload(workload: Workload, code: str, message: str) -> Fault:
    return Fault(code, *workload.key, message, pods=workload.pods)


def _of_policy(policy: NetworkPolicy, code: str, message: str) -> Fault:
    return Fault(code, "NetworkPolicy", policy.metadata.namespace, policy.metadata.name, message)
