# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many clusters' reports of one story as one: each cluster's grade, the worst findings first, what changed (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.grade import LETTERS, NOT_GRADED
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import SEVERITIES

# Of all clusters together; each cluster's own JSON has the rest.
MOST_FINDINGS = 200
MOST_NEW = 50
# What a row says of a finding: the report's fields but for those that fill a page.
_SHORT = ("code", "severity", "kind", "namespace", "name", "part", "message", "rank", "first_seen")


@dataclass(frozen=True)
class Reported:
    """What one host of the inventory came to.

    report is the stored report with its changes (publishing.py), or None where there is none; then problem says why.
    page is the path of its own page, relative to the folder of reports. last is an earlier report of the same host by
    the fleet's page before: {generated_at, grade, page}.
    """

    host: str
    groups: Sequence[str] = ()
    report: Mapping[str, Any] | None = None
    page: str = ""
    problem: str = ""
    last: Mapping[str, Any] = field(default_factory=dict)


def fleet_report(
    story: str, generated_at: str, clusters: Sequence[Reported], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The fleet's report as JSON; before is the one of an earlier run, over the same hosts or others."""
    rows = sorted((_row(item) for item in clusters), key=_worst_first)
    known = [item for item in clusters if item.report is not None]
    findings = sorted((_named(item, finding) for item in known for finding in _findings(item)), key=_by_rank)
    new = sorted((_named(item, finding) for item in known for finding in _changes(item, "new")), key=_by_rank)
    failed = [row["host"] for row in rows if row["problem"]]
    letters = [row["grade"]["letter"] for row in rows if row["grade"]]
    worst = max(letters, key=_letter_order, default=NOT_GRADED)
    return {
        "fleet": True,
        "story": story,
        "cluster": f"{len(known)} of {len(rows)} clusters",
        "generated_at": generated_at,
        "namespaces": next((list(item.report.get("namespaces") or ()) for item in known if item.report), []),
        "summary": {
            "grade": {"letter": worst, "sentence": _sentence(rows, worst, failed)},
            "grades": {letter: letters.count(letter) for letter in (*LETTERS, NOT_GRADED) if letter in letters},
            "findings": {name: sum(row["findings"].get(name, 0) for row in rows) for name in SEVERITIES},
            "clusters": len(rows),
            "reported": len(known),
            "failed": failed,
        },
        "clusters": rows,
        "findings": findings[:MOST_FINDINGS],
        "findings_in_all": len(findings),
        "common": _common(findings),
        "changes": {**_since(rows, before), "new": new[:MOST_NEW], "new_in_all": len(new), "gone": _gone(known)},
        "notes": _notes(known),
    }


def _row(item: Reported) -> dict[str, Any]:
    report = item.report or {}
    changes = report.get("changes") or {}
    return {
        "host": item.host,
        "groups": list(item.groups),
        "cluster": report.get("cluster") or "",
        "generated_at": report.get("generated_at") or "",
        "grade": dict(report["summary"]["grade"]) if item.report else None,
        "findings": dict(report["summary"]["findings"]) if item.report else {},
        "top": _short(report["findings"][0]) if report.get("findings") else None,
        "since": changes.get("since") or "",
        "changes": {name: len(changes.get(name) or ()) for name in ("new", "gone", "continuing", "unknown")},
        "not_assessed": len(report.get("not_assessed") or ()),
        "page": item.page,
        "problem": "" if item.report else item.problem or "it did not report; its record says more",
        "last": dict(item.last),
    }


def _worst_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What did not report comes first: nobody knows how bad it is there."""
    if row["grade"] is None:
        return (0, row["host"])
    counts = tuple(-row["findings"].get(name, 0) for name in SEVERITIES)
    return (1, -_letter_order(row["grade"]["letter"]), *counts, row["host"])


def _letter_order(letter: str) -> int:
    return (LETTERS + NOT_GRADED).index(letter)


def _findings(item: Reported) -> Sequence[Mapping[str, Any]]:
    return item.report["findings"] if item.report else ()


def _changes(item: Reported, name: str) -> Sequence[Mapping[str, Any]]:
    return ((item.report or {}).get("changes") or {}).get(name) or ()


def _short(finding: Mapping[str, Any]) -> dict[str, Any]:
    return {name: finding.get(name) or "" for name in _SHORT}


def _named(item: Reported, finding: Mapping[str, Any]) -> dict[str, Any]:
    fix = finding.get("fix") or {}
    return {"host": item.host, **_short(finding), "command": fix.get("command") or "", "fix": fix.get("text") or ""}


def _by_rank(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    return (-float(finding["rank"] or 0), SEVERITIES.index(finding["severity"]), finding["host"])


def _common(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Codes that several clusters have: one cause may be behind them, such as a template or an image."""
    hosts: dict[str, set[str]] = {}
    counts: Counter[str] = Counter()
    severity: dict[str, str] = {}
    for finding in findings:
        code = finding["code"]
        hosts.setdefault(code, set()).add(finding["host"])
        counts[code] += 1
        severity.setdefault(code, finding["severity"])
    shared = [code for code in hosts if len(hosts[code]) > 1]
    return [
        {"code": code, "severity": severity[code], "findings": counts[code], "hosts": sorted(hosts[code])}
        for code in sorted(shared, key=lambda code: (SEVERITIES.index(severity[code]), -len(hosts[code]), code))
    ]


def _since(rows: Sequence[Mapping[str, Any]], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Hosts that both reports are about: those that no longer report, do so again, and whose grade is another one."""
    earlier = {row["host"]: row for row in (before or {}).get("clusters") or ()}
    both = [(row, earlier[row["host"]]) for row in rows if row["host"] in earlier]
    graded = [(now, then) for now, then in both if now["grade"] and then["grade"]]
    moved = [
        {"host": now["host"], "before": then["grade"]["letter"], "now": now["grade"]["letter"]}
        for now, then in graded
        if now["grade"]["letter"] != then["grade"]["letter"]
    ]
    return {
        "since": str((before or {}).get("generated_at") or ""),
        "lost": [now["host"] for now, then in both if now["problem"] and not then["problem"]],
        "back": [now["host"] for now, then in both if then["problem"] and not now["problem"]],
        "worse": [item for item in moved if _letter_order(item["now"]) > _letter_order(item["before"])],
        "better": [item for item in moved if _letter_order(item["now"]) < _letter_order(item["before"])],
    }


def _gone(known: Sequence[Reported]) -> int:
    return sum(len(_changes(item, "gone")) for item in known)


def _sentence(rows: Sequence[Mapping[str, Any]], worst: str, failed: Sequence[str]) -> str:
    missing = f"; {len(failed)} did not report: {', '.join(failed)}" if failed else ""
    if len(failed) == len(rows):
        return f"not graded: none of {len(rows)} clusters reported"
    return f"{worst} is the worst grade of {len(rows) - len(failed)} clusters{missing}"


def _notes(known: Sequence[Reported]) -> list[str]:
    """Two hosts that call their cluster the same share a folder of reports, and each is compared with the other."""
    names: dict[str, list[str]] = {}
    for item in known:
        names.setdefault(str(item.report["cluster"]) if item.report else "", []).append(item.host)
    return [
        f"{', '.join(hosts)} all call their cluster {name}, so their reports lie in one folder and are compared with "
        "each other: give each its own aiops_cluster_name"
        for name, hosts in sorted(names.items())
        if len(hosts) > 1
    ]
