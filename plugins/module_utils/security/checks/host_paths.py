# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a mounted folder of the node means."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import PodSpec

SOCKETS = (
    *("/run/docker.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/cri-dockerd.sock"),
    *("/run/k3s/containerd/containerd.sock", "/run/podman/podman.sock", "/run/buildkit/buildkitd.sock"),
)
# Reading them suffices: they hold the keys of the node or of the cluster.
_KEYS = ("/root", "/etc/kubernetes", "/etc/shadow", "/var/lib/kubelet", "/var/lib/etcd", "/var/lib/rancher")
# Writing to them, or to what is in them, runs programs on the node.
_PROGRAMS = (
    *("/etc", "/root", "/home", "/boot", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt/cni", "/proc", "/sys"),
    *("/dev", "/var/lib/containerd", "/var/lib/docker", "/run", "/var/spool/cron"),
)


def judged(spec: PodSpec) -> Iterator[tuple[str, str]]:
    """Code and sentence of every mounted folder that leads to the node."""
    writable = {
        mount.name
        for container in (*spec.initContainers, *spec.containers, *spec.ephemeralContainers)
        for mount in container.volumeMounts
        if not mount.readOnly
    }
    for volume in spec.volumes:
        if "hostPath" not in volume:
            continue
        name, path = str(volume.get("name") or ""), str((volume["hostPath"] or {}).get("path") or "")
        if reaches_socket(path):
            yield "pod-runtime-socket", f"volume {name} gives the container runtime's socket ({path})"
        elif is_sensitive(path, name in writable):
            how = "writable" if name in writable else "readable"
            yield "pod-host-path-sensitive", f"volume {name} makes {path} of the node {how}"


def reaches_socket(path: str) -> bool:
    """Whether it is the socket of a container runtime, or a folder below /run that holds one."""
    plain = _plain(path)
    return plain in SOCKETS or (plain.startswith("/run/") and any(item.startswith(f"{plain}/") for item in SOCKETS))


def is_sensitive(path: str, writable: bool) -> bool:
    """Whether having it is as good as having the node."""
    plain = _plain(path)
    if plain == "/" or any(_within(plain, folder) or _within(folder, plain) for folder in _KEYS):
        return True
    return writable and any(_within(plain, folder) for folder in _PROGRAMS)


def leads_to_node(spec: PodSpec) -> bool:
    """Whether any mount of the pod does."""
    return any(True for _found in judged(spec))


def _plain(path: str) -> str:
    """/var/run is a link to /run on every current system."""
    plain = normpath(path or "/")
    return plain.removeprefix("/var") if plain == "/var/run" or plain.startswith("/var/run/") else plain


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
