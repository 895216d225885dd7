# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What changed since the report before: new, gone and continuing findings, and those that nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Changes:
    """Findings as JSON. unknown were there before, and what they are read from could not be read this time."""

    since: str
    new: list[dict[str, Any]]
    gone: list[dict[str, Any]]
    continuing: list[dict[str, Any]]
    unknown: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """The interface's form; since is the time of the report before, empty where there is none."""
        return {
            "since": self.since,
            "new": self.new,
            "gone": self.gone,
            "continuing": self.continuing,
            "unknown": self.unknown,
        }


def key_of(finding: Mapping[str, Any]) -> Key:
    """Finding.key of a finding as JSON."""
    code, kind, namespace, name, part = (
        str(finding.get(word) or "") for word in ("code", "kind", "namespace", "name", "part")
    )
    return (code, kind, namespace, name, part)


def known_before(before: Mapping[str, Any] | None) -> dict[Key, dict[str, Any]]:
    """What the report before knew: its findings, and those that it could not look for and has kept as unknown."""
    if before is None:
        return {}
    unknown = (before.get("changes") or {}).get("unknown") or ()
    return {key_of(finding): finding for finding in (*unknown, *before["findings"])}


def compare(report: Mapping[str, Any], before: Mapping[str, Any] | None) -> Changes:
    """Both as JSON (report.py). Without a report before, nothing is called new.

    What is neither found again nor could be looked for (not_assessed names its code) is unknown, not gone.
    """
    findings = list(report["findings"])
    if before is None:
        return Changes("", [], [], [], [])
    earlier = known_before(before)
    now = {key_of(finding) for finding in findings}
    unseen = {code for item in report["not_assessed"] for code in item.get("codes") or ()}
    missing = [finding for key, finding in earlier.items() if key not in now]
    return Changes(
        since=str(before["generated_at"]),
        new=[finding for finding in findings if key_of(finding) not in earlier],
        gone=[finding for finding in missing if finding["code"] not in unseen],
        continuing=[finding for finding in findings if key_of(finding) in earlier],
        unknown=[finding for finding in missing if finding["code"] in unseen],
    )


def with_first_seen(report: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The report with first_seen of every finding: its own time, or the earlier one of what continues."""
    earlier = known_before(before)

    def dated(finding: Mapping[str, Any]) -> dict[str, Any]:
        known = earlier.get(key_of(finding), {}).get("first_seen")
        return {**finding, "first_seen": known or report["generated_at"]}

    return {**report, "findings": [dated(finding) for finding in report["findings"]]}
