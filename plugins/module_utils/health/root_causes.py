# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Story 1's diagnosis of what fails worst, as evidence of its finding."""

from __future__ import annotations

import concurrent.futures
import dataclasses
from collections.abc import Callable, Sequence

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.advise import look_at
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BY_NAME, BadTarget
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.ranking import ranked
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import Settings

# What a diagnosis has an answer to: pods that do not run, and workloads without pods.
DIAGNOSED = ("H101", "H102", "H103", "H104", "H105", "H107", "H111", "H112", "H114", "H301", "H302", "H303", "H305")
Target = tuple[str, str, str]


def explain(client: Client, findings: Sequence[Finding], settings: Settings, deadline: Deadline) -> list[Finding]:
    """The same findings; those about the worst failing workloads (settings.root_causes) say the root cause too."""
    wanted: dict[Target, None] = {}
    for finding in ranked(findings):
        if finding.code in DIAGNOSED and finding.kind in BY_NAME and len(wanted) < settings.root_causes:
            wanted[finding.kind, finding.namespace, finding.name] = None
    told = _together({target: _diagnosis(client, target, settings) for target in wanted}, deadline)

    def explained(finding: Finding) -> Finding:
        text = told.get((finding.kind, finding.namespace, finding.name))
        if not text or finding.code not in DIAGNOSED:
            return finding
        return dataclasses.replace(finding, evidence=(*finding.evidence, text))

    return [explained(finding) for finding in findings]


def _diagnosis(client: Client, target: Target, settings: Settings) -> Callable[[], str]:
    kind, namespace, name = target

    def ask() -> str:
        try:
            report = look_at(
                client, kind=kind, namespace=namespace, name=name, within_seconds=settings.root_cause_seconds
            )
        except (BadTarget, ClusterError) as error:
            return f"root cause: not found out, {error}"
        cause = report.diagnosis.root_cause
        if report.diagnosis.verdict not in ("failing", "degraded"):
            return ""
        remedy = next((item.remedy for item in report.recommendations if item.remedy != "none"), "")
        proposed = f"; the remedy {remedy} would be proposed" if remedy else ""
        return f"root cause by rules: {cause.summary} ({cause.class_}, {cause.confidence:.0%} sure){proposed}"

    return ask


def _together(jobs: dict[Target, Callable[[], str]], deadline: Deadline) -> dict[Target, str]:
    if not jobs:
        return {}
    pool = concurrent.futures.ThreadPoolExecutor(len(jobs), thread_name_prefix="causes")
    running = {target: pool.submit(job) for target, job in jobs.items()}
    concurrent.futures.wait(running.values(), timeout=deadline.remaining())
    pool.shutdown(wait=False, cancel_futures=True)
    return {target: future.result() for target, future in running.items() if future.done()}
