# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of a container's limits when its requests change (pure). A limit that is not set stays so."""

from __future__ import annotations

from fractions import Fraction

from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.requests import Policy
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.rounding import cpu_at_least, memory_at_least


def cpu_limit(limit: int | None, before: int | None, after: int, policy: Policy, *, guaranteed: bool) -> int | None:
    """Millicores, None where there is none."""
    if limit is None or guaranteed:
        return None if limit is None else after
    if policy.limits == "ratio" and before:
        return max(after, cpu_at_least(Fraction(limit, before) * after))
    return max(limit, after)


def memory_limit(
    limit: int | None, before: int | None, after: int, peak: float, policy: Policy, *, guaranteed: bool
) -> int | None:
    """Bytes, None where there is none (only `memory_equals_request` sets one); never under the peak."""
    if guaranteed or policy.limits == "memory_equals_request":
        return after
    if limit is None:
        return None
    wanted = memory_at_least(Fraction(limit, before) * after) if policy.limits == "ratio" and before else limit
    return max(wanted, after, memory_at_least(peak) if wanted < peak else 0)
