# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as one screen: the grade, the three most important findings with their fix, what changed, where it lies."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import where_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval_text
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.markdown import one_line
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import Published

Line = tuple[str, str | None]
# What a story's report may have beyond Report.to_json.
MORE = ("attack_paths", "choke_points")
TOP = 3
MOST_TOLD = 20
MOST_CLUSTERS = 10
_COLOURS = {"critical": "red", "high": "red", "medium": "yellow", "low": None}
_GRADES = {"A": "green", "B": "green", "C": "yellow"}


def lines(published: Published) -> Iterator[Line]:
    """The screen, 80 columns."""
    report = published.report
    summary = report["summary"]
    yield "", None
    yield from approval_text.field("Cluster", str(report["cluster"]))
    letter = summary["grade"]["letter"]
    yield from approval_text.field("Grade", f"{letter}: {summary['grade']['sentence']}", _GRADES.get(letter, "red"))
    counts = ", ".join(f"{count} {severity}" for severity, count in summary["findings"].items())
    yield from approval_text.field("Findings", counts)
    for number, finding in enumerate(report["findings"][:TOP], start=1):
        text = f"{finding['severity']}: {where_of(finding)}: {finding['message']} ({finding['code']})"
        yield from approval_text.field(str(number), text, _COLOURS.get(finding["severity"]))
        if finding["fix"]["command"]:
            yield from approval_text.field("", finding["fix"]["command"])
    for item in report["advice"]:
        yield from approval_text.field("Advice", f"{item['advisor']}: {item['text']}")
    changes = published.changes
    if changes.since:
        gone = f"{len(changes.gone)} gone" + (f", {len(changes.unknown)} unknown" if changes.unknown else "")
        text = f"{len(changes.new)} new, {gone}, {len(changes.continuing)} continuing since {changes.since}"
        yield from approval_text.field("Changes", text)
    if published.missed:
        yield from approval_text.field("Missed", published.missed, "yellow")
    blind = [f"{item['what']} ({item['why']})" for item in report["not_assessed"]]
    if blind:
        more = f" and {len(blind) - TOP} more" if len(blind) > TOP else ""
        yield from approval_text.field("Not seen", "; ".join(blind[:TOP]) + more, "yellow")
    yield from approval_text.field("Page", os.path.relpath(published.files["html"]))


def urgent_text(findings: Sequence[Mapping[str, Any]]) -> str:
    """What is told to people who are not at the terminal: each finding and what to do, at most MOST_TOLD of them."""
    told = [
        one_line(f"{where_of(item)}: {item['message']} ({item['code']}). To do: {item['fix']['text']}.")
        for item in findings[:MOST_TOLD]
    ]
    more = [f"and {len(findings) - MOST_TOLD} more"] if len(findings) > MOST_TOLD else []
    return redact("\n".join([*told, *more]))


def fleet_lines(report: Mapping[str, Any]) -> Iterator[Line]:
    """The screen of many clusters (fleet.py), the worst first; what did not report is named in full."""
    summary, rows = report["summary"], report["clusters"]
    yield "", None
    letter = summary["grade"]["letter"]
    yield from approval_text.field("Clusters", f"{report['cluster']} reported", "red" if summary["failed"] else None)
    yield from approval_text.field("Worst", f"{letter}: {summary['grade']['sentence']}", _GRADES.get(letter, "red"))
    for row in [row for row in rows if row["problem"]]:
        yield from approval_text.field("Failed", f"{row['host']}: {row['problem']}", "red")
    graded = [row for row in rows if row["grade"]]
    for row in graded[:MOST_CLUSTERS]:
        counts = ", ".join(f"{count} {severity}" for severity, count in row["findings"].items() if count)
        letter = row["grade"]["letter"]
        yield from approval_text.field(letter, f"{row['host']}: {counts or 'no findings'}", _GRADES.get(letter, "red"))
    if len(graded) > MOST_CLUSTERS:
        yield from approval_text.field("", f"and {len(graded) - MOST_CLUSTERS} more, on the page")
    for note in report["notes"]:
        yield from approval_text.field("Note", note, "yellow")
    yield from approval_text.field("Page", os.path.relpath(report["files"]["html"]))
