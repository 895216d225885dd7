# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which finding comes first: severity times the factors that a report gives it (exposure, reach, pods touched)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import SEVERITIES, Finding

# Ten apart: factors that stay between 1 and 10 order findings within a severity, larger ones lift them across.
WEIGHTS = {"critical": 1000.0, "high": 100.0, "medium": 10.0, "low": 1.0}


def rank(finding: Finding) -> float:
    """Severity's weight times all factors."""
    return round(WEIGHTS[finding.severity] * math.prod(finding.factors.values()), 3)


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first; what weighs the same by severity, code and name, so that two runs give one order."""
    return sorted(findings, key=lambda item: (-rank(item), SEVERITIES.index(item.severity), *item.key))


def count_by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """Number of findings of each severity, the worst first, zeros included."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
