# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What advisors are asked about a report, and what of their answers stands beside it. They change no finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import asking
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import where_of

MOST_FINDINGS = 30
UNKNOWN = "unknown"


def with_advice(report: Mapping[str, Any], advisors: asking.AdvisorSettings, client: Client) -> dict[str, Any]:
    """The report (Report.to_json) with `advice`, and `aiops_events` for the journal. Raises BadSettings."""
    deadline = Deadline.after(advisors.within_seconds)
    consultation = asking.consult(question_report(report), advisors, client, deadline)
    advice = advice_of([answer.to_json() for answer in consultation.answers], report["findings"])
    return {**report, "advice": advice, "aiops_events": asking.events_of(consultation, advisors)}


def question_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report as `build_question` takes it: its worst findings are the evidence, their codes what can be named."""
    worst = report["findings"][:MOST_FINDINGS]
    evidence = [
        {
            "id": f"E{number}",
            "source": "status",
            "time": report["generated_at"],
            "subject": where_of(finding),
            "text": f"{finding['code']} {finding['severity']}: {finding['message']}; {'; '.join(finding['evidence'])}",
        }
        for number, finding in enumerate(worst, start=1)
    ]
    return {
        "subject": f"{report['subject']} The class names the finding to begin with.",
        "target": {"kind": "Cluster", "namespace": "", "name": report["cluster"]},
        "evidence": evidence,
        "classes": {
            **{finding["code"]: finding["why"] for finding in worst},
            UNKNOWN: "the findings do not tell with what to begin",
        },
    }


def advice_of(answers: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Answers (Answer.to_json) as {advisor, text}: what each says beside the ranking, or why it says nothing."""
    codes = list(dict.fromkeys(str(finding["code"]) for finding in findings))
    return [{"advisor": _who(answer), "text": _text(answer, codes)} for answer in answers]


def _who(answer: Mapping[str, Any]) -> str:
    model = f" ({answer['model']})" if answer.get("model") else ""
    return f"{answer['name']}{model}"


def _text(answer: Mapping[str, Any], codes: Sequence[str]) -> str:
    if answer["status"] != "answered":
        return f"said nothing that can be used: {answer['reason']}"
    cause = (answer.get("diagnosis") or {}).get("root_cause") or {}
    recommendation = answer.get("recommendation") or {}
    parts = [_beside(str(cause.get("class") or ""), codes), str(cause.get("summary") or "")]
    parts.append(str(recommendation.get("reason") or ""))
    marks = "".join(f" [{flag}]" for flag in answer.get("flags") or ())
    return " ".join(part for part in parts if part) + marks


def _beside(named: str, codes: Sequence[str]) -> str:
    """How what it would begin with stands to the ranking, whose order it does not change."""
    if named not in codes:
        return "names no finding to begin with."
    if named == codes[0]:
        return f"agrees with the rules to begin with {named}."
    return f"disagrees with the rules: would begin with {named}, not with {codes[0]}."
