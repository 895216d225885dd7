# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decodes a pod as the API answers it into the facts that rules read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import (
    Amounts,
    Condition,
    Container,
    EnvVar,
    Pod,
    Port,
    Probe,
    State,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores_or_none, whole_or_none

Json = Mapping[str, Any]

# Settings of memory that a runtime takes as arguments or variables: pattern, unit for a bare number.
_HEAP_SETTINGS = (
    (re.compile(r"-Xmx(\d+)([kKmMgG]?)"), 1),
    (re.compile(r"--max[-_]old[-_]space[-_]size[= ](\d+)()"), 1024**2),
    (re.compile(r"GOMEMLIMIT=(\d+)([KMG]?)i?B?"), 1),
)
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def amounts_from(quantities: Json | None) -> Amounts:
    """CPU in millicores, memory in bytes, anything else (ephemeral-storage, GPUs) as a number."""
    found = Amounts()
    for name, quantity in (quantities or {}).items():
        if name == "cpu":
            found.cpu_millicores = millicores_or_none(quantity)
        elif name == "memory":
            found.memory_bytes = whole_or_none(quantity)
        else:
            found.other[name] = whole_or_none(quantity) or 0
    return found


def _probe(kind: str, spec: Json, ports: list[Port]) -> Probe:
    handlers = {"httpGet": "http", "tcpSocket": "tcp", "exec": "exec", "grpc": "grpc"}
    handler = next((key for key in handlers if key in spec), "")
    action: Json = spec.get(handler) or {}
    port = str(action.get("port", ""))
    named = next((p.number for p in ports if p.name == port), 0)
    return Probe(
        kind,
        handlers.get(handler, ""),
        port,
        int(port) if port.isdigit() else named,
        str(action.get("path", "/" if handler == "httpGet" else "")),
        str(action.get("scheme", "HTTP" if handler == "httpGet" else "")),
        [one_line(word) for word in action.get("command") or []],
        spec.get("initialDelaySeconds", 0),
        spec.get("periodSeconds", 10),
        spec.get("timeoutSeconds", 1),
        spec.get("failureThreshold", 3),
    )


def _env(spec: Json) -> EnvVar:
    source = spec.get("valueFrom") or {}
    for key, word in (("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")):
        if key in source:
            ref = source[key]
            return EnvVar(spec["name"], word, ref.get("name", ""), ref.get("key", ""), bool(ref.get("optional")))
    return EnvVar(spec["name"], "field" if source else "literal", empty=not source and not spec.get("value"))


def _env_from(spec: Json) -> EnvVar | None:
    for key, word in (("configMapRef", "configmap"), ("secretRef", "secret")):
        if key in spec:
            ref = spec[key]
            return EnvVar(spec.get("prefix", ""), word, ref.get("name", ""), "", bool(ref.get("optional")))
    return None


def _heap(spec: Json) -> tuple[int, str]:
    """Bytes of heap that arguments or variables ask for, and the setting as written; 0 where none does."""
    values = [f"{e['name']}={e.get('value') or ''}" for e in spec.get("env") or []]
    for text in (*(spec.get("command") or []), *(spec.get("args") or []), *values):
        for pattern, unit in _HEAP_SETTINGS:
            match = pattern.search(str(text))
            if match:
                return int(match[1]) * (_UNITS[match[2].upper()] if match[2] else unit), match[0]
    return 0, ""


def state_from(state: Json | None) -> State:
    """The one state that is set; all empty where none is."""
    for phase in ("terminated", "running", "waiting"):
        told = (state or {}).get(phase)
        if told is not None:
            return State(
                phase,
                told.get("reason", ""),
                one_line(told.get("message", ""), 800),
                told.get("exitCode"),
                told.get("signal", 0),
                told.get("startedAt") or "",
                told.get("finishedAt") or "",
            )
    return State()


def _container(spec: Json, status: Json, role: str, pod_security: Json) -> Container:
    ports = [
        Port(p.get("name", ""), p.get("containerPort", 0), p.get("protocol", "TCP"), p.get("hostPort", 0))
        for p in spec.get("ports") or []
    ]
    security: Json = {**pod_security, **(spec.get("securityContext") or {})}
    resources = spec.get("resources") or {}
    heap_bytes, heap_setting = _heap(spec)
    probes = [
        _probe(kind, spec[f"{kind}Probe"], ports)
        for kind in ("startup", "liveness", "readiness")
        if f"{kind}Probe" in spec
    ]
    return Container(
        name=spec["name"],
        role=role,
        image=spec.get("image", ""),
        command=[one_line(word) for word in spec.get("command") or []],
        args=[one_line(word) for word in spec.get("args") or []],
        ports=ports,
        env=[_env(e) for e in spec.get("env") or []],
        env_from=[found for e in spec.get("envFrom") or [] if (found := _env_from(e))],
        requests=amounts_from(resources.get("requests")),
        limits=amounts_from(resources.get("limits")),
        probes=probes,
        heap_bytes=heap_bytes,
        heap_setting=heap_setting,
        run_as_user=security.get("runAsUser"),
        read_only_root=bool(security.get("readOnlyRootFilesystem")),
        state=state_from(status.get("state")),
        last_state=state_from(status.get("lastState")),
        ready=bool(status.get("ready")),
        started=bool(status.get("started")),
        restarts=status.get("restartCount", 0),
    )


