# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever is done to a folder of records, an audit finds it and says where; a clean folder gives 100 %."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from writing import begin, whole_change

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.audit import audit
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.catalogue import ROWS, finding
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.reading import read
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import journal, ledger
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, add_to, write_record

FEATURE = "aiops-operations"
ONE, TWO, THREE = (f"{FEATURE}/00{number}-shop-checkout.jsonl" for number in (1, 2, 3))


def _record(name: str) -> str:
    return name.replace(".jsonl", ".diagnosis.prompt.md")


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def one_byte_changed(folder: Path) -> None:
    path = folder / ONE
    path.write_bytes(path.read_bytes().replace(b"1 of 1 ready", b"1 of 2 ready"))


def one_byte_that_breaks_json(folder: Path) -> None:
    lines = _lines(folder / ONE)
    (folder / ONE).write_bytes(b"".join([lines[0], b"[" + lines[1][1:], *lines[2:]]))


def line_removed(folder: Path) -> None:
    lines = _lines(folder / ONE)
    (folder / ONE).write_bytes(b"".join([*lines[:3], *lines[4:]]))


def two_lines_reordered(folder: Path) -> None:
    lines = _lines(folder / ONE)
    lines[2], lines[3] = lines[3], lines[2]
    (folder / ONE).write_bytes(b"".join(lines))


def line_twice(folder: Path) -> None:
    lines = _lines(folder / ONE)
    (folder / ONE).write_bytes(b"".join([*lines[:3], lines[2], *lines[3:]]))


def end_cut_off(folder: Path) -> None:
    (folder / ONE).write_bytes(b"".join(_lines(folder / ONE)[:-2]))


def last_line_cut_in_the_middle(folder: Path) -> None:
    (folder / ONE).write_bytes((folder / ONE).read_bytes()[:-30])


def emptied(folder: Path) -> None:
    (folder / ONE).write_bytes(b"")


def removed(folder: Path) -> None:
    (folder / TWO).unlink()
    (folder / _record(TWO)).unlink()


def two_swapped(folder: Path) -> None:
    for name in (ONE, _record(ONE)):
        os.rename(folder / name, folder / "kept")
        os.rename(folder / name.replace("001", "002"), folder / name)
        os.rename(folder / "kept", folder / name.replace("001", "002"))


def _rechained(folder: Path, name: str, old: bytes, new: bytes) -> None:
    """The journal written anew by somebody who knows how its chain is made, with the record to fit."""
    events: list[journal.Event] = []
    for event in journal.trusted_events(folder / name):
        body = json.loads(json.dumps(event.body).replace(old.decode(), new.decode()))
        prev = events[-1].hash if events else journal.FIRST_PREV
        events.append(journal.make_event(event.seq, event.event, body, prev, event.time))
    (folder / name).write_bytes(b"".join(item.line() for item in events))
    write_record(folder / name, events, "done")


def whole_journal_rechained(folder: Path) -> None:
    _rechained(folder, ONE, b'"ada"', b'"eve"')


def line_added_behind_the_ledger(folder: Path) -> None:
    opened = journal.Journal.open(folder / ONE)
    opened.append("verified", {"ok": True})
    opened.close()
    write_record(folder / ONE, opened.events, "done")


def put_there_by_hand(folder: Path) -> None:
    content = (folder / "other" / FEATURE / "004-shop-checkout.jsonl").read_bytes()
    (folder / FEATURE / "004-shop-checkout.jsonl").write_bytes(content)
    write_record(folder / FEATURE / "004-shop-checkout.jsonl", journal.check(content).events, "done")


def copied(folder: Path) -> None:
    (folder / FEATURE / "009-copy.jsonl").write_bytes((folder / ONE).read_bytes())
    write_record(folder / FEATURE / "009-copy.jsonl", journal.trusted_events(folder / ONE), "done")


def number_given_twice(folder: Path) -> None:
    for name in (THREE, _record(THREE)):
        os.rename(folder / name, folder / name.replace("003", "002").replace("checkout", "other"))


def ledger_edited(folder: Path) -> None:
    path = folder / ledger.NAME
    path.write_bytes(path.read_bytes().replace(b'"sealed"', b'"SEALED"', 1))


def ledger_line_removed(folder: Path) -> None:
    lines = _lines(folder / ledger.NAME)
    (folder / ledger.NAME).write_bytes(b"".join([lines[0], *lines[2:]]))


def ledger_removed(folder: Path) -> None:
    (folder / ledger.NAME).unlink()


