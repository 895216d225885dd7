# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every lab as a learner goes through it: begun, looked at too early, solved as its answer says, looked at again."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import bubblewrap
import pytest
from support.cluster import Cluster, embedded, eventually
from support.playbook import ROOT, Playbook, Run
from support.story import plain

NAME = "e2e-labs"
LABS = ROOT / "roles" / "training" / "files" / "labs"


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """One of its own: labs on the tests' cluster would be in the way of reports about all of it."""
    return embedded(NAME)


def step(lab: str, name: str = "start", environment: dict[str, str] | None = None, **more: Any) -> Run:
    playbook = Playbook(environment=environment or {})
    return playbook("training.yml", lab=lab, step=name, training_cluster=NAME, **more)


def answer_of(lab: str) -> list[str]:
    """The commands of the answer, as a learner pastes them."""
    text = (LABS / lab / "answer.md").read_text().replace("{{ training_namespace }}", f"training-{lab}")
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("lab", sorted(path.name for path in LABS.iterdir()))
def test_a_lab_is_broken_until_its_answer_is_carried_out(cluster: Cluster, lab: str) -> None:
    step(lab, "reset")
    begun = step(lab)
    assert begun.code == 0, begun.output
    assert f"training-{lab}" in begun.output and "{{" not in begun.output
    too_early = step(lab, "check")
    assert too_early.code == 2 and "[ ]" in too_early.output, too_early.output
    assert "are not as they should be yet" in plain(too_early.output)
    for commands in answer_of(lab):
        cluster.shell(commands)
    done = eventually(lambda: _if_done(lab), 150, 2)
    assert done, step(lab, "check").output
    assert "Done, in" in done.output and "0 of" in done.output and "[ ]" not in done.output


def _if_done(lab: str) -> Run | None:
    run = step(lab, "check")
    return run if run.code == 0 else None


def test_hints_come_one_by_one_and_a_second_start_breaks_nothing_anew(cluster: Cluster) -> None:
    lab = "crashing-checkout"
    assert step(lab).code == 0
    uid = cluster.get("namespace", f"training-{lab}")["metadata"]["uid"]
    said = [step(lab, "hint").output for _number in range(4)]
    assert ["Hint 1 of 3" in text for text in said] == [True] * 4
    assert ["Hint 3 of 3" in text for text in said] == [False, False, True, True]
    again = step(lab)
    assert again.code == 0 and again.changed == 0, again.output
    assert cluster.get("namespace", f"training-{lab}")["metadata"]["uid"] == uid
    assert step(lab, "reset").code == 0
    early = step(lab, "check")
    assert early.code == 2 and "was not begun" in plain(early.output)


def test_the_scripted_advisor_disagrees_and_is_not_followed(cluster: Cluster, tmp_path: Path) -> None:
    lab = "wrong-advice"
    step(lab, "reset")
    assert step(lab).code == 0
    settings = cluster.folder / f"{lab}.settings.yml"
    environment = {
        "PATH": f"{bubblewrap.folder()}:{os.environ['PATH']}",
        "AIOPS_RECORD_FOLDER": str(tmp_path / "records"),
    }
    run = Playbook(environment=environment)(
        "diagnose_pod.yml",
        "-e",
        f"@{settings}",
        kubeconfig=cluster.kubeconfig,
        target="deployment/invoices",
        namespace=f"training-{lab}",
        stage="plan",
    )
    said = plain(run.output)
    assert run.code == 0, run.output
    assert "Disagree" in said and "scripted" in said, run.output
    assert "missing-config-key" in said
    assert "1Gi" not in said.partition("Change")[2]


@pytest.mark.parametrize(
    ("more", "environment", "sentence"),
    [
        ({"kubeconfig": "/etc/production"}, {}, "run on a throw-away cluster of their own and on no other"),
        ({}, {"K8S_AUTH_HOST": "https://production.example"}, "K8S_AUTH_HOST is set and would lead to another cluster"),
        ({}, {"KUBECONFIG": "/etc/production"}, "commands of the lab pasted into this terminal would go there"),
    ],
)
def test_no_lab_is_held_on_another_cluster(
    cluster: Cluster, more: dict[str, Any], environment: dict[str, str], sentence: str
) -> None:
    refused = step("too-many-rights", "start", environment, **more)
    assert refused.code == 2 and sentence in plain(refused.output), refused.output
    assert "Traceback" not in refused.output
