# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The namespaces that a cluster lives in: its own processes, mounts and network.

Process 1 of the namespace is the supervisor. When it ends, however it ends, the kernel kills every other process in it,
and with the last of them go the mounts, interfaces, addresses and iptables chains. Nothing has to be undone by hand.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.addresses import Addresses
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.processes import environment, run
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.waiting import until

# Mounts inside are shared among the namespace's own (kubelet, containers), never with the host.
_FIRST_STEPS = 'mount --make-rshared / && ip link set lo up && echo 1 > /proc/sys/net/ipv4/ip_forward && exec "$@"'


@dataclass(frozen=True)
class Process:
    """A process that is not mistaken for a later one of the same number: `started` is field 22 of /proc/PID/stat."""

    pid: int
    started: int


def identify(pid: int) -> Process | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else Process(pid, int(fields[19]))


def alive(process: Process | None) -> bool:
    return process is not None and identify(process.pid) == process


def start(command: list[str], log: Path, timeout_seconds: float = 10) -> Process:
    """Starts the command as process 1 of new namespaces; returns it as the host sees it."""
    unshare = ["unshare", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc", "--mount", "--net"]
    with log.open("ab") as output:
        parent = subprocess.Popen(
            [*unshare, "--propagation", "private", "sh", "-c", _FIRST_STEPS, "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment(),
            start_new_session=True,
        )
    until(lambda: parent.poll() is not None or _inside(parent.pid) is not None, Deadline.after(timeout_seconds), 0.02)
    process = _inside(parent.pid)
    if process is not None:
        return process
    raise EmbeddedClusterError(
        f"The node's namespaces could not be made (see {log}): the kernel or the container that you are in forbids "
        "unshare; run it on a virtual machine, or as a privileged container."
    )


def _inside(parent: int) -> Process | None:
    """The child of `unshare`, once it is in a network of its own."""
    # It is there a moment later than its parent; IndexError: not yet.
    with contextlib.suppress(OSError, IndexError):
        child = int(Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0])
        if Path(f"/proc/{child}/ns/net").readlink() != Path("/proc/self/ns/net").readlink():
            return identify(child)
    return None


def connect(process: Process, addresses: Addresses) -> None:
    """Links the namespace's network to the host's, and routes the cluster's Services and pods through the link."""
    interface = addresses.interface
    what = f"connect the node by the interface {interface}"
    inside = ["nsenter", f"--net=/proc/{process.pid}/ns/net", "ip"]
    length = addresses.link.prefixlen
    for command in (
        ["ip", "link", "add", interface, "type", "veth", "peer", "name", "eth0", "netns", str(process.pid)],
        ["ip", "address", "add", f"{addresses.host}/{length}", "dev", interface],
        ["ip", "link", "set", interface, "up"],
        [*inside, "address", "add", f"{addresses.node}/{length}", "dev", "eth0"],
        [*inside, "link", "set", "eth0", "up"],
        # Kubernetes wants a default route to choose the node's address by; it leads to the host and no further.
        [*inside, "route", "add", "default", "via", str(addresses.host)],
        ["ip", "route", "add", str(addresses.services), "via", str(addresses.node)],
        ["ip", "route", "add", str(addresses.pods), "via", str(addresses.node)],
    ):
        run(command, what=what)


def members(marker: Path) -> set[int]:
    """Processes whose command line names a path below the cluster's folder: what a killed start may have left."""
    found = set()
    prefix = os.fsencode(f"{marker}/")
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
                if b"aiops-supervisor" in arguments and any(argument.startswith(prefix) for argument in arguments):
                    found.add(int(entry.name))
    return found


def kill(pids: set[int], timeout_seconds: float = 20) -> None:
    """Kills the processes and waits until the kernel has let go of them."""
    processes = [found for found in map(identify, pids) if found]
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    if not until(lambda: not any(map(alive, processes)), Deadline.after(timeout_seconds), 0.02):
        left = ", ".join(str(process.pid) for process in processes if alive(process))
        raise EmbeddedClusterError(f"The processes {left} of the cluster do not end, even when killed; see dmesg.")
