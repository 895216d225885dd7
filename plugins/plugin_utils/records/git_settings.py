# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which Git repository records go to, checked (pure apart from the look whether a remote is a folder here)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError

# Names that git takes, and fewer: no blanks, no "..", no "@{", no end in ".lock" (git-check-ref-format(1)).
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*")
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. +-]*(/[A-Za-z0-9_][A-Za-z0-9_. +-]*)*")
_AUTHOR = re.compile(r"[^<>\s\x00-\x1f]([^<>\x00-\x1f]*[^<>\s\x00-\x1f])? <[^<>\s\x00-\x1f]+>")


@dataclass(frozen=True)
class GitSettings:
    """`remote` is an address or an absolute path; records lie in `path` on `branch`; `wait_seconds` bounds a push.

    With `journals` false only the readable records and the ledger go, which an audit cannot verify.
    """

    remote: str
    branch: str = "records"
    path: str = "history/prompts"
    author: str = "aiops.kubernetes <records@aiops.invalid>"
    sign_off: bool = False
    journals: bool = True
    wait_seconds: float = 120.0


OPTIONS = tuple(f"git_{name}" for name in GitSettings.__dataclass_fields__)


def from_options(options: Mapping[str, Any]) -> GitSettings | None:
    """The settings from the callback's options (`git_remote`, …); None where no remote is named.

    Raises `RecordError` with the option, what is wrong and what to write.
    """
    given = {name: options[f"git_{name}"] for name in GitSettings.__dataclass_fields__}
    remote = str(given["remote"] or "").strip()
    if not remote:
        return None
    if remote.startswith("-") or not remote.isprintable():
        raise RecordError(f"git_remote is {remote!r}: give the address or path of a repository")
    _require("git_branch", str(given["branch"]), _BRANCH, "the name of a branch, such as records")
    if re.search(r"\.\.|\.lock(/|$)|\.(/|$)", str(given["branch"])):
        raise RecordError(f"git_branch is {given['branch']!r}: git takes no such name")
    _require("git_path", str(given["path"]), _PATH, "a folder within the repository, such as history/prompts")
    if ".." in str(given["path"]):
        raise RecordError(f"git_path is {given['path']!r}: give a folder within the repository")
    _require("git_author", str(given["author"]), _AUTHOR, "Name <address>")
    here = Path(remote).expanduser()
    return GitSettings(
        remote=str(here.absolute()) if here.is_dir() else remote,
        branch=str(given["branch"]),
        path=str(given["path"]),
        author=str(given["author"]),
        sign_off=bool(given["sign_off"]),
        journals=bool(given["journals"]),
        wait_seconds=max(1.0, float(given["wait_seconds"])),
    )


def _require(option: str, value: str, pattern: re.Pattern[str], what: str) -> None:
    if not pattern.fullmatch(value):
        raise RecordError(f"{option} is {value!r}: give {what}")
