# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a container gets to its node without any fault of kernel or runtime."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.host_paths import judged
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import PodSpec

# capabilities(7): each of them is a way to the node by itself; SYS_PTRACE together with the node's processes.
_CAPABILITIES = ("SYS_ADMIN", "SYS_MODULE", "DAC_READ_SEARCH", "SYS_RAWIO", "ALL", "CAP_SYS_ADMIN", "BPF")


def way_to_node(spec: PodSpec) -> str:
    """The first way that there is, in two or three words; empty where there is none."""
    containers = (*spec.initContainers, *spec.containers, *spec.ephemeralContainers)
    contexts = [item.securityContext for item in containers if item.securityContext is not None]
    if any(context.privileged for context in contexts):
        return "privileged container"
    found = dict(judged(spec))
    if "pod-runtime-socket" in found:
        return "socket of the container runtime"
    if "pod-host-path-sensitive" in found:
        return "folder of the node"
    added = {name for context in contexts if context.capabilities for name in context.capabilities.add}
    # In a user namespace of the pod's own these capabilities do not reach the node.
    if spec.hostUsers is not False and added & set(_CAPABILITIES):
        return f"capability {min(added & set(_CAPABILITIES))}"
    if spec.hostPID and "SYS_PTRACE" in added:
        return "processes of the node"
    windows = [*contexts, *([spec.securityContext] if spec.securityContext else [])]
    if any(context.windowsOptions and context.windowsOptions.hostProcess for context in windows):
        return "HostProcess container"
    return ""
