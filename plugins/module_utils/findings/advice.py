# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What advisors are asked about a report, and what of their answers stands beside it. They change no finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import where_of

MOST_FINDINGS = 30


def question_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report (Report.to_json) as `build_question` takes it: its worst findings are the evidence."""
    evidence = [
        {
            "id": f"E{number}",
            "source": "status",
            "time": report["generated_at"],
            "subject": where_of(finding),
            "text": f"{finding['code']} {finding['severity']}: {finding['message']}; {'; '.join(finding['evidence'])}",
        }
        for number, finding in enumerate(report["findings"][:MOST_FINDINGS], start=1)
    ]
    target = {"kind": "Cluster", "namespace": "", "name": report["cluster"]}
    return {"subject": report["subject"], "target": target, "evidence": evidence}


def advice_of(answers: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Answers (Answer.to_json) as {advisor, text}: what each says, or why it says nothing."""
    return [{"advisor": _who(answer), "text": _text(answer)} for answer in answers]


def _who(answer: Mapping[str, Any]) -> str:
    model = f" ({answer['model']})" if answer.get("model") else ""
    return f"{answer['name']}{model}"


def _text(answer: Mapping[str, Any]) -> str:
    if answer["status"] != "answered":
        return f"said nothing that can be used: {answer['reason']}"
    cause = (answer.get("diagnosis") or {}).get("root_cause") or {}
    recommendation = answer.get("recommendation") or {}
    parts = [str(cause.get("summary") or ""), str(recommendation.get("reason") or "")]
    marks = "".join(f" [{flag}]" for flag in answer.get("flags") or ())
    return " ".join(part for part in parts if part) + marks
