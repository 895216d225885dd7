# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Processes that write whole records at once, and a Git repository that takes them."""

from __future__ import annotations

import multiprocessing
import secrets
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, Run
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.shipping import ship


def write(folder: Folder) -> None:
    """One run that only looks: opened, observed, sealed, pushed."""
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    run = Run.open(folder, "shop checkout", {"run_id": run_id, "stage": "diagnosis", "host": "cluster", "command": "x"})
    run.add("observed", {"evidence": [{"id": "E1", "text": "it is killed"}]})
    run.seal(failed=False, counts={"ok": 1})
    if folder.git:
        ship(folder.path, folder.git)


def at_once(folders: list[Folder]) -> None:
    """A process for each, all of them started before the first has ended."""
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write, args=(folder,)) for folder in folders]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * len(writers)


def repository(path: Path, wait_seconds: float = 240) -> GitSettings:
    """An empty bare repository: its branch does not exist yet."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(path)], check=True)
    return GitSettings(remote=str(path), wait_seconds=wait_seconds)


def cloned(git: GitSettings, path: Path) -> Path:
    """The folder of records in a clone of what is there now."""
    subprocess.run(["git", "clone", "--quiet", "-b", git.branch, git.remote, str(path)], check=True)
    return path / git.path
