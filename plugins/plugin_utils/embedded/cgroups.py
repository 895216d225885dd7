# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The control groups that a cluster's pods live in, in both versions of the kernel's interface."""

from __future__ import annotations

import contextlib
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")


def hierarchies(mountinfo: str) -> dict[Path, str]:
    """{mount point: 'cgroup' or 'cgroup2'} out of /proc/self/mountinfo. Pure."""
    found = {}
    for line in mountinfo.splitlines():
        left, _dash, right = line.partition(" - ")
        kind = right.split(" ", 1)[0]
        if kind in ("cgroup", "cgroup2"):
            found[Path(left.split(" ")[4])] = kind
    return found


def create(name: str) -> None:
    """Makes the cgroup in every hierarchy, ready for the kubelet to put pods below it."""
    for mount, kind in hierarchies(_MOUNTS.read_text()).items():
        if kind == "cgroup2":
            _delegate(mount)
        folder = mount / name
        folder.mkdir(exist_ok=True)
        # A new cpuset of version 1 has no processors and takes no process until it is told which.
        for setting in ("cpuset.cpus", "cpuset.mems"):
            if kind == "cgroup" and (mount / setting).exists() and not (folder / setting).read_text().strip():
                (folder / setting).write_text((mount / setting).read_text())


def _delegate(mount: Path) -> None:
    controllers = (mount / "cgroup.controllers").read_text().split()
    for controller in controllers:
        # Where a process sits in the parent (a container's own root) the kernel refuses; the kubelet then says
        # which controller is missing.
        with contextlib.suppress(OSError):
            (mount / "cgroup.subtree_control").write_text(f"+{controller}")


def processes(name: str) -> set[int]:
    """The processes in the cgroup and all below it."""
    found: set[int] = set()
    for mount in hierarchies(_MOUNTS.read_text()):
        for listing in (mount / name).rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                found.update(int(pid) for pid in listing.read_text().split())
    return found


def remove(name: str) -> None:
    """Removes the cgroup and all below it, the innermost first; a missing one is fine."""
    for mount in hierarchies(_MOUNTS.read_text()):
        folders = sorted((path for path in (mount / name).rglob("*") if path.is_dir()), reverse=True)
        for folder in [*folders, mount / name]:
            with contextlib.suppress(FileNotFoundError):
                folder.rmdir()
