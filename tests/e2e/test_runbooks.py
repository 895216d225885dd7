# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every command of the runbooks is run as it stands there, on workloads that are really broken."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import audit
from support.cluster import Cluster, eventually
from support.playbook import ROOT, clean_environment
from support.story import QUICK
from support.workloads import FOLDER, hungry, until_killed

RUNBOOKS = ROOT / "docs" / "runbooks"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"<!-- not run: .+? -->\s*\Z", re.DOTALL)


def sections(text: str) -> dict[str, list[str]]:
    """The shell blocks of a runbook by the heading they stand under, without those that say why they are not run."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {
        title: [found.group(1) for found in _BLOCK.finditer(body) if not _NOT_RUN.search(body[: found.start()])]
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


@dataclass
class Shell:
    """A person with a runbook and one shell: what is assigned in a block holds in the next."""

    blocks: dict[str, list[str]]
    folder: Path
    environment: dict[str, str]
    # What the person puts for a value of the runbook's.
    values: dict[str, str]
    ran: set[str] = field(default_factory=set)

    def does(self, title: str) -> str:
        """Run a section's blocks in their order; what they said, with an exit code of 0."""
        said = []
        for block in self.blocks[title]:
            script = re.sub(r"^(export )?(\w+)=.*$", self._own_value, block, flags=re.MULTILINE)
            kept = self.folder / "variables.sh"
            kept.touch()
            keep = f"declare -p | grep -v '^declare -[a-z]*r' > {kept}"
            finished = subprocess.run(
                ["bash", "-c", f". {kept}\nset -euo pipefail\n{script}\n{keep}"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=300,
                check=False,
                start_new_session=True,
            )
            assert finished.returncode == 0, f"{title}:\n{script}\n{finished.stdout}"
            said.append(finished.stdout)
        self.ran.add(title)
        return "".join(said)

    def _own_value(self, assignment: re.Match[str]) -> str:
        name = assignment.group(2)
        return f"{assignment.group(1) or ''}{name}={self.values[name]}" if name in self.values else assignment.group()

    def reads(self, said: str, record: str, digest: str) -> None:
        """Take the record and the digest over from what was said."""
        self.values[record] = re.findall(r"approve\.yml -e record=(\S+)", said)[-1]
        self.values[digest] = re.findall(r"Digest (sha256:[0-9a-f]{64})", said)[-1]


@dataclass(frozen=True)
class Case:
    """A runbook, how its workload is broken, and what shall be known."""

    runbook: str
    workload: str
    class_: str
    breaks: Callable[[Cluster, str], None]


def break_memory(cluster: Cluster, namespace: str) -> None:
    cluster.apply(namespace, json.dumps(hungry()))
    until_killed(cluster, namespace)


def break_environment(cluster: Cluster, namespace: str) -> None:
    cluster.apply(namespace, (FOLDER / "missing-env.before.yaml").read_text())
    cluster.kubectl("rollout", "status", "deployment/missing-env", "--namespace", namespace, "--timeout=60s")
    cluster.apply(namespace, (FOLDER / "missing-env.yaml").read_text())

    def crash_loops() -> bool:
        pods = cluster.get("pods", "--namespace", namespace)["items"]
        states = [status for pod in pods for status in pod["status"].get("containerStatuses", [])]
        return any(state["restartCount"] > 0 for state in states)

    assert eventually(crash_loops, 60), cluster.kubectl("describe", "pods", "--namespace", namespace)


CASES = [
    Case("oomkilled.md", "checkout", "oom-killed", break_memory),
    Case("crashloopbackoff.md", "missing-env", "missing-env", break_environment),
]
BY_HAND = ("By hand: look", "By hand: change", "By hand: take it back")


@pytest.fixture
def shell(cluster: Cluster, namespace: str, tmp_path: Path, case: Case) -> Shell:
    """Settings come as docs/configuration.md says: group_vars beside an inventory. Only waiting is shortened."""
    inventory = tmp_path / "inventories"
    (inventory / "group_vars").mkdir(parents=True)
    shutil.copy(ROOT / "inventories" / "local.yml", inventory)
    (inventory / "group_vars" / "all.yml").write_text(yaml.safe_dump(QUICK))
    environment = clean_environment(
        {"AIOPS_RECORD_FOLDER": str(tmp_path / "records"), "ANSIBLE_INVENTORY": str(inventory / "local.yml")}
    )
    environment["PATH"] = f"{Path(cluster.program('kubectl')).parent}{os.pathsep}{environment['PATH']}"
    values = {"KUBECONFIG": cluster.kubeconfig, "NAMESPACE": namespace, "WORKLOAD": case.workload}
    return Shell(sections((RUNBOOKS / case.runbook).read_text()), tmp_path, environment, values)


def template(cluster: Cluster, namespace: str, case: Case) -> dict[str, Any]:
    return dict(cluster.get("deployment", case.workload, "--namespace", namespace)["spec"]["template"])


def works(cluster: Cluster, namespace: str, case: Case) -> bool:
    """Every pod there is has the newest template and is available."""
    document = cluster.get("deployment", case.workload, "--namespace", namespace)
    status = document["status"]
    current = status.get("observedGeneration") == document["metadata"]["generation"]
    return current and status.get("updatedReplicas") == status.get("availableReplicas") == status["replicas"] == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.runbook)
def test_the_runbook_with_the_collection(cluster: Cluster, namespace: str, shell: Shell, case: Case) -> None:
    case.breaks(cluster, namespace)
    broken = template(cluster, namespace, case)
    shell.does("Set up")
    said = shell.does("Only look")
    assert case.class_ in said
    assert "Status: done" in said

    said = shell.does("First minute")
    assert "Status: waiting" in said
    shell.reads(said, "RECORD", "DIGEST")
    shell.does("Deciding")
    assert "Status: rejected" in shell.does("Reject")
    assert not audit.writes(cluster, namespace)

    shell.reads(shell.does("First minute"), "RECORD", "DIGEST")
    shell.does("Deciding")
    said = shell.does("Approve")
    assert "The change holds" in said
    assert "Status: done" in said
    assert template(cluster, namespace, case) != broken
    assert eventually(lambda: works(cluster, namespace, case), 20)
    said = shell.does("When it says unknown")
    assert "healthy" in said
    assert "Status: done" in shell.does("Afterwards")

    said = shell.does("Taking it back")
    assert "Status: waiting" in said
    assert template(cluster, namespace, case) != broken
    shell.reads(said, "UNDO_RECORD", "UNDO_DIGEST")
    assert "Status: done" in shell.does("Without a terminal")
    assert template(cluster, namespace, case) == broken
    assert shell.ran | set(BY_HAND) == {title for title, blocks in shell.blocks.items() if blocks}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.runbook)
def test_the_runbook_by_hand(cluster: Cluster, namespace: str, shell: Shell, case: Case) -> None:
    case.breaks(cluster, namespace)
    broken = template(cluster, namespace, case)
    shell.does("Set up")
    said = shell.does("By hand: look")
    assert {"oom-killed": "OOMKilled", "missing-env": "DATABASE_URL: parameter not set"}[case.class_] in said
    # By hand means without this collection.
    assert not any("ansible" in block for title in BY_HAND for block in shell.blocks[title])
    assert "successfully rolled out" in shell.does("By hand: change")
    assert template(cluster, namespace, case) != broken
    assert eventually(lambda: works(cluster, namespace, case), 20)
    shell.does("By hand: take it back")
    assert template(cluster, namespace, case) == broken
    assert not audit.writes(cluster, namespace)
