# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every command of the runbooks is run as it stands there, on workloads that are really broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import audit
from support.cluster import Cluster, eventually
from support.playbook import ROOT
from support.shell import Shell, environment_of, sections
from support.workloads import FOLDER, hungry, until_killed

RUNBOOKS = ROOT / "docs" / "runbooks"


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
    values = {"KUBECONFIG": cluster.kubeconfig, "NAMESPACE": namespace, "WORKLOAD": case.workload}
    return Shell(sections((RUNBOOKS / case.runbook).read_text()), tmp_path, environment_of(cluster, tmp_path), values)


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
