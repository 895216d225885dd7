# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Percentiles of samples, as Prometheus' quantile_over_time has them: linear between the two nearest ranks (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import Figures


def quantile(share: float, values: Sequence[float]) -> float:
    """The value below which that share (0 to 1) of the values lies. ValueError for no values."""
    if not values:
        raise ValueError("there are no values")
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    lower = math.floor(rank)
    upper = min(lower + 1, len(ordered) - 1)
    # Unlike a weighted sum, never outside the two, however small they are.
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (rank - lower)


def figures(values: Sequence[float]) -> Figures:
    """p50, p95, p99 and the greatest of at least one value."""
    return Figures(quantile(0.5, values), quantile(0.95, values), quantile(0.99, values), max(values))
