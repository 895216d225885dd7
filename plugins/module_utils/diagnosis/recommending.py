# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a root cause to one remedy of the catalogue: a table, and one short function a kind of answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.commands import command_for
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.memory import HEADROOM
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause, Diagnosis, Recommendation
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.steps import cpu_step, memory_step
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.readable import show_bytes
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Container, Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.workloads import revision_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import whole_or_none

_REVISED = ("Deployment", "StatefulSet", "DaemonSet")
_ADJUSTABLE = (*_REVISED,)


def recommend(facts: Facts, diagnosis: Diagnosis) -> list[Recommendation]:
    """The remedies of the root cause, the first to propose first; `none` with a command where none is typed for it."""
    cause = diagnosis.root_cause
    if diagnosis.verdict in ("healthy", "not-found") or cause.class_ == "unknown":
        return []
    answers = (answer(facts, cause) for answer in REMEDIES.get(cause.class_, ()))
    found = [recommendation for recommendation in answers if recommendation is not None]
    return found or [_by_hand(facts, cause)]


def _by_hand(facts: Facts, cause: Cause) -> Recommendation:
    command, outcome = command_for(facts, cause)
    return Recommendation("none", {"command": command}, cause.summary, outcome)


def _container(facts: Facts, cause: Cause) -> Container | None:
    name = cause.details.get("container")
    return next((c for c in facts.pod.containers if c.name == name), None) if facts.pod else None


def _is_adjustable(facts: Facts) -> bool:
    return facts.workload is not None and facts.workload.target.kind in _ADJUSTABLE


def raise_memory(facts: Facts, cause: Cause) -> Recommendation | None:
    """A memory limit from the measured need; the request only where it equalled the limit."""
    container, limit = _container(facts, cause), cause.details.get("proposed_limit")
    if not limit or container is None or not _is_adjustable(facts):
        return None
    parameters: dict[str, Any] = {"container": container.name, "limits": {"memory": limit}}
    if container.requests.memory_bytes == container.limits.memory_bytes:
        parameters["requests"] = {"memory": limit}
    reason = f"killed at {show_bytes(cause.details['limit_bytes'])}; {cause.details['measured_by']}"
    if cause.details["needed_bound"] == "lower":
        outcome = (
            f"container {container.name} stays under {limit} and is not killed again; if it is, its need is above "
            f"{limit} and the change is rolled back"
        )
    else:
        outcome = f"container {container.name} runs within {limit} and is not killed for memory again"
    return Recommendation("set_resources", parameters, reason, outcome)


# Which paths of a template may have brought a cause about.
_CAUSED_BY = {
    "missing-env": (".env", ".image", ".command", ".args"),
    "missing-configmap": (".env", "volumes[", ".volumes"),
    "missing-secret": (".env", "volumes[", ".volumes"),
    "missing-config-key": (".env", "volumes[", ".volumes"),
    "liveness-probe-wrong": ("Probe", ".image", ".ports", ".command", ".args"),
    "readiness-probe-wrong": ("Probe", ".image", ".ports", ".command", ".args"),
    "startup-too-slow": ("Probe", ".image"),
    "bad-command": (".command", ".args", ".image"),
    "unschedulable-resources": (".resources.requests",),
    "unschedulable-selector": ("nodeSelector", "affinity"),
    "unschedulable-affinity": ("affinity", "topologySpreadConstraints"),
    "unschedulable-taint": ("tolerations", "nodeSelector"),
    "pvc-missing": ("volumes[",),
    "service-account-missing": ("serviceAccount",),
    "security-context-violation": ("securityContext", ".image"),
    "port-conflict": (".ports", ".args", ".command", ".env", ".image"),
}
_ANY_CODE = (".image", ".env", ".command", ".args", ".volumeMounts", "volumes[")


def roll_back(facts: Facts, cause: Cause) -> Recommendation | None:
    """Back to the compared revision where the template changed since in what can have brought the cause about."""
    workload = facts.workload
    if workload is None or workload.target.kind not in _REVISED or not workload.compared_revision:
        return None
    if not _is_of_current_revision(facts):
        return _replace_old(facts, cause)
    paths = (".image",) if cause.class_.startswith("image-") else _CAUSED_BY.get(cause.class_, _ANY_CODE)
    changed = [c for c in workload.changes if any(part in c.path for part in paths)]
    if not changed:
        return None
    number = workload.compared_revision
    known = "which serves now" if workload.compared_serving else "the one before; nothing tells that it failed"
    shown = "; ".join(f"{c.path}: {c.before} → {c.after}" for c in changed[:3])
    reason = f"since revision {number} ({known}) this changed: {shown}"
    outcome = (
        f"{workload.target.kind} {workload.target.name} runs the template of revision {number} again and all "
        "its pods get ready"
    )
    return Recommendation("rollback_revision", {"to_revision": number}, reason, outcome)


def _is_of_current_revision(facts: Facts) -> bool:
    """The failing pod was made from the workload's current template (true where that is not told)."""
    made_from = revision_of(facts.pod) if facts.pod else ""
    revisions = facts.workload.revisions if facts.workload else []
    return not made_from or not revisions or revisions[-1].name.endswith(made_from)


def _replace_old(facts: Facts, cause: Cause) -> Recommendation | None:
    """A StatefulSet does not replace a broken pod of an older revision by itself (kubernetes#67250); others do."""
    workload, pod = facts.workload, facts.pod
    if workload is None or pod is None or workload.target.kind != "StatefulSet":
        return None
    reason = f"{cause.summary}; pod {pod.name} is of an older revision than {workload.target.name} has now"
    outcome = f"pod {pod.name} is made again from the current revision {workload.revisions[-1].number} and gets ready"
    return Recommendation("restart_pod", {}, reason, outcome)


