# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`playbooks/pending.yml` on a folder of records."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from example_plans import make_plan

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import trusted_events
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, Run

ROOT = Path(__file__).resolve().parents[3]


def _play(folder: Path, *arguments: str) -> str:
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "AIOPS_RECORD_FOLDER": str(folder)}
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "playbooks/pending.yml", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.terminal
def test_what_waited_too_long_is_recorded_once(tmp_path: Path) -> None:
    body = {"run_id": "r-9", "stage": "diagnosis", "person": {"name": "carol", "identity": "os-user"}}
    run = Run.open(Folder(tmp_path), "shop", body)
    run.add("planned", make_plan(4, datetime.now(UTC) - timedelta(hours=2)))
    run.seal(failed=False, counts={})
    assert "changed=1" in _play(tmp_path, "--check")
    assert trusted_events(run.journal_path)[-1].event == "sealed"
    shown = _play(tmp_path)
    assert "changed=1" in shown
    assert "Nothing waits for a decision" in shown
    assert "Expired   r-9: nobody decided in time" in shown
    again = _play(tmp_path)
    assert "changed=0" in again
    assert "Expired" not in again
    assert [item.event for item in trusted_events(run.journal_path)][-2:] == ["sealed", "expired"]


@pytest.mark.terminal
def test_the_folder_is_that_of_the_callbacks_settings(tmp_path: Path) -> None:
    settings = "[defaults]\ncallbacks_enabled = aiops.kubernetes.phr\n[aiops_records]\nfolder = elsewhere\n"
    (tmp_path / "ansible.cfg").write_text(settings)
    environ = {**os.environ, "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg")}
    environ["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / "playbooks" / "collections")
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(ROOT / "playbooks" / "pending.yml")]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing waits for a decision in " in done.stdout
    assert f"{tmp_path}/elsewhere." in "".join(done.stdout.split())


@pytest.mark.terminal
def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "playbooks/pending.yml"]
    command += ["-e", "change_minimum_strength=signed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert "minimum_strength is 'signed': use one of extra-vars" in " ".join((done.stdout + done.stderr).split())
