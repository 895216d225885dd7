# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit's figures in Prometheus' text format, for the node exporter's textfile collector (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.audit import Audit
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.catalogue import ROWS

PREFIX = "aiops_records_"


def render(audit: Audit, at_seconds: float) -> str:
    """The whole file; `at_seconds` is the time of the audit since the epoch."""
    found = Counter(item.code for item in audit.breaches)
    families = [
        _family("journals", "gauge", "Journals in the folder by their state.", audit.states.items(), "state"),
        _family("breaches", "gauge", "What is wrong, by code.", ((code, found[code]) for code in ROWS), "code"),
        _changes(audit),
        _single("judged_changes", "Changes of tier 2 and up, which need a complete record.", len(audit.judged)),
        _single("lost_journals", "Damaged or missing journals; each counts as an incomplete change.", audit.lost),
        _single("compliant_changes", "Those of them whose record is complete.", audit.compliant),
        _single("emergencies", "Changes that one person alone approved.", len(audit.emergencies)),
        _single("ledger_entries", "Lines of the ledger that are intact.", audit.ledger_entries),
        _durations(audit),
        _single("audit_timestamp_seconds", "When the audit was made.", round(at_seconds)),
    ]
    if audit.percent is not None:
        families.append(_single("compliance_ratio", "Share of complete records, 0 to 1.", audit.percent / 100))
    return "".join(line + "\n" for family in families for line in family)


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {PREFIX}{name} {text}"
    yield f"# TYPE {PREFIX}{name} {kind}"


def _single(name: str, text: str, value: float) -> list[str]:
    return [*_head(name, "gauge", text), f"{PREFIX}{name} {_number(value)}"]


def _family(name: str, kind: str, text: str, values: Iterable[tuple[str, float]], label: str) -> list[str]:
    lines = [f'{PREFIX}{name}{{{label}="{_escaped(key)}"}} {_number(value)}' for key, value in values]
    return [*_head(name, kind, text), *lines]


def _changes(audit: Audit) -> list[str]:
    lines = [
        f'{PREFIX}changes{{tier="{tier}",outcome="{_escaped(outcome)}"}} {count}'
        for (tier, outcome), count in audit.outcomes().items()
    ]
    return [*_head("changes", "gauge", "Changes by tier and outcome, also those that were never begun."), *lines]


def _durations(audit: Audit) -> list[str]:
    lines = list(_head("phase_seconds", "summary", "Time to diagnosis, to decision and to repair."))
    for phase, figures in audit.durations.items():
        for share, value in (("0.5", figures.p50), ("0.95", figures.p95)):
            if value is not None:
                lines.append(f'{PREFIX}phase_seconds{{phase="{phase}",quantile="{share}"}} {_number(value)}')
        lines.append(f'{PREFIX}phase_seconds_sum{{phase="{phase}"}} {_number(figures.total)}')
        lines.append(f'{PREFIX}phase_seconds_count{{phase="{phase}"}} {figures.count}')
    return lines


def _number(value: float) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
