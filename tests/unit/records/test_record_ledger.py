# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ledger: the last hash of each journal, chained itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from writing import begin, whole_change

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import journal, ledger, store
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import JournalAltered, LedgerTrouble
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, add_to


def _lines(folder: Path) -> list[journal.Event]:
    return journal.trusted_events(folder / ledger.NAME)


def test_each_journal_is_there_at_its_start_its_seal_and_each_addendum(tmp_path: Path) -> None:
    run = whole_change(Folder(tmp_path))
    add_to(run.journal_path, "verified", {"ok": True})
    lines = _lines(tmp_path)
    assert [item.event for item in lines] == ["opened", "sealed", "added"]
    events = journal.trusted_events(run.journal_path)
    last = lines[-1].body
    assert last["journal"] == "aiops-operations/001-shop-checkout.jsonl"
    assert (last["run_id"], last["events"], last["head"]) == (run.run_id, len(events), events[-1].hash)
    assert last["record"] == f"sha256:{hashlib.sha256(run.record_path.read_bytes()).hexdigest()}"


def test_the_ledger_is_no_journal(tmp_path: Path) -> None:
    whole_change(Folder(tmp_path))
    assert [item.name for item in store.journals(tmp_path)] == ["001-shop-checkout.jsonl"]


def test_an_event_of_a_run_that_goes_on_is_no_addendum(tmp_path: Path) -> None:
    run = begin(Folder(tmp_path))
    add_to(run.journal_path, "asked", {})
    assert [item.event for item in _lines(tmp_path)] == ["opened"]


def test_journals_that_are_older_than_the_ledger_are_adopted(tmp_path: Path) -> None:
    older = whole_change(Folder(tmp_path))
    (tmp_path / ledger.NAME).unlink()
    begin(Folder(tmp_path))
    lines = _lines(tmp_path)
    assert [(item.event, item.body["journal"][-23:]) for item in lines] == [
        ("adopted", "001-shop-checkout.jsonl"),
        ("opened", "002-shop-checkout.jsonl"),
    ]
    assert lines[0].body["head"] == journal.trusted_events(older.journal_path)[-1].hash


def test_a_line_cut_off_by_a_crash_is_dropped(tmp_path: Path) -> None:
    whole_change(Folder(tmp_path))
    with (tmp_path / ledger.NAME).open("ab") as stream:
        stream.write(b'{"seq":3,"ti')
    whole_change(Folder(tmp_path))
    assert [item.seq for item in _lines(tmp_path)] == [1, 2, 3, 4]


def test_a_damaged_ledger_stops_no_run_and_is_in_its_record(tmp_path: Path) -> None:
    whole_change(Folder(tmp_path))
    path = tmp_path / ledger.NAME
    path.write_bytes(path.read_bytes().replace(b'"sealed"', b'"SEALED"'))
    run = whole_change(Folder(tmp_path))
    assert journal.verify(run.journal_path).sealed
    assert "its last line was edited" in run.troubles[0]
    assert "its last line was edited" in run.record_path.read_text()
    with pytest.raises(LedgerTrouble, match=r"its last line was edited.*docs/records\.md"):
        ledger.enter("sealed", run.journal_path, run.events)


def test_a_ledger_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ledger.NAME).mkdir()
    run = begin(Folder(tmp_path))
    assert run.troubles == [f"the ledger {tmp_path / ledger.NAME} cannot be written: Is a directory"]


def test_bytes_of_a_ledger_are_gone_on_with(tmp_path: Path) -> None:
    content = ledger.following(ledger.following(b"", "sealed", {"journal": "a"}), "sealed", {"journal": "b"})
    assert [item.body["journal"] for item in journal.check(content).events] == ["a", "b"]
    with pytest.raises(JournalAltered, match="cut off"):
        ledger.following(content[:-1], "sealed", {})
