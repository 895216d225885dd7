# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The cluster's programs under supervisord: configuration, start in order, state, and last words of what died.

supervisord (https://supervisord.org) restarts what dies, keeps logs, and is asked over XML-RPC on a Unix socket.
"""

from __future__ import annotations

import contextlib
import http.client
import shlex
import socket
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.waiting import until

# supervisord's own number (supervisor.xmlrpc.Faults); the package itself may be missing where this file is only read.
_ALREADY_STARTED = 60
_DEAD = ("BACKOFF", "FATAL", "EXITED", "UNKNOWN")


@dataclass(frozen=True)
class Program:
    """One supervised program. `healthy` is asked, again and again, until it says so; it needs no answer to say no."""

    name: str
    command: list[str]
    healthy: Callable[[], bool]


def supervisord_command(python: str, folder: Path) -> list[str]:
    """`aiops-supervisor` is an argument that supervisord ignores as its identifier; it marks the process as ours."""
    configuration = str(folder / "supervisord.conf")
    return [python, "-m", "supervisor.supervisord", "--nodaemon", "-i", "aiops-supervisor", "-c", configuration]


def configuration(programs: list[Program], folder: Path, logs: Path, path: str) -> str:
    """The text of supervisord.conf. Pure. A `%` is doubled: supervisord expands it."""
    sections = [
        "[supervisord]",
        f"logfile={logs}/supervisord.log",
        f"pidfile={folder}/supervisord.pid",
        f"childlogdir={logs}",
        "umask=022",
        "[unix_http_server]",
        f"file={socket_path(folder)}",
        "chmod=0600",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
    ]
    for program in programs:
        command = shlex.join(program.command).replace("%", "%%")
        sections += [
            f"[program:{program.name}]",
            f"command={command}",
            f"directory={folder}",
            f'environment=PATH="{path}",HOME="{folder}"',
            "autostart=false",
            "autorestart=true",
            "startsecs=1",
            "startretries=5",
            "redirect_stderr=true",
            f"stdout_logfile={logs}/{program.name}.log",
            "stdout_logfile_maxbytes=50MB",
            "stdout_logfile_backups=1",
        ]
    return "\n".join(sections) + "\n"


def write_configuration_file(text: str, folder: Path) -> bool:
    """Makes supervisord.conf this text; returns whether it was another."""
    file = folder / "supervisord.conf"
    if file.exists() and file.read_text() == text:
        return False
    file.write_text(text)
    return True


def socket_path(folder: Path) -> Path:
    return folder / "supervisor.sock"


class Supervisor:
    """Talks to the supervisord of one cluster; every method raises EmbeddedClusterError where it does not answer."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self._logs = logs
        self._server = xmlrpc.client.ServerProxy("http://supervisor", transport=_UnixTransport(socket_path(folder)))

    def answers(self) -> bool:
        with contextlib.suppress(EmbeddedClusterError):
            return bool(self._call("getIdentification"))
        return False

    def wait_until_it_answers(self, timeout_seconds: float = 10) -> None:
        if not until(self.answers, Deadline.after(timeout_seconds), 0.05):
            raise EmbeddedClusterError(f"The cluster's supervisor does not answer. {self.last_words('node')}")

    def reload(self) -> None:
        """Makes programs known that were added to supervisord.conf since it started."""
        [[added, _changed, _removed]] = self._call("reloadConfig")
        for name in added:
            self._call("addProcessGroup", name)

    def states(self) -> dict[str, str]:
        """{program: RUNNING, STARTING, STOPPED, BACKOFF, FATAL, EXITED}"""
        return {process["name"]: process["statename"] for process in self._call("getAllProcessInfo")}

    def start(self, programs: list[Program], progress: Progress, timeout_seconds: float) -> bool:
        """Starts those that do not run and waits until all are healthy; returns whether any had to be started."""
        states = self.states()
        # In BACKOFF supervisord is about to try again by itself.
        stopped = [
            program for program in programs if states.get(program.name) not in ("RUNNING", "STARTING", "BACKOFF")
        ]
        for program in stopped:
            progress.step(program.name, "starting")
            self._start_process(program.name)
        for program in programs:
            self._wait_healthy(program, progress, timeout_seconds)
        return bool(stopped)

    def _start_process(self, name: str) -> None:
        try:
            self._server.supervisor.startProcess(name, False)
        except xmlrpc.client.Fault as fault:
            # supervisord may have restarted it since it was asked.
            if fault.faultCode != _ALREADY_STARTED:
                raise EmbeddedClusterError(f"The supervisor refused to start {name}: {fault.faultString}") from fault

    def _wait_healthy(self, program: Program, progress: Progress, timeout_seconds: float) -> None:
        def healthy() -> bool:
            if program.healthy():
                return True
            state = self.states().get(program.name, "UNKNOWN")
            if state in _DEAD:
                raise EmbeddedClusterError(f"{program.name} died ({state}). {self.last_words(program.name)}")
            progress.still(program.name, "waiting until it is healthy")
            return False

        if not until(healthy, Deadline.after(timeout_seconds), 0.05):
            raise EmbeddedClusterError(
                f"{program.name} runs but is not healthy after {timeout_seconds:.0f} s. {self.last_words(program.name)}"
            )

    def last_words(self, name: str, lines: int = 5) -> str:
        """The end of the program's log as one line, with the file's path."""
        log = self._logs / f"{name}.log"
        try:
            with log.open("rb") as stream:
                stream.seek(max(0, log.stat().st_size - 8192))
                tail = stream.read().decode(errors="replace").splitlines()[-lines:]
        except OSError:
            tail = []
        return f"Last lines of {log}: {' | '.join(tail) or '(empty)'}"

    def _call(self, method: str, *arguments: Any) -> Any:
        try:
            return getattr(self._server.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            raise EmbeddedClusterError(f"The supervisor refused {method} {arguments}: {fault.faultString}") from fault
        except (OSError, http.client.HTTPException) as error:
            raise EmbeddedClusterError(f"The cluster's supervisor does not answer ({error}).") from error


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self._path)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
