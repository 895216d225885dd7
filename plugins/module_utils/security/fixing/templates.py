# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes to pod templates, as strategic merge patches of their controllers. A bare pod's spec cannot be changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fixing.change import Change
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.baseline import (
    BASELINE_CAPABILITIES,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Container, SecurityContext
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import API_VERSIONS, Workload

Part = dict[str, Any]
_TEMPLATED = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")


def change_of(code: str, workload: Workload) -> Change | None:
    """The change that takes the finding away; None where a person has to know more than the cluster does."""
    build = _BUILDERS.get(code)
    # Most of these fields are Linux's, and Windows' own HostProcess containers need the rest.
    windows = workload.spec.os is not None and workload.spec.os.name == "windows"
    spec = build(workload) if build and workload.kind in _TEMPLATED and not windows else None
    if not spec:
        return None
    body: Part = {"spec": {"template": {"spec": spec}}}
    if workload.kind == "CronJob":
        body = {"spec": {"jobTemplate": body}}
    ref = ObjectRef(API_VERSIONS[workload.kind], workload.kind, workload.name, workload.namespace)
    return Change("patch", ref, body, "strategic")


def _containers(workload: Workload, change: Callable[[Container, SecurityContext], Part | None]) -> Part:
    """The containers for which change has something, by their names, each with a part of its security context."""
    found: Part = {}
    for word in ("initContainers", "containers"):
        parts = []
        for container in getattr(workload.spec, word):
            part = change(container, container.securityContext or SecurityContext())
            if part is not None:
                parts.append({"name": container.name, "securityContext": part})
        if parts:
            found[word] = parts
    return found


def _unprivileged(workload: Workload) -> Part:
    return _containers(workload, lambda _one, context: {"privileged": False} if context.privileged else None)


def _no_escalation(workload: Workload) -> Part:
    def part(_one: Container, context: SecurityContext) -> Part | None:
        if context.allowPrivilegeEscalation is False:
            return None
        # The API refuses a privileged container that may not escalate: there is nothing left to escalate to.
        return {"allowPrivilegeEscalation": False, **({"privileged": False} if context.privileged else {})}

    return _containers(workload, part)


def _drop_all(workload: Workload) -> Part:
    def part(_one: Container, context: SecurityContext) -> Part | None:
        dropped = context.capabilities.drop if context.capabilities else []
        return None if "ALL" in dropped else {"capabilities": {"drop": ["ALL"]}}

    return _containers(workload, part)


def _no_more_capabilities(workload: Workload) -> Part:
    def part(_one: Container, context: SecurityContext) -> Part | None:
        added = context.capabilities.add if context.capabilities else []
        kept = [name for name in added if name in BASELINE_CAPABILITIES]
        return None if kept == added else {"capabilities": {"add": kept or None}}

    return _containers(workload, part)


def _masked_proc(workload: Workload) -> Part:
    return _containers(workload, lambda _one, context: {"procMount": None} if context.procMount else None)


def _read_only_root(workload: Workload) -> Part:
    def part(_one: Container, context: SecurityContext) -> Part | None:
        return None if context.readOnlyRootFilesystem else {"readOnlyRootFilesystem": True}

    return _containers(workload, part)


def _seccomp(workload: Workload) -> Part:
    def part(_one: Container, context: SecurityContext) -> Part | None:
        bad = context.seccompProfile and context.seccompProfile.type not in ("RuntimeDefault", "Localhost")
        return {"seccompProfile": {"type": "RuntimeDefault"}} if bad else None

    return {**_containers(workload, part), "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}


def _non_root(workload: Workload) -> Part:
    def part(_one: Container, context: SecurityContext) -> Part | None:
        return {"runAsNonRoot": True} if context.runAsNonRoot is False else None

    return {**_containers(workload, part), "securityContext": {"runAsNonRoot": True}}


def _own_namespaces(workload: Workload) -> Part:
    names = ("hostNetwork", "hostPID", "hostIPC")
    return {name: None for name in names if getattr(workload.spec, name)}


def _no_host_ports(workload: Workload) -> Part:
    found = [
        {
            "name": item.name,
            "ports": [{"containerPort": p.containerPort, "hostPort": None} for p in item.ports if p.hostPort],
        }
        for item in workload.spec.containers
        if any(port.hostPort for port in item.ports)
    ]
    return {"containers": found} if found else {}


_BUILDERS: dict[str, Callable[[Workload], Part]] = {
    "pod-privileged": _unprivileged,
    "pod-privilege-escalation": _no_escalation,
    "pod-capabilities-kept": _drop_all,
    "pod-capabilities-added": _no_more_capabilities,
    "pod-proc-unmasked": _masked_proc,
    "pod-writable-root": _read_only_root,
    "pod-seccomp-off": _seccomp,
    "pod-seccomp-missing": _seccomp,
    "pod-may-run-as-root": _non_root,
    "pod-host-namespaces": _own_namespaces,
    "pod-host-port": _no_host_ports,
    "pod-shared-processes": lambda _workload: {"shareProcessNamespace": None},
    "token-default-account": lambda _workload: {"automountServiceAccountToken": False},
    "token-unneeded": lambda _workload: {"automountServiceAccountToken": False},
}
