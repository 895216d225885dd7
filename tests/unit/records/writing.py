# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes whole records of changes as the playbooks do, for tests of store, ledger and audit."""

from __future__ import annotations

import secrets
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from example_plans import make_plan

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, Run

METRICS = {"before": {"ready": 0, "restarts": 7}, "after": {"ready": 1, "restarts": 0}}
DIAGNOSIS = {
    "verdict": "failing",
    "root_cause": {"class": "oom-killed", "summary": "killed at 64Mi", "confidence": 0.9, "evidence": []},
}


def approval(plan: dict[str, Any], **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "decision": "approved",
        "digest": plan["digest"],
        "by": "ada",
        "role": "approver",
        "identity": "os-user",
        "channel": "terminal",
        "asked_at": times.rfc3339(now),
        "decided_at": times.rfc3339(now),
        "expires_at": times.rfc3339(now + timedelta(minutes=15)),
        "justification": "orders need 180Mi",
        "approvals": [],
        **more,
    }


def begin(folder: Folder, **more: Any) -> Run:
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    body = {"run_id": run_id, "stage": "diagnosis", "host": "cluster", "command": "ansible-playbook x", **more}
    return Run.open(folder, "shop checkout", body)


def whole_change(folder: Folder, level: int = 3, without: str = "", **decision: Any) -> Run:
    """A change from the diagnosis to the seal; `without` leaves an event out."""
    run = begin(folder)
    plan = make_plan(level)
    bodies = {
        "diagnosed": {"diagnosis": DIAGNOSIS},
        "planned": plan,
        "decided": approval(plan, **decision),
        "applying": {"digest": plan["digest"], "tier": level},
        "applied": {"digest": plan["digest"], "written": []},
        "validated": {"ok": True, "message": "1 of 1 ready", "metrics": METRICS},
        "monitored": {"ok": True, "message": "it went on to hold"},
    }
    for name, body in bodies.items():
        if name != without:
            run.append(name, body)
    run.seal(failed=False, counts={"ok": 3})
    return run


def bare(path: Path) -> Path:
    """An empty bare repository, as a remote."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(path)], check=True)
    return path


def in_repository(path: Path, *arguments: str) -> str:
    return subprocess.run(["git", f"--git-dir={path}", *arguments], check=True, capture_output=True, text=True).stdout


def settings(remote: Path, **more: Any) -> GitSettings:
    return GitSettings(remote=str(remote), **more)
