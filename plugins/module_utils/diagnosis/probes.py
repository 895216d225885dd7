# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Probes: the kubelet kills or holds back a container for what its probes answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import (
    change_of,
    current_words,
    ended,
    find_events,
    ids,
    is_recent,
    last_words,
    seconds_since,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.phrases import LISTENING, STILL_STARTING
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.numbering import probe_text
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Container, Event, Facts, Probe

_REFUSED = re.compile(r"connection refused|connect: |no route to host", re.IGNORECASE)
_STATUS = re.compile(r"statuscode: (\d{3})")
_SCHEME = re.compile(
    r"server gave HTTP response to HTTPS client|malformed HTTP response|HTTP request to an HTTPS server", re.IGNORECASE
)
# The runtime's words and those of shells; what the command itself does not find is another matter.
_NO_COMMAND = re.compile(
    r"executable file .{0,80}not found|\bexec: .{0,200}no such file or directory|command not found"
    r"|(?:^|[\s/])(?:ba|da|a)?sh: .{0,80}: not found|: \d+: [\w./-]+: not found",
    re.IGNORECASE,
)
_TIMEOUT = re.compile(r"deadline exceeded|timed? ?out", re.IGNORECASE)
# A path that answers 404 or 405 is not served; 400 on plain HTTP is how a TLS server answers.
_NOT_SERVED = ("400", "404", "405")
# Misses older than this are of another rollout, or over.
_PROBE_SECONDS = 900
# A program may take its time to end, after its probe gave up.
_ENDING_SECONDS = 60
_CLASS_OF = {"liveness": "liveness", "startup": "liveness"}
_HANDLERS = ("httpGet", "tcpSocket", "grpc")
# Smaller figures after a colon are rather minutes or line numbers than ports.
LEAST_PORT = 80


def liveness_probe_wrong(facts: Facts) -> Cause | None:
    """The liveness (or startup) probe asks for what the program does not serve, and the container is killed for it."""
    for container in _with_probe(facts, ("liveness", "startup")):
        for kind in ("startup", "liveness"):
            found = _wrong(facts, container, kind, "liveness-probe-wrong")
            if found:
                return found
    return None


def readiness_probe_wrong(facts: Facts) -> Cause | None:
    """The readiness probe asks for what the program does not serve: it runs and is never ready."""
    for container in _with_probe(facts, ("readiness",)):
        if container.state.phase == "running" and not container.ready:
            found = _wrong(facts, container, "readiness", "readiness-probe-wrong")
            if found:
                return found
    return None


def startup_too_slow(facts: Facts) -> Cause | None:
    """The probe gives up while the program is still starting: killed at a regular age, its log ends in starting."""
    for container in _with_probe(facts, ("liveness", "startup")):
        probe = next(p for p in container.probes if p.kind in ("startup", "liveness"))
        miss = _miss(facts, container, probe.kind)
        killed = _kill(facts, container)
        if (
            not miss
            or not killed
            or not (_REFUSED.search(miss.message) or _TIMEOUT.search(miss.message) or _STATUS.search(miss.message))
        ):
            continue
        allowed = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
        if _lived_seconds(container) > 2 * allowed + _ENDING_SECONDS:
            continue
        lines = last_words(facts, container) or current_words(facts, container)
        starting = next((line for line in reversed(lines) if STILL_STARTING.search(line.text)), None)
        if starting is None or serves(facts, container)[1]:
            continue
        summary = (
            f"container {container.name} is killed by its {probe.kind} probe after about {allowed} s, while it is "
            "still starting"
        )
        details = {
            "container": container.name,
            "probe": probe.kind,
            "allowed_seconds": allowed,
            "failure_threshold": probe.failure_threshold,
            "period_seconds": probe.period_seconds,
        }
        return Cause("startup-too-slow", summary, 0.85, ids(starting.id, miss.id, killed.id, probe.id), details)
    return None


def _lived_seconds(container: Container) -> float:
    """How long the instance that ended last ran; 0 where that is not told."""
    state = ended(container)
    started, finished = parse_rfc3339(state.started_at), parse_rfc3339(state.finished_at)
    return (finished - started).total_seconds() if started and finished else 0.0


