# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One letter for a report, never better than its worst finding allows, and never a good one for what was not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.ranking import WEIGHTS, count_by_severity
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import SEVERITIES, Finding

LETTERS = "ABCDF"
NOT_GRADED = "-"
# The best letter that is left with a finding of that severity.
CAPS = {"critical": "D", "high": "C", "medium": "B", "low": "A"}
# Points (0 to 100) from which on a letter is given, the best first.
THRESHOLDS = (("A", 90.0), ("B", 75.0), ("C", 60.0), ("D", 40.0), ("F", 0.0))
BEST_UNSEEN = "B"


@dataclass(frozen=True)
class Grade:
    """letter A to F, or - where nothing was seen; points are 0 to 100 before the cap; sentence says what decided."""

    letter: str
    points: float
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """The interface's form."""
        return {"letter": self.letter, "points": self.points, "sentence": self.sentence}


def grade(findings: Sequence[Finding], objects: int, unseen: Sequence[str] = ()) -> Grade:
    """objects is how many were looked at; unseen names what a good grade would need and nobody could look at.

    Points: 100 less the share of the objects that the findings spoil: a high one spoils one object, a critical one
    ten, a medium one a tenth, a low one a hundredth.
    """
    if objects == 0:
        return Grade(NOT_GRADED, 0.0, "not graded: nothing could be looked at")
    lost = sum(WEIGHTS[finding.severity] for finding in findings) / (WEIGHTS["high"] * objects)
    points = round(100.0 * max(0.0, 1.0 - lost), 1)
    letter = next(name for name, least in THRESHOLDS if points >= least)
    counts = count_by_severity(findings)
    worst = next((severity for severity in SEVERITIES if counts[severity]), "")
    sentence = f"{points:g} of 100 points over {objects} objects"
    if worst and CAPS[worst] > letter:
        letter = CAPS[worst]
        sentence += f"; no better than {letter} with {counts[worst]} {worst} finding{'s' if counts[worst] > 1 else ''}"
    if unseen and letter < BEST_UNSEEN:
        letter = BEST_UNSEEN
        sentence += f"; no better than {letter} while not everything could be seen ({', '.join(unseen)})"
    return Grade(letter, points, sentence)
