# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a fault to a finding: catalogue, surroundings and the change that takes it away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.all import CATALOGUE
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fixing import objects, templates
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fixing.change import Change
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.surroundings import Surroundings

# What the cluster's own components do by design is counted, not told one by one.
_BY_DESIGN = (
    *("pod-", "token-", "network-", "namespace-", "image-latest", "image-no-digest"),
    *("secret-unused", "secret-old", "secret-in-environment"),
)
_NETWORK_OF_WORKLOADS = ("network-ingress-open", "network-egress-open")


def merged(faults: Iterable[Fault]) -> list[Fault]:
    """Each fault once: a workload whose pods differ may have it several times. pods are added up."""
    found: dict[tuple[str, ...], Fault] = {}
    for fault in faults:
        key = (fault.code, fault.kind, fault.namespace, fault.name, fault.part)
        before = found.get(key)
        if before is None:
            found[key] = fault
        elif fault.pods:
            found[key] = replace(before, pods=before.pods + fault.pods)
    return list(found.values())


def set_apart(faults: Iterable[Fault], facts: Facts) -> tuple[list[Fault], Counter[tuple[str, str]]]:
    """What is told, and how often which code was found, by design, in which namespace of the system."""
    told: list[Fault] = []
    folded: Counter[tuple[str, str]] = Counter()
    for fault in faults:
        place = fault.namespace or (fault.name if fault.kind == "Namespace" else "")
        if facts.is_system(place) and fault.code.startswith(_BY_DESIGN):
            folded[place, fault.code] += 1
        else:
            told.append(fault)
    return told, folded


def finding_of(fault: Fault, around: Surroundings, more: Mapping[str, float], notes: tuple[str, ...] = ()) -> Finding:
    """more: factors beside exposure and reach; notes: evidence beside the fault's own."""
    entry = CATALOGUE[fault.code]
    where = _evidence(fault, around)
    return Finding(
        code=fault.code,
        severity=fault.severity or entry.severity,
        kind=fault.kind,
        namespace=fault.namespace,
        name=fault.name,
        message=fault.message,
        evidence=(*fault.evidence, *where, *notes),
        why=entry.why,
        fix=Fix(entry.fix),
        part=fault.part,
        controls=entry.controls,
        factors={**more, **around.factors(fault)},
    )


def _evidence(fault: Fault, around: Surroundings) -> tuple[str, ...]:
    key = (fault.kind, fault.namespace, fault.name)
    workload = around.by_key.get(key)
    if workload is None:
        return ()
    count = "1 pod runs so" if fault.pods == 1 else f"{fault.pods} pods run so"
    running = count if fault.pods else "no pod runs; its template says so"
    ways = around.exposure.through.get(key)
    return (running, f"the outside reaches it by {', '.join(dict.fromkeys(ways))}") if ways else (running,)


def change_of(finding: Finding, around: Surroundings) -> Change | None:
    """What would take the finding away, where the cluster says enough to know."""
    fault = Fault(finding.code, finding.kind, finding.namespace, finding.name, finding.message, finding.part)
    workload = around.by_key.get((fault.kind, fault.namespace, fault.name))
    if workload is None:
        return objects.change_of(fault, around.facts)
    if fault.code in _NETWORK_OF_WORKLOADS and workload.labels:
        return objects.network_policy(fault, workload, workload.key in around.exposure.through)
    return templates.change_of(fault.code, workload)
