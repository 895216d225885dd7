# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run: the program starts, and ends or is killed."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import (
    RECENT_SECONDS,
    change_of,
    containers,
    crashed,
    current_words,
    ended,
    find_events,
    ids,
    is_failing,
    is_recent,
    last_words,
    scheduling_message,
    search,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.memory import memory_need, proposed_limit
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.phrases import (
    CRASH,
    CRASH_WEAK,
    NO_SPACE,
    PORT_TAKEN,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.readable import show_bytes
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Container, Facts, State

# A kill by the kernel stays news for a day, since the load that caused it comes back; but of a container that runs
# since and is not ready now, it is not the cause.
OOM_SECONDS = 86400
_KILLED = 137
_SIGNALS = {132: "SIGILL", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 139: "SIGSEGV"}


def oom_killed(facts: Facts) -> Cause | None:
    """The kernel killed the container for its memory limit, now or within a day, also when it runs again."""
    for container in containers(facts):
        state, confidence = _kill_for_memory(container)
        within = OOM_SECONDS if container.ready else RECENT_SECONDS
        if confidence and (container.state.phase != "running" or is_recent(facts, state.finished_at, within)):
            return _oom_killed(facts, container, state, confidence)
    return None


def _kill_for_memory(container: Container) -> tuple[State, float]:
    """How it ended, and how sure it is that it was for memory; 0 where nothing says so.

    containerd misses the kernel's word on some quick kills, and says `Error` with SIGKILL's exit code: then the end
    before it tells.
    """
    state, before = ended(container), container.last_state
    if state.reason == "OOMKilled":
        return state, 0.99
    if state.exit_code == _KILLED and before.reason == "OOMKilled":
        return before, 0.7
    return State(), 0.0


def _oom_killed(facts: Facts, container: Container, state: State, confidence: float) -> Cause:
    limit = container.limits.memory_bytes
    evidence = ids(state.id, container.id)
    if limit is None:
        summary = (
            f"container {container.name} has no memory limit of its own and was killed because the pod or node "
            "ran out of memory"
        )
        return Cause(
            "oom-killed",
            summary,
            min(0.9, confidence),
            evidence,
            {"container": container.name, "limit_bytes": None, "needed_bytes": None},
        )
    need = memory_need(facts, container)
    changed = change_of(facts, f"ontainers[{container.name}].resources.limits.memory")
    times = f", restarted {container.restarts} times" if container.restarts > 1 else ""
    now = "; it runs again" if container.state.phase == "running" else ""
    word = {"measured": "about", "upper": "at most", "lower": "more than"}[need.bound]
    more = f"it needs {word} {show_bytes(need.bytes_)}"
    details = {
        "container": container.name,
        "limit_bytes": limit,
        "request_bytes": container.requests.memory_bytes,
        "needed_bytes": need.bytes_,
        "needed_bound": need.bound,
        "measured_by": need.measured_by,
        "proposed_limit": proposed_limit(need, limit),
        "usage_bytes": container.usage.memory_bytes if container.usage else None,
        "restarts": container.restarts,
        "recovered": container.state.phase == "running" and container.ready,
        "killed_at": state.finished_at,
    }
    summary = f"container {container.name} was killed at its memory limit of {show_bytes(limit)}{times}{now}; {more}"
    return Cause("oom-killed", summary, confidence, ids(*evidence, need.evidence, *changed), details)


def app_crash(facts: Facts) -> Cause | None:
    """The program ended with an error of its own, by its last words or by a signal that only a fault sends."""
    for container in containers(facts):
        state = ended(container)
        if not crashed(facts, container) or state.reason in ("OOMKilled", "StartError", "ContainerCannotRun"):
            continue
        # 143 and 137 are someone else's SIGTERM and SIGKILL; 126 and 127 a shell that found nothing to run.
        if state.exit_code in (126, 127, 137, 143):
            continue
        lines = last_words(facts, container)
        told, confidence = search(lines, CRASH), 0.9
        if told is None:
            told, confidence = search(lines, CRASH_WEAK), 0.7
        signal = _SIGNALS.get(state.exit_code or 0, "")
        if told is None and not signal:
            continue
        said = told[0].text[:200] if told else f"killed by {signal}"
        where = f"ontainers[{container.name}]"
        changed = change_of(facts, f"{where}.image", f"{where}.env", f"{where}.args", f"{where}.command")
        details = {
            "container": container.name,
            "exit_code": state.exit_code,
            "signal": signal,
            "message": said,
            "restarts": container.restarts,
            "transient": container.restarts <= 1 and container.ready,
        }
        summary = f"the program of container {container.name} ends with exit code {state.exit_code}: {said}"
        return Cause("app-crash", summary, confidence, ids(told[0].id if told else "", state.id, *changed), details)
    return None


def app_exits(facts: Facts) -> Cause | None:
    """The program ends with 0 though the pod is to keep it running."""
    pod = facts.pod
    if pod is None or pod.restart_policy != "Always":
        return None
    for container in containers(facts):
        state = ended(container)
        if (
            container.role != "main"
            or state.phase != "terminated"
            or state.exit_code != 0
            or state.reason != "Completed"
        ):
            continue
        if container.state.phase == "running" and not is_recent(facts, state.finished_at):
            continue
        if find_events(facts, ("Killing",), rf"Container {container.name} failed (?:liveness|startup) probe"):
            continue
        summary = (
            f"the program of container {container.name} ends by itself with exit code 0, though it should keep running"
        )
        details = {
            "container": container.name,
            "command": [*container.command, *container.args],
            "restarts": container.restarts,
        }
        where = f"ontainers[{container.name}]"
        changed = change_of(facts, f"{where}.command", f"{where}.args", f"{where}.image")
        return Cause("app-exits", summary, 0.95, ids(state.id, *changed), details)
    return None


def disk_full(facts: Facts) -> Cause | None:
    """A volume, or what the pod may use of its node's disk, is full."""
    pod = facts.pod
    if pod and pod.reason == "Evicted" and "ephemeral" in pod.message:
        return Cause(
            "disk-full", f"the pod was evicted: {pod.message[:200]}", 0.97, ids(pod.id), {"message": pod.message}
        )
    for container in containers(facts):
        has_crashed = crashed(facts, container)
        if not (has_crashed or is_failing(facts, container)):
            continue
        before = last_words(facts, container) if has_crashed else []
        told = search(before, NO_SPACE) or search(current_words(facts, container), NO_SPACE)
        if told:
            summary = f"container {container.name} finds no space left: {told[0].text[:160]}"
            return Cause(
                "disk-full", summary, 0.95, ids(told[0].id, ended(container).id), {"container": container.name}
            )
    return None


def port_conflict(facts: Facts) -> Cause | None:
    """The port that the program or the pod wants is taken, in the pod or on every node."""
    text, evidence = scheduling_message(facts)
    if "free ports for the requested pod ports" in text and facts.pod:
        named = {p.host_port: c.name for c in facts.pod.containers for p in c.ports if p.host_port}
        ports = list(named)
        shown = ", ".join(map(str, ports))
        return Cause(
            "port-conflict",
            f"host port {shown} is taken on every node that could run the pod",
            0.97,
            ids(evidence),
            {"host_ports": ports, "container": next(iter(named.values()), "")},
        )
    for container in containers(facts):
        told = search(last_words(facts, container), PORT_TAKEN) if crashed(facts, container) else None
        if told:
            port = (told[1].groupdict().get("port") or "") if told[1].re.groups else ""
            others = [
                c.name
                for c in containers(facts)
                if c.name != container.name and port in {str(p.number) for p in c.ports}
            ]
            taken = f", which container {others[0]} has" if others else ""
            summary = f"container {container.name} cannot listen: port {port or 'it wants'} is already in use{taken}"
            details = {
                "container": container.name,
                "port": int(port) if port else 0,
                "taken_by": others[0] if others else "",
            }
            return Cause("port-conflict", summary, 0.95, ids(told[0].id, ended(container).id), details)
    return None
