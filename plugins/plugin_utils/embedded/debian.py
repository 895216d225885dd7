# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Unpacks programs from Debian packages into the cache, so that nothing of the machine's own is replaced or started.

Installing the packages would start their services, and `containerd` would replace a Docker engine's `containerd.io`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.processes import run
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress

# program -> (Debian package, path in it)
PACKAGED = {
    "containerd": ("containerd", "usr/bin/containerd"),
    "containerd-shim-runc-v2": ("containerd", "usr/bin/containerd-shim-runc-v2"),
    "ctr": ("containerd", "usr/bin/ctr"),
    "runc": ("runc", "usr/sbin/runc"),
    "bridge": ("containernetworking-plugins", "usr/lib/cni/bridge"),
    "host-local": ("containernetworking-plugins", "usr/lib/cni/host-local"),
    "loopback": ("containernetworking-plugins", "usr/lib/cni/loopback"),
    "portmap": ("containernetworking-plugins", "usr/lib/cni/portmap"),
    "bwrap": ("bubblewrap", "usr/bin/bwrap"),
    "busybox": ("busybox-static", "bin/busybox"),
    "prometheus": ("prometheus", "usr/bin/prometheus"),
    "promtool": ("prometheus", "usr/bin/promtool"),
}
# Needed on the host itself: program -> Debian package. They start nothing.
HOST_PROGRAMS = {
    "iptables": "iptables",
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "mount": "mount",
}
_CNI_FOLDERS = ("/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni")


def ensure_programs(programs: list[str], cache: Path, progress: Progress) -> dict[str, Path]:
    """{program: path}: unpacked from Debian packages where apt is, otherwise those that are installed."""
    if shutil.which("apt-get") is None:
        return _installed(programs)
    return {program: _unpacked(PACKAGED[program][0], cache, progress) / PACKAGED[program][1] for program in programs}


def ensure_host_programs(progress: Progress) -> None:
    """Installs the network and namespace tools that are missing (Debian), or says which."""
    missing = sorted({package for program, package in HOST_PROGRAMS.items() if shutil.which(program) is None})
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise EmbeddedClusterError(
            f"The embedded cluster needs {', '.join(missing)}: install them with your package manager."
        )
    progress.step("host", f"installing {', '.join(missing)}")
    _apt_with_lists(["install", "--yes", "--no-install-recommends", *missing], f"install {', '.join(missing)}")


def _installed(programs: list[str]) -> dict[str, Path]:
    search = ":".join(("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", *_CNI_FOLDERS))
    found = {program: shutil.which(program, path=search) for program in programs}
    missing = sorted({PACKAGED[program][0] for program, path in found.items() if path is None})
    if missing:
        raise EmbeddedClusterError(
            f"The embedded cluster needs {', '.join(missing)}, and this system has no apt to fetch them with: "
            "install them with your package manager (they run in a root of their own; start nothing)."
        )
    return {program: Path(path) for program, path in found.items() if path}


def _unpacked(package: str, cache: Path, progress: Progress) -> Path:
    """The folder with the package's files; named by package only: an upgrade of the system may come any day."""
    folder = cache / "packages" / package
    if (folder / ".complete").exists():
        return folder
    progress.step(package, "fetching and unpacking the Debian package")
    part = folder.with_name(package + ".part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    part.mkdir(parents=True)
    _apt_with_lists(["download", package], f"fetch the Debian package {package}", part)
    archive = next(part.glob("*.deb"))
    run(["dpkg-deb", "-x", archive, part], what=f"unpack {archive.name}")
    archive.unlink()
    (part / ".complete").touch()
    part.rename(folder)
    return folder


def _apt_with_lists(arguments: list[str], what: str, cwd: Path | None = None) -> None:
    """A new machine has no package lists, or old ones: a failure is tried once more after an update."""
    try:
        _apt(arguments, what, cwd)
    except EmbeddedClusterError:
        _apt(["update"], "update the package lists")
        _apt(arguments, what, cwd)


def _apt(arguments: list[str], what: str, cwd: Path | None = None) -> None:
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *arguments]
    run(command, what=what, cwd=cwd, timeout_seconds=600, extra_environment={"DEBIAN_FRONTEND": "noninteractive"})
