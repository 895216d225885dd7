# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every breach that an audit of records knows: its code, how bad it is, what it is called, why it matters, what to do.

Codes are stable. R1 journals, R2 the ledger, R3 rendered records, R4 what a change has to have.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix

_TABLE = """
R101 critical | journal was edited | what it says was not written by the run
R102 critical | lines of a journal are missing or out of order | what they said is not known any more
R103 critical | journal is gone | nobody can tell any more what that run did
R104 critical | journal was replaced | it is not the one that its run wrote
R105 high | run has two journals | one of them was put there by hand
R106 high | number was given twice | two records are called the same
R107 medium | run ended without its seal | it was killed, or its end was cut off
R108 high | journal goes on behind the ledger's back | somebody or a crash added lines that the ledger does not hold
R109 high | journal is not in the ledger | it was put there by hand, or the ledger could not be written
R201 critical | ledger was edited | it does not prove any more which journals there were
R202 critical | ledger is gone | nobody can tell whether journals are missing
R203 critical | ledger was written anew | an earlier audit saw another one
R301 high | record does not say what its journal says | people read the record
R302 medium | record is missing | people read the record
R303 high | record has no journal | nothing proves what it says
R401 critical | change without a decision before it | nobody answers for it
R402 critical | change without a valid approval | what was approved is not what was written, or by too few, or too late
R403 high | approval without a justification | nobody can tell why it was right
R404 high | change without figures before and after | nobody can tell what it did
R405 high | change without a rollback plan | nobody could have taken it back
R406 high | change that was never validated | nobody can tell whether it holds
"""
_FIXES = """
R101 R102 R103 R201 R202 | restore it from the Git repository or a backup
R104 | restore it from the Git repository or a backup, and find out who wrote it
R105 | find out which one is real, and move the other away
R106 | find out which one was put there by hand
R107 | run playbooks/verify.yml -e record=NUMBER: it looks what was written, and seals it
R108 | compare these lines with the API server's audit log
R109 | compare it with the API server's audit log
R203 | compare with the files of that audit, and restore it from a backup
R301 | find out who changed it; verify.yml -e record=NUMBER renders the record of a change anew
R302 | run playbooks/verify.yml -e record=NUMBER: it renders the record of a change anew
R303 | restore the journal from the Git repository or a backup
R401 R402 | find out how it got past the approval
R403 | have the approver add it to the ticket of the change
R404 | run playbooks/verify.yml -e record=NUMBER: it takes figures now
R405 | write down how it is reversed
R406 | run playbooks/verify.yml -e record=NUMBER
"""


@dataclass(frozen=True)
class Breach:
    """One thing wrong: `journal` is `feature/NNN-slug.jsonl` or another file, `line` counts from 1, 0 is all of it."""

    code: str
    journal: str
    line: int
    message: str

    @property
    def where(self) -> str:
        """`feature/NNN-slug.jsonl:4`."""
        return f"{self.journal}:{self.line}" if self.line else self.journal


@dataclass(frozen=True)
class _Row:
    severity: str
    title: str
    why: str
    fix: str


def _rows() -> dict[str, _Row]:
    fixes: dict[str, str] = {}
    for line in _FIXES.strip().splitlines():
        codes, _bar, fix = line.partition(" | ")
        fixes |= dict.fromkeys(codes.split(), fix)
    rows = {}
    for line in _TABLE.strip().splitlines():
        head, title, why = line.split(" | ")
        code, severity = head.split()
        rows[code] = _Row(severity, title, why, fixes[code])
    return rows


ROWS = _rows()


def finding(breach: Breach) -> Finding:
    """The breach as reports have findings; its place is the file, its part the line."""
    row = ROWS[breach.code]
    folder, _slash, name = breach.journal.rpartition("/")
    return Finding(
        code=breach.code,
        severity=row.severity,
        kind="Record",
        namespace=folder,
        name=name,
        message=breach.message,
        evidence=(breach.where,),
        why=row.why,
        fix=Fix(row.fix),
        part=f"line {breach.line}" if breach.line else "",
    )
