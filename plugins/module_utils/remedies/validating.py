# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a change holds: the symptom is gone, the workload is available, restarts stay where they are.

Fails as soon as failure is certain (killed for memory again, CrashLoopBackOff again, an image that cannot be pulled),
not only when the time is up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscaler_look,
    autoscaler_writing,
    figures,
    observing,
    restore,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.observing import Metrics
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

LOOK_EVERY_SECONDS: Final = 1.0
SUSPECT_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Look:
    """One look: `progress` in words, whether the rollout is `complete`, what `failed` for certain, what may have."""

    progress: str
    complete: bool
    failed: str = ""
    suspect: str = ""


@dataclass(frozen=True)
class Validation:
    """`valid`, `seen` (what decided it, one sentence), how long it took in seconds, and the metrics at the end."""

    valid: bool
    seen: str
    checks: list[str]
    duration_seconds: float
    after: Metrics | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def validate(
    client: Client,
    plan: Plan,
    before: Metrics | None = None,
    *,
    deadline: Deadline | None = None,
    on_progress: Callable[[str], None] = lambda _text: None,
    clock: Clock = SYSTEM_CLOCK,
) -> Validation:
    """Look every second until the change held for `settle_seconds`, failed, or the time is up (which is a failure).

    `before` are the metrics from before the apply: restarts counted there are not held against the change.
    """
    started = clock.monotonic()
    deadline = deadline or Deadline.after(plan.validation.within_seconds, clock)
    baseline = _restarts(before.containers) if before else {}
    steady_since: float | None = None
    suspect_since: float | None = None
    fresh = before is not None
    while True:
        look = _looked(client, plan, baseline, fresh)
        fresh = True
        on_progress(look.failed or look.suspect or look.progress)
        suspect_since = _since(suspect_since, bool(look.suspect), clock)
        lasting = suspect_since is not None and clock.monotonic() - suspect_since >= SUSPECT_SECONDS
        if look.failed or lasting:
            return _result(client, plan, False, look.failed or look.suspect, started, clock)
        steady_since = _since(steady_since, look.complete, clock)
        if steady_since is not None and clock.monotonic() - steady_since >= plan.validation.settle_seconds:
            seen = f"{look.progress}; steady for {plan.validation.settle_seconds} s"
            return _result(client, plan, True, seen, started, clock)
        if deadline.expired:
            waited = round(clock.monotonic() - started)
            return _result(client, plan, False, f"not so within {waited} s: {look.progress}", started, clock)
        clock.sleep(min(LOOK_EVERY_SECONDS, deadline.remaining() + 0.01))


def _since(since: float | None, so: bool, clock: Clock) -> float | None:
    if not so:
        return None
    return clock.monotonic() if since is None else since


def _result(client: Client, plan: Plan, valid: bool, seen: str, started: float, clock: Clock) -> Validation:
    try:
        after = figures.take(client, plan, clock)
    except ClusterError:
        after = None
    return Validation(valid, seen, plan.validation.checks, round(clock.monotonic() - started, 1), after)


def _looked(client: Client, plan: Plan, baseline: dict[tuple[str, str], int], fresh: bool) -> Look:
    try:
        return look_at(client, plan, baseline, fresh)
    except ClusterError as failed:
        return Look(f"the cluster gave no answer: {failed}", False)


def look_at(client: Client, plan: Plan, baseline: dict[tuple[str, str], int], fresh: bool) -> Look:
    """One look. `baseline` holds restarts by (pod uid, container) and takes in pods as they are first seen.

    `fresh`: a pod seen for the first time may be held to have had no restart before.
    """
    ref = plan.validation.workload
    if ref.kind == "Pod":
        return _pod_gone(client, ref)
    workload = workloads.read(client, ref)
    if workload["metadata"]["uid"] != ref.uid:
        return Look("", False, f"{workloads.words(ref)} was deleted and made anew")
    pods = workloads.pods_of(client, workload)
    going = [write.object.uid for write in plan.writes if write.verb in ("evict", "delete")]
    left = [pod["metadata"]["name"] for pod in pods if pod["metadata"]["uid"] in going]
    current = [pod for pod in current_pods(client, workload, pods) if pod["metadata"]["uid"] not in going]
    certain, suspect = trouble_of(current, baseline, fresh=fresh and _writes_template(plan))
    complete, progress = rollout_state(workload)
    if autoscaler_writing.is_about_autoscaler(plan):
        # How many replicas it leads to is watched later: it acts every 15 seconds, and pods take their time.
        complete, progress, gone = autoscaler_look.state(client, plan)
        certain = gone or certain
    if left:
        return Look(f"pod {left[0]} is still there", False, certain, suspect)
    return Look(progress, complete and not suspect, certain, suspect)


