# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How sure a figure is by the history it stands on (pure)."""

from __future__ import annotations

# Below it the gaps may hide what a request has to be sized for.
LEAST_COVERAGE = 0.5
# Below it they are said.
GOOD_COVERAGE = 0.9


def confidence(days: float, coverage: float) -> float:
    """0 to 0.99: days ÷ (days + 1), times the share of the time that has figures.

    The inverse of the factor 1 + 1/days by which VPA widens its upper bound with little history: 0.88 after a week,
    0.93 after two.
    """
    if days <= 0:
        return 0.0
    return round(min(0.99, days / (days + 1) * min(1.0, max(0.0, coverage))), 2)


def widened(amount: float, days: float) -> float:
    """The upper bound of an amount with so many days of history, as VPA widens it: × (1 + 1/days)."""
    return amount * (1 + 1 / days) if days > 0 else float("inf")
