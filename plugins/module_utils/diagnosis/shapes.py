# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an advisor says about a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Facts


@dataclass(frozen=True)
class Cause:
    """`class_` is an id of the failure classes, `confidence` 0 to 1, `evidence` ids, `details` facts for remedies."""

    class_: str
    summary: str
    confidence: float
    evidence: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The interface's form, where the key is `class`."""
        return {
            "class": self.class_,
            "summary": self.summary,
            "confidence": self.confidence,
            "evidence": list(self.evidence),
            "details": dict(self.details),
        }


@dataclass(frozen=True)
class Diagnosis:
    """`verdict` is healthy, failing, degraded, unknown or not-found; `chain` tells from the cause to the symptom."""

    verdict: str
    root_cause: Cause
    contributing: list[Cause] = field(default_factory=list)
    chain: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The interface's form."""
        return {
            "verdict": self.verdict,
            "root_cause": self.root_cause.to_json(),
            "contributing": [cause.to_json() for cause in self.contributing],
            "chain": list(self.chain),
        }


@dataclass(frozen=True)
class Recommendation:
    """One remedy of the catalogue, or `none` with the command that a person would run in `parameters.command`."""

    remedy: str
    parameters: dict[str, Any]
    reason: str
    expected_outcome: str
    advisor: str = "rules"

    def to_json(self) -> dict[str, Any]:
        """The interface's form."""
        return {
            "remedy": self.remedy,
            "parameters": dict(self.parameters),
            "reason": self.reason,
            "expected_outcome": self.expected_outcome,
            "advisor": self.advisor,
        }


@dataclass(frozen=True)
class Rule:
    """One failure class: how to see it, and which classes it explains where both hold."""

    class_: str
    look: Callable[[Facts], Cause | None]
    explains: frozenset[str] = frozenset()
