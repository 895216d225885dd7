# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What makes a taken container more, or less, useful, beyond the Pod Security Standards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.control import listed
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Workload

_CONTROL_PLANE_TAINTS = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
SSH_PORTS = (22, 2222)


def writable_root(workload: Workload) -> str:
    """Containers whose root file system can be written. Windows has no read-only one."""
    if workload.spec.os is not None and workload.spec.os.name == "windows":
        return ""
    names = [
        item.name
        for item in workload.containers()
        if item.securityContext is None or not item.securityContext.readOnlyRootFilesystem
    ]
    return f"container {listed(names)} may write to its root file system" if names else ""


def shared_processes(workload: Workload) -> str:
    """Containers of one pod that see each other's processes."""
    shared = workload.spec.shareProcessNamespace and len(workload.containers()) > 1
    return "the containers of the pod see each other's processes" if shared else ""


def control_plane(workload: Workload) -> str:
    """A DaemonSet has to run everywhere; anything else has no business on the control plane."""
    if workload.kind == "DaemonSet":
        return ""
    found = [item.key for item in workload.spec.tolerations if item.key in _CONTROL_PLANE_TAINTS]
    found += ["every taint" for item in workload.spec.tolerations if item.operator == "Exists" and not item.key]
    return f"the pod tolerates {listed(found)}" if found else ""


def debug_container(workload: Workload) -> str:
    """Ephemeral containers stay until the pod goes."""
    names = [item.name for item in workload.spec.ephemeralContainers]
    return f"the pod {workload.pod} has the debug container {listed(names)}" if names else ""


def ssh_server(workload: Workload) -> str:
    """A port that is SSH's, or is called so."""
    found = [
        f"{item.name} {port.containerPort}"
        for item in workload.containers()
        for port in item.ports
        if port.containerPort in SSH_PORTS or port.name in ("ssh", "sshd")
    ]
    return f"a container serves SSH: {listed(found)}" if found else ""


def default_namespace(workload: Workload) -> str:
    """CIS wants the namespace default left empty."""
    return "it runs in the namespace default" if workload.namespace == "default" else ""


_CHECKS: dict[str, Callable[[Workload], str]] = {
    "pod-writable-root": writable_root,
    "pod-shared-processes": shared_processes,
    "pod-control-plane": control_plane,
    "pod-debug-container": debug_container,
    "pod-ssh-server": ssh_server,
    "pod-default-namespace": default_namespace,
}
CODES = tuple(_CHECKS)


def check(facts: Facts) -> Iterator[Fault]:
    """At most one fault of each code for each workload."""
    for workload in facts.workloads:
        for code, found in _CHECKS.items():
            if message := found(workload):
                yield Fault(code, *workload.key, message, pods=workload.pods)