def _writes_template(plan: Plan) -> bool:
    return any(item["path"][:2] == ["spec", "template"] for item in restore.operations(plan.writes))


def _pod_gone(client: Client, ref: ObjectRef) -> Look:
    try:
        pod = workloads.read(client, ref)
    except NotFound:
        return Look(f"{workloads.words(ref)} is gone", True)
    gone = pod["metadata"]["uid"] != ref.uid
    return Look(f"{workloads.words(ref)} is {'gone' if gone else 'still there'}", gone)


def current_pods(client: Client, workload: Document, pods: list[Document]) -> list[Document]:
    """Pods of the workload's current template; none while the controller has not looked at the template yet."""
    if not is_observed(workload):
        return []
    label = workloads.HASH_LABEL.get(workload["kind"])
    revision = current_revision(client, workload)
    if label is None:
        return pods
    return [pod for pod in pods if (pod["metadata"].get("labels") or {}).get(label) == revision]


def current_revision(client: Client, workload: Document) -> str:
    """The hash label's value of pods of the current template."""
    if workload["kind"] == "StatefulSet":
        return str((workload.get("status") or {}).get("updateRevision", ""))
    key = "" if workload["kind"] == "Deployment" else "revision"
    owned = workloads.revision_objects(client, workload)
    if not owned:
        return ""

    def number(item: Document) -> int:
        return int(item[key]) if key else workloads.revision_of(item)

    newest = max(owned, key=number)
    label = workloads.HASH_LABEL[workload["kind"]]
    return str((newest["metadata"].get("labels") or {}).get(label, ""))


def is_observed(workload: Mapping[str, Any]) -> bool:
    """Whether the controller has seen the spec as it is now."""
    observed = (workload.get("status") or {}).get("observedGeneration", 0)
    return bool(observed >= workload["metadata"].get("generation", 0))


def rollout_state(workload: Document) -> tuple[bool, str]:
    """Whether every pod is of the current template and available, and how far it is in words. Pure."""
    if not is_observed(workload):
        return False, "the controller has not seen the change yet"
    status, desired = workload.get("status") or {}, workloads.desired_replicas(workload)
    updated, available = observing.updated(workload), observing.available(workload, [])
    strategy = workload["spec"].get("updateStrategy") or {}
    held_back = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    wanted = max(desired - held_back, 0)
    old = max(int(status.get("replicas", desired)) - desired, 0) if workload["kind"] != "DaemonSet" else 0
    progress = f"{updated} of {wanted} pods updated, {available} of {desired} available"
    if old:
        progress += f", {old} more to go"
    return updated >= wanted and available >= desired and not old, progress


def trouble_of(pods: list[Document], baseline: dict[tuple[str, str], int], *, fresh: bool) -> tuple[str, str]:
    """The first certain failure among pods of the current template, and the first that may heal.

    A pod seen for the first time counts from nothing when the change makes new pods (`fresh`), else from its restarts
    now; `baseline` takes that in.
    """
    suspect = ""
    for pod in pods:
        if pod["metadata"].get("deletionTimestamp"):
            continue
        for state in observing.states_of(pod):
            known = baseline.setdefault((state.uid, state.container), 0 if fresh else state.restarts)
            certain = failure_of(state, known)
            if certain:
                return certain, ""
            suspect = suspect or _trouble(state)
    return "", suspect


def failure_of(state: observing.ContainerState, restarts_before: int) -> str:
    """What of a container's state is a failure for certain, in one sentence, or empty. Pure."""
    where = f"container {state.container} of pod {state.pod}"
    if state.trouble.split(":")[0] in observing.CERTAIN:
        return _trouble(state)
    if state.restarts > restarts_before:
        ended = state.last_end or "no reason known"
        return f"{where} restarted ({state.restarts} times, {restarts_before} before): {ended}"
    if state.last_end.startswith("OOMKilled") and state.restarts == 0:
        return f"{where} was killed for memory: {state.last_end}"
    return ""


def _trouble(state: observing.ContainerState) -> str:
    if not state.trouble:
        return ""
    ended = f"; it ended last with {state.last_end}" if state.last_end else ""
    return f"container {state.container} of pod {state.pod} is in {state.trouble}{ended}"


def _restarts(containers: list[observing.ContainerState]) -> dict[tuple[str, str], int]:
    return {(state.uid, state.container): state.restarts for state in containers}
