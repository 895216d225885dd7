# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A whole report as JSON: what the *_info modules return, the writer stores, and the next report compares with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.grade import grade
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.pasting import visible
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.ranking import count_by_severity, rank, ranked
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import (
    Finding,
    NotAssessed,
    Section,
    Source,
)

TOP = 3


@dataclass(frozen=True)
class Report:
    """story is health or security; generated_at RFC 3339; objects how many were looked at.

    figures are numbers that a trend over several reports is drawn of, by their label ("restarts", "CPU requested, %").
    essential names what a good grade needs: it is looked up in not_assessed. subject is what advisors are asked.
    namespaces are those that it is about, empty for all: only reports about the same ones are compared.
    """

    story: str
    cluster: str
    generated_at: str
    objects: int
    findings: Sequence[Finding]
    sources: Sequence[Source]
    not_assessed: Sequence[NotAssessed]
    figures: Mapping[str, float] = field(default_factory=dict)
    sections: Sequence[Section] = ()
    essential: Sequence[str] = ()
    subject: str = ""
    namespaces: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """Findings ranked, the worst first; summary holds the grade, the counts and the three most important."""
        findings = ranked(self.findings)
        unseen = [item.what for item in self.not_assessed if item.what in self.essential]
        listed = [{**finding.to_json(), "rank": rank(finding)} for finding in findings]
        return {
            "story": self.story,
            "cluster": self.cluster,
            "generated_at": self.generated_at,
            "namespaces": sorted(self.namespaces),
            "subject": self.subject,
            "findings": listed,
            "summary": {
                "grade": grade(findings, self.objects, unseen).to_json(),
                "objects": self.objects,
                "findings": count_by_severity(findings),
                "top": [f"{item['code']} {where_of(item)}: {item['message']}" for item in listed[:TOP]],
            },
            "sources": [source.to_json() for source in self.sources],
            "not_assessed": [item.to_json() for item in self.not_assessed],
            "figures": dict(self.figures),
            "sections": [section.to_json() for section in self.sections],
        }


def where_of(finding: Mapping[str, Any]) -> str:
    """The object of a finding as people write it: Deployment shop/checkout, Node node-1."""
    name = visible(finding["name"])
    return f"{finding['kind']} {finding['namespace']}/{name}" if finding["namespace"] else f"{finding['kind']} {name}"
