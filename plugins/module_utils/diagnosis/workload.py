# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Workload: what the controller itself says, where nothing finer is known."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import ids
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Facts


def rollout_stuck(facts: Facts) -> Cause | None:
    """The rollout makes no progress."""
    for condition in facts.workload.conditions if facts.workload else []:
        if (
            condition.type == "Progressing"
            and condition.status == "False"
            and condition.reason == "ProgressDeadlineExceeded"
        ):
            name = facts.workload.target.name if facts.workload else ""
            return Cause(
                "rollout-stuck",
                f"the rollout of {name} makes no progress: {condition.message[:160]}",
                0.6,
                ids(condition.id),
                {},
            )
    return None


def job_failed(facts: Facts) -> Cause | None:
    """The Job, or the newest one of a CronJob, ran out of retries or of time."""
    for condition in facts.workload.conditions if facts.workload else []:
        if condition.type == "Failed" and condition.status == "True":
            name = next((owner.name for owner in facts.owners if owner.kind == "Job"), facts.target.name)
            summary = f"job {name} failed: {condition.reason}, {condition.message[:160]}"
            return Cause("job-failed", summary, 0.6, ids(condition.id), {"reason": condition.reason})
    return None
