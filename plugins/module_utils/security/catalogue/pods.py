# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings about pods."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.entry import Entry

_NSA = "NSA pod security"

# Which code a broken control of the Pod Security Standards has.
CODE_OF_CONTROL = {
    "privileged": "pod-privileged",
    "hostNamespaces": "pod-host-namespaces",
    "hostPathVolumes": "pod-host-path",
    "hostPorts": "pod-host-port",
    "hostProbesAndHostLifecycle": "pod-probe-host",
    "appArmorProfile": "pod-apparmor-off",
    "capabilities_baseline": "pod-capabilities-added",
    "seLinuxOptions": "pod-selinux-options",
    "procMount": "pod-proc-unmasked",
    "procMount_restricted": "pod-proc-unmasked",
    "seccompProfile_baseline": "pod-seccomp-off",
    "sysctls": "pod-sysctls",
    "windowsHostProcess": "pod-windows-host-process",
    "allowPrivilegeEscalation": "pod-privilege-escalation",
    "capabilities_restricted": "pod-capabilities-kept",
    "restrictedVolumes": "pod-volume-kind",
    "runAsNonRoot": "pod-may-run-as-root",
    "runAsUser": "pod-runs-as-root",
    "seccompProfile_restricted": "pod-seccomp-missing",
}

