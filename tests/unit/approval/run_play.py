# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a small play with the real action plugins and callback, with or without a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect
import yaml
from support.children import ends_with_parent

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import store
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import trusted_events

COLLECTIONS = Path(__file__).parents[3] / "playbooks" / "collections"
ANSIBLE_PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"
EVENT = "aiops.kubernetes.record_event"

# A lookup instead of a module, which would take most of the time of a test.
_WRITE = "touch written-' ~ inventory_hostname ~ '"
_FOR_REAL = {"when": "not ansible_check_mode"}
WHO = {
    "minimum_strength": "{{ strength | default('extra-vars') }}",
    "security_approvers": "{{ security | default([]) }}",
    "emergency_approver": "{{ emergency | default('nobody') }}",
    "allowed_signers": "{{ signers | default('') }}",
    "revoked_signers": "{{ revoked | default('') }}",
}
# As role `change` does it: the write comes right after the barrier. `tamper` stands for the world outside.
TASKS: list[dict[str, Any]] = [
    {EVENT: {"event": "planned", "body": "{{ plan }}"}},
    {
        "aiops.kubernetes.approval": {
            "plan": "{{ plan }}",
            "decision": "{{ decision | default('') }}",
            "digest": "{{ digest | default('') }}",
            "justification": "{{ justification | default('') }}",
            "window_seconds": "{{ window | default(60) }}",
            "signature": "{{ signature | default('') }}",
            **WHO,
        },
        "throttle": 1,
        "register": "answer",
    },
    {"ansible.builtin.debug": {"msg": "{{ lookup('ansible.builtin.pipe', tamper) }}"}, "when": "tamper is defined"},
    {
        "when": "answer.approved",
        "block": [
            {"aiops.kubernetes.record_barrier": {"plan": "{{ plan }}", **WHO}},
            {"ansible.builtin.debug": {"msg": f"{{{{ lookup('ansible.builtin.pipe', '{_WRITE}') }}}}"}, **_FOR_REAL},
            {EVENT: {"event": "applied", "body": {"written": []}}},
            {EVENT: {"event": "validated", "body": {"ok": True}}},
            {EVENT: {"event": "monitored", "body": {"ok": True}}},
        ],
    },
]


def _hang_up_ends_it() -> None:
    """As at a person's terminal, also where nohup started the tests."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@dataclass
class Playground:
    """A working directory with a playbook; `hosts` are all local."""

    folder: Path
    plan: dict[str, Any]
    hosts: tuple[str, ...] = ("one",)
    enabled: bool = True
    play_vars: dict[str, Any] = field(default_factory=lambda: {"aiops_story": "diagnosis"})
    tasks: list[dict[str, Any]] = field(default_factory=lambda: TASKS)
    prefix: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)

    def command(self, *extra: str, **variables: Any) -> list[str]:
        """The command line of the run; writes the playbook."""
        play = {"hosts": "all", "gather_facts": False, "vars": self.play_vars, "tasks": self.tasks}
        (self.folder / "ansible.cfg").write_text("")
        (self.folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False))
        values = {"plan": self.plan, **variables}
        (self.folder / "vars.json").write_text(json.dumps(values))
        return [
            *self.prefix,
            *(str(ANSIBLE_PLAYBOOK), "-i", ",".join(self.hosts) + ",", "-c", "local", "play.yml"),
            *("-e", "@vars.json", "-e", f"ansible_python_interpreter={sys.executable}", *extra),
        ]

    def environment(self) -> dict[str, str]:
        """Nothing of the tester's own settings."""
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "COLUMNS": "100",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            **self.environ,
        }
        return {**environ, "ANSIBLE_CALLBACKS_ENABLED": "aiops.kubernetes.phr"} if self.enabled else environ

    def at_terminal(self, **variables: Any) -> pexpect.spawn[str]:
        """The run on a terminal of its own."""
        command = ends_with_parent(self.command(**variables))
        return pexpect.spawn(
            command[0],
            command[1:],
            cwd=str(self.folder),
            env=self.environment(),
            timeout=60,
            encoding="utf-8",
            dimensions=(50, 100),
            preexec_fn=_hang_up_ends_it,
        )

    def without_terminal(
        self, *extra: str, typed: str | None = None, **variables: Any
    ) -> subprocess.CompletedProcess[str]:
        """The run with closed input, or with `typed` piped into it; exit status and output."""
        return subprocess.run(
            ends_with_parent(self.command(*extra, **variables)),
            cwd=self.folder,
            env=self.environment(),
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
            start_new_session=True,
        )

    @property
    def phrase(self) -> str:
        """What to type to approve."""
        return approval.phrase(self.plan)

    @property
    def written(self) -> list[str]:
        """The hosts that were written to."""
        return sorted(item.name.removeprefix("written-") for item in self.folder.glob("written-*"))

    def journals(self) -> list[Path]:
        """The journals of all runs."""
        return store.journals(self.folder / "history" / "prompts")

    def events(self, number: int = 0) -> list[str]:
        """The names of the events in a journal."""
        return [item.event for item in trusted_events(self.journals()[number])]

    def bodies(self, name: str, number: int = 0) -> list[dict[str, Any]]:
        """The bodies of the events of a name."""
        return [item.body for item in trusted_events(self.journals()[number]) if item.event == name]
