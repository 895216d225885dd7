# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a check found, before catalogue, exposure and reach make a finding of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """code: see catalogue.py. message: what is wrong, in one sentence that names no object. part: what of the object
    is meant. pods: of how many pods it is true, 0 where it is not about pods. severity: where it differs from the
    catalogue's.
    """

    code: str
    kind: str
    namespace: str
    name: str
    message: str
    part: str = ""
    evidence: tuple[str, ...] = ()
    pods: int = 0
    severity: str = ""
