# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Jobs and CronJobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.cron import BadSchedule, latest_before
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import CronJob, Job, Meta
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import (
    Snapshot,
    condition,
    controller_of,
)

# https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#job-creation: looked at every 10 seconds.
LATE_SECONDS = 120


def jobs(seen: Snapshot) -> Iterator[Finding]:
    """H701, H705, H706."""
    finished: Counter[str] = Counter()
    for job in seen.of("Job"):
        meta = job.metadata
        owner = controller_of(meta)
        failed, complete = condition(job.status.conditions, "Failed"), condition(job.status.conditions, "Complete")
        over = any(item is not None and item.status == "True" for item in (failed, complete))
        finished[meta.namespace] += over and owner is None and job.spec.ttlSecondsAfterFinished is None
        # A CronJob's failed runs are told by the CronJob, as far as the last one failed.
        if failed is not None and failed.status == "True" and owner is None:
            told = f"{failed.reason} {failed.message}".strip()
            fix = fixes.look("Read its log", "logs", f"job/{meta.name}", namespace=meta.namespace)
            yield found("H701", "Job", meta, told, [f"condition Failed: {told}"], fix)
        elif not over and not job.spec.suspend and _lasts(job, seen):
            told = f"for {seen.age(job.status.startTime) / 3600:.1f} h"
            fix = fixes.look("See what it does", "logs", f"job/{meta.name}", "--tail=50", namespace=meta.namespace)
            yield found("H705", "Job", meta, told, [f"status: started {job.status.startTime}, not complete"], fix)
    for namespace, count in finished.items():
        if count > seen.settings.finished_jobs:
            fix = Fix("Set ttlSecondsAfterFinished on the Jobs in their source.")
            evidence = [f"{count} Jobs are over and have neither an owner nor ttlSecondsAfterFinished"]
            yield found("H706", "Namespace", Meta(namespace), f"{count}", evidence, fix)


def _lasts(job: Job, seen: Snapshot) -> bool:
    return bool(job.status.startTime) and seen.age(job.status.startTime) > seen.settings.job_running_seconds


def cron_jobs(seen: Snapshot) -> Iterator[Finding]:
    """H702, H703, H704, H707."""
    last = _last_runs(seen)
    for item in seen.of("CronJob"):
        meta, status = item.metadata, item.status
        look = fixes.look("See its runs", "describe", "cronjob", meta.name, namespace=meta.namespace)
        if item.spec.suspend:
            fix = Fix("Resume it, or delete it.")
            yield found("H702", "CronJob", meta, "", ["spec: suspend true"], fix)
            continue
        run = last.get((meta.namespace, meta.name))
        failed = condition(run.status.conditions, "Failed") if run else None
        if run is not None and failed is not None and failed.status == "True":
            told = f"Job {run.metadata.name}: {failed.reason}"
            fix = fixes.look("Read its log", "logs", f"job/{run.metadata.name}", namespace=meta.namespace)
            yield found(
                "H703", "CronJob", meta, told, [f"condition Failed of Job {run.metadata.name}: {failed.message}"], fix
            )
        late = _missed(item, seen)
        if late:
            yield found("H704", "CronJob", meta, late, [f"spec: schedule {item.spec.schedule}; status: {late}"], look)
        if item.spec.concurrencyPolicy in ("", "Allow") and len(status.active) > 1:
            told = f"{len(status.active)} at once"
            fix = Fix("Set concurrencyPolicy to Forbid in its source, and find out why a run takes so long.")
            yield found("H707", "CronJob", meta, told, [f"status: {len(status.active)} active Jobs"], fix)


def _last_runs(seen: Snapshot) -> dict[tuple[str, str], Job]:
    """The latest finished Job of each CronJob."""
    last: dict[tuple[str, str], Job] = {}
    for job in seen.of("Job"):
        owner = controller_of(job.metadata)
        if owner is None or owner.kind != "CronJob" or not job.status.conditions:
            continue
        key = (job.metadata.namespace, owner.name)
        if key not in last or job.metadata.creationTimestamp > last[key].metadata.creationTimestamp:
            last[key] = job
    return last


def _missed(item: CronJob, seen: Snapshot) -> str:
    """What it missed, empty for nothing: it was not started since the last time due that is well past."""
    if item.spec.concurrencyPolicy == "Forbid" and item.status.active:
        # Times that come while a run works are skipped by design; that it does not end is H705.
        return ""
    try:
        due = latest_before(item.spec.schedule, item.spec.timeZone, seen.now - timedelta(seconds=LATE_SECONDS))
    except BadSchedule:
        return ""
    created = parse_rfc3339(item.metadata.creationTimestamp)
    started = parse_rfc3339(item.status.lastScheduleTime) if item.status.lastScheduleTime else None
    if due is None or created is None or due <= created or (started is not None and started >= due):
        return ""
    return f"due at {due:%Y-%m-%dT%H:%M:%SZ}, last started {item.status.lastScheduleTime or 'never'}"
