# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a catalogue of findings holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """severity: critical, high, medium or low. why: what an attacker gains. fix: what to do.

    controls: ids of the Pod Security Standards (Kubernetes' own check ids), of the CIS Kubernetes Benchmark 1.10
    ("CIS 5.1.1"), of the chapters of the NSA/CISA Kubernetes Hardening Guide 1.2 ("NSA pod security") and of MITRE
    ATT&CK for Containers ("T1611").
    """

    severity: str
    why: str
    fix: str
    controls: tuple[str, ...]
