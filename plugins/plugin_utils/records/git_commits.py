# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records as commits on top of what a branch holds: names that nobody took, the ledger gone on with (pure).

What comes out is a stream for git-fast-import(1): it adds our files to the tree of the parent and touches no other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import ledger, markdown, names, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import JournalAltered
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event

OUTGOING = "refs/aiops/outgoing"


@dataclass(frozen=True)
class Branch:
    """What the remote's branch holds: its commit ("" for none), our folder's files, the bytes of its ledger."""

    head: str = ""
    files: frozenset[str] = frozenset()
    ledger: bytes = b""


@dataclass(frozen=True)
class Outgoing:
    """A record to be pushed. `journal` is `feature/NNN-slug.jsonl`; `files` are all of its files by their names.

    `events` are those up to a first damage; `subject` is the commit's first line.
    """

    journal: str
    events: Sequence[Event]
    files: Mapping[str, bytes]
    subject: str

    @property
    def run_id(self) -> str:
        """The id of the run that opened the journal; the hash of its first line where it has none."""
        return str(self.events[0].body.get("run_id") or self.events[0].hash) if self.events else ""


@dataclass
class Stream:
    """Commits for git-fast-import, and what became of the ledger."""

    content: bytearray = field(default_factory=bytearray)
    commits: int = 0
    trouble: str = ""


def place(journal: str, run_id: str, branch: Branch) -> str:
    """What a journal is called on the branch: as here, or with its run's own id where another run took the number."""
    feature, _slash, name = journal.rpartition("/")
    for known, body in known_in(branch.ledger).items():
        if body.get("run_id") == run_id and known.startswith(f"{feature}/"):
            return known
    own = f"{feature}/{names.with_own_id(name, run_id)}"
    taken = {names.number_of(item.rpartition("/")[2]) for item in branch.files if item.startswith(f"{feature}/")}
    return own if names.number_of(name) in taken else journal


def is_newer(journal: str, events: Sequence[Event], branch: Branch) -> bool:
    """Whether a journal goes on where the branch has it, or is not there yet; else it must not take its place."""
    head = known_in(branch.ledger).get(journal, {}).get("head")
    return head is None or head in [item.hash for item in events]


def known_in(content: bytes) -> dict[str, dict[str, Any]]:
    """The last that a ledger says of each journal, as far as it can be read."""
    known: dict[str, dict[str, Any]] = {}
    for line in content.splitlines():
        try:
            body = json.loads(line)["body"]
            known[str(body["journal"])] = dict(body)
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
    return known


def stream(branch: Branch, records: Sequence[Outgoing], settings: GitSettings) -> Stream:
    """One commit a record, each on the one before; `records` have the names that `place` gave."""
    made = Stream()
    content, parent = branch.ledger, branch.head
    known = known_in(content)
    for record in records:
        body = _ledger_body(record, settings)
        if known.get(record.journal) == body:
            continue
        files = dict(record.files)
        try:
            content = files[ledger.NAME] = ledger.following(content, "sealed", body)
        except JournalAltered as error:
            made.trouble = f"the ledger on the branch was altered: {error}"
        made.commits += 1
        made.content += _commit(made.commits, parent, files, _message(record, settings), record, settings)
        parent = f":{made.commits}"
    made.content += b"done\n"
    return made


def _ledger_body(record: Outgoing, settings: GitSettings) -> dict[str, Any]:
    readable = next((content for path, content in record.files.items() if path.endswith(".prompt.md")), None)
    body = {**ledger.body(record.journal, record.events, readable), "run_id": record.run_id}
    return body if settings.journals else {**body, "kept": False}


def _message(record: Outgoing, settings: GitSettings) -> str:
    lines = [markdown.one_line(record.subject, 120), "", f"Run: {markdown.one_line(record.run_id, 80)}"]
    return "\n".join([*lines, f"Signed-off-by: {settings.author}"] if settings.sign_off else lines) + "\n"


def _commit(
    mark: int, parent: str, files: Mapping[str, bytes], message: str, record: Outgoing, settings: GitSettings
) -> bytes:
    ended = times.parse(record.events[-1].time) if record.events else None
    author = f"author {settings.author} {int((ended or times.now()).timestamp())} +0000\n"
    committer = f"committer {settings.author} {int(times.now().timestamp())} +0000\n"
    parts = [f"commit {OUTGOING}\nmark :{mark}\n{author}{committer}".encode(), _data(message.encode())]
    if parent:
        parts.append(f"from {parent}\n".encode())
    for path, content in files.items():
        parts += [f"M 100644 inline {settings.path}/{path}\n".encode(), _data(content)]
    return b"".join(parts) + b"\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