def record_edited(folder: Path) -> None:
    path = folder / _record(ONE)
    path.write_text(path.read_text().replace("by ada", "by eve"))


def record_removed(folder: Path) -> None:
    (folder / _record(ONE)).unlink()


def record_put_there(folder: Path) -> None:
    (folder / FEATURE / "008-x.diagnosis.prompt.md").write_text("---\n---\napproved by everybody\n")


# (what is done, code, where, what is said)
TAMPERING: list[tuple[Callable[[Path], None], str, str, str]] = [
    (one_byte_changed, "R101", f"{ONE}:7", "line 7 was edited: it is not what the run wrote there"),
    (one_byte_that_breaks_json, "R101", f"{ONE}:2", "line 2 was edited"),
    (line_removed, "R102", f"{ONE}:4", "line 4 was removed"),
    (two_lines_reordered, "R102", f"{ONE}:3", "lines 4, 3 are out of order"),
    (line_twice, "R102", f"{ONE}:4", "line 3 stands there twice"),
    (end_cut_off, "R102", f"{ONE}:8", "7 of 9 lines are there: its end was cut off after"),
    (last_line_cut_in_the_middle, "R102", f"{ONE}:9", "cut off in the middle of line 9"),
    (emptied, "R102", ONE, "it is empty: all of its lines are gone"),
    (removed, "R103", TWO, "it is gone: run"),
    (two_swapped, "R104", f"{ONE}:1", f"the two were swapped: {TWO} holds run"),
    (whole_journal_rechained, "R104", f"{ONE}:9", "it was written anew: line 9 is not the one that the ledger holds"),
    (line_added_behind_the_ledger, "R108", f"{ONE}:10", "1 lines were added after"),
    (put_there_by_hand, "R109", f"{FEATURE}/004-shop-checkout.jsonl", "the ledger does not know run"),
    (copied, "R105", f"{FEATURE}/009-copy.jsonl:1", f"as is {ONE}"),
    (number_given_twice, "R106", f"{FEATURE}/002-shop-other.jsonl", f"{TWO} has the number 002 too"),
    (ledger_edited, "R201", "ledger.jsonl:2", "line 2 was edited"),
    (ledger_line_removed, "R201", "ledger.jsonl:2", "line 2 was removed"),
    (ledger_removed, "R202", "ledger.jsonl", "there is no ledger for the 3 journals here"),
    (record_edited, "R301", _record(ONE), "is not what 001-shop-checkout.jsonl says"),
    (record_removed, "R302", _record(ONE), "is not there"),
    (record_put_there, "R303", f"{FEATURE}/008-x.diagnosis.prompt.md", "008-x.jsonl is not there"),
]


def test_a_clean_folder_has_no_breach_and_is_complete(folder_of_changes: Path) -> None:
    made = audit(folder_of_changes)
    assert made.breaches == []
    assert made.percent == 100.0
    assert (made.compliant, len(made.judged), made.states["sealed"]) == (3, 3, 3)


@pytest.mark.parametrize(("tamper", "code", "where", "words"), TAMPERING, ids=[item[0].__name__ for item in TAMPERING])
def test_tampering_is_found_with_file_and_line(
    folder_of_changes: Path, tamper: Callable[[Path], None], code: str, where: str, words: str
) -> None:
    if tamper is put_there_by_hand:
        for _number in range(4):
            whole_change(Folder(folder_of_changes / "other"))
    tamper(folder_of_changes)
    made = audit(folder_of_changes)
    found = [item for item in made.breaches if item.code == code]
    assert found, made.breaches
    assert any(item.where.startswith(where) and words in item.message for item in found), found
    assert code in ROWS
    assert finding(found[0]).severity == ROWS[code].severity


def test_what_is_damaged_is_not_complete(folder_of_changes: Path) -> None:
    one_byte_changed(folder_of_changes)
    made = audit(folder_of_changes)
    assert (made.compliant, len(made.judged), made.lost) == (2, 2, 1)
    assert made.percent == pytest.approx(200 / 3)
    removed(folder_of_changes)
    assert audit(folder_of_changes).percent == pytest.approx(100 / 3)


def test_what_was_swapped_is_not_complete(folder_of_changes: Path) -> None:
    two_swapped(folder_of_changes)
    assert audit(folder_of_changes).percent == pytest.approx(100 / 3)


