# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures of the record tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from writing import whole_change

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, Run


@pytest.fixture(autouse=True)
def _no_journal_from_outside() -> Iterator[None]:
    live.forget()
    yield
    live.forget()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that was just opened."""
    body = {
        "run_id": "20261120T120000Z-0a1b2c3d",
        "stage": "diagnosis",
        "host": "cluster",
        "command": "ansible-playbook x",
        "person": {"name": "carol", "sudo_user": "", "identity": "os-user"},
    }
    return Run.open(Folder(tmp_path / "history"), "shop checkout", body)


@pytest.fixture(scope="session")
def _clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    for level in (2, 3, 3):
        whole_change(Folder(folder), level)
    return folder


@pytest.fixture
def folder_of_changes(_clean: Path, tmp_path: Path) -> Path:
    """Three whole changes of tiers 2, 3 and 3 with their ledger, to be tampered with."""
    place = tmp_path / "records"
    shutil.copytree(_clean, place)
    return place
