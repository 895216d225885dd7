# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a report says: findings with their fix, where it looked, what it could not see, and what it draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class Fix:
    """What to do: a sentence, and where there is one a command that is ready to paste.

    remedy names the remedy of the catalogue that the command leads to; patch is a change that went through a
    server-side dry run ({type, body}); dry_run says how that went.
    """

    text: str
    command: str = ""
    remedy: str = ""
    patch: dict[str, Any] | None = None
    dry_run: str = ""

    def to_json(self) -> dict[str, Any]:
        """text and command always, the others where they are set."""
        rest = {"remedy": self.remedy, "patch": self.patch, "dry_run": self.dry_run}
        return {"text": self.text, "command": self.command, **{key: value for key, value in rest.items() if value}}


@dataclass(frozen=True)
class Finding:
    """One thing wrong with one object.

    code is stable (its catalogue says which there are) and, with the object and part, is what a finding is known by
    from one report to the next. part is what of the object is meant (a container, a port, a binding), empty for all
    of it. evidence are sentences, each saying what was observed and where. factors multiply into the rank; controls
    are ids of standards. first_seen is set by comparing with the report before. title is what the catalogue calls the
    code, where the code does not say it.
    """

    code: str
    severity: str
    kind: str
    namespace: str
    name: str
    message: str
    evidence: tuple[str, ...]
    why: str
    fix: Fix
    part: str = ""
    controls: tuple[str, ...] = ()
    factors: dict[str, float] = field(default_factory=dict)
    first_seen: str = ""
    title: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What makes two findings of two reports the same one: not the message, whose figures change."""
        return (self.code, self.kind, self.namespace, self.name, self.part)

    def to_json(self) -> dict[str, Any]:
        """All fields; rank is added by ranking.py's ranked()."""
        return {
            "code": self.code,
            "title": self.title,
            "severity": self.severity,
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
            "part": self.part,
            "message": self.message,
            "evidence": list(self.evidence),
            "why": self.why,
            "fix": self.fix.to_json(),
            "controls": list(self.controls),
            "factors": dict(self.factors),
            "first_seen": self.first_seen,
        }


@dataclass(frozen=True)
class Source:
    """Where something was read: what (pods, Prometheus), how much of it (objects), and details such as an address."""

    what: str
    where: str
    objects: int = 0

    def to_json(self) -> dict[str, Any]:
        """The interface's form."""
        return {"what": self.what, "where": self.where, "objects": self.objects}


@dataclass(frozen=True)
class NotAssessed:
    """What could not be looked at, why, what would change that, and the codes of findings that are unknown for it."""

    what: str
    why: str
    how: str = ""
    codes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The interface's form."""
        return {"what": self.what, "why": self.why, "how": self.how, "codes": list(self.codes)}


@dataclass(frozen=True)
class Table:
    """Rows of text or numbers (None is shown as unknown); as many cells as columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """The interface's form."""
        return {"columns": list(self.columns), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Section:
    """A part of the page below the findings: text, a chart if there is one, and the table beneath it.

    chart is JSON for plugin_utils/reports/charts.py:
      {type: bars, unit, bars: [{label, value, limit}]}
      {type: lines, unit, times: [RFC 3339], lines: [{label, values: [number or null]}]}
      {type: paths, paths: [[{kind, label, through}]]}, each path from left to right, through being the arrow's text
    """

    title: str
    text: str = ""
    table: Table | None = None
    chart: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """The interface's form."""
        return {
            "title": self.title,
            "text": self.text,
            "table": self.table.to_json() if self.table else None,
            "chart": self.chart,
        }
