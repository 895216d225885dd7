# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controls of the level restricted, beyond those of baseline: what hardened pods do.

After Kubernetes' own policy (k8s.io/pod-security-admission/policy), against whose fixtures the tests compare.
"""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.baseline import unmasked_proc
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.control import (
    Control,
    Subject,
    listed,
)

_VOLUMES = frozenset(
    (
        *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
        "secret",
    )
)
_FILTERED = ("RuntimeDefault", "Localhost")


def allow_privilege_escalation(subject: Subject) -> str:
    """A program with the set-user-ID bit may become root."""
    if subject.is_windows:
        return ""
    found = [
        c.name
        for c in subject.containers()
        if c.securityContext is None or c.securityContext.allowPrivilegeEscalation is not False
    ]
    return f"container {listed(found)} does not set allowPrivilegeEscalation: false" if found else ""


def capabilities(subject: Subject) -> str:
    """All capabilities dropped, at most NET_BIND_SERVICE added."""
    if subject.is_windows:
        return ""
    kept: list[str] = []
    added: list[str] = []
    for container in subject.containers():
        found = container.securityContext.capabilities if container.securityContext else None
        if found is None or "ALL" not in found.drop:
            kept.append(container.name)
        added += [f"{container.name} {name}" for name in (found.add if found else ()) if name != "NET_BIND_SERVICE"]
    said = [f"container {listed(kept)} does not drop ALL capabilities"] if kept else []
    said += [f"capabilities are added: {listed(added)}"] if added else []
    return "; ".join(said)


def volumes(subject: Subject) -> str:
    """Kinds of volumes that a user may bring."""
    found = [
        f"{volume.get('name')} ({', '.join(sorted(set(volume) - {'name'}))})"
        for volume in subject.spec.volumes
        # Without a kind it is an emptyDir, by the API's default.
        if set(volume) - {"name"} and not _VOLUMES & set(volume)
    ]
    return f"volumes of kinds that are not allowed: {listed(found)}" if found else ""


def run_as_non_root(subject: Subject) -> str:
    """Nobody is root, and the kubelet checks it."""
    if subject.in_user_namespace:
        return ""
    said_no = [who for who, context in subject.contexts() if context.runAsNonRoot is False]
    if said_no:
        return f"{listed(said_no)} sets runAsNonRoot: false"
    pod = subject.spec.securityContext
    if pod is not None and pod.runAsNonRoot:
        return ""
    found = [
        c.name for c in subject.containers() if c.securityContext is None or c.securityContext.runAsNonRoot is None
    ]
    return f"container {listed(found)} does not set runAsNonRoot: true" if found else ""


def run_as_user(subject: Subject) -> str:
    """Not as user 0."""
    if subject.in_user_namespace:
        return ""
    found = [who for who, context in subject.contexts() if context.runAsUser == 0]
    return f"{listed(found)} runs as user 0" if found else ""


def seccomp(subject: Subject) -> str:
    """System calls filtered, in every container."""
    if subject.is_windows:
        return ""
    bad = [
        f"{who} sets {context.seccompProfile.type}"
        for who, context in subject.contexts()
        if context.seccompProfile is not None and context.seccompProfile.type not in _FILTERED
    ]
    if bad:
        return f"seccomp does not filter system calls: {listed(bad)}"
    pod = subject.spec.securityContext
    if pod is not None and pod.seccompProfile is not None:
        return ""
    found = [
        c.name for c in subject.containers() if c.securityContext is None or c.securityContext.seccompProfile is None
    ]
    return f"container {listed(found)} has no seccomp profile" if found else ""


RESTRICTED = (
    Control("allowPrivilegeEscalation", "restricted", allow_privilege_escalation, since=8),
    Control("capabilities_restricted", "restricted", capabilities, since=22, overrides="capabilities_baseline"),
    Control("procMount_restricted", "restricted", unmasked_proc, since=35, overrides="procMount"),
    Control("restrictedVolumes", "restricted", volumes, overrides="hostPathVolumes"),
    Control("runAsNonRoot", "restricted", run_as_non_root),
    Control("runAsUser", "restricted", run_as_user, since=23),
    Control("seccompProfile_restricted", "restricted", seccomp, since=19, overrides="seccompProfile_baseline"),
)
