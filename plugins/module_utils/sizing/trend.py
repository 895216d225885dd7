# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether memory only ever grows, as with a leak (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LEAST_POINTS: Final = 24
# How much of the ups and downs a straight line explains, and by how much of the mean it grows over the window.
LEAST_FIT: Final = 0.8
LEAST_GROWTH: Final = 0.2
DAY_SECONDS: Final = 86_400.0


def growth_a_day(points: Sequence[tuple[float, float]]) -> float:
    """By how much the values grow a day along a straight line; 0.0 where they do not clearly grow.

    Least squares; clear is a fit (r²) of 0.8 and a growth of a fifth of the mean over the time seen.
    """
    if len(points) < LEAST_POINTS:
        return 0.0
    count = len(points)
    mean_time = sum(moment for moment, _value in points) / count
    mean = sum(value for _moment, value in points) / count
    spread = sum((moment - mean_time) ** 2 for moment, _value in points)
    shared = sum((moment - mean_time) * (value - mean) for moment, value in points)
    varied = sum((value - mean) ** 2 for _moment, value in points)
    if not spread or not varied or mean <= 0 or shared <= 0:
        return 0.0
    slope, fit = shared / spread, shared * shared / (spread * varied)
    grown = slope * (points[-1][0] - points[0][0])
    return slope * DAY_SECONDS if fit >= LEAST_FIT and grown >= LEAST_GROWTH * mean else 0.0
