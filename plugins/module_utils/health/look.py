# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One call from a client to a health report."""

from __future__ import annotations

import datetime
from collections.abc import Collection

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.collecting import no_collection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import Report
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, NotAssessed
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.checks import codes_without, run
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.from_prometheus import measure
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.reading import Reading, read, what
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.root_causes import explain
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.sections import figures, sections
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.http_get import Endpoint

SUBJECT = "What should be repaired first in this cluster, and why?"
# Without these a report says little about health, so no good grade comes of it.
ESSENTIAL = ("Pod", "Node", "Deployment", "StatefulSet", "DaemonSet")


def look(
    client: Client,
    settings: Settings,
    *,
    namespaces: Collection[str] = (),
    prometheus: Endpoint | None = None,
    within_seconds: float = 30.0,
    clock: Clock = SYSTEM_CLOCK,
) -> Report:
    """Reads, judges, asks Prometheus, and lets story 1 explain the worst.

    namespaces: findings about objects of these, and about what has no namespace; all where empty. Raises nothing for
    what cannot be read: that is in not_assessed.
    """
    deadline = Deadline.after(within_seconds, clock)
    now = clock.now()
    with no_collection():
        return _look(client, settings, namespaces, prometheus, now, deadline)


def _look(
    client: Client,
    settings: Settings,
    namespaces: Collection[str],
    prometheus: Endpoint | None,
    now: datetime.datetime,
    deadline: Deadline,
) -> Report:
    reading = read(client, settings, now, deadline)
    measured = measure(client, reading.seen, prometheus, deadline)
    findings = _within([*run(reading.seen), *measured.findings], namespaces)
    findings = explain(client, findings, settings, deadline)
    seen = reading.seen
    return Report(
        story="health",
        cluster=client.cluster,
        generated_at=rfc3339(now),
        objects=sum(len(items) for items in seen.lists.values()),
        findings=findings,
        sources=[*reading.sources, *measured.sources],
        not_assessed=[*unread(reading), *measured.not_assessed],
        figures=figures(seen),
        sections=list(sections(seen, measured)),
        essential=[what(name) for name in ESSENTIAL],
        subject=SUBJECT,
        namespaces=list(namespaces),
    )


def unread(reading: Reading) -> list[NotAssessed]:
    """What could not be read, with the codes that are unknown for it."""
    return [NotAssessed(item.what, item.why, item.how, codes_without(name)) for name, item in reading.missing.items()]


def _within(findings: list[Finding], namespaces: Collection[str]) -> list[Finding]:
    if not namespaces:
        return findings
    return [finding for finding in findings if not finding.namespace or finding.namespace in namespaces]