def _with_probe(facts: Facts, kinds: Iterable[str]) -> list[Container]:
    found = facts.pod.containers if facts.pod else []
    return [c for c in found if any(p.kind in kinds for p in c.probes)]


def _miss(facts: Facts, container: Container, kind: str) -> Event | None:
    """The latest failure of a probe of this container that is still news.

    The kubelet says little more of a pod after 25 events (client-go's spam filter), so where the container still
    fails for it, what was said before counts however old it is.
    """
    events = find_events(facts, ("Unhealthy",), rf"^{kind.capitalize()} probe (?:failed|errored)")
    never_ready = container.state.phase == "running" and not container.ready
    still = never_ready if kind == "readiness" else _is_killed_again_and_again(facts, container)
    for event in events:
        if event.container in ("", container.name) and (still or is_recent(facts, event.last, _PROBE_SECONDS)):
            return event
    return None


def _is_killed_again_and_again(facts: Facts, container: Container) -> bool:
    """Its last instance was lately ended from outside (SIGTERM, SIGKILL, or 0 on SIGTERM), and not for memory."""
    state = ended(container)
    if not is_recent(facts, state.finished_at):
        return False
    return container.restarts > 1 and state.exit_code in (0, 137, 143) and state.reason != "OOMKilled"


def _kill(facts: Facts, container: Container) -> Event | None:
    pattern = rf"Container {re.escape(container.name)} failed (?:liveness|startup) probe"
    return next(iter(find_events(facts, ("Killing",), pattern)), None)


def _wrong(facts: Facts, container: Container, kind: str, class_: str) -> Cause | None:
    probe = next((p for p in container.probes if p.kind == kind), None)
    miss = _miss(facts, container, kind)
    if probe is not None and miss is None and kind != "readiness":
        return _wrong_by_inference(facts, container, probe)
    if probe is None or miss is None or ended(container).reason == "OOMKilled" or _ended_by_itself(facts, container):
        return None
    reason, fix, sure, evidence = _judge_miss(facts, container, probe, miss.message)
    if not reason:
        return None
    changed = change_of(facts, f"ontainers[{container.name}].{kind}Probe")
    fix = {**fix, **_as_before(facts, container, probe)}
    if changed:
        sure = max(sure, 0.97)
    if sure < 0.6:
        return None
    killed = _kill(facts, container)
    effect = (
        "is killed"
        if killed and kind != "readiness"
        else "never gets ready"
        if kind == "readiness"
        else "will be killed"
    )
    details = {
        "container": container.name,
        "probe": kind,
        "handler": probe.handler,
        "port": probe.port_number or probe.port,
        "path": probe.path,
        "scheme": probe.scheme,
        "reason": reason,
        "serves": serves(facts, container)[0],
        "fix": fix,
    }
    asks = re.split(", (?:every|after)", probe_text(probe), maxsplit=1)[0]
    summary = f"container {container.name} {effect}: its {kind} probe asks {asks}, {reason}"
    return Cause(
        class_, summary, sure, ids(probe.id, miss.id, killed.id if killed else "", *evidence, *changed), details
    )


def _wrong_by_inference(facts: Facts, container: Container, probe: Probe) -> Cause | None:
    """Killed again and again, with a probe for a port that the program says it does not serve; events have expired."""
    ports, evidence = serves(facts, container)
    killed = _is_killed_again_and_again(facts, container) and ended(container).exit_code != 0
    if not killed or not evidence or not probe.port_number or probe.port_number in ports:
        return None
    fix = {"port": ports[0], **_as_before(facts, container, probe)}
    shown = ", ".join(map(str, ports))
    summary = (
        f"container {container.name} is killed again and again (exit code {ended(container).exit_code}): "
        f"its {probe.kind} probe asks port {probe.port_number}, and the program serves port {shown}"
    )
    details = {
        "container": container.name,
        "probe": probe.kind,
        "handler": probe.handler,
        "port": probe.port_number,
        "path": probe.path,
        "scheme": probe.scheme,
        "reason": "no event tells it any more",
        "serves": ports,
        "fix": fix,
    }
    found = ids(probe.id, ended(container).id, *evidence)
    return Cause(f"{_CLASS_OF[probe.kind]}-probe-wrong", summary, 0.75, found, details)


