# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit as a report: breaches as findings, beneath them completeness, times, what came of changes (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import Report
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import (
    NotAssessed,
    Section,
    Source,
    Table,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.audit import Audit
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.catalogue import ROWS, finding
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.compliance import Change
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.durations import PHASES

STORY: Final = "records"
_TIERS: Final = {1: "1 trivial", 2: "2 low", 3: "3 medium", 4: "4 critical"}
_MOST_CHANGES: Final = 200


def report(audit: Audit, name: str, generated_at: str) -> dict[str, Any]:
    """The audit as `Report.to_json` gives it, and `ledger`: what the next audit compares with."""
    figures = {"breaches": float(len(audit.breaches)), "changes": float(len(audit.changes))}
    if audit.percent is not None:
        figures["complete records, %"] = round(audit.percent, 1)
    for phase, took in audit.durations.items():
        if took.p95 is not None:
            figures[f"time to {phase}, p95, s"] = round(took.p95, 1)
    made = Report(
        story=STORY,
        cluster=name,
        generated_at=generated_at,
        objects=audit.journals,
        findings=[finding(item) for item in audit.breaches],
        sources=[
            Source("journals", str(audit.folder), audit.journals),
            Source("ledger", "ledger.jsonl", audit.ledger_entries),
        ],
        not_assessed=list(_not_assessed(audit)),
        figures=figures,
        sections=[_complete(audit), _times(audit), _outcomes(audit), _repairs(audit), _emergencies(audit)],
    ).to_json()
    for item in made["findings"]:
        item["title"] = ROWS[item["code"]].title
    return {**made, "ledger": {"entries": audit.ledger_entries, "head": audit.ledger_head, "at": generated_at}}


def _not_assessed(audit: Audit) -> Iterator[NotAssessed]:
    if audit.not_kept:
        what = f"{len(audit.not_kept)} journals that are kept elsewhere"
        yield NotAssessed(
            what, "git_journals is off, so they never came here", "audit the folders where they were written"
        )
    if audit.trusted:
        why = "another version of the collection rendered them; the ledger holds them as they are"
        yield NotAssessed(f"the text of {audit.trusted} records", why, "audit them with that version")
    if audit.adopted:
        why = "they are older than the ledger, which vouches for them from its own first line on"
        yield NotAssessed(f"what {len(audit.adopted)} journals were before", why, "a backup from that time would tell")
    running = audit.states["running"]
    if running:
        yield NotAssessed(
            f"{running} runs that are under way", "their records are not complete yet", "audit again later"
        )


def _complete(audit: Audit) -> Section:
    judged = audit.judged
    text = "There was no change of tier 2 or up, so nothing can be said about completeness."
    if audit.percent is not None:
        text = (
            f"{audit.compliant} of {len(judged) + audit.lost} changes of tier 2 and up have a complete record: "
            f"{audit.percent:.1f} %."
            + (f" {audit.lost} of them are damaged or missing journals." if audit.lost else "")
        )
    return Section(
        "Completeness", text, Table(("change", "tier", "record", "lacks"), tuple(map(_row, judged[:_MOST_CHANGES])))
    )


def _row(change: Change) -> tuple[str | float | None, ...]:
    lacks = "; ".join(f"{item.code} {item.message}" for item in change.breaches) or "nothing"
    return (change.summary, change.tier, f"{change.journal}:{change.line}", lacks)


def _times(audit: Audit) -> Section:
    rows, bars = [], []
    for phase, (what, limit) in PHASES.items():
        took = audit.durations[phase]
        rows.append((phase, what, took.count, _minutes(took.p50), _minutes(took.p95), _minutes(limit)))
        for label, value in (("p50", took.p50), ("p95", took.p95)):
            bars.append({"label": f"{phase} {label}", "value": _minutes(value), "limit": _minutes(limit)})
    columns = ("phase", "measured", "how often", "p50, min", "p95, min", "at most, min")
    return Section(
        "Time to diagnosis, decision and repair",
        "The mark is what the phase may take.",
        Table(columns, tuple(rows)),
        {"type": "bars", "unit": " min", "bars": bars},
    )


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 60, 2)


def _outcomes(audit: Audit) -> Section:
    counts = audit.outcomes()
    rows = tuple((_TIERS.get(tier, str(tier)), outcome, count) for (tier, outcome), count in counts.items())
    bars = [{"label": f"tier {tier} {outcome}", "value": count} for (tier, outcome), count in counts.items()]
    chart = {"type": "bars", "unit": "", "bars": bars}
    text = "Rejected, expired, aborted, refused and waiting are plans that were never begun."
    return Section("Changes by tier and outcome", text, Table(("tier", "outcome", "changes"), rows), chart)


def _repairs(audit: Audit) -> Section:
    times = [at for at, _took in audit.repairs]
    values = [_minutes(took) for _at, took in audit.repairs]
    return Section(
        "Repairs over time",
        "Minutes from the start of each run to its change that held.",
        Table(("when", "min"), tuple(zip(times, values, strict=True))),
        {"type": "lines", "unit": " min", "times": times, "lines": [{"label": "repair", "values": values}]},
    )


def _emergencies(audit: Audit) -> Section:
    found = audit.emergencies
    text = f"{len(found)} changes were approved by one person alone." if found else "Nobody approved a change alone."
    rows = tuple(
        (item.time, str(item.decision.get("by")), item.summary, str(item.decision.get("justification")), item.journal)
        for item in found
    )
    return Section("Emergencies", text, Table(("when", "by", "change", "because", "record"), rows))
