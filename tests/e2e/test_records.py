# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Records of many runs at once, on a folder and on a Git repository; real changes, audited."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support.cluster import CACHE, Cluster
from support.playbook import Run
from support.story import Story, plain
from support.workloads import hungry, until_killed
from support.writers import at_once, cloned, repository

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.debian import ensure_programs
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.audit import audit
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import journal, names, outbox, store
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder

WRITERS = 20
TARGET = "deployment/checkout"


def _ids(folder: Path) -> list[str]:
    """What the records are known by, each verified with its seal."""
    journals = store.journals(folder)
    assert all(journal.verify(path).intact and journal.verify(path).sealed for path in journals)
    return [names.id_of(path.name) for path in journals]


def _clean(folder: Path, count: int) -> None:
    made = audit(folder)
    assert made.breaches == []
    assert made.journals == made.states["sealed"] == count


def test_twenty_writers_on_one_folder_and_one_repository(tmp_path: Path) -> None:
    git = repository(tmp_path / "remote.git")
    at_once([Folder(tmp_path / "records", git=git)] * WRITERS)
    numbers = [f"{number:03d}" for number in range(1, WRITERS + 1)]
    assert sorted(_ids(tmp_path / "records")) == numbers
    _clean(tmp_path / "records", WRITERS)
    assert outbox.waiting(tmp_path / "records") == []
    there = cloned(git, tmp_path / "clone")
    assert sorted(_ids(there)) == numbers
    _clean(there, WRITERS)


def test_twenty_writers_with_a_folder_each_on_one_repository(tmp_path: Path) -> None:
    """As jobs of AWX do it: every one has an empty folder and takes number 1."""
    git = repository(tmp_path / "remote.git")
    at_once([Folder(tmp_path / str(number), git=git) for number in range(WRITERS)])
    there = cloned(git, tmp_path / "clone")
    ids = _ids(there)
    assert len(set(ids)) == WRITERS
    assert {item.partition(".")[0] for item in ids} == {"001"}
    _clean(there, WRITERS)
    assert not any(outbox.waiting(tmp_path / str(number)) for number in range(WRITERS))


@pytest.fixture
def git(tmp_path: Path) -> GitSettings:
    return repository(tmp_path / "remote.git")


@pytest.fixture
def story(cluster: Cluster, namespace: str, tmp_path: Path, git: GitSettings) -> Story:
    """A Deployment that the kernel kills, records of its own, and a repository that they go to."""
    cluster.apply(namespace, json.dumps(hungry()))
    until_killed(cluster, namespace)
    environment = {"AIOPS_RECORD_GIT_REMOTE": git.remote, "AIOPS_RECORD_GIT_WAIT_SECONDS": "200"}
    return Story(cluster, namespace, tmp_path / "records", environment)


def test_four_playbooks_at_once(story: Story, git: GitSettings, tmp_path: Path) -> None:
    runs = [story.start("diagnose_pod.yml", target=TARGET, stage="observe") for _number in range(4)]
    assert [run.wait(timeout=240) for run in runs] == [0] * 4
    assert sorted(_ids(story.folder)) == ["001", "002", "003", "004"]
    there = cloned(git, tmp_path / "clone")
    assert sorted(_ids(there)) == ["001", "002", "003", "004"]
    _clean(story.folder, 4)
    _clean(there, 4)


def _decided(story: Story, record: str, number: int) -> Run:
    digest = story.body("planned", number)["digest"]
    return story.run("approve.yml", record=record, decision="approved", digest=digest, justification="it needs it")


def _audited(story: Story, folder: Path, reports: Path, **more: object) -> Run:
    return story.run("audit_records.yml", records=str(folder), reports=str(reports), **more)


def test_a_change_and_its_rollback_while_the_repository_is_away(story: Story, git: GitSettings, tmp_path: Path) -> None:
    away = Path(git.remote).rename(tmp_path / "away.git")
    story.environment["AIOPS_RECORD_GIT_WAIT_SECONDS"] = "1"
    waiting = story.run("diagnose_pod.yml", "--check", target=TARGET)
    assert waiting.code == 0, waiting.output
    assert "NOT PUSHED: 1 record waits here" in plain(waiting.output)
    assert plain(waiting.output).rstrip().endswith(".prompt.md")
    applied = _decided(story, "1", 0)
    assert applied.code == 0, applied.output
    assert "Status: done" in applied.output
    assert "Not pushed yet" in story.record(0)
    asked = story.run("rollback.yml", record="1")
    assert asked.code == 0, asked.output
    assert f"002-{story.namespace}-deployment-checkout.rollback.prompt.md" in asked.output
    assert _decided(story, "2", 1).code == 0
    assert len(outbox.waiting(story.folder)) == 2

    away.rename(git.remote)
    del story.environment["AIOPS_RECORD_GIT_WAIT_SECONDS"]
    looked = story.run("push_records.yml", "--check")
    assert "2 records wait in" in plain(looked.output)
    pushed = story.run("push_records.yml")
    assert pushed.code == 0, pushed.output
    assert "Pushed: 2 records to" in plain(pushed.output)
    assert outbox.waiting(story.folder) == []

    figures = tmp_path / "aiops_records.prom"
    for folder in (story.folder, cloned(git, tmp_path / "clone")):
        clean = _audited(story, folder, tmp_path / "reports", audit_records_metrics_file=str(figures))
        assert clean.code == 0, clean.output
        assert "Complete 100.0 %: 2 of 2 changes of tier 2 and up" in plain(clean.output)
        assert "Breaches none" in plain(clean.output)
    _promtool_takes(figures)

    # A byte of the change's journal is another one: exit code 2, with file and line.
    path = store.journals(story.folder)[0]
    path.write_bytes(path.read_bytes().replace(b"it needs it", b"it needs me", 1))
    found = _audited(story, story.folder, tmp_path / "reports")
    assert found.code == 2, found.output
    assert "R101" in found.output
    assert f"{path.name}:" in plain(found.output)
    assert _audited(story, story.folder, tmp_path / "reports", audit_records_fail_on="none").code == 0


def _promtool_takes(figures: Path) -> None:
    promtool = ensure_programs(["promtool"], CACHE, Progress(print))["promtool"]
    text = figures.read_text()
    said = subprocess.run([str(promtool), "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
    assert "aiops_records_compliance_ratio 1.0\n" in text
