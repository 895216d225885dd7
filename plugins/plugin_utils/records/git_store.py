# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pushes records to a Git repository from a bare one of our own, so that no work tree and no index is ever touched.

The branch is fetched, our files are added to its tree, one commit a record, and that is pushed. Where somebody else
pushed meanwhile all of it is made anew on theirs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import git_commits, ledger, names
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_commits import Branch, Outgoing, Stream
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_program import GitFailed, git
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings

FOLDER: Final = ".git-store"
_FETCHED: Final = "refs/aiops/fetched"
_TRIES: Final = 3
# What git says where somebody else was faster. A remote's refusal by a rule of its own says something else.
_RACED: Final = ("[rejected]", "cannot lock ref", "failed to update ref", "reference already exists", "stale info")
Make = Callable[[Branch], Sequence[Outgoing]]


def push(folder: Path, settings: GitSettings, make: Make, deadline: Deadline) -> Stream:
    """Push what `make` gives for the branch as it was fetched; raises `GitFailed` when nothing was pushed."""
    store = _prepared(folder, deadline)
    tries = 0
    while True:
        tries += 1
        try:
            branch = _fetched(store, settings, deadline)
            made = git_commits.stream(branch, make(branch), settings)
            if made.commits:
                _send(store, settings, made, deadline)
            return made
        except GitFailed as error:
            pause = pause_after(error.output, tries)
            if pause is None or deadline.remaining() <= pause:
                raise
            deadline.clock.sleep(pause)


def pause_after(output: str, tries: int) -> float | None:
    """For how many seconds to wait before the next try; None for none: the remote refused, or was away three times."""
    if any(words in output for words in _RACED):
        return random.uniform(0.05, 0.1 * 2 ** min(tries, 5))
    return float(tries) if tries < _TRIES and "[remote rejected]" not in output else None


def fetched(folder: Path, settings: GitSettings, deadline: Deadline) -> Branch:
    """What the branch holds now; raises `GitFailed`."""
    return _fetched(_prepared(folder, deadline), settings, deadline)


def content_of(folder: Path, settings: GitSettings, name: str, deadline: Deadline) -> bytes:
    """A file of our folder as it was fetched last; raises `GitFailed`."""
    place = f"{_FETCHED}:{settings.path}/{name}"
    return git(folder / FOLDER, "cat-file", "blob", place, deadline=deadline)


def highest_known(folder: Path, settings: GitSettings, feature: str, deadline: Deadline) -> int:
    """The highest number that the branch had for a feature when it was last fetched; 0 where that is not known."""
    store = folder / FOLDER
    if not store.is_dir():
        return 0
    try:
        files = _files(store, _FETCHED, settings, deadline)
    except GitFailed:
        return 0
    found = [item.rpartition("/")[2] for item in files if item.startswith(f"{names.slug(feature)}/")]
    return max((names.number_of(item) for item in found), default=0)


def _prepared(folder: Path, deadline: Deadline) -> Path:
    store = folder / FOLDER
    if not (store / "HEAD").is_file():
        git(store, "init", "--quiet", "--bare", "--template=", deadline=deadline)
        # Where the folder lies in somebody's work tree, their git shall not see this.
        (store / ".gitignore").write_text("*\n")
    return store


def _fetched(store: Path, settings: GitSettings, deadline: Deadline) -> Branch:
    wanted = f"+refs/heads/{settings.branch}:{_FETCHED}"
    fixed = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--depth=1")
    try:
        git(store, "fetch", *fixed, settings.remote, wanted, deadline=deadline)
    except GitFailed as error:
        if "couldn't find remote ref" in error.output:
            return Branch()
        raise
    head = f"{_FETCHED}^0"
    files = _files(store, _FETCHED, settings, deadline)
    if ledger.NAME not in files:
        return Branch(head, frozenset(files))
    content = git(store, "cat-file", "blob", f"{_FETCHED}:{settings.path}/{ledger.NAME}", deadline=deadline)
    return Branch(head, frozenset(files), content)


def _files(store: Path, commit: str, settings: GitSettings, deadline: Deadline) -> list[str]:
    """Paths in our folder, relative to it."""
    flags = ("-r", "-z", "--full-tree", "--name-only")
    given = git(store, "ls-tree", *flags, commit, f"{settings.path}/", deadline=deadline)
    paths = given.decode("utf-8", errors="surrogateescape").split("\0")
    return [item.removeprefix(f"{settings.path}/") for item in paths if item]


def _send(store: Path, settings: GitSettings, made: Stream, deadline: Deadline) -> None:
    flags = ("--quiet", "--force", "--done", "--date-format=raw")
    git(store, "fast-import", *flags, deadline=deadline, stdin=bytes(made.content))
    target = f"{git_commits.OUTGOING}:refs/heads/{settings.branch}"
    git(store, "push", "--porcelain", "--no-verify", settings.remote, target, deadline=deadline)
