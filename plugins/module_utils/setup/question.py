# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one question that setup puts to an advisor: a failure that every reader of its evidence should know."""

from __future__ import annotations

from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import ANSWERED, UNUSABLE, Answer
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup.checks import FAILS, UNKNOWN, WORKS, Check

# Nothing of the cluster goes out for a trial: the example is made up.
EXAMPLE: Final[dict[str, Any]] = {
    "target": {"kind": "Deployment", "namespace": "example", "name": "checkout"},
    "evidence": [
        {
            "id": "E1",
            "source": "status",
            "time": "2026-01-01T00:00:00Z",
            "text": "container app: terminated, OOMKilled, exit code 137, 5 restarts",
        },
        {"id": "E2", "source": "spec", "text": "container app: limits memory 20Mi; requests memory 16Mi"},
        {"id": "E3", "source": "change", "text": "changed since revision 1: limits.memory: 64Mi → 20Mi"},
    ],
}
EXPECTED: Final = "oom-killed"


def check_of(part: str, answer: Answer, to_do: str) -> Check:
    """Whether the advisor answered, and how fast (pure)."""
    took = f"{answer.duration_seconds:.1f} s"
    if answer.status == ANSWERED:
        cause = (answer.diagnosis or {}).get("root_cause") or {}
        if cause.get("class") == EXPECTED:
            return Check(part, "question", WORKS, f"answered rightly in {took}")
        found = f"answered in {took}, but said {cause.get('class')} where {EXPECTED} was plain"
        return Check(part, "question", UNKNOWN, found, "try a larger model; read its advice with care")
    if answer.status == UNUSABLE:
        return Check(part, "question", FAILS, f"answered in {took}, unusably: {answer.reason}", "try another model")
    return Check(part, "question", FAILS, f"no answer after {took}: {answer.reason}", to_do)
