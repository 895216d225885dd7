# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs the collection's playbooks as a person does, in an environment that names no cluster."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.children import ends_with_parent

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Run:
    code: int
    output: str

    @property
    def changed(self) -> int:
        """Of the recap's only host."""
        return int(re.findall(r"changed=(\d+)", self.output)[-1])


def clean_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The environment without anything that names a cluster, with the tests' own programs first on the PATH.

    Compiled Python is kept, as it is wherever nobody forbids it: without, each start takes a second more.
    """
    left_out = ("KUBECONFIG", "PYTHONDONTWRITEBYTECODE")
    kept = {key: text for key, text in os.environ.items() if key not in left_out and not key.startswith("K8S_AUTH_")}
    kept["PATH"] = f"{BIN}:{kept['PATH']}"
    return {**kept, "ANSIBLE_NOCOLOR": "1", **(extra or {})}


def finish(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    cwd: Path = ROOT,
    typed: str | None = None,
    timeout_seconds: float = 300,
) -> Run:
    """Runs a command without a terminal: standard input is closed, or gives what was `typed` into a pipe."""
    finished = subprocess.run(
        ends_with_parent(command),
        cwd=cwd,
        env=environment,
        input=typed,
        stdin=subprocess.DEVNULL if typed is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_seconds,
        check=False,
        start_new_session=True,
    )
    return Run(finished.returncode, finished.stdout)


@dataclass
class Playbook:
    """`Playbook()("local_cluster.yml", local_cluster_state="absent")` -> Run"""

    root: Path = ROOT
    prefix: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    timeout_seconds: int = 900

    def __call__(self, name: str, *arguments: str, **variables: Any) -> Run:
        command = [*self.prefix, str(BIN / "ansible-playbook"), f"playbooks/{name}", *arguments]
        if variables:
            command += ["--extra-vars", json.dumps(variables)]
        environment = clean_environment(self.environment)
        return finish(command, environment, cwd=self.root, timeout_seconds=self.timeout_seconds)
