# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The fleet's page in the folder of reports: read what the clusters' runs left there, write one page and its JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.names import slug
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import folder as report_folder
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.fleet import Reported, fleet_report
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.page import render_fleet


@dataclass(frozen=True)
class Host:
    """A host of the inventory, with the path of the report's JSON that its run wrote, or why it wrote none."""

    name: str
    groups: Sequence[str] = ()
    report: str = ""
    problem: str = ""


def publish_fleet(story: str, generated_at: str, hosts: Sequence[Host], folder: Path) -> dict[str, Any]:
    """Writes fleet-STORY-TIME.html, its JSON and the index; returns the fleet's report with `files` (paths by form).

    Raises OSError where the folder cannot be written.
    """
    stored = {host.name: report_folder.read(Path(host.report)) for host in hosts if host.report}
    scope = next((report_folder.scope_of(report) for report in stored.values() if report), [])
    before = _before(folder, story, generated_at, scope)
    earlier = {row["host"]: row for row in (before or {}).get("clusters") or ()}
    reported = [_reported(host, stored.get(host.name), folder, earlier.get(host.name) or {}) for host in hosts]
    whole = fleet_report(story, generated_at, reported, before)
    stamp = slug(generated_at.replace("-", "").replace(":", "")).upper()
    html = report_folder.write(folder / f"fleet-{story}-{stamp}.html", render_fleet(whole))
    twin = report_folder.write(folder / f"fleet-{story}-{stamp}.json", json.dumps(whole))
    index = report_folder.write_index(folder)
    return {**whole, "files": {"html": str(html), "json": str(twin), "index": str(index)}}


def _reported(host: Host, report: Mapping[str, Any] | None, folder: Path, earlier: Mapping[str, Any]) -> Reported:
    if report is None:
        # Where a cluster does not answer, what was known of it last is all there is.
        last = _seen(earlier) if earlier.get("grade") else earlier.get("last") or {}
        problem = " ".join(redact(host.problem).split())
        return Reported(host.name, host.groups, problem=problem, last=last)
    page = os.path.relpath(Path(host.report).with_suffix(".html"), folder.absolute())
    return Reported(host.name, host.groups, report, page)


def _seen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"generated_at": row["generated_at"], "letter": row["grade"]["letter"], "page": row["page"]}


def _before(folder: Path, story: str, generated_at: str, scope: Sequence[str]) -> dict[str, Any] | None:
    """The page before, about the same namespaces."""
    for path in sorted(folder.glob(f"fleet-{story}-*.json"), reverse=True):
        report = report_folder.read(path)
        if report is None or not report.get("fleet") or report_folder.scope_of(report) != scope:
            continue
        if report["generated_at"] < generated_at:
            return report
    return None
