# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one file that starts git: an argument list, an end, no prompt, nobody's hooks, one sentence on failure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import processes
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.markdown import one_line

_KEPT_BYTES: Final = 256 * 1024 * 1024
# These would point git at another repository than ours, or let it ask somebody.
_NOT_OURS: Final = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
    *("GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_TRACE", "SSH_ASKPASS", "DISPLAY"),
)


class GitFailed(RecordError):
    """git ended badly, or not in time; `output` is all that it said."""

    def __init__(self, sentence: str, output: str = "") -> None:
        super().__init__(sentence)
        self.output = output


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment (their keys, proxies and credential helpers), in which git and ssh ask nobody."""
    kept = {key: text for key, text in environ.items() if key not in _NOT_OURS}
    ssh = kept.get("GIT_SSH_COMMAND") or "ssh"
    return {
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "GIT_SSH_COMMAND": f"{ssh} -o BatchMode=yes -o ConnectTimeout=10",
        "LC_ALL": "C",
    }


def git(store: Path, *arguments: str, deadline: Deadline, stdin: bytes = b"") -> bytes:
    """Run git on the bare repository `store` and return what it printed; raises `GitFailed`."""
    # What lies in the folder is the truth; the repository beside it may be made anew at any time.
    fixed = ("-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "core.fsync=none")
    command = ["git", f"--git-dir={store}", *fixed, *arguments]
    try:
        finished = processes.run(
            command,
            environment=environment(os.environ),
            deadline=deadline,
            stdin=stdin,
            kept_bytes=_KEPT_BYTES,
            umask=_umask(),
        )
    except processes.NotStarted as error:
        raise GitFailed(f"{error}: install git on the machine that runs the playbook") from None
    told = (finished.stdout + b"\n" + finished.stderr).decode("utf-8", errors="replace")
    if finished.stopped:
        raise GitFailed(f"git {arguments[0]} did not end in time", told)
    if finished.exit_code or finished.signal:
        raise GitFailed(_sentence(told) or f"git {arguments[0]} failed without a word", told)
    return finished.stdout


def _sentence(told: str) -> str:
    """What a person needs of git's output: the remote's own words and the last error, without secrets."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    refused = [line.partition("\t")[2] for line in lines if line.startswith("!")]
    errors = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "ssh:", "Permission denied"))]
    told_by = [*refused[:1], *errors[:2]] or lines[-1:]
    return one_line(redact("; ".join(told_by)), 300)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
