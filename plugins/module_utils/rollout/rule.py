# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the first new pods are good enough: a pure function of what was counted. No data is never healthy."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Rule:
    """What halts a rollout. Rates are shares (0.05 is 5 %), durations seconds; `max_latency_seconds` 0 turns it off."""

    max_error_rate: float = 0.05
    min_requests: int = 20
    min_errors: int = 3
    watch_seconds: float = 120.0
    ready_within_seconds: float = 120.0
    max_latency_seconds: float = 0.0
    latency_percentile: float = 0.95


@dataclass(frozen=True)
class Look:
    """One look at the new pods.

    `trouble` is a failure for certain, in one sentence; `unknown` why there are no figures now; `seconds` how long all
    of the first pods have been ready (0 while they are not); `latency` the percentile in seconds, None unknown.
    """

    requests: int = 0
    errors: int = 0
    seconds: float = 0.0
    ready: int = 0
    expected: int = 0
    latency: float | None = None
    trouble: str = ""
    unknown: str = ""


@dataclass(frozen=True)
class Verdict:
    """`kind` is halt, healthy, inconclusive or watch (go on looking); `low` and `high` the Wilson 95 % interval."""

    kind: str
    why: str
    low: float
    high: float


def wilson(errors: int, requests: int) -> tuple[float, float]:
    """The Wilson score interval of 95 % for a share (Wilson 1927); 0 to 1 where nothing was counted."""
    if requests <= 0:
        return 0.0, 1.0
    share = min(errors / requests, 1.0)
    spread = Z95 * math.sqrt(share * (1 - share) / requests + Z95**2 / (4 * requests**2))
    middle, scale = share + Z95**2 / (2 * requests), 1 + Z95**2 / requests
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def decide(look: Look, rule: Rule) -> Verdict:
    """The verdict of one look: certain failures first, then errors, then latency, then whether enough was seen."""
    low, high = wilson(look.errors, look.requests)
    kind, why = _judged(look, rule)
    return Verdict(kind, why, low, high)


def _judged(look: Look, rule: Rule) -> tuple[str, str]:
    if look.trouble:
        return "halt", look.trouble
    counted = f"{look.errors} of {look.requests} requests to the new pods failed"
    over = look.requests > 0 and look.errors / look.requests > rule.max_error_rate
    limit = f"{rule.max_error_rate * 100:.4g} %"
    if over and look.requests >= rule.min_requests and look.errors >= rule.min_errors:
        return "halt", f"{counted}, {look.errors / look.requests:.1%}, over {limit}"
    # Of no request at all there is no rate.
    least = max(rule.min_requests, 1)
    enough = look.requests >= least
    if enough and look.latency is not None and 0 < rule.max_latency_seconds < look.latency:
        return "halt", _slow(look, rule)
    if look.seconds <= 0 or look.seconds < rule.watch_seconds:
        return "watch", look.unknown
    if look.unknown:
        return "inconclusive", look.unknown
    if look.ready < look.expected:
        return "inconclusive", f"{look.ready} of {look.expected} new pods are ready"
    if not enough:
        return "inconclusive", f"only {look.requests} requests reached the new pods, fewer than {least}"
    if over:
        return "inconclusive", f"{counted}, over {limit}, but fewer than {rule.min_errors} errors prove nothing"
    if rule.max_latency_seconds and look.latency is None:
        return "inconclusive", "the metrics hold no durations, so the latency is unknown"
    return "healthy", f"{counted}, {look.errors / look.requests:.1%}, not over {limit}"


def _slow(look: Look, rule: Rule) -> str:
    latency = look.latency if look.latency is not None else math.inf
    shown = "beyond the last bucket" if math.isinf(latency) else f"{latency:.3g} s"
    name = f"p{rule.latency_percentile * 100:.3g}"
    return (
        f"the new pods are slow: {name} of {look.requests} requests is {shown}, over {rule.max_latency_seconds:.3g} s"
    )
