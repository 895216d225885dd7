# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The folder of reports: one folder a cluster, one JSON and one HTML a report, and an index of them all.

Beside the clusters' folders lie the pages over many clusters (fleet_folder.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.atomic import replace_file
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.names import slug
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.page import render_index

DEFAULT_FOLDER = "history/reports"
# Reports that are read for trends; the index lists all by their summaries.
MOST_READ = 26
_SUMMARY_KEYS = ("story", "cluster", "generated_at", "summary")


@dataclass(frozen=True)
class Place:
    """Where the reports of one story about one cluster lie."""

    folder: Path
    story: str
    cluster: str

    @property
    def own(self) -> Path:
        """The cluster's folder."""
        return self.folder / slug(self.cluster)

    def path(self, generated_at: str, suffix: str) -> Path:
        """The file of a report of that time: prod/health-20261116T000000Z.html."""
        stamp = generated_at.replace("-", "").replace(":", "")
        return self.own / f"{self.story}-{slug(stamp).upper()}.{suffix}"

    def earlier(self, generated_at: str, namespaces: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Reports about the same namespaces (empty: all) before that time, the oldest first, at most MOST_READ.

        Files that are no report are left out.
        """
        paths = sorted(self.own.glob(f"{self.story}-*.json"))
        found: list[dict[str, Any]] = []
        for path in reversed([path for path in paths if path < self.path(generated_at, "json")]):
            report = read(path)
            if report and report["cluster"] == self.cluster and scope_of(report) == sorted(namespaces):
                found.insert(0, report)
            if len(found) == MOST_READ:
                break
        return found


def scope_of(report: Mapping[str, Any]) -> list[str]:
    """The namespaces that a report is about, empty for all."""
    return sorted(report.get("namespaces") or ())


def write(path: Path, text: str) -> Path:
    """Replaces a file in a folder that is made where it is missing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text)
    return path.absolute()


def write_index(folder: Path) -> Path:
    """index.html over everything in the folder."""
    return write(folder / "index.html", render_index(entries(folder)))


def entries(folder: Path) -> list[dict[str, Any]]:
    """One entry a report, the newest first: story, cluster, generated_at, summary, namespaces, path (of the page)."""
    found = []
    for path in [*folder.glob("fleet-*.json"), *folder.glob("*/*.json")]:
        report = read(path)
        if report is not None:
            entry = {**{key: report[key] for key in _SUMMARY_KEYS}, "namespaces": scope_of(report)}
            page = path.with_suffix(".html").relative_to(folder)
            found.append({**entry, "path": str(page)})
    return sorted(found, key=lambda entry: (entry["generated_at"], entry["story"]), reverse=True)


def missed(earlier: Sequence[Mapping[str, Any]], generated_at: str, at_most_days: float) -> str:
    """A sentence where the last report is older than the schedule allows; empty where it is not, or there is none."""
    if not earlier or at_most_days <= 0:
        return ""
    last, now = parse_rfc3339(str(earlier[-1]["generated_at"])), parse_rfc3339(generated_at)
    if last is None or now is None:
        return ""
    days = (now - last).total_seconds() / 86400
    if days <= at_most_days:
        return ""
    return (
        f"a scheduled run was missed: the last report is {days:.1f} days old, and one is due at least every "
        f"{at_most_days:g} days; look at the schedule's log"
    )


def read(path: Path) -> dict[str, Any] | None:
    """A report's JSON; None where the file is not there or is no report."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    known = isinstance(report, dict) and {*_SUMMARY_KEYS, "findings"} <= set(report)
    return report if known and isinstance(report["findings"], list) else None
