# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Amounts as people write them: 200m and 150Mi instead of 197m and 149.5Mi (pure). Always upwards."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

MIB: Final = 1 << 20
# (below this amount, in steps of): each limit is a whole number of its own and of the next steps.
CPU_STEPS: Final = ((100, 5), (1000, 10), (4000, 50), (10_000, 100))
CPU_LAST_STEP: Final = 500
MEMORY_STEPS: Final = ((100 * MIB, 5 * MIB), (1024 * MIB, 10 * MIB), (8192 * MIB, 128 * MIB))
MEMORY_LAST_STEP: Final = 512 * MIB
Steps = tuple[tuple[int, int], ...]


def cpu_above(millicores: Fraction | float) -> int:
    """The next usual amount of CPU that is really more."""
    return _up(Fraction(millicores), CPU_STEPS, CPU_LAST_STEP, strictly=True)


def memory_above(amount: Fraction | float) -> int:
    """The next usual amount of memory (bytes) that is really more."""
    return _up(Fraction(amount), MEMORY_STEPS, MEMORY_LAST_STEP, strictly=True)


def cpu_at_least(millicores: Fraction | float) -> int:
    """The next usual amount of CPU that is not less."""
    return _up(Fraction(millicores), CPU_STEPS, CPU_LAST_STEP, strictly=False)


def memory_at_least(amount: Fraction | float) -> int:
    """The next usual amount of memory (bytes) that is not less."""
    return _up(Fraction(amount), MEMORY_STEPS, MEMORY_LAST_STEP, strictly=False)


def _up(amount: Fraction, steps: Steps, last_step: int, *, strictly: bool) -> int:
    """Up to a multiple of the step, though never past a limit between steps (1021Mi is 1Gi, not 1030Mi)."""
    for limit, step in steps:
        if amount < limit:
            return min(_multiple(amount, step, strictly), limit)
    return _multiple(amount, last_step, strictly)


def _multiple(amount: Fraction, step: int, strictly: bool) -> int:
    return (math.floor(amount / step) + 1) * step if strictly else math.ceil(amount / step) * step
