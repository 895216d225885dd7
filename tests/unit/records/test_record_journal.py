# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal: written ahead, chained, and telling when it was tampered with."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import JournalAltered, RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import (
    Journal,
    make_event,
    trusted_events,
    verify,
)


def _written(path: Path, *names: str) -> Path:
    journal = Journal.create(path)
    for name in names:
        journal.append(name, {"text": f"about {name}", "unicode": "ü ✓", "figure": 0.5})
    journal.close()
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return _written(tmp_path / "001-x.jsonl", "opened", "observed", "diagnosed", "sealed")


def test_a_journal_reads_back_as_it_was_written(journal: Path) -> None:
    verification = verify(journal)
    assert verification.intact
    assert verification.sealed
    assert [item.event for item in verification.events] == ["opened", "observed", "diagnosed", "sealed"]
    assert [item.seq for item in verification.events] == [1, 2, 3, 4]
    assert verification.events[1].body == {"text": "about observed", "unicode": "ü ✓", "figure": 0.5}
    first = json.loads(journal.read_text().splitlines()[0])
    assert set(first) == {"seq", "time", "event", "body", "prev", "hash"}
    assert first["time"].endswith("Z")


def test_a_journal_is_for_its_owner_only(journal: Path) -> None:
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600


def test_a_journal_is_never_created_over_another(journal: Path) -> None:
    with pytest.raises(FileExistsError):
        Journal.create(journal)


def _edit(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b"about observed", b"about nothing!"), *lines[2:]]


def _edit_with_a_new_hash(lines: list[bytes]) -> list[bytes]:
    values = json.loads(lines[1])
    forged = make_event(2, "observed", {"text": "forged"}, values["prev"], values["time"])
    return [lines[0], forged.line(), *lines[2:]]


# (what is done to the lines, what the verification says)
TAMPERING: list[tuple[Callable[[list[bytes]], list[bytes]], str]] = [
    (_edit, "line 2 was edited"),
    (_edit_with_a_new_hash, "line 3 does not follow"),
    (lambda lines: [lines[0], *lines[2:]], "line 2 carries the number 3"),
    (lambda lines: lines[1:], "line 1 carries the number 2"),
    (lambda lines: [lines[0], lines[2], lines[1], lines[3]], "line 2 carries the number 3"),
    (lambda lines: [lines[0], lines[1], lines[1], *lines[2:]], "line 3 carries the number 2"),
    (lambda lines: [*lines, b"{}\n"], "line 5 is not an event"),
    (lambda lines: [*lines, b"hello\n"], "line 5 is not JSON"),
    (lambda lines: [*lines, lines[3][:20]], "cut off after 20 bytes"),
    (lambda lines: [], "empty"),
]


@pytest.mark.parametrize(("tamper", "problem"), TAMPERING, ids=[item[1] for item in TAMPERING])
def test_tampering_is_found(journal: Path, tamper: Callable[[list[bytes]], list[bytes]], problem: str) -> None:
    journal.write_bytes(b"".join(tamper(journal.read_bytes().splitlines(keepends=True))))
    verification = verify(journal)
    assert not verification.intact
    assert problem in verification.problems[0]
    with pytest.raises(JournalAltered, match="altered"):
        trusted_events(journal)


def test_a_missing_end_shows_as_a_missing_seal(journal: Path) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    assert verify(journal).intact
    assert not verify(journal).sealed


@pytest.mark.parametrize(
    ("names", "sealed"),
    [
        (["opened"], False),
        (["opened", "sealed"], True),
        (["opened", "sealed", "verified"], True),
        (["opened", "sealed", "rollback-requested", "rolled-back"], True),
        (["opened", "sealed", "resumed", "decided"], False),
        (["opened", "sealed", "resumed", "decided", "sealed"], True),
    ],
)
def test_addenda_leave_a_seal_and_a_resumed_run_breaks_it(tmp_path: Path, names: list[str], sealed: bool) -> None:
    assert verify(_written(tmp_path / "001-x.jsonl", *names)).sealed is sealed


def test_an_addendum_is_chained_to_the_seal(journal: Path) -> None:
    seal = trusted_events(journal)[-1]
    opened = Journal.open(journal)
    assert opened.append("verified", {"ok": True}).prev == seal.hash
    opened.close()
    assert verify(journal).intact


def test_a_line_cut_off_by_a_crash_is_dropped_when_the_journal_goes_on(journal: Path) -> None:
    with journal.open("ab") as stream:
        stream.write(b'{"seq":5,"ti')
    opened = Journal.open(journal)
    opened.append("resumed")
    opened.close()
    assert verify(journal).intact
    assert len(verify(journal).events) == 5


def test_a_damaged_journal_is_not_gone_on_with(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes().replace(b"about observed", b"about nothing!"))
    with pytest.raises(JournalAltered):
        Journal.open(journal)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _replace(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


def _rewrite(path: Path) -> None:
    """Another, consistent journal in the same file, and longer."""
    lines, prev = b"", "sha256:" + "0" * 64
    for seq in range(1, 9):
        event = make_event(seq, "note", {"text": "all is well"}, prev, "2026-11-20T12:00:00.000Z")
        lines, prev = lines + event.line(), event.hash
    with path.open("r+b") as stream:
        stream.write(lines)


@pytest.mark.parametrize(
    "damage", [_cut, _replace, os.unlink, _rewrite], ids=["cut", "replaced", "removed", "rewritten"]
)
def test_a_run_notices_when_its_journal_changes_under_it(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    journal = Journal.create(tmp_path / "001-x.jsonl")
    journal.append("opened")
    journal.append("observed")
    damage(journal.path)
    with pytest.raises(JournalAltered):
        journal.append("planned")


def test_an_edit_of_the_same_length_is_noticed_by_the_lock(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "001-x.jsonl")
    journal.append("decided", {"decision": "rejected"})
    with journal.path.open("r+b") as stream:
        content = stream.read()
        stream.seek(0)
        stream.write(content.replace(b"rejected", b"approved"))
    with pytest.raises(JournalAltered, match="line 1 was edited"), journal.locked():
        pass


def _append_many(path: Path, name: str, times: int) -> None:
    journal = Journal.open(path)
    for number in range(times):
        journal.append(name, {"number": number})
    journal.close()


def test_several_processes_append_to_one_journal(journal: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append_many, args=(journal, "note", 25)) for _number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert verify(journal).intact
    assert len(verify(journal).events) == 4 + 100


def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full")
    journal = Journal(full, os.open(full, os.O_RDWR | os.O_APPEND), [], 0)
    with pytest.raises(RecordError, match="cannot be written"):
        journal._write("opened", {})
    assert journal.events == []


def test_what_json_has_no_form_for_becomes_text(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "001-x.jsonl")
    journal.append("note", {"path": Path("/x"), "bytes": b"\xff", "nan": float("nan"), "surrogate": "\udc80"})
    assert verify(journal.path).intact
    assert verify(journal.path).events[0].body["path"] == "/x"
