# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adds what an advisor says late to the journal, also after the run has ended: an addendum, chained like any other."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import apart
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, shipping
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import add_to, refresh

_LOOK_AGAIN_SECONDS: Final = 0.5


def follow_apart(opened: live.Open, folder: Path, names: Mapping[str, str], within_seconds: float) -> None:
    """Go on with `follow` in a process of its own, that neither the run nor a terminal waits for."""
    child = os.fork()
    if child == 0:
        try:
            if os.fork() == 0:
                os.setsid()
                nothing = os.open(os.devnull, os.O_RDWR)
                for descriptor in (0, 1, 2):
                    os.dup2(nothing, descriptor)
                follow(opened, folder, names, within_seconds)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def follow(opened: live.Open, folder: Path, names: Mapping[str, str], within_seconds: float) -> None:
    """Record each answer as it comes, and after `within_seconds` that the others never came; `names` by number."""
    ends = Deadline.after(within_seconds)
    missing = dict(names)
    while missing and not ends.expired and folder.is_dir():
        for number, answer in apart.take(folder).items():
            _add(opened, {**answer, "late": True})
            missing.pop(number, None)
        if missing:
            SYSTEM_CLOCK.sleep(_LOOK_AGAIN_SECONDS)
    for name in missing.values():
        _add(opened, {"name": name, "status": "none", "reason": "it did not answer later either", "late": True})
    shutil.rmtree(folder, ignore_errors=True)
    if opened.git:
        shipping.ship(Path(opened.folder), GitSettings(**opened.git), opened.templates)


def _add(opened: live.Open, body: dict[str, Any]) -> None:
    """There is nobody to tell where a journal cannot be written any more."""
    with contextlib.suppress(RecordError):
        add_to(Path(opened.journal), "advised", body, opened.templates, to_push=bool(opened.git))
        # The run may have ended in between, and have rendered its end before this.
        refresh(Path(opened.journal), opened.templates)
