# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Percentiles by Prometheus' rule, and when a cron schedule was due."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.aiops.kubernetes.plugins.module_utils.health.cron import BadSchedule, fields_of, latest_before
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.quantiles import quantile

INF = math.inf
NOW = datetime.datetime(2026, 11, 16, 12, 7, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("share", "buckets", "wanted"),
    [
        # promtool's own cases (promql/promqltest/testdata/histograms.test).
        (0.5, {0.1: 0, 0.2: 10, INF: 10}, 0.15),
        (0.8, {0.1: 4, 0.2: 10, INF: 10}, 0.1 + 0.1 * 4 / 6),
        (0.99, {0.1: 4, INF: 10}, 0.1),
        (0.5, {1.0: 10, INF: 10}, 0.5),
        (0.5, {-1.0: 10, INF: 10}, -1.0),
        (0.5, {0.1: 0, INF: 0}, None),
        (0.5, {0.1: 5}, None),
        (0.5, {INF: 5}, None),
        (0.5, {0.1: 5, 0.2: 4, INF: 10}, 0.1),
    ],
)
def test_quantile(share: float, buckets: dict[float, float], wanted: float | None) -> None:
    found = quantile(share, buckets)
    assert found is None if wanted is None else found == pytest.approx(wanted)


counts = some.lists(some.integers(0, 10**9), min_size=2, max_size=12)


@given(counts)
def test_quantiles_grow_with_their_share_and_stay_within_the_bounds(added: list[int]) -> None:
    bounds = [0.1 * (at + 1) for at in range(len(added) - 1)] + [INF]
    buckets = {bound: float(sum(added[: at + 1])) for at, bound in enumerate(bounds)}
    found = [quantile(share, buckets) for share in (0.1, 0.5, 0.95, 0.99)]
    known = [value for value in found if value is not None]
    assert known == pytest.approx(sorted(known))
    assert all(0 <= value <= bounds[-2] + 1e-9 for value in known)


@pytest.mark.parametrize(
    ("schedule", "zone", "wanted"),
    [
        ("0 0 * * 1", "", "2026-11-16T00:00:00"),
        ("0 0 * * 1,5", "Etc/UTC", "2026-11-16T00:00:00"),
        ("*/5 * * * *", "", "2026-11-16T12:05:00"),
        ("0 13 * * *", "Europe/Berlin", "2026-11-16T12:00:00"),
        ("0 0 29 2 *", "", "2024-02-29T00:00:00"),
        ("@hourly", "", "2026-11-16T12:00:00"),
        ("30 4 1 * sun", "", "2026-11-15T04:30:00"),
        ("0 9-17/4 * nov mon-fri", "", "2026-11-16T09:00:00"),
        ("0 0 30 2 *", "", None),
    ],
)
def test_when_it_was_due(schedule: str, zone: str, wanted: str | None) -> None:
    found = latest_before(schedule, zone, NOW)
    assert (found and found.strftime("%Y-%m-%dT%H:%M:%S")) == wanted


@pytest.mark.parametrize("schedule", ["", "* * * *", "61 * * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *"])
def test_what_is_no_schedule(schedule: str) -> None:
    with pytest.raises(BadSchedule):
        fields_of(schedule)


@given(some.text(max_size=30))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    try:
        fields_of(text)
    except BadSchedule:
        return
