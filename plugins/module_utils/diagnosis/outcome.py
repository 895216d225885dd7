# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verdicts that are no failure class of their own: healthy, unknown, not found; and how bad a failure is."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import (
    containers,
    ended,
    ids,
    is_failing,
    is_recent,
    last_words,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import is_ready, problem_of, restarts
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Evidence, Facts, Workload

# A warning older than this, of an object that is well, has passed.
_WARNING_SECONDS = 600
# An image is pulled and a program started within this, as a rule.
_STARTING_SECONDS = 60
_JOBS = "jobs of the cron job"
# What has to be read before anything may be called healthy.
_NEEDED = (
    *("events of", "log of container", "previous log of container", "pods of the workload", "pod/", "owners"),
    _JOBS,
)


def not_found(facts: Facts) -> Cause:
    """The target does not exist; near names are in the details."""
    target = facts.target
    near = f"; near: {', '.join(facts.near)}" if facts.near else "; nothing in the namespace has a name like it"
    summary = f"{target.kind} {target.name} does not exist in namespace {target.namespace}{near}"
    return Cause("not-found", summary, 1.0, [], {"near": list(facts.near)})


def deleted_meanwhile(facts: Facts) -> Cause:
    """The pod went away while it was looked at, before it told why it would fail."""
    name = facts.pod.name if facts.pod else facts.target.name
    owner = (
        f"; diagnose {facts.workload.target.kind.lower()}/{facts.workload.target.name} instead"
        if facts.workload
        else ""
    )
    near = [f"{facts.workload.target.kind.lower()}/{facts.workload.target.name}"] if facts.workload else []
    found = ids(facts.pod.id) if facts.pod else []
    return Cause("not-found", f"pod {name} was deleted while it was being diagnosed{owner}", 1.0, found, {"near": near})


def _unread(facts: Facts) -> list[Evidence]:
    """Evidence of what could not be read and would have to be, to call the target healthy."""
    kind = facts.target.kind.lower()
    return [e for e in facts.evidence if e.source == "unavailable" and e.subject.startswith((*_NEEDED, f"{kind}/"))]


def _is_complete(workload: Workload) -> bool:
    kind = workload.target.kind
    if kind == "Job":
        return workload.ready >= workload.desired
    if kind == "CronJob":
        return True
    return workload.ready >= workload.desired and workload.available >= workload.desired


def healthy(facts: Facts) -> Cause | None:
    """All that was needed was read, everything is ready, nothing restarted lately, no warning persists; else None."""
    pod, workload = facts.pod, facts.workload
    if _unread(facts) or facts.deleted_during or (pod is None and not (workload and workload.target.kind == "CronJob")):
        empty = workload is not None and workload.desired == 0 and pod is None and not _unread(facts)
        if not empty:
            return None
    if workload is not None and not _is_complete(workload) and not _job_is_running(facts):
        return None
    if pod is not None and not _pod_is_well(facts):
        return None
    warnings = [e for e in facts.events if e.type == "Warning" and is_recent(facts, e.last, _WARNING_SECONDS)]
    # What failed on the way to being ready (a probe, a mount) is over once the pod is ready and a while has passed.
    ready_since = next((c.since for c in pod.conditions if c.type == "Ready"), "") if pod else ""
    if [e for e in warnings if not ready_since or e.last > ready_since]:
        return None
    return _healthy(facts)


def _job_is_running(facts: Facts) -> bool:
    kind = facts.workload.target.kind if facts.workload else ""
    return kind == "Job" and facts.pod is not None and facts.pod.phase == "Running" and is_ready(facts.pod)


def _pod_is_well(facts: Facts) -> bool:
    pod = facts.pod
    if pod is None or problem_of(pod):
        return False
    if pod.phase != "Succeeded" and not is_ready(pod):
        return False
    return not any(
        is_failing(facts, c) or is_recent(facts, ended(c).finished_at) and c.restarts for c in pod.containers
    )


