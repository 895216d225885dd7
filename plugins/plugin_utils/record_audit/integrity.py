# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether journals are what their runs wrote: each chain by itself, all together, and against the ledger (pure)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.catalogue import Breach
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.reading import Ledger, Read, Records
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import ledger, names
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event


def breaches(records: Records, witnesses: Sequence[Mapping[str, Any]] = ()) -> list[Breach]:
    """Everything wrong with journals and ledger. `witnesses` are what earlier audits saw: {entries, head, at}."""
    found = [item for read in records.journals for item in _chain(read)]
    found += _twice(records.journals)
    found += _ledger(records, witnesses)
    if records.ledger.there:
        found += _against_ledger(records)
    return found


def _chain(read: Read) -> Iterator[Breach]:
    if not read.verified.intact:
        yield _damage(read.name, read.content, read.verified.problems[0], len(read.events) + 1)
    elif not read.verified.sealed and not read.running:
        last = read.events[-1]
        yield Breach("R107", read.name, last.seq, f'it ends with "{last.event}" at {last.time} and has no seal')


def _damage(name: str, content: bytes, problem: str, line: int) -> Breach:
    """What was done to a chain, as far as the numbers of its lines tell."""
    if not content:
        return Breach("R102", name, 0, "it is empty: all of its lines are gone")
    if "edited" in problem or "is not" in problem:
        return Breach("R101", name, line, f"line {line} was edited: it is not what the run wrote there")
    numbers = [_number(item) for item in content.splitlines()]
    known = [item for item in numbers if item]
    if "cut off" in problem and line > len(known):
        return Breach("R102", name, line, f"it is cut off in the middle of line {line}")
    missing = sorted(set(range(1, max(known, default=0) + 1)) - set(known))
    twice = sorted(number for number, count in Counter(known).items() if count > 1)
    if missing:
        listed = ", ".join(str(item) for item in missing[:5])
        return Breach("R102", name, line, f"line {listed} was removed")
    if twice:
        return Breach("R102", name, line, f"line {twice[0]} stands there twice")
    if known != sorted(known):
        moved = [str(number) for place, number in enumerate(numbers, start=1) if number != place]
        return Breach("R102", name, line, f"lines {', '.join(moved[:6])} are out of order")
    return Breach("R102", name, line, f"line {line} was replaced: it does not follow the line before it")


def _number(line: bytes) -> int:
    try:
        number = json.loads(line)["seq"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return 0
    return number if isinstance(number, int) else 0


def _twice(journals: Sequence[Read]) -> Iterator[Breach]:
    by_run: dict[str, list[Read]] = defaultdict(list)
    by_number: dict[tuple[str, str], list[Read]] = defaultdict(list)
    for read in journals:
        if read.run_id:
            by_run[read.run_id].append(read)
        folder, _slash, name = read.name.rpartition("/")
        by_number[folder, names.id_of(name)].append(read)
    for run_id, same in by_run.items():
        for read in same[1:]:
            yield Breach("R105", read.name, 1, f"it is of run {run_id}, as is {same[0].name}")
    for (_folder, number), same in by_number.items():
        for read in same[1:]:
            yield Breach("R106", read.name, 0, f"{same[0].name} has the number {number} too")


def _ledger(records: Records, witnesses: Sequence[Mapping[str, Any]]) -> Iterator[Breach]:
    kept = records.ledger
    if not kept.there:
        yield Breach("R202", ledger.NAME, 0, f"there is no ledger for the {len(records.journals)} journals here")
        return
    if not kept.verified.intact:
        damage = _damage(ledger.NAME, kept.content, kept.verified.problems[0], len(kept.verified.events) + 1)
        yield Breach("R201", ledger.NAME, damage.line, damage.message)
        return
    events = kept.verified.events
    for seen in witnesses:
        number, head = _count({"events": seen.get("entries")}), seen.get("head")
        if number and (len(events) < number or events[number - 1].hash != head):
            words = "is not there any more" if len(events) < number else "is another one"
            yield Breach(
                "R203", ledger.NAME, number, f"line {number}, which the audit of {seen.get('at')} saw, {words}"
            )
            return


def entries_of(kept: Ledger) -> dict[str, list[Event]]:
    """What the ledger holds of each journal, in its order, up to a first damage."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in kept.verified.events:
        found[str(event.body.get("journal"))].append(event)
    return dict(found)


def latest(entries: Sequence[Event]) -> dict[str, Any]:
    """What the ledger last held of a journal: of two runs that wrote at once either may have entered it first."""
    return max(entries, key=lambda item: (_count(item.body), item.seq)).body


def _count(body: Mapping[str, Any]) -> int:
    """How many lines a ledger gives a journal; 0 where somebody wrote something else there."""
    count = body.get("events")
    return count if isinstance(count, int) and not isinstance(count, bool) else 0


def not_kept(kept: Ledger) -> list[str]:
    """Journals that by setting never came here: only their records and the ledger did."""
    return sorted(name for name, found in entries_of(kept).items() if latest(found).get("kept") is False)


def _against_ledger(records: Records) -> Iterator[Breach]:
    known = entries_of(records.ledger)
    here = {read.name: read for read in records.journals}
    places = {read.run_id: read.name for read in records.journals if read.run_id}
    elsewhere = set(not_kept(records.ledger))
    for name, entries in known.items():
        if name in here:
            yield from _compared(here[name], entries, known, places)
        elif name not in elsewhere:
            last = entries[-1]
            moved = places.get(str(last.body.get("run_id")))
            more = f"; its run is in {moved} now" if moved else ""
            lines = f"it had {last.body.get('events')} lines at {last.time}"
            yield Breach("R103", name, 0, f"it is gone: run {last.body.get('run_id')}, {lines}{more}")
    if records.ledger.verified.intact:
        for name in here.keys() - known.keys():
            yield Breach("R109", name, 0, f"the ledger does not know run {here[name].run_id or '?'}")


def _compared(
    read: Read, entries: Sequence[Event], known: Mapping[str, Sequence[Event]], places: Mapping[str, str]
) -> Iterator[Breach]:
    if not read.verified.intact:
        return
    events = read.events
    for entry in entries:
        number = _count(entry.body)
        if 0 < number <= len(events) and events[number - 1].hash == entry.body.get("head"):
            continue
        run_id = str(entry.body.get("run_id"))
        if read.run_id != run_id:
            other = next((name for name, item in known.items() if item[0].body.get("run_id") == read.run_id), "")
            swapped = places.get(run_id) == other and other
            words = f"the two were swapped: {other} holds run {run_id}" if swapped else f"run {run_id} was there"
            yield Breach("R104", read.name, 1, f"it holds run {read.run_id or '?'}; {words}")
        elif number > len(events):
            words = f"{len(events)} of {number} lines are there: its end was cut off after {entry.time}"
            yield Breach("R102", read.name, len(events) + 1, words)
        else:
            words = f"it was written anew: line {number} is not the one that the ledger holds since {entry.time}"
            yield Breach("R104", read.name, number, words)
        return
    more = len(events) - _count(latest(entries))
    if more > 0 and read.verified.sealed and not read.running:
        words = f"{more} lines were added after {entries[-1].time}, and the ledger does not hold them"
        yield Breach("R108", read.name, len(events) - more + 1, words)
