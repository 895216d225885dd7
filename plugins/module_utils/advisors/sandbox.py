# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps an AI's program in: bubblewrap, else (for root) a uid of its own, else the program does not run.

In bubblewrap it sees system folders read-only, the files that it is given, and one folder to write in; it has
processes, users and host name of its own, no capabilities and no terminal. It keeps the network, since it has to reach
its model. As a uid of its own it sees what anyone on the machine may see, so it only runs where the operator's home is
closed.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import processes
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

BUBBLEWRAP, UID = "bubblewrap", "uid"
WAYS: Final = ("auto", BUBBLEWRAP, UID)
_PROBE_SECONDS: Final = 2.0
_SYSTEM_FOLDERS: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
# What programs need to resolve names and trust certificates; no passwords, no private keys, nobody's names.
_SYSTEM_FILES: Final = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
)
# Of systemd's DynamicUser, which are nobody's: systemd.exec(5).
_FREE_UIDS: Final = range(61184, 65520)
_LARGEST_FILE_BYTES: Final = 64 * 1024 * 1024


class NotContained(Exception):
    """Nothing here can keep the program in; str() says why and what to do."""


@dataclass(frozen=True)
class Sandbox:
    """One way to keep a program in: `way` is bubblewrap or uid, `bubblewrap` its path, `uid` the user."""

    way: str
    bubblewrap: str = ""
    uid: int | None = None

    def command(self, program: Sequence[str], folder: Path, files: Sequence[Path]) -> list[str]:
        """The argument list that runs `program`, with `folder` to write in and `files` to read at their own paths."""
        inside = list(program)
        if self.way == BUBBLEWRAP:
            inside = [self.bubblewrap, *_arguments(folder, files), "--", *inside]
        return [*_limits(), *inside]

    def give(self, folder: Path, files: Sequence[Path]) -> None:
        """Lets the program into its folder and read its files, which so far are the operator's alone."""
        if self.uid is None:
            return
        folder.parent.chmod(0o711)
        for path in (folder, *files):
            if path.is_relative_to(folder.parent):
                os.chown(path, self.uid, self.uid)

    def ended(self) -> None:
        """Ends what the program left behind; in bubblewrap the kernel does, with its process namespace."""
        if self.uid is not None:
            processes.kill_all_of(self.uid)


def find_sandbox(wanted: str, deadline: Deadline, *, home: Path, kubeconfigs: Sequence[Path] = ()) -> Sandbox:
    """The best way there is, tried before it is relied on. Raises NotContained.

    `wanted` is auto, bubblewrap or uid; `home` and `kubeconfigs` are the operator's.
    """
    why = []
    if wanted in ("auto", BUBBLEWRAP):
        path = shutil.which("bwrap")
        problem = _probe(path, deadline) if path else "bubblewrap is not installed"
        if path and not problem:
            return Sandbox(BUBBLEWRAP, path)
        why.append(problem)
    if wanted in ("auto", UID):
        problem = _cannot_be_another([home, *kubeconfigs])
        if not problem:
            return Sandbox(UID, uid=_free_uid())
        why.append(problem)
    raise NotContained(f"nothing keeps it in: {'; '.join(why) or f'there is no sandbox {wanted}'}; install bubblewrap")


def _probe(path: str, deadline: Deadline) -> str:
    """Why bubblewrap does not work here (a kernel or container may forbid it); empty where it does."""
    command = [path, *_arguments(None, ()), "--", "/bin/sh", "-c", "exit 0"]
    try:
        finished = processes.run(command, environment={}, deadline=deadline.sooner(_PROBE_SECONDS))
    except processes.NotStarted as error:
        return str(error)
    if finished.exit_code == 0 and not finished.signal and not finished.stopped:
        return ""
    said = finished.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"bubblewrap does not work here ({said[-1][:200] if said else 'it gave no reason'})"


def _arguments(folder: Path | None, files: Sequence[Path]) -> Iterator[str]:
    yield from ("--unshare-all", "--share-net", "--die-with-parent", "--new-session", "--cap-drop", "ALL")
    yield from ("--hostname", "advisor")
    for path in map(Path, _SYSTEM_FOLDERS):
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for name in _SYSTEM_FILES:
        yield from ("--ro-bind-try", os.path.realpath(name), name)
    # Without capabilities root is still the owner of /proc/sys, so it has to be read-only in itself.
    yield from ("--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev", "--tmpfs", "/tmp")
    if folder is not None:
        yield from ("--bind", str(folder), str(folder), "--chdir", str(folder))
    for path in files:
        yield from ("--ro-bind", os.path.realpath(path), str(path))
    yield from ("--remount-ro", "/")


def _limits() -> list[str]:
    """Bounds what one process can take of the machine, where prlimit (util-linux) is."""
    path = shutil.which("prlimit", path="/usr/bin:/bin")
    return [path, f"--fsize={_LARGEST_FILE_BYTES}", "--core=0", "--"] if path else []


def _cannot_be_another(private: Sequence[Path]) -> str:
    if os.geteuid() != 0:
        return "only root can run it as another user"
    seen = next((path for path in private if is_open_to_others(path)), None)
    return f"as another user it could read {seen}, which is open to everyone" if seen else ""


def is_open_to_others(path: Path) -> bool:
    """Whether a user who is neither owner nor in the group can read a file or enter a folder, by its modes."""
    try:
        real = path.resolve(strict=True)
        own = real.stat()
        wanted = stat.S_IXOTH if stat.S_ISDIR(own.st_mode) else stat.S_IROTH
        return bool(own.st_mode & wanted) and all(parent.stat().st_mode & stat.S_IXOTH for parent in real.parents)
    except OSError:
        return False


def _free_uid() -> int:
    """A user id that no account and no process has, so that it can neither touch nor be touched by anyone's."""
    taken = {account.pw_uid for account in pwd.getpwall()}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            taken.add(entry.stat().st_uid)
    return random.SystemRandom().choice([uid for uid in _FREE_UIDS if uid not in taken])
