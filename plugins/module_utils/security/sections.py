# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of the audit's page below its findings, and the figures that trends are drawn of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.ranking import count_by_severity
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Section, Table
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack import showing
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.paths import ChokePoint, Path
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.permissions import folded as built_in
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.exceptions import Sifted
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.control import (
    NEWEST_MINOR,
    Subject,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.policy import violations
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.surroundings import Surroundings
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Key

MOST_PATHS = 10
MOST_ROWS = 50


@dataclass(frozen=True)
class Told:
    """Beside findings. folded: how often which code was found, by design, in a namespace of the system."""

    paths: Sequence[Path]
    points: Sequence[ChokePoint]
    sifted: Sifted
    folded: Counter[tuple[str, str]]
    covered: set[Key]


def figures(around: Surroundings, findings: Sequence[Finding], told: Told) -> dict[str, float]:
    """Numbers of which the page draws a trend."""
    counts = count_by_severity(findings)
    to_admin = sum(path.goal == "cluster-admin" for path in told.paths)
    return {
        "critical findings": counts["critical"],
        "high findings": counts["high"],
        "workloads that the outside reaches": len(around.exposure.through),
        "of them with a path to the whole cluster": to_admin,
        "accepted by exceptions": len(told.sifted.accepted),
    }


def sections(around: Surroundings, told: Told) -> list[Section]:
    """In the order in which a person wants them; those with nothing to say are left out, paths never."""
    return [_paths(around, told), *_points(told), *_levels(around), *_accepted(told), *_folded(around, told)]


def _paths(around: Surroundings, told: Told) -> Section:
    title = "Attack paths from the outside"
    if around.reach is None:
        return Section(title, "Not assessed: the permissions or pods that they lead through could not be read.")
    exposed = len(around.exposure.through)
    if not told.paths:
        return Section(title, f"None: of {exposed} workloads that the outside reaches, none leads to a node or to all.")
    ends = Counter(path.goal for path in told.paths)
    text = (
        f"Of {exposed} workloads that the outside reaches, {ends['cluster-admin']} lead to the whole cluster and "
        f"{ends['node']} to a node, once taken. The shortest way of each:"
    )
    rows = tuple(
        (showing.label(path.start), path.goal, float(len(path.steps)), showing.sentence(path))
        for path in told.paths[:MOST_ROWS]
    )
    chart = {"type": "paths", "paths": [showing.drawn(path) for path in told.paths[:MOST_PATHS]]}
    return Section(title, text, Table(("workload", "leads to", "steps", "path"), rows), chart)


def _points(told: Told) -> Iterator[Section]:
    if told.points:
        text = "What most paths lead through: without it, so many of the workloads above lead nowhere, or less far."
        rows = tuple((point.cut, float(point.freed), float(point.of)) for point in told.points)
        bars = [{"label": point.cut, "value": point.freed, "limit": None} for point in told.points]
        chart = {"type": "bars", "unit": "", "bars": bars}
        yield Section("Choke points", text, Table(("remove", "frees", "of"), rows), chart)


def _levels(around: Surroundings) -> Iterator[Section]:
    """Which level of the Pod Security Standards each namespace could enforce today."""
    facts = around.facts
    if "pods" in facts.unread or not facts.workloads:
        return
    minor = min(facts.minor or NEWEST_MINOR, NEWEST_MINOR)
    broken: dict[str, Counter[str]] = {}
    for workload in facts.workloads:
        levels = {item.level for item in violations(Subject(workload.spec, workload.annotations, minor))}
        counts = broken.setdefault(workload.namespace, Counter())
        counts["workloads"] += 1
        counts["baseline"] += "baseline" in levels
        counts["restricted"] += bool(levels)
    rows = tuple(
        (name, float(counts["workloads"]), float(counts["baseline"]), float(counts["restricted"]))
        for name, counts in sorted(broken.items(), key=lambda item: (-item[1]["baseline"], item[0]))[:MOST_ROWS]
    )
    columns = ("namespace", "workloads", "not baseline", "not restricted")
    yield Section(
        "Pod Security Standards by namespace", f"By the policy of Kubernetes 1.{minor}.", Table(columns, rows)
    )


def _accepted(told: Told) -> Iterator[Section]:
    if told.sifted.accepted:
        rows = tuple(
            (fault.code, f"{fault.kind} {fault.namespace}/{fault.name}", entry.reason, entry.owner, str(entry.until))
            for fault, entry in told.sifted.accepted
        )
        columns = ("code", "object", "reason", "owner", "until")
        yield Section("Accepted by exceptions", "They come back on the day after.", Table(columns, rows))


def _folded(around: Surroundings, told: Told) -> Iterator[Section]:
    rows = [(place, code, float(count)) for (place, code), count in sorted(told.folded.items())]
    if bindings := built_in(around.facts):
        rows.append(("", "bindings that Kubernetes makes by itself", float(bindings)))
    if rows:
        text = "What the cluster's own components do by design is counted here and not told one by one."
        yield Section("Folded", text, Table(("namespace", "what", "how often"), tuple(rows)))
