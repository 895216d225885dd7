# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From raw counters of single pods to how many requests and errors there were. Pure; survives counter resets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.series import Count

NOTHING = Count()


@dataclass
class Tally:
    """One pod's requests and errors since `origin` (a new pod's counters began at zero, an old one's at first sight).

    A counter that fell was reset: the program started anew, and what it shows came since.
    """

    origin: Count
    last: Count | None = None
    carried: Count = NOTHING

    def add(self, now: Count) -> None:
        """Take in what the pod shows now."""
        if self.last is not None and _fell(self.last, now):
            self.carried = plus(self.carried, minus(self.last, self.origin))
            self.origin = NOTHING
        self.last = now

    @property
    def count(self) -> Count:
        """What it comes to."""
        return self.carried if self.last is None else plus(self.carried, minus(self.last, self.origin))


@dataclass
class Ledger:
    """The tallies of all pods, by uid. Those of pods that are gone stay counted."""

    tallies: dict[str, Tally] = field(default_factory=dict)

    def add(self, uid: str, now: Count, *, fresh: bool) -> None:
        """`fresh`: the pod is new, so everything that it counted is of this rollout."""
        if uid not in self.tallies:
            self.tallies[uid] = Tally(NOTHING if fresh else now)
        self.tallies[uid].add(now)

    def total(self, uids: Iterable[str]) -> Count:
        """The sum over these pods."""
        summed = NOTHING
        for uid in uids:
            if uid in self.tallies:
                summed = plus(summed, self.tallies[uid].count)
        return summed


def _fell(before: Count, now: Count) -> bool:
    return now.requests < before.requests or now.errors < before.errors


def plus(one: Count, other: Count) -> Count:
    """The sum of two counts."""
    return Count(one.requests + other.requests, one.errors + other.errors, _merged(one.buckets, other.buckets, 1.0))


def minus(one: Count, other: Count) -> Count:
    """What came between two counts, never below zero."""
    return Count(
        max(0.0, one.requests - other.requests),
        max(0.0, one.errors - other.errors),
        {bound: max(0.0, value) for bound, value in _merged(one.buckets, other.buckets, -1.0).items()},
    )


def _merged(one: Mapping[float, float], other: Mapping[float, float], sign: float) -> dict[float, float]:
    return {bound: one.get(bound, 0.0) + sign * other.get(bound, 0.0) for bound in {*one, *other}}


def percentile(buckets: Mapping[float, float], share: float) -> float | None:
    """The duration in seconds that `share` of the requests kept; None without requests.

    Linear within a bucket, as Prometheus' histogram_quantile. Beyond the last bound it is infinite: all that is known
    is that it was slower than that.
    """
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0.0
    if total <= 0:
        return None
    rank, lower, below = share * total, 0.0, 0.0
    for bound in bounds:
        here = buckets[bound]
        if here >= rank:
            if math.isinf(bound):
                return math.inf
            return lower + (bound - lower) * ((rank - below) / (here - below) if here > below else 1.0)
        lower, below = bound, here
    return math.inf
