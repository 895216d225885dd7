# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads through AWX's API what an earlier job handed over, so that this job goes on in the same record."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import controller, gate, handing, workflow
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError


class ActionModule(ActionBase):
    """The action; it reads only. The callback puts the journal where the records are."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(
            {"node": {"type": "str", "default": ""}, "job": {"type": "str", "default": ""}}
        )
        variables = task_vars or {}
        try:
            job = _job(str(arguments["node"]), str(arguments["job"]).strip(), variables)
            artifacts = job.get("artifacts")
            word = artifacts.get(handing.ARTIFACT) if isinstance(artifacts, dict) else None
            if not word:
                raise AwxRefusal(
                    f"job {job.get('id')} handed over no record (its artifacts have no {handing.ARTIFACT})"
                )
            events = handing.events_of(word)
            _require_host(str(events[0].body.get("host") or ""), str(variables.get("inventory_hostname") or ""))
        except RecordError as error:
            return {**result, "failed": True, "changed": False, "msg": f"Nothing was written: {error}"}
        applied = [item.time for item in events if item.event == "applied"]
        return {
            **result,
            "changed": False,
            "aiops_taken": word,
            "job": job["id"],
            "run_id": events[0].body.get("run_id"),
            "applied_at": applied[-1] if applied else "",
        }


def _job(node: str, job: str, variables: dict[str, Any]) -> dict[str, Any]:
    if bool(node) == bool(job):
        raise AwxRefusal(
            "give either the node of this workflow whose record is to be taken over, or the number of a job"
        )
    if node:
        of = workflow.ids(os.environ, variables)
        return workflow.handed_over(controller.from_environment(os.environ), of, node)
    if not (job.isascii() and job.isdigit()):
        raise AwxRefusal(f"the number of a job in AWX is wanted, not {job!r}")
    return gate.finished_job(controller.from_environment(os.environ).get(f"jobs/{job}"), job)


def _require_host(planned_for: str, host: str) -> None:
    if planned_for != host:
        raise AwxRefusal(
            f"the record is about the host {planned_for or 'of no name'} of the inventory, this job is about {host}: "
            "launch the workflow with a limit that names one host"
        )
