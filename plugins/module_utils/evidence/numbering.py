# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turns facts into evidence: one line each, numbered in a stable order, bounded in number and size."""

from __future__ import annotations

from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import is_ready, problem_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.readable import show_bytes, show_cpu
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import (
    Amounts,
    Container,
    Event,
    Evidence,
    Facts,
    Pod,
    Probe,
    Reference,
    State,
    Workload,
)

MOST_LOG_LINES = 48
MOST_EVIDENCE = 150
TEXT_CHARACTERS = 600
# Conditions that are good news when True, so worth telling only when not.
_GOOD_WHEN_TRUE = (
    "Ready",
    "ContainersReady",
    "PodScheduled",
    "Initialized",
    "PodReadyToStartContainers",
    "Available",
    "Progressing",
    "Complete",
    "SuccessCriteriaMet",
)


class Numbering:
    """Hands out E1, E2 …"""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []

    def add(self, fact: Any, source: str, time: str, subject: str, text: str) -> None:
        """Number one fact (its `id` is set where it has one); past the bound nothing is added."""
        if len(self.evidence) >= MOST_EVIDENCE or not text:
            return
        number = f"E{len(self.evidence) + 1}"
        if fact is not None:
            fact.id = number
        short = text if len(text) <= TEXT_CHARACTERS else text[: TEXT_CHARACTERS - 1] + "…"
        self.evidence.append(Evidence(number, source, time, subject, short))


def numbered(facts: Facts) -> list[Evidence]:
    """The evidence of all facts: status, then changes, events, logs, what is referred to, what could not be read."""
    numbering = Numbering()
    if facts.workload is not None:
        _workload(numbering, facts.workload)
    if facts.pod is not None:
        _pod(numbering, facts.pod)
    _others(numbering, facts)
    _changes(numbering, facts.workload)
    for event in facts.events:
        numbering.add(event, "event", event.last, event.subject, event_text(event))
    _logs(numbering, facts)
    where = _pod_subject(facts)
    for reference in facts.references:
        numbering.add(reference, "reference", "", where, reference_text(reference))
    for policy in facts.policies:
        numbering.add(policy, "policy", "", f"{policy.kind.lower()}/{policy.name}", policy.text)
    _nodes(numbering, facts)
    for missing in facts.unavailable:
        numbering.add(None, "unavailable", facts.now, missing.what, f"could not be read: {missing.why}")
    return numbering.evidence


def _pod_subject(facts: Facts) -> str:
    return f"pod/{facts.pod.name}" if facts.pod else f"{facts.target.kind.lower()}/{facts.target.name}"


def _workload(numbering: Numbering, workload: Workload) -> None:
    subject = f"{workload.target.kind.lower()}/{workload.target.name}"
    counts = (
        f"{workload.ready} of {workload.desired} ready, {workload.available} available, {workload.updated} of "
        "the current revision"
    )
    if workload.target.kind == "Job":
        counts = f"{workload.ready} of {workload.desired} completions"
    if workload.target.kind == "CronJob":
        counts = "on a schedule"
    suspended = ", paused or suspended" if workload.suspended else ""
    current = f", revision {workload.revisions[-1].number}" if workload.revisions else ""
    numbering.add(workload, "status", "", subject, f"{counts}{current}{suspended}")
    for condition in workload.conditions:
        if not (condition.type in _GOOD_WHEN_TRUE and condition.status == "True"):
            text = f"{condition.type}={condition.status} {condition.reason}: {condition.message}".rstrip(": ")
            numbering.add(condition, "status", condition.since, subject, text)


def _pod(numbering: Numbering, pod: Pod) -> None:
    subject = f"pod/{pod.name}"
    state = "ready" if is_ready(pod) else problem_of(pod) or "not ready"
    node = f"on node {pod.node}" if pod.node else "on no node"
    message = f": {pod.message}" if pod.message else ""
    text = f"phase {pod.phase or 'unknown'}, {state}, {node}, created {pod.created_at or 'at an unknown time'}{message}"
    numbering.add(pod, "status", "", subject, text)
    for condition in pod.conditions:
        if condition.status != "True" and condition.message and condition.type != "ContainersReady":
            text = f"{condition.type}={condition.status} {condition.reason}: {condition.message}"
            numbering.add(condition, "status", condition.since, subject, text)
    for container in pod.containers:
        _container(numbering, container, subject)


def _container(numbering: Numbering, container: Container, pod: str) -> None:
    role = "" if container.role == "main" else f"{container.role} "
    subject = f"{pod} {role}container {container.name}"
    state = container.state
    text = f"{state_text(state)}; {'ready' if container.ready else 'not ready'}; {container.restarts} restarts"
    numbering.add(state, "status", state.finished_at or state.started_at, subject, text)
    last = container.last_state
    if last.phase:
        numbering.add(last, "status", last.finished_at, subject, f"before that: {state_text(last)}")
    asks = amounts_text(container.requests)
    bounds = amounts_text(container.limits)
    numbering.add(container, "spec", "", subject, f"image {container.image}; requests {asks}; limits {bounds}")
    for probe in container.probes:
        numbering.add(probe, "spec", "", subject, f"{probe.kind} probe {probe_text(probe)}")
    if container.usage is not None:
        used = f"uses {show_bytes(container.usage.memory_bytes)} memory, {show_cpu(container.usage.cpu_millicores)} CPU"
        numbering.add(container.usage, "usage", container.usage.time, subject, used)


