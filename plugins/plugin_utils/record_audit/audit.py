# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit of a folder of records: what is wrong with it, how complete its changes are, how fast people were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit import (
    compliance,
    durations,
    integrity,
    reading,
    rendered,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.catalogue import Breach
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.compliance import Change
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.durations import Figures


@dataclass(frozen=True)
class Audit:
    """What came of it. `states` counts journals as sealed, running, unsealed and damaged.

    `trusted` records were rendered by another version and taken on the ledger's word; `not_kept` are journals that by
    setting never came here; `adopted` are journals that are older than the ledger.
    """

    folder: Path
    journals: int
    states: dict[str, int]
    breaches: list[Breach]
    changes: list[Change]
    not_written: list[tuple[int, str]]
    durations: dict[str, Figures]
    repairs: list[tuple[str, float]]
    ledger_entries: int
    ledger_head: str
    trusted: int
    not_kept: list[str]
    adopted: list[str]

    @property
    def judged(self) -> list[Change]:
        """The changes whose tier demands all of the list."""
        return [item for item in self.changes if item.judged]

    @property
    def compliant(self) -> int:
        """How many of these have all of it, in a journal that is what its run wrote."""
        broken = {item.journal for item in self.breaches if not item.code.startswith("R4") and item.code != "R302"}
        return sum(1 for item in self.judged if not item.breaches and item.journal not in broken)

    @property
    def lost(self) -> int:
        """How many journals are damaged or gone. What they held is not known: each counts as an incomplete change."""
        return self.states["damaged"] + sum(1 for item in self.breaches if item.code == "R103")

    @property
    def percent(self) -> float | None:
        """The share of compliant changes; None where there was no change to judge."""
        count = len(self.judged) + self.lost
        return 100.0 * self.compliant / count if count else None

    @property
    def emergencies(self) -> list[Change]:
        """Changes that one person alone approved."""
        return [item for item in self.changes if item.emergency]

    def outcomes(self) -> dict[tuple[int, str], int]:
        """How many plans of each tier came out how, those included that were never begun."""
        written = [(item.tier, item.outcome) for item in self.changes]
        return dict(sorted(Counter([*written, *self.not_written]).items()))


def audit(folder: Path, templates: str = "", witnesses: Sequence[Mapping[str, Any]] = ()) -> Audit:
    """Audit a folder; it is only read. `witnesses` are the ledgers that earlier audits saw. Raises `RecordError`."""
    records = reading.read(folder)
    found = integrity.breaches(records, witnesses)
    differing, trusted = rendered.breaches(records, templates)
    changes, not_written, seconds, repairs = [], [], [], []
    for read in records.journals:
        if not read.verified.intact:
            continue
        seconds.append(durations.of_run(read.events))
        repairs += [(read.events[0].time, took) for took in seconds[-1]["repair"]]
        if not read.running:
            changes += compliance.changes(read.name, read.events)
            not_written += compliance.not_written(read.events)
    found += [*differing, *(item for change in changes for item in change.breaches)]
    by_phase = {phase: [took for run in seconds for took in run[phase]] for phase in durations.PHASES}
    events = records.ledger.verified.events
    return Audit(
        folder=folder,
        journals=len(records.journals),
        states=_states(records.journals),
        breaches=found,
        changes=changes,
        not_written=not_written,
        durations={phase: durations.figures(took) for phase, took in by_phase.items()},
        repairs=sorted(repairs),
        ledger_entries=len(events),
        ledger_head=events[-1].hash if events else "",
        trusted=trusted,
        not_kept=integrity.not_kept(records.ledger),
        adopted=[str(item.body.get("journal")) for item in events if item.event == "adopted"],
    )


def _states(journals: Sequence[reading.Read]) -> dict[str, int]:
    states = dict.fromkeys(("sealed", "running", "unsealed", "damaged"), 0)
    for read in journals:
        intact = read.verified.intact
        states[
            "damaged" if not intact else "sealed" if read.verified.sealed else "running" if read.running else "unsealed"
        ] += 1
    return states
