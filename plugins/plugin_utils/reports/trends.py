# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The figures of past reports and of this one as lines over time (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_REPORTS = 26
SEVERITIES = ("critical", "high", "medium", "low")


def trends(reports: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sections (module_utils/findings/shapes.py) over reports in order of time, this one last; none for fewer than two.

    Findings by severity share a chart; every figure has one of its own, since their units differ. A figure that a
    report does not have is None, never 0.
    """
    known = list(reports)[-MOST_REPORTS:]
    if len(known) < 2:
        return []
    times = [str(report["generated_at"]) for report in known]
    counts = {severity: [report["summary"]["findings"].get(severity) for report in known] for severity in SEVERITIES}
    sections = [_section("Findings over time", times, counts)]
    names = dict.fromkeys(name for report in known for name in report.get("figures") or {})
    for name in names:
        values = [(report.get("figures") or {}).get(name) for report in known]
        sections.append(_section(f"{name} over time", times, {name: values}))
    return sections


def _section(title: str, times: list[str], lines: Mapping[str, list[Any]]) -> dict[str, Any]:
    rows = [[time, *(values[at] for values in lines.values())] for at, time in enumerate(times)]
    return {
        "title": title,
        "text": "",
        "chart": {
            "type": "lines",
            "unit": "",
            "times": times,
            "lines": [{"label": label, "values": values} for label, values in lines.items()],
        },
        "table": {"columns": ["report", *lines], "rows": rows},
    }
