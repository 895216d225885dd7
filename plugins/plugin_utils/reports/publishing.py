# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a report to its files: compare with the one before, draw, write all forms, and say what the record keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.comparing import (
    Changes,
    compare,
    with_first_seen,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.redacting import redacted
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import folder as report_folder
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import sarif
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.page import render_page
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.trends import trends

Report = dict[str, Any]
# What the record shows; the JSON has everything.
MOST_RECORDED = 40
# Letters of one text that are looked at for secrets, and that are kept: what a cut leaves of one is not kept.
READ, KEPT = 20_000, 4_000
# A form beside HTML and JSON: its file's ending, and how a report is written in it.
FORMS: dict[str, tuple[str, Callable[[Report], str]]] = {"sarif": ("sarif", sarif.render)}


@dataclass(frozen=True)
class Published:
    """Paths by form (json, html, index, …), what changed, and a sentence where a scheduled run was missed.

    urgent: critical findings that the report before did not have; all of them where there is none before. report: as it
    was written, redacted, with what advisors add.
    """

    files: dict[str, str]
    changes: Changes
    missed: str
    event: dict[str, Any]
    urgent: list[dict[str, Any]]
    report: Report


def publish(
    report: Mapping[str, Any],
    folder: Path,
    *,
    advice: Sequence[Mapping[str, Any]] = (),
    forms: Sequence[str] = (),
    at_most_days: float = 0.0,
    index: bool = True,
) -> Published:
    """Writes the report (Report.to_json) into the folder. Raises OSError where that is impossible.

    Nothing secret leaves: all text is redacted first. Written last is the JSON, so that a report exists with all of
    its forms or, for the next one, not at all. index: the folder's, which reads every report there is.
    """
    place = report_folder.Place(folder, str(report["story"]), str(report["cluster"]))
    at = str(report["generated_at"])
    earlier = place.earlier(at, report_folder.scope_of(report))
    before = earlier[-1] if earlier else None
    whole: Report = with_first_seen(bounded(redacted(bounded(canonical.plain(report), READ))), before)
    whole["advice"] = redacted(canonical.plain(list(advice)))
    changes = compare(whole, before)
    drawn = trends([*earlier, whole])
    files: dict[str, Path] = {
        "html": report_folder.write(place.path(at, "html"), render_page(whole, changes.to_json(), drawn))
    }
    for name in forms:
        ending, form = FORMS[name]
        files[name] = report_folder.write(place.path(at, ending), form(whole))
    files["json"] = report_folder.write(place.path(at, "json"), json.dumps({**whole, "changes": changes.to_json()}))
    if index:
        files["index"] = report_folder.write_index(folder)
    paths = {name: str(path) for name, path in files.items()}
    missed = report_folder.missed(earlier, at, at_most_days)
    urgent = [item for item in (changes.new if before else whole["findings"]) if item["severity"] == "critical"]
    return Published(paths, changes, missed, recorded(whole, changes, paths, missed), urgent, whole)


def bounded(value: Any, letters: int = KEPT) -> Any:
    """The same with texts cut to so many letters, but for commands, which are whole or nothing."""
    if isinstance(value, dict):
        return {key: item if key == "command" else bounded(item, letters) for key, item in value.items()}
    if isinstance(value, list):
        return [bounded(item, letters) for item in value]
    if isinstance(value, str) and len(value) > letters:
        return f"{value[:letters]} … {len(value) - letters} more letters"
    return value


def recorded(report: Report, changes: Changes, files: Mapping[str, str], missed: str) -> dict[str, Any]:
    """The journal's event: the summary, the findings that come first, what changed in numbers, and where all is."""
    return {
        "event": "reported",
        "body": {
            "target": {"cluster": report["cluster"]},
            "summary": report["summary"],
            "findings": report["findings"][:MOST_RECORDED],
            "findings_in_all": len(report["findings"]),
            "changes": {
                "since": changes.since,
                "new": len(changes.new),
                "gone": len(changes.gone),
                "continuing": len(changes.continuing),
                "unknown": len(changes.unknown),
            },
            "sources": report["sources"],
            "not_assessed": report["not_assessed"],
            "advice": report["advice"],
            "files": dict(files),
            "missed": missed,
        },
    }
