# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as SARIF 2.1.0, which code hosts and security dashboards read:
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.comparing import key_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import where_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
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
        "fullDescription": {"text": finding["why"]},
        "help": {"text": finding["fix"]["text"]},
        "defaultConfiguration": {"level": _LEVELS[finding["severity"]]},
        "properties": {"tags": ["security", *finding["controls"]], "security-severity": _SCORES[finding["severity"]]},
    }


def _result(finding: Mapping[str, Any], rule: int) -> dict[str, Any]:
    key = canonical.sha256(list(key_of(finding))).removeprefix("sha256:")
    message = ". ".join([f"{where_of(finding)}: {finding['message']}", *_texts(finding["evidence"])])
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
    parts = [finding["namespace"] or "cluster", finding["kind"], finding["name"]]
    path = "/".join(parts).lower()
    return {
        "physicalLocation": {"artifactLocation": {"uri": path, "uriBaseId": "CLUSTER"}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": "/".join(parts), "kind": "object"}],
    }


def _notification(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": f"not assessed: {item['what']}: {item['why']}"}}


def _texts(items: Sequence[Any]) -> list[str]:
    return [str(item) for item in items]
