# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What counts as sustained, and how samples of pods add up."""

from __future__ import annotations

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.demand import (
    Moment,
    moments_of,
    sustained,
)


def moments(*shares: float) -> list[Moment]:
    return [Moment(15.0 * number, share, 100, 1) for number, share in enumerate(shares)]


ROWS = [
    # shares of the samples, verdict, what the sentence says
    ([71] * 20, "yes", "every one over 70 %"),
    ([70.1] + [90] * 19, "yes", "70.1 to 90 % of the requests in 20 samples over 5 minutes"),
    ([70] + [90] * 19, "no", "19 of them over 70 %: not sustained"),
    ([20] * 20, "no", "CPU was at 20 % of the requests in 20 samples over 5 minutes, none over 70 %"),
    ([90] * 16, "yes", "16 samples"),
    ([90] * 15, "unknown", "15 of 20 samples of 5 minutes are there, at least 16 are needed"),
    ([], "unknown", "0 of 20 samples"),
]


@pytest.mark.parametrize(("shares", "verdict", "words"), ROWS)
def test_sustained(shares: list[float], verdict: str, words: str) -> None:
    found = sustained(moments(*shares), window_seconds=300, step_seconds=15)
    assert found.verdict == verdict
    assert words in found.sentence


def test_threshold_and_presence_are_settable() -> None:
    found = sustained(moments(60, 61), window_seconds=60, step_seconds=15, threshold_percent=50, present_percent=50)
    assert (found.verdict, found.lowest_percent, found.highest_percent) == ("yes", 60, 61)


def test_samples_of_containers_add_up_moment_by_moment() -> None:
    points = [
        ("web-1", [(0.0, 10.0), (15.0, 12.0)]),
        ("web-1", [(0.0, 1.0), (15.0, 1.0)]),
        ("web-2", [(15.0, 7.0)]),
        ("gone", [(0.0, 4.0)]),
    ]
    found = moments_of(points, {"web-1": 20, "web-2": 20}, usual_request=30)
    assert found == [Moment(0.0, 15.0, 50, 2), Moment(15.0, 20.0, 40, 2)]
    assert found[0].percent == 30.0


def test_pods_without_requests_have_no_share() -> None:
    assert moments_of([("web-1", [(0.0, 10.0)])], {"web-1": 0}, 0) == []
