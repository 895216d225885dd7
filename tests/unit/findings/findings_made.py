# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings and reports for tests, with what the test does not care for filled in."""

from __future__ import annotations

from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import Report
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix, NotAssessed


def finding(code: str = "AIH101", severity: str = "high", name: str = "checkout", **given: Any) -> Finding:
    """A finding on a Deployment of namespace shop."""
    words: dict[str, Any] = {
        "kind": "Deployment",
        "namespace": "shop",
        "message": f"{name} is broken",
        "evidence": ("status of the Deployment: 0 of 2 available",),
        "why": "customers cannot pay",
        "fix": Fix("repair it", "ansible-playbook playbooks/diagnose_pod.yml"),
        **given,
    }
    return Finding(code=code, severity=severity, name=name, **words)


def report(*findings: Finding, at: str = "2026-11-16T00:00:00Z", objects: int = 10, **given: Any) -> dict[str, Any]:
    """A health report as JSON."""
    not_assessed: tuple[NotAssessed, ...] = given.pop("not_assessed", ())
    return Report("health", "e2e", at, objects, findings, (), not_assessed, **given).to_json()