PODS = {
    "pod-privileged": Entry(
        "critical",
        "who takes over the container is root on the node and holds every pod there",
        "remove privileged: true and give the one capability or device that is really needed",
        ("privileged", "CIS 5.2.2", _NSA, "T1611"),
    ),
    "pod-host-namespaces": Entry(
        "high",
        "the container sees processes, traffic or shared memory of everything on its node",
        "remove hostNetwork, hostPID and hostIPC",
        ("hostNamespaces", "CIS 5.2.3", "CIS 5.2.4", "CIS 5.2.5", _NSA, "T1611"),
    ),
    "pod-host-path": Entry(
        "high",
        "files of the node can be read, or changed so that the node runs what the attacker wants",
        "replace hostPath by an emptyDir, a claim or a CSI volume",
        ("hostPathVolumes", "CIS 5.2.12", _NSA, "T1611"),
    ),
    "pod-host-path-sensitive": Entry(
        "critical",
        "these folders hold the keys, the programs or the devices of the node: writing to them takes it over",
        "remove the mount; what has to read there should mount the one file it needs, read-only",
        ("hostPathVolumes", "CIS 5.2.12", _NSA, "T1611", "T1552.001"),
    ),
    "pod-runtime-socket": Entry(
        "critical",
        "whoever speaks to the container runtime starts privileged containers on the node",
        "remove the mount of the socket; build images with a rootless builder",
        ("hostPathVolumes", "CIS 5.2.12", _NSA, "T1610", "T1611"),
    ),
    "pod-host-port": Entry(
        "medium",
        "the port is open on the node's own addresses, past Services and network policies",
        "remove hostPort and publish the port by a Service",
        ("hostPorts", "CIS 5.2.13", _NSA),
    ),
    "pod-probe-host": Entry(
        "medium",
        "the kubelet can be made to send requests to addresses that the pod itself may not reach",
        "remove host from probes and lifecycle handlers",
        ("hostProbesAndHostLifecycle", _NSA),
    ),
    "pod-apparmor-off": Entry(
        "medium",
        "AppArmor no longer stands between a taken container and the kernel",
        "set appArmorProfile.type to RuntimeDefault, or leave it out",
        ("appArmorProfile", "CIS 5.7.3", _NSA, "T1611"),
    ),
    "pod-capabilities-added": Entry(
        "high",
        "each of these capabilities is a piece of root; SYS_ADMIN, SYS_PTRACE, NET_ADMIN and the like lead to the node",
        "remove the capabilities from capabilities.add",
        ("capabilities_baseline", "CIS 5.2.8", "CIS 5.2.9", _NSA, "T1611"),
    ),
    "pod-selinux-options": Entry(
        "medium",
        "another SELinux type, user or role takes the container out of its confinement",
        "remove user and role, and use a type of the container_ family",
        ("seLinuxOptions", "CIS 5.7.3", _NSA, "T1611"),
    ),
    "pod-proc-unmasked": Entry(
        "medium",
        "files of /proc that are masked for good reason tell about, and change, the kernel",
        "remove procMount",
        ("procMount", _NSA, "T1611"),
    ),
    "pod-seccomp-off": Entry(
        "medium",
        "every system call is open, so that a fault of the kernel leads out of the container",
        "set seccompProfile.type to RuntimeDefault",
        ("seccompProfile_baseline", "CIS 5.7.2", _NSA, "T1611"),
    ),
    "pod-sysctls": Entry(
        "medium",
        "these kernel settings hold for the whole node or weaken its network",
        "remove the sysctls, or set them on the node",
        ("sysctls", _NSA),
    ),
    "pod-windows-host-process": Entry(
        "high",
        "a HostProcess container is a process of the Windows node itself",
        "remove windowsOptions.hostProcess",
        ("windowsHostProcess", "CIS 5.2.11", _NSA, "T1611"),
    ),
    "pod-privilege-escalation": Entry(
        "medium",
        "a program with the set-user-ID bit makes root of an ordinary user in the container",
        "set allowPrivilegeEscalation: false",
        ("allowPrivilegeEscalation", "CIS 5.2.6", _NSA, "T1068"),
    ),
    "pod-capabilities-kept": Entry(
        "low",
        "the runtime's default capabilities are more than almost any program needs",
        "drop ALL, and add NET_BIND_SERVICE where a port below 1024 is served",
        ("capabilities_restricted", "CIS 5.2.10", _NSA),
    ),
    "pod-volume-kind": Entry(
        "low",
        "volumes of this kind let a pod reach storage by an address of its own choice",
        "mount the storage by a PersistentVolumeClaim",
        ("restrictedVolumes", _NSA),
    ),
    "pod-may-run-as-root": Entry(
        "medium",
        "nothing keeps the program from being root in its container, and root is what breaking out needs",
        "set runAsNonRoot: true, with an image or runAsUser that is not root",
        ("runAsNonRoot", "CIS 5.2.7", _NSA),
    ),
    "pod-runs-as-root": Entry(
        "medium",
        "the program is root in its container, and root is what breaking out needs",
        "set runAsUser to an id other than 0",
        ("runAsUser", "CIS 5.2.7", _NSA),
    ),
    "pod-seccomp-missing": Entry(
        "low",
        "without a profile most clusters filter no system calls",
        "set seccompProfile.type: RuntimeDefault for the pod",
        ("seccompProfile_restricted", "CIS 5.7.2", _NSA),
    ),
    "pod-writable-root": Entry(
        "low",
        "an attacker can put programs and scripts into the container and keep them there",
        "set readOnlyRootFilesystem: true, and mount an emptyDir where the program writes",
        ("CIS 5.7.3", "NSA immutable file systems", "T1036"),
    ),
    "pod-shared-processes": Entry(
        "low",
        "a taken sidecar sees the environment and memory of every other container of the pod",
        "remove shareProcessNamespace",
        ("CIS 5.7.3", _NSA),
    ),
    "pod-control-plane": Entry(
        "medium",
        "on a node of the control plane a break-out holds the whole cluster",
        "remove the toleration, so that the pod stays off nodes of the control plane",
        ("CIS 5.7.1", "NSA control plane"),
    ),
    "pod-debug-container": Entry(
        "low",
        "a container that somebody added for debugging stays, mostly with more tools and rights, until the pod goes",
        "restart the pod once the debugging is over",
        ("CIS 5.7.1", "T1609"),
    ),
    "pod-ssh-server": Entry(
        "medium",
        "a login beside Kubernetes' own leaves no trace in the audit log",
        "remove the SSH server; use kubectl exec, whose use is recorded",
        ("T1133", "NSA authentication and authorization"),
    ),
    "pod-default-namespace": Entry(
        "low",
        "what has no namespace of its own shares permissions, quotas and policies with whatever comes next",
        "move the workload to a namespace of its own",
        ("CIS 5.7.4", "CIS 5.7.1"),
    ),
    "token-default-account": Entry(
        "low",
        "every pod of the namespace that names no ServiceAccount has this token and what is ever granted to it",
        "give the workload a ServiceAccount of its own, or set automountServiceAccountToken: false",
        ("CIS 5.1.5", "CIS 5.1.6", "NSA authentication and authorization", "T1528"),
    ),
    "token-unneeded": Entry(
        "low",
        "nothing was granted to the account, so nobody needs its token; it is there to be stolen once something is",
        "set automountServiceAccountToken: false",
        ("CIS 5.1.6", "NSA authentication and authorization", "T1528"),
    ),
    "token-long-lived": Entry(
        "medium",
        "a token that is stolen stays good for so long",
        "lower expirationSeconds to 3600: the kubelet renews the token by itself",
        ("CIS 5.1.6", "T1528"),
    ),
    "image-latest": Entry(
        "medium",
        "what runs changes with the next restart, and nobody can tell what ran before",
        "name a version, better a digest",
        ("CIS 5.5.1", "NSA supply chain", "T1525"),
    ),
    "image-no-digest": Entry(
        "low",
        "whoever can push to the registry can change what a tag means",
        "pin the image by its digest: NAME@sha256:…",
        ("CIS 5.5.1", "NSA supply chain", "T1525"),
    ),
    "image-registry": Entry(
        "high",
        "nobody of yours checks what this registry hands out",
        "copy the image to a registry of the settings' list",
        ("CIS 5.5.1", "NSA supply chain", "T1525"),
    ),
    "image-registry-frozen": Entry(
        "medium",
        "k8s.gcr.io gets no updates since April 2023: https://kubernetes.io/blog/2023/02/06/k8s-gcr-io-freeze-announcement/",
        "pull from registry.k8s.io",
        ("NSA supply chain", "T1525"),
    ),
    "image-vulnerable": Entry(
        "high",
        "known faults of the image's packages can be used by whoever reaches the program",
        "update the image to one with the fixed packages",
        ("NSA supply chain", "T1190"),
    ),
}