def _as_before(facts: Facts, container: Container, probe: Probe) -> dict[str, Any]:
    """Port, path and scheme that the compared revision's probe had, where they changed since."""
    found: dict[str, Any] = {}
    for change in facts.workload.changes if facts.workload else []:
        where, _dot, name = change.path.rpartition(".")
        of_probe = f"ontainers[{container.name}].{probe.kind}Probe." in change.path and where.endswith(_HANDLERS)
        if of_probe and name in ("port", "path", "scheme") and not change.before.startswith("("):
            found[name] = int(change.before) if change.before.isdigit() else change.before
    return found


def _ended_by_itself(facts: Facts, container: Container) -> bool:
    """The last instance ended with an error of its own, so misses of its probes only follow from that."""
    state = ended(container)
    return (
        state.phase == "terminated"
        and state.exit_code not in (0, 137, 143, None)
        and container.state.phase != "running"
        and not _kill(facts, container)
    )


def _judge_miss(
    facts: Facts, container: Container, probe: Probe, message: str
) -> tuple[str, dict[str, Any], float, list[str]]:
    """Why the probe cannot succeed, the fields that would (where known), how sure that is, and evidence ids."""
    ports, evidence = serves(facts, container)
    other = next((p for p in container.probes if p.kind != probe.kind and works(facts, container, p)), None)
    same_port = other if other and other.port_number == probe.port_number else None
    if _SCHEME.search(message):
        scheme = "HTTP" if probe.scheme == "HTTPS" else "HTTPS"
        return f"and the program speaks {scheme} there", {"scheme": scheme}, 0.97, []
    status = _STATUS.search(message)
    if status and status[1] in _NOT_SERVED and probe.handler == "http":
        fix: dict[str, Any] = (
            {"path": same_port.path}
            if same_port and same_port.handler == "http" and same_port.path != probe.path
            else {}
        )
        return (
            f"which answers {status[1]}: the program does not serve that path",
            fix,
            0.9 if status[1] == "404" else 0.75,
            ids(same_port.id if same_port else ""),
        )
    if probe.handler == "exec" and _NO_COMMAND.search(message):
        return "a command that the container does not have", {}, 0.9, []
    if (
        _REFUSED.search(message)
        and probe.handler in ("http", "tcp", "grpc")
        and ports
        and probe.port_number not in ports
    ):
        # Another probe that works names a port that works; its path answers another question, so the path stays.
        fix = {"port": other.port_number if other and other.port_number else ports[0]}
        shown = ", ".join(map(str, ports))
        return (
            f"where nothing listens: the program serves port {shown}",
            fix,
            0.95 if other or evidence else 0.85,
            ids(*evidence, other.id if other else ""),
        )
    return "", {}, 0.0, []


def works(facts: Facts, container: Container, probe: Probe) -> bool:
    """The probe succeeds as far as known: the container is ready by it, or runs long enough without a miss."""
    if _miss(facts, container, probe.kind) is not None:
        return False
    if probe.kind == "readiness":
        return container.ready or ended(container).phase == "terminated"
    age = seconds_since(facts, container.state.started_at) if container.state.phase == "running" else None
    return age is not None and age > probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold


def serves(facts: Facts, container: Container) -> tuple[list[int], list[str]]:
    """Ports that the program serves, the surest first (its own log, then the ports of its spec), and evidence ids."""
    told: dict[int, str] = {}
    for line in [*current_words(facts, container), *last_words(facts, container)]:
        match = LISTENING.search(line.text)
        if match and LEAST_PORT <= int(match["port"]) < 65536:
            told.setdefault(int(match["port"]), line.id)
    declared = [p.number for p in container.ports if p.protocol == "TCP"]
    return list(dict.fromkeys([*told, *declared])), ids(*told.values())
