# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether each readable record says what its journal says: it is rendered again and compared."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.catalogue import Breach
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.integrity import (
    entries_of,
    latest,
    not_kept,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.reading import Read, Records
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import names, status
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import write_record

# One task hands over at most so many events before its record is rendered, and some more.
_UNRENDERED = 9


def breaches(records: Records, templates: str = "") -> tuple[list[Breach], int]:
    """What differs, and how many records were taken on the ledger's word.

    A record that another version of the collection rendered cannot be rendered again; what the ledger holds of it was
    written down when it was rendered.
    """
    found: list[Breach] = []
    trusted = 0
    held = {name: str(latest(entries).get("record") or "") for name, entries in entries_of(records.ledger).items()}
    for read in records.journals:
        if not read.verified.intact or not read.events or read.running:
            continue
        differing = list(_differing(read, templates))
        if differing and _is_held(read, held.get(read.name, "")):
            trusted += 1
        else:
            found += differing
    elsewhere = set(not_kept(records.ledger))
    for orphan in records.orphans:
        if _journal_of(orphan) not in elsewhere:
            found.append(Breach("R303", orphan, 0, f"{_journal_of(orphan)} is not there"))
    return found, trusted


def _journal_of(record: str) -> str:
    return record.removesuffix(".prompt.md").rpartition(".")[0] + ".jsonl"


def _differing(read: Read, templates: str) -> Iterator[Breach]:
    folder = read.name.rpartition("/")[0]
    try:
        ways = [_rendered(read, events, ends, templates) for events, ends in _stands(read)]
    except Exception as error:  # whatever a forger put into a journal, the audit goes on
        yield Breach("R301", read.name, 0, f"no record can be rendered from it: {type(error).__name__}: {error}")
        return
    for name in ways[0]:
        path = read.path.with_name(name)
        shown = f"{folder}/{name}" if folder else name
        try:
            content = path.read_bytes()
        except OSError:
            yield Breach("R302", shown, 0, f"{name} is not there, or cannot be read")
            continue
        if all(content != way.get(name) for way in ways):
            line = _first_difference(content, ways[0][name])
            yield Breach("R301", shown, line, f"line {line} is not what {read.path.name} says")


def _stands(read: Read) -> list[tuple[list[Event], str]]:
    """The events and the status that a record may have been rendered with, the likeliest first.

    A killed run's record stands as a later run found it, or as it was left: up to some events before the last.
    """
    whole = read.events
    found = [(whole, status.current(whole)), (whole, status.standing(whole)), (whole, status.at_interruption(whole))]
    if not read.verified.sealed:
        shorter = [whole[:-less] for less in range(1, min(_UNRENDERED, len(whole)))]
        found += [(events, status.standing(events)) for events in shorter]
    return [item for place, item in enumerate(found) if item not in found[:place]]


def _rendered(read: Read, events: list[Event], ends: str, templates: str) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="aiops-audit-") as place:
        write_record(Path(place) / read.path.name, events, ends, templates)
        return {path.name: path.read_bytes() for path in Path(place).iterdir()}


def _first_difference(one: bytes, other: bytes) -> int:
    lines, others = one.splitlines(), other.splitlines()
    pairs = zip(lines, others, strict=False)
    return next((number for number, (a, b) in enumerate(pairs, start=1) if a != b), min(len(lines), len(others)) + 1)


def _is_held(read: Read, held: str) -> bool:
    stage = str(read.events[0].body.get("stage") or "run")
    try:
        content = names.record_path(read.path, stage).read_bytes()
    except OSError:
        return False
    return held == f"sha256:{hashlib.sha256(content).hexdigest()}"