def fix_probe(facts: Facts, cause: Cause) -> Recommendation | None:
    """The port, path or scheme that works, where the evidence tells it."""
    fix = cause.details.get("fix") or {}
    if not fix or not _is_adjustable(facts):
        return None
    container, probe = cause.details["container"], cause.details["probe"]
    shown = ", ".join(f"{name} {value}" for name, value in fix.items())
    outcome = (
        f"the {probe} probe of container {container} succeeds with {shown}, and the kubelet leaves the container alone"
    )
    return Recommendation("set_probe", {"container": container, "probe": probe, **fix}, cause.summary, outcome)


def give_time(facts: Facts, cause: Cause) -> Recommendation | None:
    """Three times the patience of the probe that gave up."""
    if not _is_adjustable(facts):
        return None
    details = cause.details
    threshold = int(details["failure_threshold"]) * 3
    parameters = {"container": details["container"], "probe": details["probe"], "failure_threshold": threshold}
    allowed = int(details["allowed_seconds"]) + int(details["period_seconds"]) * int(details["failure_threshold"]) * 2
    outcome = f"container {details['container']} has about {allowed} s to start and gets there"
    return Recommendation("set_probe", parameters, cause.summary, outcome)


def set_known_image(facts: Facts, cause: Cause) -> Recommendation | None:
    """The image that the workload's other pods run, where the current one does not exist."""
    before = cause.details.get("previous_image", "")
    workload = facts.workload
    if (
        not before
        or before.startswith("(")
        or workload is None
        or not workload.compared_serving
        or not _is_adjustable(facts)
    ):
        return None
    container = cause.details["container"]
    reason = f"{cause.summary}; the pods of revision {workload.compared_revision} run {before}"
    outcome = f"container {container} pulls {before} and the rollout completes"
    return Recommendation("set_image", {"container": container, "image": before}, reason, outcome)


def fit_requests(facts: Facts, cause: Cause) -> Recommendation | None:
    """Requests by measured use, where pods of the workload run and the result fits the best node."""
    details, pod = cause.details, facts.pod
    if pod is None or not _is_adjustable(facts):
        return None
    for container in sorted(pod.containers, key=lambda c: -(c.requests.memory_bytes or 0)):
        used = [line.usage[container.name] for line in facts.pods if container.name in line.usage]
        if container.role != "main" or not used:
            continue
        cpu = cpu_step(int(max(u.cpu_millicores for u in used) * HEADROOM))
        memory = memory_step(int(max(u.memory_bytes for u in used) * HEADROOM))
        wanted = {"cpu": cpu, "memory": memory}
        requests = {name: wanted[name] for name in details["resources"] if name in wanted}
        free = details.get("free_memory_bytes")
        if not requests or ("memory" in requests and free is not None and (whole_or_none(memory) or 0) > free):
            continue
        shown = ", ".join(f"{name} {value}" for name, value in requests.items())
        reason = (
            f"{cause.summary}; the workload's running pods use at most {shown} with {HEADROOM - 1:.0%} of headroom "
            "counted in"
        )
        outcome = f"pods that ask for {shown} find a node and start"
        return Recommendation("set_resources", {"container": container.name, "requests": requests}, reason, outcome)
    return None


def restart_once(facts: Facts, cause: Cause) -> Recommendation | None:
    """A fresh pod, where one pod of several fails and its revision works elsewhere."""
    workload, pod = facts.workload, facts.pod
    if workload is None or pod is None or not pod.owner_kind or workload.target.kind in ("Job", "CronJob"):
        return None
    others_ready = [p for p in facts.pods if p.ready and p.name != pod.name and p.revision == revision_of(pod)]
    if not others_ready:
        return None
    reason = f"{cause.summary}; {len(others_ready)} other pods of {workload.target.name} run the same and are ready"
    outcome = f"{workload.target.kind} {workload.target.name} replaces pod {pod.name}, and the new one gets ready"
    return Recommendation("restart_pod", {}, reason, outcome)


REMEDIES: dict[str, tuple[Callable[[Facts, Cause], Recommendation | None], ...]] = {
    "oom-killed": (raise_memory, roll_back),
    "missing-env": (roll_back,),
    "config-invalid": (roll_back,),
    "missing-configmap": (roll_back,),
    "missing-secret": (roll_back,),
    "missing-config-key": (roll_back,),
    "bad-command": (roll_back,),
    "image-not-found": (roll_back, set_known_image),
    "image-auth": (roll_back,),
    "image-name-invalid": (roll_back, set_known_image),
    "image-never-pulled": (roll_back,),
    "image-registry-unreachable": (roll_back,),
    "liveness-probe-wrong": (fix_probe, roll_back),
    "readiness-probe-wrong": (fix_probe, roll_back),
    "startup-too-slow": (give_time, roll_back),
    "app-crash": (roll_back, restart_once),
    "app-exits": (roll_back,),
    "security-context-violation": (roll_back,),
    "service-account-missing": (roll_back,),
    "file-permission-denied": (roll_back,),
    "port-conflict": (roll_back,),
    "unschedulable-resources": (fit_requests, roll_back),
    "unschedulable-selector": (roll_back,),
    "unschedulable-affinity": (roll_back,),
    "unschedulable-taint": (roll_back,),
    "pvc-missing": (roll_back,),
    "rollout-stuck": (roll_back,),
    "node-not-ready": (restart_once,),
    "node-pressure-evicted": (),
}
