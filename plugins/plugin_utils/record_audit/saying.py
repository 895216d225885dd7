# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit as one screen: how many, how complete, how fast, and every breach with its file and line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import SEVERITIES
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval_text
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.audit import Audit
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.catalogue import ROWS, Breach
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.durations import PHASES

Line = tuple[str, str | None]
MOST_TOLD = 20
_COLOURS = {"critical": "red", "high": "red", "medium": "yellow"}


def lines(audit: Audit, page: str, metrics: Path | None) -> Iterator[Line]:
    """The screen, 80 columns, redacted."""
    states = ", ".join(f"{count} {state}" for state, count in audit.states.items() if count)
    counted = f"{audit.journals} journal{'' if audit.journals == 1 else 's'}"
    yield from approval_text.field("Records", f"{counted} in {audit.folder}: {states or 'none'}")
    # To be kept whole, so it is not broken; it fits 80 columns.
    yield f"Ledger    {audit.ledger_entries} lines, the last has the hash", None
    yield f"          {audit.ledger_head.removeprefix('sha256:') or 'of nothing'}", None
    yield from approval_text.field("Complete", complete(audit), "green" if audit.percent == 100 else None)
    for change in audit.emergencies:
        words = f"{change.decision.get('by')} alone approved: {change.summary} ({change.journal}:{change.line})"
        yield from approval_text.field("Emergency", redact(words), "yellow")
    yield from approval_text.field("Times", "; ".join(_time(audit, phase) for phase in PHASES))
    ordered = sorted(audit.breaches, key=_worst_first)
    yield from approval_text.field("Breaches", str(len(ordered)) if ordered else "none", "red" if ordered else "green")
    for item in ordered[:MOST_TOLD]:
        yield from approval_text.field("", redact(sentence(item)), _COLOURS.get(ROWS[item.code].severity))
    if len(ordered) > MOST_TOLD:
        yield from approval_text.field("", f"and {len(ordered) - MOST_TOLD} more, on the page")
    yield from approval_text.field("Page", os.path.relpath(page))
    if metrics:
        yield from approval_text.field("Metrics", str(metrics))


def complete(audit: Audit) -> str:
    """The percentage, with what it is of."""
    if audit.percent is None:
        return "no change of tier 2 or up to judge"
    lost = f", {audit.lost} of them damaged or missing journals" if audit.lost else ""
    count = len(audit.judged) + audit.lost
    return f"{audit.percent:.1f} %: {audit.compliant} of {count} changes of tier 2 and up{lost}"


def sentence(breach: Breach) -> str:
    """`critical R101 aiops-operations/001-x.jsonl:4: journal was edited: line 4 …`."""
    row = ROWS[breach.code]
    return f"{row.severity} {breach.code} {breach.where}: {row.title}: {breach.message}"


def failing(audit: Audit, fail_on: str) -> list[Breach]:
    """The breaches that are at least as bad as `fail_on` (a severity, or none), the worst first."""
    if fail_on not in SEVERITIES:
        return []
    bad = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return sorted((item for item in audit.breaches if ROWS[item.code].severity in bad), key=_worst_first)


def _worst_first(item: Breach) -> tuple[int, str, str, int]:
    return SEVERITIES.index(ROWS[item.code].severity), item.code, item.journal, item.line


def _time(audit: Audit, phase: str) -> str:
    took, limit = audit.durations[phase], PHASES[phase][1]
    if took.p50 is None or took.p95 is None:
        return f"{phase} not measured"
    return f"{phase} p50 {took.p50:.0f} s, p95 {took.p95:.0f} s of {limit:.0f} s"