def state_text(state: State) -> str:
    """A container state in one phrase."""
    if state.phase == "waiting":
        return f"waiting, {state.reason}" + (f": {state.message}" if state.message else "")
    if state.phase == "running":
        return f"running since {state.started_at}"
    if state.phase == "terminated":
        signal = f", signal {state.signal}" if state.signal else ""
        message = f": {state.message}" if state.message else ""
        span = f"ran {state.started_at} to {state.finished_at}"
        return f"terminated, {state.reason}, exit code {state.exit_code}{signal}, {span}{message}"
    return "no state reported"


def amounts_text(amounts: Amounts) -> str:
    """CPU and memory as people write them."""
    other = "".join(f", {name} {value}" for name, value in sorted(amounts.other.items()))
    return f"cpu {show_cpu(amounts.cpu_millicores)}, memory {show_bytes(amounts.memory_bytes)}{other}"


def probe_text(probe: Probe) -> str:
    """What a probe asks for, and how patient it is."""
    port = (
        probe.port
        if probe.port == str(probe.port_number) or not probe.port_number
        else f"{probe.port} ({probe.port_number})"
    )
    asks = {
        "http": f"{probe.scheme.lower()} GET :{port}{probe.path}",
        "tcp": f"tcp connect :{port}",
        "grpc": f"grpc health :{port}",
        "exec": f"command {' '.join(probe.command)}",
    }.get(probe.handler, "of an unknown kind")
    delay = f" after {probe.initial_delay_seconds} s," if probe.initial_delay_seconds else ""
    return (
        f"{asks},{delay} every {probe.period_seconds} s, fails after {probe.failure_threshold} misses of "
        f"{probe.timeout_seconds} s"
    )


def _others(numbering: Numbering, facts: Facts) -> None:
    """One line over the other pods of the workload, since one pod failing and all failing are different news."""
    others = [p for p in facts.pods if facts.pod is None or p.name != facts.pod.name]
    if not others or facts.workload is None:
        return
    shown = ", ".join(
        f"{p.name} {p.problem or ('ready' if p.ready else 'not ready')}, {p.restarts} restarts" for p in others[:6]
    )
    more = f" and {len(others) - 6} more" if len(others) > 6 else ""
    subject = f"{facts.workload.target.kind.lower()}/{facts.workload.target.name}"
    numbering.add(None, "status", "", subject, f"other pods: {shown}{more}")


def _changes(numbering: Numbering, workload: Workload | None) -> None:
    if workload is None or not workload.revisions:
        return
    subject = f"{workload.target.kind.lower()}/{workload.target.name}"
    serving = ", which serves now" if workload.compared_serving else ""
    since = workload.revisions[-1].created_at
    for change in workload.changes:
        text = (
            f"changed since revision {workload.compared_revision}{serving}: {change.path}: {change.before} → "
            f"{change.after}"
        )
        numbering.add(change, "change", since, subject, text)


def event_text(event: Event) -> str:
    """Reason, message, and how often over what time."""
    container = f" (container {event.container})" if event.container else ""
    often = f" [{event.count} times since {event.first}]" if event.count > 1 else ""
    return f"{event.type} {event.reason}{container}: {event.message}{often}"


def _logs(numbering: Numbering, facts: Facts) -> None:
    left = MOST_LOG_LINES
    for log in facts.logs:
        which = "previous log" if log.previous else "log"
        subject = f"{_pod_subject(facts)} container {log.container} {which}"
        for line in log.lines[-left:] if left > 0 else []:
            often = f" [{line.count} times]" if line.count > 1 else ""
            numbering.add(line, "log", line.time, subject, f"{line.text}{often}")
            left -= 1


def reference_text(reference: Reference) -> str:
    """Whether a referenced object exists, and what may be told of it: key names, a claim's phase; never a value."""
    word = {True: "exists", False: "does not exist", None: "is not known to exist"}[reference.exists]
    optional = ", optional" if reference.optional else ""
    keys = f", keys: {', '.join(reference.keys) or 'none'}" if reference.keys is not None else ""
    shown = [f"{k} {v}" for k, v in reference.facts.items() if v and k != "uid"]
    facts = f", {', '.join(shown)}" if shown else ""
    return f"{reference.kind} {reference.name} {word} (used by {reference.used_by}{optional}){keys}{facts}"


def _nodes(numbering: Numbering, facts: Facts) -> None:
    for node in facts.nodes:
        ready = {True: "Ready", False: f"not Ready ({node.reason})", None: "readiness unknown"}[node.ready]
        marks = [*(["cordoned"] if node.unschedulable else []), *node.pressures, *(f"taint {t}" for t in node.taints)]
        room = f"; free: {_room(node.free)}" if node.free is not None else ""
        text = f"{ready}{''.join(f', {m}' for m in marks)}; allocatable {_room(node.allocatable)}{room}"
        numbering.add(node, "status", "", f"node/{node.name}", text)


def _room(amounts: Amounts) -> str:
    return f"cpu {show_cpu(amounts.cpu_millicores)}, memory {show_bytes(amounts.memory_bytes)}"
