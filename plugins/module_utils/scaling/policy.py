# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An autoscaler's bounds from the demand that was seen, with the arithmetic of each (pure).

A pod carries `request × target`. Minimum = max(2, ceil(10th percentile of the demand ÷ that)); maximum =
ceil(greatest demand × 1.2 ÷ that), and over the minimum. Nobody else derives both in the open, so each step is told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.quantiles import quantile

TARGET_PERCENT: Final = 70
# Below, an autoscaler keeps half of each pod idle; above, its tolerance of 10 % leaves no room to act in time.
LOWEST_TARGET, HIGHEST_TARGET = 50, 90
LEAST_REPLICAS: Final = 2
HEADROOM: Final = Fraction(6, 5)
# Demand that an autoscaler at its maximum (or a CPU limit) cut off was greater by nobody knows how much.
CUT_OFF_HEADROOM: Final = Fraction(3, 2)
SCALE_DOWN_SECONDS: Final = 300
LONGEST_SCALE_DOWN_SECONDS: Final = 1800


@dataclass(frozen=True)
class Policy:
    """Bounds, target and stabilisation of an autoscaler, what replicas to expect, and the steps that led there."""

    min_replicas: int
    max_replicas: int
    target_cpu_utilization_percent: int
    expected_replicas: int
    scale_up_stabilization_seconds: int = 0
    scale_down_stabilization_seconds: int = SCALE_DOWN_SECONDS
    arithmetic: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values without the arithmetic, which the report has beside it."""
        return {key: value for key, value in asdict(self).items() if key != "arithmetic"}


def policy_of(
    demand: Sequence[float],
    request_millicores: int,
    *,
    target_percent: int = TARGET_PERCENT,
    step_seconds: float = 15.0,
    cut_off_at: int = 0,
) -> Policy:
    """The policy for a demand (millicores over time, not empty) on pods that request so much (over 0).

    `cut_off_at`: the replicas at which the demand was cut off, 0 where it was not.
    """
    target = min(max(target_percent, LOWEST_TARGET), HIGHEST_TARGET)
    carries = Fraction(request_millicores * target, 100)
    low, mean, high = (Fraction(value).limit_denominator(1000) for value in _figures(demand))
    least = max(LEAST_REPLICAS, math.ceil(low / carries))
    enough = math.ceil(high * HEADROOM / carries)
    most = max(enough, least + 1)
    steps = [
        f"a pod carries {request_millicores}m × {target} % = {_number(carries)}m"
        + ("" if target == target_percent else f" (the target of {target_percent} % held to 50 to 90 %)"),
        f"minimum = max({LEAST_REPLICAS}, ceil(10th percentile of the demand {_number(low)}m ÷ {_number(carries)}m)) "
        f"= {least}",
        f"maximum = ceil(greatest demand {_number(high)}m × {_number(HEADROOM)} ÷ {_number(carries)}m) = {enough}"
        + ("" if most == enough else f"; one over the minimum, or there is nothing to scale: {most}"),
    ]
    if cut_off_at:
        known = most
        most = max(most, math.ceil(cut_off_at * CUT_OFF_HEADROOM))
        steps.append(
            f"the demand was cut off at {cut_off_at} replica{'s' * (cut_off_at > 1)}, so at least"
            f" {_number(CUT_OFF_HEADROOM)} times as many:"
            f" maximum = max({known}, ceil({cut_off_at} × {_number(CUT_OFF_HEADROOM)})) = {most}"
        )
    expected = min(max(math.ceil(mean / carries), least), most)
    steps.append(f"expected = ceil(mean demand {_number(mean)}m ÷ {_number(carries)}m), within the bounds = {expected}")
    calm = stabilization_seconds(demand, carries, step_seconds)
    steps.append(f"scale down only after {calm} s: {_why(calm)}")
    return Policy(least, most, target, expected, 0, calm, steps)


def _figures(demand: Sequence[float]) -> tuple[float, float, float]:
    return quantile(0.1, demand), sum(demand) / len(demand), max(demand)


def stabilization_seconds(demand: Sequence[float], carries: Fraction, step_seconds: float) -> int:
    """How long the longest dip lasted after which as many replicas were wanted again, from 300 to 1800 seconds.

    Scaling down within such a dip would only be undone.
    """
    wanted = [math.ceil(Fraction(value).limit_denominator(1000) / carries) for value in demand]
    after = [0] * len(wanted)
    for place in range(len(wanted) - 2, -1, -1):
        after[place] = max(after[place + 1], wanted[place + 1])
    longest = dip = 0
    before = 0
    for place, value in enumerate(wanted):
        dip = dip + 1 if value < min(before, after[place]) else 0
        before = max(before, value)
        longest = max(longest, dip)
    seconds = math.ceil(longest * step_seconds / 60) * 60
    return min(max(seconds, SCALE_DOWN_SECONDS), LONGEST_SCALE_DOWN_SECONDS)


def _why(calm: int) -> str:
    if calm == SCALE_DOWN_SECONDS:
        return "no dip that was seen lasted longer"
    if calm == LONGEST_SCALE_DOWN_SECONDS:
        return "dips that were seen lasted longer, and half an hour is the bound"
    return "the longest dip that was seen lasted so long"


def lowered(policy: Policy, most: int, why: str) -> Policy:
    """The policy with a lower maximum, because of what fits."""
    step = f"maximum lowered from {policy.max_replicas} to {most}: {why}"
    least = min(policy.min_replicas, most)
    if least < policy.min_replicas:
        step = f"minimum lowered from {policy.min_replicas} to {least}, {step}"
    expected = min(policy.expected_replicas, most)
    steps = [*policy.arithmetic, step]
    return replace(policy, min_replicas=least, max_replicas=most, expected_replicas=expected, arithmetic=steps)


def replicas_by_hand(demand: float, request_millicores: int, now: int, target_percent: int = TARGET_PERCENT) -> int:
    """Replicas that carry the demand, but one or two more than now: what a person does without an autoscaler."""
    needed = math.ceil(Fraction(demand).limit_denominator(1000) * 100 / (request_millicores * target_percent))
    return now + min(max(needed - now, 1), 2)


def _number(value: Fraction) -> str:
    return f"{float(value):.4g}" if value < 1000 else f"{float(value):.0f}"
