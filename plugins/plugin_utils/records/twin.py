# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record's twins, for runs that measured something: a page with tables and curves, and JSON for machines.

Events bring `tables` (`title`, `columns`, `rows`) and `charts` (`title`, `unit`, `points`, `lines`) in their bodies.
The page is one file without scripts or anything from elsewhere. All that is in it comes from clusters and is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import atomic, markdown, svg
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.redacting import redacted

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1rem 0; }
th, td { border: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top; }
.chart { width: 100%; max-width: 760px; display: block; margin: 1rem 0; font: 11px system-ui, sans-serif; }
.chart text { fill: currentColor; } .chart .title { font-weight: 600; font-size: 13px; }
.chart .y { text-anchor: end; } .chart .x { text-anchor: middle; }
.chart .grid { stroke: currentColor; opacity: .15; } .chart .use { fill: none; stroke: #2a78d6; stroke-width: 1.5; }
.chart .level { stroke-dasharray: 6 4; stroke-width: 1.5; } .chart .label { font-size: 10px; }
.l0 { stroke: #c2410c; } .l1 { stroke: #a16207; } .l2 { stroke: #15803d; } .l3 { stroke: #7e22ce; }
.chart text.l0, .chart text.l1, .chart text.l2, .chart text.l3 { stroke: none; }
pre { overflow-x: auto; border-left: 3px solid #8886; padding-left: 1rem; white-space: pre-wrap; }
"""
_MACHINE = ("target", "workload", "containers", "workloads", "savings", "source", "prices", "findings", "summary")


def write(record: Path, events: Sequence[Event], text: str) -> None:
    """Write the twins beside a record, where there is something to show; raises `OSError`."""
    tables, charts = (_listed(events, name) for name in ("tables", "charts"))
    if not tables and not charts:
        return
    atomic.replace_file(record.with_suffix(".html"), page(record.stem, tables, charts, text))
    atomic.replace_file(record.with_suffix(".json"), machine(events))


def _listed(events: Sequence[Event], name: str) -> list[dict[str, Any]]:
    """Of the latest event that has any: a fresh plan brings its own, and a verification adds to them."""
    found: list[dict[str, Any]] = []
    for event in events:
        listed = event.body.get(name)
        if isinstance(listed, list) and listed:
            kept = found if event.event == "verified" else []
            found = kept + [item for item in redacted(listed) if isinstance(item, dict)]
    return found


def machine(events: Sequence[Event]) -> str:
    """The figures of a run as JSON, each as its latest event has it; what was realised beside what was planned."""
    found: dict[str, Any] = {}
    for event in events:
        found |= {key: event.body[key] for key in _MACHINE if key in event.body and event.event == "observed"}
        if "realised" in event.body:
            found.setdefault("realised", []).append({"time": event.time, **event.body["realised"]})
    return json.dumps(redacted(found), indent=2, ensure_ascii=False) + "\n"


def page(title: str, tables: Sequence[dict[str, Any]], charts: Sequence[dict[str, Any]], text: str) -> str:
    """The page: tables, curves, and the record's own text."""
    body = [*(line for table in tables for line in _table(table)), *(_chart(item) for item in charts)]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f"<h1>{_text(title)}</h1>",
            *body,
            f"<h2>Record</h2>\n<pre>{escape(markdown.readable(text))}</pre>\n</body>\n</html>\n",
        ]
    )


def _table(table: dict[str, Any]) -> Iterator[str]:
    columns = table.get("columns") or []
    yield f"<h2>{_text(table.get('title'))}</h2>\n<table>"
    yield "<tr>" + "".join(f"<th>{_text(name)}</th>" for name in columns) + "</tr>"
    for row in table.get("rows") or []:
        yield "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>"
    yield "</table>"


def _chart(item: dict[str, Any]) -> str:
    try:
        points = [(float(moment), float(value)) for moment, value in item.get("points") or []]
        lines = [{"name": str(line["name"]), "value": float(line["value"])} for line in item.get("lines") or []]
    except (TypeError, ValueError, KeyError):
        return "<p>A curve here has no times and values.</p>"
    return svg.chart(markdown.one_line(item.get("title"), 200), markdown.one_line(item.get("unit"), 40), points, lines)


def _text(value: object) -> str:
    return escape(markdown.one_line(value, 400))
