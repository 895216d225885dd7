# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Without bubblewrap: a user id of its own for root, and no run at all for anyone else."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from answers import as_text
from conftest import STANDIN, Ask

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.sandbox import is_open_to_others


@pytest.fixture
def for_everyone() -> Iterator[Path]:
    """A folder that another user can enter, with the program in it."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    shutil.copy(STANDIN, folder / "kubectl-ai")
    yield folder
    shutil.rmtree(folder)


def test_as_a_user_of_its_own(ask_standin: Ask, for_everyone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(for_everyone))
    ask_standin.program = str(for_everyone / "kubectl-ai")
    home = ask_standin.environ["HOME"]
    journal = for_everyone / "001-shop.jsonl"
    journal.touch(mode=0o600)
    lingering = "(setsid sleep 600 >/dev/null 2>&1 &)"
    command = f"id -u; cat {home}/.kube/config; echo forged >> {journal}; {lingering}; touch ~/mine && ls ~"
    answer = ask_standin({"tool": "bash", "command": command}, as_text(), sandbox="uid")
    if os.geteuid() != 0:
        assert answer.status == "none" and "only root can run it as another user" in answer.reason
        return
    assert answer.status == "answered" and answer.contained_by == "uid", answer
    assert ask_standin.model
    result = ask_standin.model.seen[-1].tool_results[-1]
    uid, *files = result["stdout"].split()
    assert 61184 <= int(uid) < 65520 and "mine" in files
    assert result["stderr"].count("Permission denied") == 2 and "operators-own-token" not in json.dumps(result)
    assert journal.read_text() == ""
    assert not living(int(uid)), "something lives on"
    assert sorted(path.name for path in for_everyone.iterdir()) == ["001-shop.jsonl", "kubectl-ai"]


def living(uid: int, within_seconds: float = 2.0) -> list[Path]:
    """Processes of a user after a moment: the kernel takes one to bury what was killed."""
    until = time.monotonic() + within_seconds
    while True:
        found = [entry for entry in Path("/proc").glob("[0-9]*") if owner(entry) == uid]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.05)


def owner(entry: Path) -> int:
    try:
        return entry.stat().st_uid
    except OSError:
        return -1


def test_it_is_refused_where_the_operators_home_is_open(ask_standin: Ask, for_everyone: Path) -> None:
    ask_standin.environ["HOME"] = str(for_everyone)
    answer = ask_standin(as_text(), sandbox="uid")
    why = f"it could read {for_everyone}" if os.geteuid() == 0 else "only root"
    assert answer.status == "none" and why in answer.reason and "install bubblewrap" in answer.reason
    assert ask_standin.model and not ask_standin.model.seen


@pytest.mark.parametrize(
    ("folder", "file", "is_open"), [(0o755, 0o644, True), (0o755, 0o640, False), (0o750, 0o644, False)]
)
def test_what_others_can_read(for_everyone: Path, folder: int, file: int, is_open: bool) -> None:
    inner = for_everyone / "home"
    inner.mkdir()
    path = inner / "config"
    path.touch()
    inner.chmod(folder)
    path.chmod(file)
    assert is_open_to_others(path) is is_open
