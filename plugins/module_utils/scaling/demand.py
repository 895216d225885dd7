# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much CPU a workload's pods use together over time, and whether that is too much for their requests (pure)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

OVER_PERCENT: Final = 70
WINDOW_SECONDS: Final = 300
PRESENT_PERCENT: Final = 80


@dataclass(frozen=True)
class Moment:
    """One sample: CPU in use by all pods, what those pods request (both millicores), and how many pods they are."""

    time: float
    used: float
    requested: float
    pods: int

    @property
    def percent(self) -> float:
        """CPU in use as a share of the requests."""
        return 100 * self.used / self.requested


@dataclass(frozen=True)
class Sustained:
    """Whether CPU was over the threshold all the time: yes, no, or unknown (too few samples), and why in a sentence.

    Shares are percent of the requests, None without samples.
    """

    verdict: str
    sentence: str
    threshold_percent: int
    window_seconds: float
    samples: int
    expected: int
    lowest_percent: float | None = None
    highest_percent: float | None = None


def moments_of(
    points: Iterable[tuple[str, Iterable[tuple[float, float]]]], requests: Mapping[str, int], usual_request: int
) -> list[Moment]:
    """The samples of each container (its pod, and its (Unix seconds, millicores)) added up moment by moment.

    `requests` is millicores by pod; a pod that is gone by now requested `usual_request`.
    """
    used: dict[float, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for pod, values in points:
        for time, value in values:
            used[time][pod] += value
    found = []
    for time, by_pod in sorted(used.items()):
        requested = sum(requests.get(pod, usual_request) for pod in by_pod)
        if requested > 0:
            found.append(Moment(time, sum(by_pod.values()), requested, len(by_pod)))
    return found


def sustained(
    moments: Sequence[Moment],
    *,
    window_seconds: float,
    step_seconds: float,
    threshold_percent: int = OVER_PERCENT,
    present_percent: int = PRESENT_PERCENT,
) -> Sustained:
    """ "Sustained" means every sample of the window over the threshold, with at least 80 % of the samples there."""
    expected = max(1, math.floor(window_seconds / step_seconds))
    needed = math.ceil(expected * present_percent / 100)
    window = _seconds(window_seconds)
    if len(moments) < needed:
        said = f"{len(moments)} of {expected} samples of {window} are there, at least {needed} are needed to judge"
        return Sustained("unknown", said, threshold_percent, window_seconds, len(moments), expected)
    shares = [moment.percent for moment in moments]
    low, high = round(min(shares), 1), round(max(shares), 1)
    over = sum(share > threshold_percent for share in shares)
    span = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    figures = f"{span} % of the requests in {len(shares)} samples over {window}"
    if over == len(shares):
        verdict, said = "yes", f"CPU was at {figures}, every one over {threshold_percent} %"
    elif over:
        verdict, said = "no", f"CPU was at {figures}, {over} of them over {threshold_percent} %: not sustained"
    else:
        verdict, said = "no", f"CPU was at {figures}, none over {threshold_percent} %"
    return Sustained(verdict, said, threshold_percent, window_seconds, len(shares), expected, low, high)


def _seconds(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size or (unit == "minutes" and seconds >= size):
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} seconds"
