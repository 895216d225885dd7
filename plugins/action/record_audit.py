# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Audits a folder of records and tells what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import rfc3339
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.progress import with_progress, words
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit import exposition, report, saying
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.audit import Audit, audit
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import atomic, live, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import folder as report_folder
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import publish

display = Display()
FAIL_ON = ("critical", "high", "medium", "none")


class ActionModule(ActionBase):
    """The action; what it finds is `plugin_utils/record_audit`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(
            {
                "folder": {"type": "path", "default": ""},
                "templates": {"type": "path", "default": ""},
                "name": {"type": "str", "default": ""},
                "reports_folder": {"type": "path", "default": report_folder.DEFAULT_FOLDER},
                "metrics_file": {"type": "path", "default": ""},
                "fail_on": {"type": "str", "default": "medium", "choices": list(FAIL_ON)},
            }
        )
        given = canonical.plain(arguments)
        folder = live.folder(given["folder"])
        templates = given["templates"] or str(live.settings().get("templates") or "")
        now = times.now()
        place = report_folder.Place(Path(given["reports_folder"]), report.STORY, given["name"] or str(folder))
        try:
            metrics = _metrics_file(given["metrics_file"])
            earlier = [item.get("ledger") for item in place.earlier(rfc3339(now))]
            made = _audited(folder, templates, [item for item in earlier if isinstance(item, dict)])
            published = publish(report.report(made, place.cluster, rfc3339(now)), place.folder)
            if metrics:
                atomic.replace_file(metrics, exposition.render(made, now.timestamp()))
        except RecordError as error:
            return {**result, "failed": True, "msg": str(error)}
        except OSError as error:
            return {**result, "failed": True, "msg": f"the audit cannot be written: {error.strerror}: {error.filename}"}
        for text, colour in saying.lines(made, published.files["html"], metrics):
            display.display(text, color=colour)
        return {**result, **_result(made, published.files, given["fail_on"])}


def _audited(folder: Path, templates: str, witnesses: list[dict[str, Any]]) -> Audit:
    """The audit; some 15 ms of CPU go into each record, so that thousands of them take a minute."""

    def look() -> dict[str, Any]:
        return {"audit": audit(folder, templates, witnesses)}

    made: Audit = with_progress(look, lambda seconds: f"reading and rendering the records, {words(seconds)}")["audit"]
    return made


def _metrics_file(setting: str) -> Path | None:
    if not setting:
        return None
    path = Path(setting).expanduser()
    if path.suffix != ".prom":
        raise RecordError(f"metrics_file is {setting}: the node exporter reads files whose names end in .prom only")
    if not path.parent.is_dir():
        raise RecordError(
            f"there is no folder {path.parent}: give the folder of the node exporter's textfile collector"
        )
    return path


def _result(made: Audit, files: dict[str, str], fail_on: str) -> dict[str, Any]:
    bad = saying.failing(made, fail_on)
    values: dict[str, Any] = {
        "changed": False,
        "percent": made.percent,
        "judged": len(made.judged),
        "compliant": made.compliant,
        "breaches": [{"code": item.code, "where": item.where, "text": saying.sentence(item)} for item in made.breaches],
        "emergencies": [item.journal for item in made.emergencies],
        "files": files,
    }
    if bad:
        values |= {"failed": True, "msg": f"The audit found {len(bad)} breaches, first: {saying.sentence(bad[0])}"}
    return values