def _containers(spec: Json, status: Json) -> list[Container]:
    security = spec.get("securityContext") or {}
    found = []
    for specs, statuses, role in (
        ("initContainers", "initContainerStatuses", "init"),
        ("containers", "containerStatuses", "main"),
        ("ephemeralContainers", "ephemeralContainerStatuses", "ephemeral"),
    ):
        told = {s["name"]: s for s in status.get(statuses) or []}
        for container in spec.get(specs) or []:
            is_sidecar = role == "init" and container.get("restartPolicy") == "Always"
            found.append(
                _container(container, told.get(container["name"], {}), "sidecar" if is_sidecar else role, security)
            )
    return found


def conditions_from(status: Json) -> list[Condition]:
    """The conditions of any object's status."""
    return [
        Condition(
            c.get("type", ""),
            c.get("status", ""),
            c.get("reason") or "",
            one_line(c.get("message") or "", 1000),
            c.get("lastTransitionTime") or "",
        )
        for c in status.get("conditions") or []
    ]


def pod_from(pod: Json) -> Pod:
    """A pod as `GET` answers it."""
    meta, spec, status = pod["metadata"], pod.get("spec") or {}, pod.get("status") or {}
    owner: Json = next((o for o in meta.get("ownerReferences") or [] if o.get("controller")), {})
    return Pod(
        name=meta["name"],
        namespace=meta.get("namespace", ""),
        uid=meta.get("uid", ""),
        phase=status.get("phase", ""),
        reason=status.get("reason") or "",
        message=one_line(status.get("message") or "", 800),
        node=spec.get("nodeName", ""),
        created_at=meta.get("creationTimestamp") or "",
        started_at=status.get("startTime") or "",
        deleted_at=meta.get("deletionTimestamp") or "",
        restart_policy=spec.get("restartPolicy", "Always"),
        service_account=spec.get("serviceAccountName") or "default",
        labels=dict(meta.get("labels") or {}),
        node_selector=dict(spec.get("nodeSelector") or {}),
        tolerations=[{k: str(v) for k, v in t.items()} for t in spec.get("tolerations") or []],
        scheduling_gates=[g.get("name", "") for g in spec.get("schedulingGates") or []],
        conditions=conditions_from(status),
        containers=_containers(spec, status),
        owner_kind=owner.get("kind", ""),
        owner_uid=owner.get("uid", ""),
    )


def is_ready(pod: Pod) -> bool:
    """The pod serves: its Ready condition is True and it is not being deleted."""
    return not pod.deleted_at and any(c.type == "Ready" and c.status == "True" for c in pod.conditions)


def restarts(pod: Pod) -> int:
    """Restarts of all containers together."""
    return sum(c.restarts for c in pod.containers)


def asked(pod: Pod) -> Amounts:
    """What the scheduler looks for: the greater of the containers' sum (with sidecars) and the largest init one."""
    cpu = memory = initial_cpu = initial_memory = 0
    other: dict[str, int] = {}
    for container in pod.containers:
        want = container.requests
        if container.role == "init":
            initial_cpu = max(initial_cpu, want.cpu_millicores or 0)
            initial_memory = max(initial_memory, want.memory_bytes or 0)
        elif container.role != "ephemeral":
            cpu += want.cpu_millicores or 0
            memory += want.memory_bytes or 0
            for name, value in want.other.items():
                other[name] = other.get(name, 0) + value
    return Amounts(max(cpu, initial_cpu), max(memory, initial_memory), other)


def was_only_stopped(pod: Pod, container: Container) -> bool:
    """A sidecar is stopped once the main containers have ended, so its exit code tells nothing of the pod."""
    return container.role == "sidecar" and pod.phase in ("Succeeded", "Failed")


def problem_of(pod: Pod) -> str:
    """What `kubectl get pods` would print as STATUS where that is a problem, else an empty string."""
    if pod.deleted_at:
        return "Terminating"
    if pod.reason:
        return pod.reason
    for container in pod.containers:
        problem = "" if was_only_stopped(pod, container) else _container_problem(container)
        if problem:
            return f"Init:{problem}" if container.role == "init" else problem
    if pod.phase == "Failed" or pod.phase == "Unknown":
        return pod.phase
    for condition in pod.conditions:
        if condition.type == "PodScheduled" and condition.status == "False":
            return condition.reason or "Unschedulable"
    if pod.phase == "Succeeded" or is_ready(pod):
        return ""
    return "NotReady" if pod.phase == "Running" else pod.phase or "Pending"


def _container_problem(container: Container) -> str:
    state = container.state
    if state.phase == "waiting" and state.reason not in ("", "ContainerCreating", "PodInitializing"):
        return state.reason
    if state.phase == "terminated" and (state.exit_code or state.reason == "OOMKilled"):
        return state.reason or f"ExitCode:{state.exit_code}"
    return ""
