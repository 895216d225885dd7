# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What advisors are asked about a report, and how their answer stands beside the ranking."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.advice import advice_of, question_report


def finding(code: str, name: str) -> dict[str, Any]:
    words = {"severity": "high", "kind": "Pod", "namespace": "shop", "message": f"about {name}", "why": f"why {code}"}
    return {"code": code, "name": name, "evidence": [f"seen on {name}"], **words}


FINDINGS = [finding("H101", "web"), finding("H101", "cart"), finding("H601", "lost")]
REPORT = {
    "cluster": "prod",
    "generated_at": "2026-11-30T00:00:00Z",
    "subject": "What should be repaired first?",
    "findings": FINDINGS,
}


def answered(class_: str) -> dict[str, Any]:
    cause = {"class": class_, "summary": "It fails most."}
    return {"name": "kagent", "model": "m", "status": "answered", "diagnosis": {"root_cause": cause}, "flags": []}


def test_the_question_holds_the_worst_findings_and_lets_only_their_codes_be_named() -> None:
    question = build_question(question_report(REPORT))
    assert question.classes == ("H101", "H601", "unknown")
    assert question.evidence_ids == ("E1", "E2", "E3")
    assert "seen on cart" in question.text
    assert "why H601" in question.text


@pytest.mark.parametrize(
    ("class_", "said"),
    [
        ("H101", "agrees with the rules to begin with H101. It fails most."),
        ("H601", "disagrees with the rules: would begin with H601, not with H101. It fails most."),
        ("unknown", "names no finding to begin with. It fails most."),
    ],
)
def test_agreement_is_said(class_: str, said: str) -> None:
    assert advice_of([answered(class_)], FINDINGS) == [{"advisor": "kagent (m)", "text": said}]


def test_who_says_nothing_says_why() -> None:
    silent = {"name": "kagent", "status": "none", "reason": "nobody answers at that address"}
    [said] = advice_of([silent], FINDINGS)
    assert said["text"] == "said nothing that can be used: nobody answers at that address"
