# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as SARIF 2.1.0, which code hosts and security dashboards read:
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.comparing import key_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.pasting import visible
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import where_of
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.markdown import one_line

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_LETTERS = 4000
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
# Code hosts order by a number from 0 to 10, read from this property of a rule.
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}


def render(report: Mapping[str, Any]) -> str:
    """One run: a rule for each code, a result for each finding; what was not assessed is a notification of the run."""
    findings = report["findings"]
    codes = list(dict.fromkeys(finding["code"] for finding in findings))
    first = {finding["code"]: finding for finding in reversed(findings)}
    run = {
        "tool": {
            "driver": {
                "name": "aiops.kubernetes",
                "informationUri": "https://github.com/aiops-kubernetes/aiops.kubernetes",
                "rules": [_rule(first[code]) for code in codes],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "endTimeUtc": report["generated_at"],
                "toolExecutionNotifications": [_notification(item) for item in report["not_assessed"]],
            }
        ],
        "results": [_result(finding, codes.index(finding["code"])) for finding in findings],
        "properties": {"cluster": report["cluster"], "grade": report["summary"]["grade"]["letter"]},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _rule(finding: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": finding["code"],
        "shortDescription": {"text": finding["code"].replace("-", " ")},
        "fullDescription": {"text": _text(finding["why"])},
        "help": {"text": _text(finding["fix"]["text"])},
        "defaultConfiguration": {"level": _LEVELS[finding["severity"]]},
        "properties": {"tags": ["security", *finding["controls"]], "security-severity": _SCORES[finding["severity"]]},
    }


def _result(finding: Mapping[str, Any], rule: int) -> dict[str, Any]:
    key = canonical.sha256(list(key_of(finding))).removeprefix("sha256:")
    message = _text(". ".join([f"{where_of(finding)}: {finding['message']}", *map(str, finding["evidence"])]))
    return {
        "ruleId": finding["code"],
        "ruleIndex": rule,
        "level": _LEVELS[finding["severity"]],
        "message": {"text": message},
        "locations": [_location(finding)],
        "partialFingerprints": {"aiopsFinding/v1": key},
        "rank": 100.0 if finding["rank"] >= 1000 else round(finding["rank"] / 10, 1),
        "properties": {
            "severity": finding["severity"],
            "factors": finding["factors"],
            "command": finding["fix"]["command"],
        },
    }


def _location(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Objects lie in no file. Readers that insist on one get the object's path in the API as an address."""
    parts = [finding["namespace"] or "cluster", finding["kind"], visible(finding["name"])]
    path = quote("/".join(parts).lower())
    return {
        "physicalLocation": {"artifactLocation": {"uri": path, "uriBaseId": "CLUSTER"}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": "/".join(parts), "kind": "object"}],
    }


def _notification(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": _text(f"not assessed: {item['what']}: {item['why']}")}}


def _text(text: str) -> str:
    """One line; brackets, of which SARIF makes links (3.11.6), stay brackets."""
    return one_line(text, MOST_LETTERS).replace("[", "\\[").replace("]", "\\]")