def test_a_forger_of_the_whole_ledger_is_found_by_what_an_earlier_audit_saw(folder_of_changes: Path) -> None:
    before = audit(folder_of_changes)
    seen = [{"entries": before.ledger_entries, "head": before.ledger_head, "at": "2026-11-20T12:00:00Z"}]
    assert audit(folder_of_changes, witnesses=seen).breaches == []
    whole_journal_rechained(folder_of_changes)
    (folder_of_changes / ledger.NAME).unlink()
    for name in (ONE, TWO, THREE):
        ledger.enter("sealed", folder_of_changes / name, journal.trusted_events(folder_of_changes / name))
    assert audit(folder_of_changes).breaches == []
    [found] = audit(folder_of_changes, witnesses=seen).breaches
    assert (found.code, found.where) == ("R203", "ledger.jsonl:6")
    assert "which the audit of 2026-11-20T12:00:00Z saw, is not there any more" in found.message


def test_a_journal_without_a_seal_is_said_unless_its_run_goes_on(tmp_path: Path) -> None:
    running = begin(Folder(tmp_path))
    assert audit(tmp_path).breaches == []
    assert audit(tmp_path).states["running"] == 1
    child = os.fork()
    if child == 0:
        killed = begin(Folder(tmp_path))
        killed.add("observed", {})
        # Killed before its record was rendered again.
        killed.append("diagnosed", {})
        killed.append("recommended", {})
        os._exit(0)
    os.waitpid(child, 0)
    [found] = audit(tmp_path).breaches
    assert (found.code, found.line) == ("R107", 4)
    assert 'it ends with "recommended"' in found.message
    running.seal(failed=False, counts={})


def _forged(path: Path, bodies: list[tuple[str, dict[str, object]]]) -> list[journal.Event]:
    events: list[journal.Event] = []
    for number, (name, body) in enumerate(bodies, start=1):
        prev = events[-1].hash if events else journal.FIRST_PREV
        events.append(journal.make_event(number, name, body, prev, "2026-11-20T12:00:00.000Z"))
    path.write_bytes(b"".join(item.line() for item in events))
    return events


def test_nonsense_in_a_forged_journal_or_ledger_stops_no_audit(tmp_path: Path) -> None:
    (tmp_path / FEATURE).mkdir()
    plan = {"tier": "high", "rollback": 7, "validation": {"checks": 3}, "digest": []}
    _forged(
        tmp_path / ONE,
        [
            ("opened", {"run_id": ["x"], "stage": {"a": 1}, "person": "root"}),
            ("diagnosed", {"diagnosis": [1], "root_cause": "x"}),
            ("planned", plan),
            ("decided", {"decision": 1, "expires_at": {}, "approvals": "all", "justification": ["x"]}),
            ("applying", {}),
            ("validated", {"ok": "yes", "metrics": "good", "checks": 7}),
            ("sealed", {"status": 7}),
        ],
    )
    _forged(tmp_path / ledger.NAME, [("sealed", {"journal": ONE, "events": "many", "head": 1, "record": {}})])
    found = {item.code for item in audit(tmp_path).breaches}
    assert {"R104", "R402", "R405", "R404"} <= found


def test_a_run_elsewhere_is_taken_for_dead_after_a_day(tmp_path: Path) -> None:
    (tmp_path / FEATURE).mkdir()
    elsewhere = {"run_id": "r", "stage": "diagnosis", "process": {"pid": 1, "machine": "another", "started": "1"}}
    [event] = _forged(tmp_path / ONE, [("opened", elsewhere)])
    ledger.enter("opened", tmp_path / ONE, [event])
    assert "R107" in {item.code for item in audit(tmp_path).breaches}


def test_an_addendum_and_a_resumed_run_are_no_breach(folder_of_changes: Path) -> None:
    add_to(folder_of_changes / ONE, "verified", {"ok": True})
    again = begin(Folder(folder_of_changes))
    again.seal(failed=False, counts={})
    made = audit(folder_of_changes)
    assert made.breaches == []


def test_a_record_that_another_version_rendered_is_taken_on_the_ledgers_word(folder_of_changes: Path) -> None:
    path = folder_of_changes / _record(ONE)
    path.write_text(path.read_text() + "\nAn older version wrote this.\n")
    assert [item.code for item in audit(folder_of_changes).breaches] == ["R301"]
    # As it would be, had that version rendered and entered it.
    ledger.enter("added", folder_of_changes / ONE, journal.trusted_events(folder_of_changes / ONE))
    made = audit(folder_of_changes)
    assert made.breaches == []
    assert made.trusted == 1


def test_a_folder_without_records_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="there are no records in"):
        read(tmp_path)
    with pytest.raises(RecordError, match="there is no folder"):
        read(tmp_path / "nowhere")
