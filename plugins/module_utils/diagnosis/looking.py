# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Questions that rules ask of the facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import was_only_stopped
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import (
    Container,
    Event,
    Facts,
    LogLine,
    State,
)

# A restart, kill or warning that is older has been lived with.
RECENT_SECONDS = 3600
# Waiting reasons that are the ordinary course of starting.
STARTING = ("", "ContainerCreating", "PodInitializing")


def seconds_since(facts: Facts, time: str) -> float | None:
    """Seconds from `time` to when the facts were collected; None where either is not told."""
    now, then = parse_rfc3339(facts.now), parse_rfc3339(time)
    return (now - then).total_seconds() if now and then else None


def is_recent(facts: Facts, time: str, within: float = RECENT_SECONDS) -> bool:
    """`time` is known and not longer ago than `within` seconds."""
    passed = seconds_since(facts, time)
    return passed is not None and passed <= within


def containers(facts: Facts) -> list[Container]:
    """The pod's containers, failing ones first (init containers run first, so they come first)."""
    found = facts.pod.containers if facts.pod else []
    return sorted(found, key=lambda c: not is_failing(facts, c))


def ended(container: Container) -> State:
    """The state of the instance that ended last; empty where none did."""
    if container.state.phase == "terminated":
        return container.state
    return container.last_state if container.last_state.phase == "terminated" else State()


def is_failing(facts: Facts, container: Container) -> bool:
    """It waits for what does not come, ended with an error, was restarted lately, or runs without being ready."""
    state = container.state
    if container.role == "init" and state.phase == "terminated" and state.exit_code == 0:
        return False
    if facts.pod is not None and was_only_stopped(facts.pod, container):
        return False
    if state.phase == "waiting":
        return state.reason not in STARTING or container.last_state.phase == "terminated"
    if state.phase == "terminated":
        return bool(state.exit_code) or state.reason == "OOMKilled" or bool(container.restarts)
    if state.phase == "running":
        lately = container.restarts > 0 and is_recent(facts, container.last_state.finished_at)
        return lately or (container.role == "main" and not container.ready)
    return False


def crashed(facts: Facts, container: Container) -> bool:
    """The instance that ended last did so with an error, and that is still the news."""
    state = ended(container)
    if state.phase != "terminated" or not (state.exit_code or state.reason == "OOMKilled"):
        return False
    if facts.pod is not None and was_only_stopped(facts.pod, container):
        return False
    return container.state.phase != "running" or is_recent(facts, state.finished_at)


def last_words(facts: Facts, container: Container) -> list[LogLine]:
    """The kept log lines of the instance that ended last; of the running one where none ended."""
    has_ended = ended(container).phase == "terminated"
    wants_previous = has_ended and container.state.phase != "terminated"
    logs = [log for log in facts.logs if log.container == container.name]
    return next((log.lines for log in logs if log.previous == wants_previous), [])


def current_words(facts: Facts, container: Container) -> list[LogLine]:
    """The kept log lines of the instance that runs now."""
    return next((log.lines for log in facts.logs if log.container == container.name and not log.previous), [])


def search(lines: Iterable[LogLine], patterns: Iterable[re.Pattern[str]]) -> tuple[LogLine, re.Match[str]] | None:
    """The last line that one of the patterns matches; an earlier pattern of the list wins on the same line."""
    patterns = list(patterns)
    for line in reversed(list(lines)):
        for pattern in patterns:
            match = pattern.search(line.text)
            if match:
                return line, match
    return None


def find_events(facts: Facts, reasons: Iterable[str], pattern: str = "") -> list[Event]:
    """Events of these reasons whose message matches, the latest first."""
    wanted = set(reasons)
    found = [e for e in facts.events if e.reason in wanted and (not pattern or re.search(pattern, e.message))]
    return sorted(found, key=lambda e: e.last, reverse=True)


def refusals(facts: Facts, pattern: str) -> Iterator[tuple[re.Match[str], str, str]]:
    """Match, text and evidence id where a controller was refused a pod (no pod exists to look at)."""
    for event in find_events(facts, ("FailedCreate",)):
        match = re.search(pattern, event.message)
        if match and not has_recovered(facts, event) and not _was_let_in_since(facts, event):
            yield match, event.message, event.id
    for condition in facts.workload.conditions if facts.workload else []:
        match = re.search(pattern, condition.message) if condition.type == "ReplicaFailure" else None
        if match and condition.status == "True":
            yield match, condition.message, condition.id


def _was_let_in_since(facts: Facts, refusal: Event) -> bool:
    """A pod of the same template was made after the refusal, so that is over."""
    of_template = refusal.subject.startswith("replicaset/")
    return any(
        refusal.last < line.created_at and (not of_template or refusal.subject.endswith(f"-{line.revision}"))
        for line in facts.pods
    )


def has_recovered(facts: Facts, event: Event) -> bool:
    """The workload has all its pods ready, so an event of the past no longer matters."""
    workload = facts.workload
    return bool(workload and workload.desired and workload.ready >= workload.desired)


def scheduling_message(facts: Facts) -> tuple[str, str]:
    """Why the scheduler finds no node, in its own words, and the evidence id; empty where it found one."""
    if facts.pod is None or facts.pod.node:
        return "", ""
    for condition in facts.pod.conditions:
        if condition.type == "PodScheduled" and condition.status == "False" and condition.message:
            return condition.message, condition.id
    for event in find_events(facts, ("FailedScheduling",)):
        return event.message, event.id
    return "", ""


def waiting_messages(facts: Facts) -> Iterator[tuple[str, str, Container | None]]:
    """Text, evidence id and container of what keeps the pod from starting: states, then mount and start events."""
    if facts.pod is None:
        return
    for container in facts.pod.containers:
        if container.state.phase == "waiting" and container.state.reason not in STARTING:
            yield container.state.message, container.state.id, container
    if is_starting(facts):
        for event in find_events(facts, ("FailedMount", "FailedAttachVolume", "Failed", "FailedCreatePodSandBox")):
            named = next((c for c in facts.pod.containers if c.name == event.container), None)
            yield event.message, event.id, named


def is_starting(facts: Facts) -> bool:
    """Some container of the pod has not been started yet."""
    pod = facts.pod
    return pod is not None and any(
        c.state.phase in ("", "waiting") and c.last_state.phase == "" for c in pod.containers if c.role != "ephemeral"
    )


def was_set_up(facts: Facts) -> bool:
    """The pod has had its volumes and its sandbox: a container of it ran, or waits for what comes after them."""
    return facts.pod is not None and any(
        c.state.phase in ("running", "terminated") or c.last_state.phase or c.state.reason not in STARTING
        for c in facts.pod.containers
    )


def change_of(facts: Facts, *parts: str) -> list[str]:
    """Evidence ids of the changes whose path has one of `parts` in it."""
    return [c.id for c in facts.workload.changes if any(p in c.path for p in parts)] if facts.workload else []


def ids(*found: str) -> list[str]:
    """Evidence ids, each once, without the empty ones (facts past the bound have none)."""
    return list(dict.fromkeys(i for i in found if i))
