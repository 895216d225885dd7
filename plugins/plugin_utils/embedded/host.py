# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether this host can carry one more node; each refusal says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError

# What a cluster's own folder grows to: database, images, logs.
RUN_BYTES = 2 * 1024**3
# Counted on a running cluster, whatever its number of pods: API server, controller manager and kubelet have most.
INOTIFY_INSTANCES = 20


def check_kind(system: str, user: int) -> None:
    """Refuses a host that cannot carry a node. Pure."""
    if system != "Linux":
        raise EmbeddedClusterError(
            f"The embedded cluster needs Linux and this is {system}: use minikube, or name a cluster with "
            "local_cluster_kubeconfig and local_cluster_context."
        )
    if user != 0:
        raise EmbeddedClusterError(
            "The embedded cluster needs root for namespaces and cgroups: run it with sudo, use minikube, or name a "
            "cluster with local_cluster_kubeconfig and local_cluster_context."
        )


def check_disk(cache: Path) -> None:
    free = shutil.disk_usage(cache).free
    if free < RUN_BYTES:
        raise EmbeddedClusterError(
            f"Not enough disk for a cluster: {cache} has {free / 1024**3:.1f} GiB free and it needs "
            f"{RUN_BYTES / 1024**3:.0f} GiB; free some, or set local_cluster_cache to a larger disk."
        )


def check_inotify(most: int, used: int) -> None:
    """A kubelet that gets none dies with words that nobody understands. Pure."""
    if most - used < INOTIFY_INSTANCES:
        raise EmbeddedClusterError(
            f"Not enough inotify instances for a cluster: {used} of {most} are in use and it needs "
            f"{INOTIFY_INSTANCES}; remove a cluster, or allow more with "
            f"`sysctl -w fs.inotify.max_user_instances={max(1024, 2 * most)}`."
        )


def most_inotify_instances() -> int:
    """Of one user."""
    return int(Path("/proc/sys/fs/inotify/max_user_instances").read_text())


def used_inotify_instances() -> int:
    """Of all processes: on a host that carries a node, they are root's."""
    return sum(map(_instances_of, Path("/proc").glob("[0-9]*")))


def _instances_of(process: Path) -> int:
    found = 0
    try:
        for link in (process / "fd").iterdir():
            found += str(link.readlink()) == "anon_inode:inotify"
    except OSError:
        # It ended meanwhile.
        pass
    return found
