# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The embedded cluster as tests use it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.playbook import Playbook, Run

CACHE = Path.home() / ".cache" / "aiops-kubernetes"


@dataclass(frozen=True)
class Cluster:
    facts: dict[str, Any]

    @property
    def kubeconfig(self) -> str:
        return str(self.facts["kubeconfig"])

    @property
    def folder(self) -> Path:
        return Path(self.kubeconfig).parent

    def program(self, name: str) -> str:
        return str(Path(self.facts["bin"]) / name)

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        command = [self.program("kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments]
        finished = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)
        assert not check or finished.returncode == 0, f"{arguments}: {finished.stderr}"
        return finished.stdout

    def shell(self, command: str) -> str:
        """A command of a report or runbook, as a person pastes it."""
        environment = {**os.environ, "KUBECONFIG": self.kubeconfig, "PATH": f"{self.facts['bin']}:{os.environ['PATH']}"}
        finished = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert finished.returncode == 0, f"{command}: {finished.stderr}"
        return finished.stdout

    def apply(self, namespace: str, manifest: str) -> None:
        self.kubectl("apply", "--namespace", namespace, "-f", "-", stdin=manifest)

    def get(self, *arguments: str) -> Any:
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))


def run_embedded(name: str, **options: Any) -> Run:
    variables = {f"local_cluster_{key}": option for key, option in options.items()}
    return Playbook()("local_cluster.yml", local_cluster_driver="embedded", local_cluster_name=name, **variables)


def embedded(name: str, **options: Any) -> Cluster:
    finished = run_embedded(name, **options)
    assert finished.code == 0, finished.output
    return Cluster(json.loads((CACHE / "clusters" / name / "facts.json").read_text()))


def remove(name: str) -> Run:
    return run_embedded(name, state="absent")


def eventually(ask: Callable[[], Any], timeout_seconds: float = 60, every_seconds: float = 0.5) -> Any:
    """The first answer that is true; the last one where none is within the time."""
    deadline = time.monotonic() + timeout_seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(every_seconds)
    return answer
