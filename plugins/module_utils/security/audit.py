# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One call from a client to a security audit: read, check, judge by the surroundings, try what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.collecting import no_collection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.ranking import ranked
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import Report
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix, Source
from ansible_collections.aiops.kubernetes.plugins.module_utils.security import exceptions
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.assembling import (
    change_of,
    finding_of,
    merged,
    set_apart,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack import showing
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.paths import Path as AttackPath
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.blindness import blind_spots
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.table import CHECKS
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fixing.trying import try_all
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.reading import REPORTS, Reading, read
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.sections import Told, figures, sections
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.surroundings import Surroundings
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities import trivy
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.folding import fold
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.scores import (
    Scores,
    read_scores,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.shapes import ImageReport

ESSENTIAL = ("pods", "roles", "clusterroles", "rolebindings", "clusterrolebindings", "networkpolicies", "secrets")
SUBJECT = "What should be done first about the security of this Kubernetes cluster, and why?"


@dataclass(frozen=True)
class Asked:
    """What an audit is asked for. namespace: of what has one, only that (empty: all). dry_runs: for how many findings
    the change that would help is tried at the API server. Files are the user's own; each is optional.
    """

    settings: Settings = field(default_factory=Settings)
    namespace: str = ""
    trivy_files: tuple[Path, ...] = ()
    epss_file: Path | None = None
    kev_file: Path | None = None
    exceptions_file: Path | None = None
    dry_runs: int = 20


@dataclass(frozen=True)
class Given:
    """The user's files, read."""

    images: tuple[ImageReport, ...] = ()
    scores: Scores = field(default_factory=Scores)
    exceptions: tuple[exceptions.Accepted, ...] = ()


@dataclass
class Audit:
    """What was judged, before it is turned into JSON."""

    reading: Reading
    around: Surroundings
    findings: list[Finding]
    told: Told
    paths: list[AttackPath]


def read_files(asked: Asked) -> Given:
    """Raises BadInput for what cannot be used: before anything is asked of the cluster."""
    return Given(
        tuple(report for path in asked.trivy_files for report in trivy.read_file(path)),
        read_scores(asked.epss_file, asked.kev_file),
        tuple(exceptions.read_file(asked.exceptions_file)) if asked.exceptions_file else (),
    )


def run(client: Client, asked: Asked, *, deadline: Deadline, clock: Clock = SYSTEM_CLOCK) -> dict[str, Any]:
    """The result of security_audit_info. Raises BadInput, and ClusterError where not even the version can be asked."""
    given = read_files(asked)
    with no_collection():
        reading = read(client, asked.settings, namespace=asked.namespace, deadline=deadline, clock=clock)
        done = judge(reading, given)
    done.findings = _with_changes(client, done, asked.dry_runs, deadline)
    return to_json(done, client.cluster, given, [asked.namespace] if asked.namespace else [])


def judge(reading: Reading, given: Given) -> Audit:
    """Everything that follows from what was read (pure)."""
    facts = reading.facts
    found = [
        fault for check in CHECKS if not any(name in facts.unread for name in check.needs) for fault in check.run(facts)
    ]
    images = [*trivy.from_operator(reading.reports or ()), *given.images]
    vulnerable, covered = fold(images, facts.workloads, given.scores)
    more = {item.fault: item.exploitability for item in vulnerable}
    told, folded = set_apart(merged([*found, *more]), facts)
    sifted = exceptions.sift(told, given.exceptions, facts.now.date())
    around = Surroundings(facts)
    expired = dict(sifted.expired)
    findings = [
        finding_of(
            fault,
            around,
            {"exploitability": more[fault]} if fault in more else {},
            _expired(expired.get(fault)),
        )
        for fault in sifted.open
    ]
    paths = around.paths()
    points = around.reach.choke_points(paths) if around.reach else []
    return Audit(reading, around, ranked(findings), Told(paths, points, sifted, folded, covered), paths)


def _expired(entry: exceptions.Accepted | None) -> tuple[str, ...]:
    if entry is None:
        return ()
    return (f"{entry.owner} accepted it until {entry.until} ({entry.reason}): that day has passed",)


def _with_changes(client: Client, done: Audit, most: int, deadline: Deadline) -> list[Finding]:
    """Each finding with the command that would help; of the first ones the change went through a dry run."""
    changes = {position: change_of(item, done.around) for position, item in enumerate(done.findings)}
    known = {position: change for position, change in changes.items() if change is not None}
    first = list(known.items())[:most]
    outcomes = try_all(client, [change for _position, change in first], deadline)
    said = dict(zip([position for position, _change in first], outcomes, strict=True))

    def fixed(position: int, item: Finding) -> Finding:
        change = known.get(position)
        if change is None:
            return item
        text = said.get(position, "")
        return replace(
            item,
            fix=Fix(item.fix.text, change.command(), patch=change.to_json() if text else None, dry_run=text),
        )

    return [fixed(position, item) for position, item in enumerate(done.findings)]


def to_json(done: Audit, cluster: str, given: Given, namespaces: Sequence[str] = ()) -> dict[str, Any]:
    """Report.to_json, with attack_paths, choke_points and exceptions. namespaces: those asked about, empty for all."""
    facts, told = done.reading.facts, done.told
    reports = "" if done.reading.reports is not None else facts.unread.get(REPORTS, "trivy-operator is not installed")
    report = Report(
        story="security",
        cluster=cluster,
        generated_at=rfc3339(facts.now),
        objects=len(facts.workloads) + sum(count for what, count in done.reading.counts.items() if what != "pods"),
        findings=done.findings,
        sources=_sources(done.reading, given),
        not_assessed=list(blind_spots(facts, reports=reports, covered=told.covered)),
        figures=figures(done.around, done.findings, told),
        sections=sections(done.around, told),
        essential=ESSENTIAL,
        subject=SUBJECT,
        namespaces=namespaces,
    ).to_json()
    through = done.around.exposure.through
    report["attack_paths"] = [showing.to_json(path, through.get(_key(path), [])) for path in told.paths]
    report["choke_points"] = [showing.choke_point_json(point) for point in told.points]
    report["exceptions"] = [
        {
            **entry.to_json(),
            "finding": {"code": fault.code, "kind": fault.kind, "namespace": fault.namespace, "name": fault.name},
        }
        for fault, entry in told.sifted.accepted
    ]
    return report


def _key(path: AttackPath) -> tuple[str, str, str]:
    kind, namespace, name = path.start[1:]
    return kind, namespace, name


def _sources(reading: Reading, given: Given) -> Sequence[Source]:
    lists = [Source(what, "the API server", count) for what, count in sorted(reading.counts.items())]
    files = [
        Source("vulnerabilities", f"Trivy's file {name}") for name in dict.fromkeys(i.source for i in given.images)
    ]
    return [*lists, *files, *(Source("likelihood of use", text) for text in given.scores.sources)]
