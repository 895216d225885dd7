# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much of a window has figures, and where it has none (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import Points, Window

DAY_SECONDS = 86_400.0
NAMED_GAPS = 5


@dataclass(frozen=True)
class History:
    """`days` from the first figure on to the window's end, the share of them that has figures, and the gaps between."""

    days: float
    coverage: float
    gaps: list[tuple[float, float]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the longest gaps in the order of time."""
        longest = sorted(sorted(self.gaps, key=lambda gap: gap[0] - gap[1])[:NAMED_GAPS])
        return {
            "days": round(self.days, 2),
            "coverage": round(self.coverage, 3),
            "gaps": [{"from": _time(start), "to": _time(end)} for start, end in longest],
            "gaps_in_all": len(self.gaps),
        }


NOTHING = History(0.0, 0.0)


def history_of(points: Sequence[tuple[float, float]], window: Window) -> History:
    """The history that a curve's points show. A missing point at the end is a gap as well: nothing is known of now."""
    if not points:
        return NOTHING
    step = window.point_seconds
    times = sorted({moment for moment, _value in points})
    # A point stands for the time before it.
    begin = max(times[0] - step, window.end - window.seconds)
    edges = [*times, window.end + step * 0.5]
    gaps = [
        (earlier, min(later - step, window.end))
        for earlier, later in zip(edges[:-1], edges[1:], strict=True)
        if later - earlier > step * 1.5
    ]
    seconds = max(1.0, window.end - begin)
    missing = sum(end - start for start, end in gaps)
    return History(seconds / DAY_SECONDS, max(0.0, 1 - missing / seconds), gaps)


def folded(curves: Iterable[Points]) -> Points:
    """The greatest value of several curves at each of their moments."""
    greatest: dict[float, float] = {}
    for points in curves:
        for moment, value in points:
            if value >= greatest.get(moment, value):
                greatest[moment] = value
    return sorted(greatest.items())


def _time(moment: float) -> str:
    return rfc3339(datetime.fromtimestamp(moment, UTC))
