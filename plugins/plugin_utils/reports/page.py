# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as one HTML file that opens anywhere: styles and drawings inside, no script, no address of anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import where_of
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.markdown import one_line, readable
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import charts

TEMPLATES = Path(__file__).parent / "templates"
TITLES = {"health": "Cluster health", "security": "Security audit", "records": "Audit of records"}
# Rows of one code on the page; the JSON beside it has all.
MOST_ROWS = 50
TOP = 3
# Findings of all clusters together that the fleet's page shows.
FLEET_TOP = 20


def render_page(report: Mapping[str, Any], changes: Mapping[str, Any], trends: Sequence[Mapping[str, Any]]) -> str:
    """The page of a report (Report.to_json), what changed (Changes.to_json), and trends (trends.py)."""
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            title=TITLES.get(str(report["story"]), str(report["story"])),
            groups=groups(report["findings"]),
            top=report["findings"][:TOP],
            changes=changes,
            trends=trends,
        )
    )


def render_fleet(report: Mapping[str, Any]) -> str:
    """The page over many clusters (fleet.py's fleet_report)."""
    title = TITLES.get(str(report["story"]), str(report["story"]))
    return _environment().get_template("fleet.html.j2").render(report=report, title=title, shown=FLEET_TOP)


def render_index(entries: Sequence[Mapping[str, Any]]) -> str:
    """The page of a folder: one row a report, the newest first (folder.py's entries)."""
    return _environment().get_template("index.html.j2").render(entries=entries, titles=TITLES)


def groups(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Findings of one code together, in the order of their worst: {code, severity, why, fix, shown, more}.

    fix is what to do where it is the same for all of them, else empty.
    """
    by_code: dict[str, list[Mapping[str, Any]]] = {}
    for finding in findings:
        by_code.setdefault(str(finding["code"]), []).append(finding)
    return [
        {
            "code": code,
            "title": items[0].get("title") or "",
            "severity": items[0]["severity"],
            "why": items[0].get("why") or "",
            "controls": items[0].get("controls") or [],
            "shown": items[:MOST_ROWS],
            "fix": _the_same(item["fix"]["text"] for item in items),
            "more": len(items) - MOST_ROWS if len(items) > MOST_ROWS else 0,
            "count": len(items),
        }
        for code, items in by_code.items()
    ]


def _the_same(texts: Iterable[str]) -> str:
    different = set(texts)
    return different.pop() if len(different) == 1 else ""


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(where=where_of, cell=_cell, draw=_draw, day=_day, short=one_line, sentence=_sentence)
    # Escape sequences, direction marks and the like say nothing on a page.
    environment.finalize = lambda value: (
        value if hasattr(value, "__html__") or not isinstance(value, str) else readable(value)
    )
    return environment


def _draw(section: Mapping[str, Any]) -> Any:
    return jinja2.utils.markupsafe.Markup(charts.draw(section.get("chart"), str(section["title"])))


def _cell(value: Any) -> str:
    if value is None:
        return "unknown"
    return charts.figure(value) if isinstance(value, float) else str(value)


def _day(time: str) -> str:
    return str(time).replace("T", " ").replace("Z", " UTC")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
