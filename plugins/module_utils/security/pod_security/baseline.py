# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controls of the level baseline: known ways to gain privileges.

After Kubernetes' own policy (k8s.io/pod-security-admission/policy), against whose fixtures the tests compare.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.control import (
    Control,
    Subject,
    listed,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import (
    Container,
    Handler,
    SecurityContext,
)

BASELINE_CAPABILITIES = frozenset(
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
# (since which minor version, sysctls that are safe from then on)
_SAFE_SYSCTLS = (
    (
        0,
        (
            *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
            *("net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"),
        ),
    ),
    (27, ("net.ipv4.ip_local_reserved_ports",)),
    (
        29,
        (
            *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
            "net.ipv4.tcp_keepalive_probes",
        ),
    ),
    (32, ("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")),
    (37, ("net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat")),
)
_APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
_CONFINED = ("RuntimeDefault", "Localhost")


def privileged(subject: Subject) -> str:
    """A privileged container is root on the node."""
    names = [who for who, context in subject.contexts() if context.privileged]
    return f"{listed(names)} runs privileged" if names else ""


def host_namespaces(subject: Subject) -> str:
    """Network, processes or IPC of the node."""
    spec = subject.spec
    shared = [name for name in ("hostNetwork", "hostPID", "hostIPC") if getattr(spec, name)]
    return f"the pod shares with its node: {listed(shared)}" if shared else ""


def host_path_volumes(subject: Subject) -> str:
    """Folders of the node."""
    found = [
        f"{volume.get('name')} ({(volume['hostPath'] or {}).get('path', '')})"
        for volume in subject.spec.volumes
        if "hostPath" in volume
    ]
    return f"a folder of the node is mounted: {listed(found)}" if found else ""


def host_ports(subject: Subject) -> str:
    """Ports of the node."""
    found = [f"{c.name} {port.hostPort}" for c in subject.containers() for port in c.ports if port.hostPort]
    return f"a port of the node is taken: {listed(found)}" if found else ""


def host_probes(subject: Subject) -> str:
    """Probes and lifecycle handlers that make the kubelet connect to another address than the pod's (since 1.34)."""
    found = [f"{c.name} {host}" for c in subject.containers() for host in _hosts(c)]
    return f"a probe or lifecycle handler names a host: {listed(found)}" if found else ""


def _hosts(container: Container) -> Iterator[str]:
    lifecycle = container.lifecycle
    handlers: list[Handler | None] = [container.livenessProbe, container.readinessProbe, container.startupProbe]
    handlers += [lifecycle.postStart, lifecycle.preStop] if lifecycle else []
    for handler in handlers:
        for action in (handler.httpGet, handler.tcpSocket) if handler else ():
            if action is not None and action.host:
                yield action.host


def apparmor(subject: Subject) -> str:
    """AppArmor switched off or replaced, by field or by the annotation from before 1.30."""
    found = [
        f"{who} sets {context.appArmorProfile.type or 'no type'}"
        for who, context in subject.contexts()
        if context.appArmorProfile is not None and context.appArmorProfile.type not in _CONFINED
    ]
    found += [
        f"the annotation of container {key.removeprefix(_APPARMOR_ANNOTATION)} sets {value}"
        for key, value in subject.annotations.items()
        if key.startswith(_APPARMOR_ANNOTATION)
        and value
        and value != "runtime/default"
        and not value.startswith("localhost/")
    ]
    return f"AppArmor does not confine: {listed(found)}" if found else ""


def capabilities(subject: Subject) -> str:
    """Capabilities beyond those that containers have by default."""
    found = [
        f"{c.name} {name}"
        for c in subject.containers()
        if c.securityContext is not None and c.securityContext.capabilities is not None
        for name in c.securityContext.capabilities.add
        if name not in BASELINE_CAPABILITIES
    ]
    return f"capabilities are added: {listed(found)}" if found else ""


def se_linux_options(subject: Subject) -> str:
    """A SELinux type, user or role that takes the confinement off."""
    types = {"", "container_t", "container_init_t", "container_kvm_t"}
    if subject.minor >= 31:
        types.add("container_engine_t")
    found = [who for who, context in subject.contexts() if not _allowed_se_linux(context, types)]
    return f"{listed(found)} sets SELinux options that are not allowed" if found else ""


def _allowed_se_linux(context: SecurityContext, types: set[str]) -> bool:
    options = context.seLinuxOptions
    return options is None or (options.type in types and not options.user and not options.role)


def proc_mount(subject: Subject) -> str:
    """The kernel's files in /proc unmasked."""
    return "" if subject.in_user_namespace else unmasked_proc(subject)


def unmasked_proc(subject: Subject) -> str:
    """The same without the exception for user namespaces."""
    found = [
        c.name
        for c in subject.containers()
        if c.securityContext is not None and c.securityContext.procMount not in ("", "Default")
    ]
    return f"/proc is not masked in container {listed(found)}" if found else ""


def seccomp(subject: Subject) -> str:
    """System calls not filtered, by a profile that says so."""
    found = [
        f"{who} sets {context.seccompProfile.type}"
        for who, context in subject.contexts()
        if context.seccompProfile is not None and context.seccompProfile.type not in _CONFINED
    ]
    return f"seccomp does not filter system calls: {listed(found)}" if found else ""


def sysctls(subject: Subject) -> str:
    """Kernel settings that reach beyond the pod."""
    context = subject.spec.securityContext
    safe = {name for since, names in _SAFE_SYSCTLS if since <= subject.minor for name in names}
    found = [item.name for item in context.sysctls if item.name not in safe] if context else []
    return f"kernel settings that reach beyond the pod are set: {listed(found)}" if found else ""


def windows_host_process(subject: Subject) -> str:
    """Processes of the Windows node itself."""
    found = [
        who
        for who, context in subject.contexts()
        if context.windowsOptions is not None and context.windowsOptions.hostProcess
    ]
    return f"{listed(found)} runs as a process of the Windows node" if found else ""


BASELINE = (
    Control("privileged", "baseline", privileged),
    Control("hostNamespaces", "baseline", host_namespaces),
    Control("hostPathVolumes", "baseline", host_path_volumes),
    Control("hostPorts", "baseline", host_ports),
    Control("hostProbesAndHostLifecycle", "baseline", host_probes, since=34),
    Control("appArmorProfile", "baseline", apparmor),
    Control("capabilities_baseline", "baseline", capabilities),
    Control("seLinuxOptions", "baseline", se_linux_options),
    Control("procMount", "baseline", proc_mount),
    Control("seccompProfile_baseline", "baseline", seccomp),
    Control("sysctls", "baseline", sysctls),
    Control("windowsHostProcess", "baseline", windows_host_process),
)