def _healthy(facts: Facts) -> Cause:
    pod, workload = facts.pod, facts.workload
    if workload is not None and workload.desired == 0 and pod is None:
        summary = (
            f"{workload.target.kind} {workload.target.name} is scaled to zero or waits for its time: nothing "
            "runs, nothing is wrong"
        )
        return Cause("healthy", summary, 0.9, ids(workload.id), {})
    counts = f"{workload.ready} of {workload.desired} pods ready" if workload and workload.desired else "ready"
    past = restarts(pod) if pod else 0
    told = f"{past} restarts, none of them recent" if past else "no restarts"
    summary = f"{facts.target.kind} {facts.target.name} is well: {counts}, {told}, no warning that persists"
    found = ids(
        workload.id if workload else "", pod.id if pod else "", *(c.state.id for c in (pod.containers if pod else []))
    )
    return Cause("healthy", summary, 0.95, found, {})


def unknown(facts: Facts) -> Cause:
    """Failing or unreadable, and nothing tells why. The summary says what was seen and what was missing."""
    unread = _unread(facts)
    missing = [e.subject for e in unread]
    seen, found = _seen(facts, any("log of container" in name for name in missing))
    told = "; ".join(seen) or "nothing could be read"
    if unread and _seems_well(facts):
        summary = f"nothing that could be read is wrong ({told}), but without {', '.join(missing)} that is not known"
    elif is_young(facts):
        summary = f"nothing is wrong so far, but it is still starting ({told}); look again in a minute"
    else:
        why = f"; could not be read: {', '.join(missing)}" if missing else ""
        summary = f"the evidence does not tell the cause ({told}){why}"
    return Cause("unknown", summary, 0.0, ids(*found, *(e.id for e in unread)), {"unread": missing})


def _seen(facts: Facts, logs_unread: bool) -> tuple[list[str], list[str]]:
    """What the pod, the failing container and the latest telling warning show, and their evidence ids."""
    pod = facts.pod
    if pod is None:
        return [], []
    seen, found = [f"pod {pod.name} is {problem_of(pod) or ('ready' if is_ready(pod) else 'not ready')}"], [pod.id]
    failing = next((c for c in containers(facts) if is_failing(facts, c)), None)
    if failing is not None and ended(failing).phase == "terminated":
        state = ended(failing)
        silent = ", its log is empty" if not logs_unread and not last_words(facts, failing) else ""
        killed = " (killed: by the kernel for memory, or by somebody on the node)" if state.exit_code == 137 else ""
        seen.append(f"container {failing.name} ended with exit code {state.exit_code}{killed}{silent}")
        found += [failing.state.id, state.id]
    # BackOff only says that the kubelet waits before the next try.
    warning = next((e for e in reversed(facts.events) if e.type == "Warning" and e.reason != "BackOff"), None)
    if warning is not None:
        seen.append(f"{warning.reason}: {warning.message[:240]}")
        found.append(warning.id)
    return seen, found


def is_young(facts: Facts) -> bool:
    """The pod was made a moment ago and starts in the ordinary way so far."""
    pod = facts.pod
    return (
        pod is not None
        and not is_ready(pod)
        and is_recent(facts, pod.created_at, _STARTING_SECONDS)
        and not any(is_failing(facts, c) or ended(c).phase for c in pod.containers if c.state.phase != "running")
        and not any(c.restarts for c in pod.containers)
        and not any(e.type == "Warning" for e in facts.events)
    )


def verdict_of(facts: Facts) -> str:
    """failing: nothing of it works; degraded: some of it does, or does again; unknown: what was read does not tell."""
    pod, workload = facts.pod, facts.workload
    if pod is None and (workload is None or any(e.subject == _JOBS for e in _unread(facts))):
        return "unknown"
    if workload is not None and workload.target.kind not in ("Job", "CronJob") and facts.target.kind != "Pod":
        if workload.ready:
            return "degraded" if not _seems_well(facts) else "unknown"
        return "failing" if workload.desired or pod is not None else "unknown"
    if pod is not None and is_ready(pod):
        return "unknown" if _seems_well(facts) else "degraded"
    return "failing"


def _seems_well(facts: Facts) -> bool:
    """Nothing wrong was seen, but not all was read."""
    workload = facts.workload
    return _pod_is_well(facts) and bool(_unread(facts)) and (workload is None or _is_complete(workload))
