# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What to request for a container, from what it used (pure).

request = the next usual amount above p95 × (1 + margin); memory also not under its peak, since what does not fit is
killed, while CPU that does not fit is only late. The margin of 30 % is between KRR's (none for CPU, 15 % for memory),
VPA's (15 %) and Kubecost's (43 %).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import Figures
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_bytes, format_millicores
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.rounding import (
    MIB,
    cpu_above,
    cpu_at_least,
    memory_above,
    memory_at_least,
)

LEAST_MARGIN_PERCENT: Final = 30


@dataclass(frozen=True)
class Policy:
    """What an operator may choose: margin over p95, floors, what becomes of limits.

    `limits`: `keep` leaves them, unless one would be under its request or memory's under the peak; `ratio` keeps the
    proportion of limit to request; `memory_equals_request` sets memory's limit to its request.
    """

    margin_percent: int = LEAST_MARGIN_PERCENT
    cpu_floor_millicores: int = 10
    memory_floor_bytes: int = 32 * MIB
    limits: str = "keep"

    def __post_init__(self) -> None:
        if self.margin_percent < LEAST_MARGIN_PERCENT:
            raise ValueError(f"the margin must be {LEAST_MARGIN_PERCENT} percent or more, not {self.margin_percent}")


@dataclass(frozen=True)
class Amount:
    """An amount, the arithmetic that led to it, for the record, and the least that would do, before it is rounded."""

    value: int
    arithmetic: str
    least: int


def cpu_request(used: Figures, policy: Policy, *, covers_peak: bool = False) -> Amount:
    """Millicores to request. `covers_peak` where the limit will be the same, so that what does not fit is throttled."""
    raised = Fraction(used.p95) * (100 + policy.margin_percent) / 100
    value = cpu_above(raised)
    words = f"p95 {used.p95:.0f}m × {_factor(policy)} = {float(raised):.1f}m, rounded up to {format_millicores(value)}"
    if covers_peak and value < used.max:
        value = cpu_at_least(used.max)
        words += f"; not under the peak of {used.max:.0f}m, since the limit is the same: {format_millicores(value)}"
    if value < policy.cpu_floor_millicores:
        value = policy.cpu_floor_millicores
        words += f"; at least {format_millicores(value)}"
    peak = math.ceil(used.max) if covers_peak else 0
    return Amount(value, words, max(math.floor(raised) + 1, peak, policy.cpu_floor_millicores))


def memory_request(used: Figures, policy: Policy) -> Amount:
    """Bytes to request: over p95 with its margin, and never under the peak."""
    raised = Fraction(used.p95) * (100 + policy.margin_percent) / 100
    value = memory_above(raised)
    words = (
        f"p95 {used.p95 / MIB:.1f}Mi × {_factor(policy)} = {float(raised) / MIB:.1f}Mi,"
        f" rounded up to {format_bytes(value)}"
    )
    if value < used.max:
        value = memory_at_least(used.max)
        words += f"; not under the peak of {used.max / MIB:.1f}Mi: {format_bytes(value)}"
    if value < policy.memory_floor_bytes:
        value = policy.memory_floor_bytes
        words += f"; at least {format_bytes(value)}"
    return Amount(value, words, max(math.floor(raised) + 1, math.ceil(used.max), policy.memory_floor_bytes))


def _factor(policy: Policy) -> str:
    return f"{(100 + policy.margin_percent) / 100:.2f}"
