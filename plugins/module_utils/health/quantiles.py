# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Percentiles of a histogram by Prometheus' own rule (pure).

https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
"""

from __future__ import annotations

import math
from collections.abc import Mapping


def quantile(share: float, buckets: Mapping[float, float]) -> float | None:
    """The value below which that share lies; buckets are cumulative counts by upper bound, math.inf included.

    Linear within a bucket, from 0 in the first; the largest finite bound where it lies beyond. None without a bucket
    that ends at infinity, with fewer than two, or nothing counted.
    """
    bounds = sorted(buckets)
    if len(bounds) < 2 or not math.isinf(bounds[-1]):
        return None
    counts: list[float] = []
    for bound in bounds:
        # Scrapes of several targets may disagree for a moment; a cumulative count never falls.
        counts.append(max(buckets[bound], counts[-1] if counts else 0.0))
    if not counts[-1] > 0:
        return None
    wanted = share * counts[-1]
    at = next(number for number, count in enumerate(counts) if count >= wanted)
    if at == len(bounds) - 1:
        return bounds[-2]
    if at == 0 and bounds[0] <= 0:
        return bounds[0]
    begin, before = (bounds[at - 1], counts[at - 1]) if at else (0.0, 0.0)
    inside = counts[at] - before
    return bounds[at] if inside <= 0 else begin + (bounds[at] - begin) * (wanted - before) / inside
