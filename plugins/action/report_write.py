# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes a report in all of its forms and tells a person what comes first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.displaying import show
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import saying
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.folder import DEFAULT_FOLDER
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import FORMS, publish

NEEDED = ("story", "cluster", "generated_at", "findings", "summary", "sources", "not_assessed", "figures", "sections")


class ActionModule(ActionBase):
    """The action; what it does is `plugin_utils/reports/publishing.py`, what it says `saying.py`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(
            {
                "report": {"type": "dict", "required": True},
                "folder": {"type": "path", "default": DEFAULT_FOLDER},
                "advice": {"type": "list", "elements": "dict", "default": []},
                "forms": {"type": "list", "elements": "str", "default": [], "choices": sorted(FORMS)},
                "at_most_days": {"type": "float", "default": 0.0},
                "index": {"type": "bool", "default": True},
            }
        )
        given = canonical.plain(arguments)
        report = {key: given["report"].get(key) for key in (*NEEDED, "namespaces", "subject", *saying.MORE)}
        missing = [key for key in NEEDED if report[key] is None]
        if missing:
            return {**result, "failed": True, "msg": f"report is none: it has no {', '.join(missing)}"}
        if not report["summary"]["objects"]:
            return {**result, "failed": True, "msg": _nothing_seen(report)}
        folder = Path(given["folder"]).expanduser()
        try:
            published = publish(
                report,
                folder,
                advice=given["advice"],
                forms=given["forms"],
                at_most_days=given["at_most_days"],
                index=given["index"],
            )
        except OSError as error:
            message = f"the report cannot be written to {folder}: {error.strerror or error}; set another folder"
            return {**result, "failed": True, "msg": message}
        show(saying.lines(published))
        changes = published.changes.to_json()
        return {
            **result,
            "changed": False,
            "files": published.files,
            "changes": {name: len(items) if isinstance(items, list) else items for name, items in changes.items()},
            "missed": published.missed,
            "urgent": published.urgent,
            "urgent_text": saying.urgent_text(published.urgent),
            "aiops_events": [published.event],
        }


def _nothing_seen(report: dict[str, Any]) -> str:
    """No report is better than an empty one, which the next one would be compared with."""
    why = "".join(f": {item['what']}: {item['why']}" for item in report["not_assessed"][:1])
    return redact(f"nothing of {report['cluster']} could be looked at, so there is no report{why}")
