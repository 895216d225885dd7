# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs a story's playbooks with a folder of records of its own, at a real terminal or without one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import store
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event, trusted_events
from support.children import ends_with_parent
from support.cluster import Cluster
from support.playbook import BIN, ROOT, Run, clean_environment, finish

# Short times, so that a whole story takes seconds.
QUICK: dict[str, Any] = {
    # This one is a deadline: what is there sooner is shown sooner, and a busy machine gets its evidence too.
    "diagnose_pod_within_seconds": 30,
    "change_settle_seconds": 2,
    "change_validate_seconds": 60,
    "change_monitor_seconds": 3,
    "change_monitor_interval_seconds": 1,
}


@dataclass
class Story:
    """One person's work on one namespace."""

    cluster: Cluster
    namespace: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()

    def variables(self, **more: Any) -> dict[str, Any]:
        return {"kubeconfig": self.cluster.kubeconfig, "namespace": self.namespace, **QUICK, **more}

    def command(self, playbook: str, *arguments: str, **more: Any) -> list[str]:
        name = playbook if "/" in playbook else f"playbooks/{playbook}"
        variables = json.dumps(self.variables(**more))
        return [*self.prefix, str(BIN / "ansible-playbook"), name, *arguments, "--extra-vars", variables]

    def environ(self) -> dict[str, str]:
        return clean_environment({"AIOPS_RECORD_FOLDER": str(self.folder), "TERM": "xterm", **self.environment})

    def run(self, playbook: str, *arguments: str, typed: str | None = None, **more: Any) -> Run:
        """Without a terminal: standard input is closed, or gives what was `typed` into a pipe."""
        return finish(self.command(playbook, *arguments, **more), self.environ(), typed=typed)

    def start(self, playbook: str, **more: Any) -> subprocess.Popen[bytes]:
        """In the background, as the leader of a process group."""
        return subprocess.Popen(
            ends_with_parent(self.command(playbook, **more)),
            cwd=ROOT,
            env=self.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def at_terminal(self, playbook: str, **more: Any) -> Terminal:
        command = ends_with_parent(self.command(playbook, **more))
        # A terminal's line is at most 80 columns here, as the screen promises to need no more.
        return Terminal(
            pexpect.spawn(
                command[0],
                command[1:],
                cwd=str(ROOT),
                env=self.environ(),
                timeout=120,
                encoding="utf-8",
                dimensions=(50, 80),
            )
        )

    def journals(self) -> list[Path]:
        return store.journals(self.folder)

    def events(self, number: int = -1) -> list[Event]:
        return trusted_events(self.journals()[number])

    def names(self, number: int = -1) -> list[str]:
        return [event.event for event in self.events(number)]

    def body(self, name: str, number: int = -1) -> dict[str, Any]:
        return next(event.body for event in reversed(self.events(number)) if event.event == name)

    def approval(self, why: str = "it is Tuesday") -> dict[str, str]:
        """The options of a decision, without a terminal, on what was planned last."""
        return {
            "record": self.journals()[-1].stem.split("-")[0],
            "decision": "approved",
            "digest": self.body("planned")["digest"],
            "justification": why,
        }

    def record(self, number: int = -1) -> str:
        journal = self.journals()[number]
        [record] = journal.parent.glob(journal.stem + ".*.prompt.md")
        return record.read_text()


@dataclass
class Terminal:
    """A run on a terminal of its own, and the person at it."""

    process: pexpect.spawn[str]

    def sees(self, pattern: str, seconds: float = 120) -> re.Match[str]:
        # What a failure shows of the screen.
        self.process.str_last_chars = 4000
        self.process.expect(pattern, timeout=seconds)
        return self.process.match

    def types(self, text: str, enter: bool = True) -> None:
        """Once the prompt has taken the terminal over: it discards what was typed before."""
        self.when_raw()
        self.process.send(text + ("\r" if enter else ""))

    def when_raw(self) -> None:
        for _attempt in range(400):
            if not termios.tcgetattr(self.process.child_fd)[3] & termios.ICANON:
                break
            time.sleep(0.02)
        time.sleep(0.1)

    def asked(self) -> str:
        """The phrase that is asked for."""
        return self.sees(r'Type "(approve [0-9a-f]{8})"').group(1)

    def approves(self, why: str = "it needs it") -> None:
        self.types(self.asked())
        self.sees("Why is this change right")
        self.types(why)

    def end(self, seconds: float = 120) -> Run:
        self.process.expect(pexpect.EOF, timeout=seconds)
        self.process.close()
        status = self.process.exitstatus
        return Run(-(self.process.signalstatus or 0) if status is None else status, self.process.before)


def plain(output: str) -> str:
    """Without folding and colours, for comparing sentences."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", output).split())


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
