# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Vulnerabilities of images as findings about the workloads that run them: one for each image of a workload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.images import parse
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.scores import Scores
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.shapes import (
    ImageReport,
    Vulnerability,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Key, Workload

CODE = "image-vulnerable"
MOST_TOLD = 10
_SEVERITIES = {"CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium", "LOW": "low", "UNKNOWN": "low"}
_ORDER = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN")


@dataclass(frozen=True)
class Vulnerable:
    """A fault with the factor exploitability of its worst vulnerability, and why that is so."""

    fault: Fault
    exploitability: float
    why: str


def fold(
    reports: Iterable[ImageReport], workloads: Iterable[Workload], scores: Scores
) -> tuple[list[Vulnerable], set[Key]]:
    """Findings, and the workloads that some report speaks of (with or without vulnerabilities)."""
    workloads = list(workloads)
    by_key = {workload.key: workload for workload in workloads}
    by_image = _by_image(workloads)
    found: dict[tuple[Key, str], list[Vulnerability]] = {}
    covered: set[Key] = set()
    for report in reports:
        for key in _places(report, by_key, by_image):
            covered.add(key)
            known = found.setdefault((key, report.image), [])
            known += [item for item in report.vulnerabilities if item not in known]
    told = [_of(key, image, items, by_key, scores) for (key, image), items in found.items() if items]
    return told, covered


def _by_image(workloads: Iterable[Workload]) -> dict[tuple[str, str], set[Key]]:
    """Workloads by name and tag of each of their images, and by name and digest."""
    found: dict[tuple[str, str], set[Key]] = {}
    for workload in workloads:
        for container in workload.containers():
            name, tag, digest = parse(container.image)
            for version in {tag or "latest", digest} - {""}:
                found.setdefault((name, version), set()).add(workload.key)
    return found


def _places(
    report: ImageReport, by_key: Mapping[Key, Workload], by_image: Mapping[tuple[str, str], set[Key]]
) -> list[Key]:
    """Where a report belongs. A ReplicaSet's is its Deployment's; an image file's is everybody's who runs the image."""
    if report.name:
        kind, name = report.kind, report.name
        deployment = ("Deployment", report.namespace, name.rpartition("-")[0])
        if kind == "ReplicaSet" and deployment in by_key:
            return [deployment]
        return [(kind, report.namespace, name)]
    name, tag, digest = parse(report.image)
    keys = by_image.get((name, tag or "latest"), set())
    for version in (digest, *report.digests):
        keys = keys | by_image.get((name, version), set())
    return sorted(keys)


def _of(key: Key, image: str, items: list[Vulnerability], by_key: Mapping[Key, Workload], scores: Scores) -> Vulnerable:
    rated = [(scores.factor(item), item) for item in items]
    ordered = sorted(
        rated, key=lambda pair: (-_weight(pair[1]) * pair[0][0], _ORDER.index(_known(pair[1])), pair[1].id)
    )
    (factor, why), worst = ordered[0]
    counts = {name: sum(_known(item) == name for item in items) for name in _ORDER}
    numbers = ", ".join(f"{count} {name.lower()}" for name, count in counts.items() if count)
    message = f"the image {image} has known vulnerabilities: {numbers}; first {worst.id} in {worst.package} ({why})"
    evidence = tuple(
        f"{item.id} {_known(item).lower()} in {item.package} {item.installed}: {reason}"
        for (_factor, reason), item in ordered[:MOST_TOLD]
    )
    severity = _SEVERITIES[next(name for name, count in counts.items() if count)]
    if "KEV)" in why and severity in ("medium", "low"):
        severity = "high"
    pods = by_key[key].pods if key in by_key else 0
    fault = Fault(CODE, *key, message, part=f"image {image}", evidence=evidence, pods=pods, severity=severity)
    return Vulnerable(fault, factor, why)


def _known(item: Vulnerability) -> str:
    return item.severity if item.severity in _ORDER else "UNKNOWN"


def _weight(item: Vulnerability) -> float:
    return {"CRITICAL": 1000.0, "HIGH": 100.0, "MEDIUM": 10.0}.get(item.severity, 1.0)
