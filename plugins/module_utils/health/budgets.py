# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pod disruption budgets: that they protect something, and let nodes be drained."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Budget, Controller, Meta
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot, named, owner_of, selects
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.workloads import wanted

KIND = "PodDisruptionBudget"


def judge(seen: Snapshot) -> Iterator[Finding]:
    """H411 to H413, H415, H416."""
    selecting: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for budget in seen.of(KIND):
        meta, status = budget.metadata, budget.status
        pods = seen.pods_selected(meta.namespace, budget.spec.selector)
        for owner in {owner_of(pod) for pod in pods}:
            selecting[owner.kind, owner.namespace, owner.name].append(meta.name)
        if not pods and seen.settled(meta) and not _template_selected(seen, budget):
            fix = fixes.look(
                "Correct its selector or delete it", "get", "pdb", meta.name, "-o", "yaml", namespace=meta.namespace
            )
            yield found("H411", KIND, meta, "", ["no pod of the namespace has the labels of its selector"], fix)
        elif pods and _never(budget, status.expectedPods or len(pods)):
            told = f"{_words(budget)} of {status.expectedPods or len(pods)} pods"
            fix = Fix("Demand maxUnavailable 1 instead, or run more pods than it demands.")
            yield found("H412", KIND, meta, told, [f"spec: {told}"], fix)
        elif pods and _nothing(budget):
            fix = Fix("Demand maxUnavailable 1, or delete it.")
            yield found("H416", KIND, meta, _words(budget), [f"spec: {_words(budget)}"], fix)
        elif pods and status.disruptionsAllowed == 0 and status.currentHealthy < status.desiredHealthy:
            told = f"{status.currentHealthy} of {status.desiredHealthy} demanded pods are healthy"
            owner = owner_of(pods[0])
            fix = fixes.diagnose(owner.kind, owner.namespace, owner.name)
            yield found("H413", KIND, meta, told, [f"status: {told}, disruptionsAllowed 0"], fix)
    for (kind, namespace, name), budgets in selecting.items():
        if len(budgets) > 1:
            told = f"selected by {named(budgets)}"
            fix = fixes.look("Keep one of them", "get", "pdb", namespace=namespace)
            yield found("H415", kind, Meta(name, namespace), told, [f"selectors of {named(budgets)} fit its pods"], fix)


def _never(budget: Budget, pods: int) -> bool:
    least, most = budget.spec.minAvailable, budget.spec.maxUnavailable
    if most is not None:
        return most in (0, "0", "0%")
    if isinstance(least, str) and least.removesuffix("%").isdecimal():
        # Rounded up: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
        least = math.ceil(pods * int(least.removesuffix("%")) / 100)
    return isinstance(least, int) and least >= pods > 0


def _nothing(budget: Budget) -> bool:
    least, most = budget.spec.minAvailable, budget.spec.maxUnavailable
    return most == "100%" or (most is None and least in (None, 0, "0", "0%"))


def _words(budget: Budget) -> str:
    most = budget.spec.maxUnavailable
    if most is None and budget.spec.minAvailable is None:
        return "neither minAvailable nor maxUnavailable"
    return f"maxUnavailable {most}" if most is not None else f"minAvailable {budget.spec.minAvailable}"


def _template_selected(seen: Snapshot, budget: Budget) -> bool:
    return any(
        item.metadata.namespace == budget.metadata.namespace
        and budget.spec.selector is not None
        and selects(budget.spec.selector, item.spec.template.metadata.labels)
        for item in seen.workloads
    )


def missing(seen: Snapshot) -> Iterator[Finding]:
    """H414: two replicas or more and no budget."""
    budgets: dict[str, list[Budget]] = defaultdict(list)
    for budget in seen.of(KIND):
        budgets[budget.metadata.namespace].append(budget)
    for item in seen.workloads:
        if item.kind in ("Deployment", "StatefulSet") and wanted(item) > 1 and not _covered(item, budgets):
            meta = item.metadata
            words = ("create", "pdb", meta.name, "--max-unavailable=1", f"--selector={_selector(item)}")
            fix = fixes.look("Allow one to go at a time", *words, namespace=meta.namespace)
            evidence = [f"{wanted(item)} replicas, and no PodDisruptionBudget selects its pod template"]
            yield found("H414", item.kind, meta, f"{wanted(item)} replicas", evidence, fix)


def _covered(item: Controller, budgets: dict[str, list[Budget]]) -> bool:
    labels = item.spec.template.metadata.labels
    return any(
        budget.spec.selector is not None and selects(budget.spec.selector, labels)
        for budget in budgets[item.metadata.namespace]
    )


def _selector(item: Controller) -> str:
    return ",".join(f"{key}={value}" for key, value in item.spec.selector.matchLabels.items())
