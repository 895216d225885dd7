# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bounds and target from the demand: the arithmetic by examples, and what holds for every demand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.policy import (
    Policy,
    lowered,
    policy_of,
    replicas_by_hand,
    stabilization_seconds,
)

DEMANDS = st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=60)
REQUESTS = st.integers(min_value=1, max_value=64000)
TARGETS = st.integers(min_value=1, max_value=100)


def test_the_arithmetic_is_told() -> None:
    policy = policy_of([40.0] * 9 + [60.0], 20)
    assert (policy.min_replicas, policy.max_replicas, policy.expected_replicas) == (3, 6, 3)
    assert policy.target_cpu_utilization_percent == 70
    assert policy.arithmetic == [
        "a pod carries 20m × 70 % = 14m",
        "minimum = max(2, ceil(10th percentile of the demand 40m ÷ 14m)) = 3",
        "maximum = ceil(greatest demand 60m × 1.2 ÷ 14m) = 6",
        "expected = ceil(mean demand 42m ÷ 14m), within the bounds = 3",
        "scale down only after 300 s: no dip that was seen lasted longer",
    ]


def test_a_demand_that_was_cut_off_is_greater_by_nobody_knows_how_much() -> None:
    policy = policy_of([42.0] * 10, 20, cut_off_at=5)
    assert policy.max_replicas == 8
    assert "cut off at 5 replicas" in policy.arithmetic[3]


def test_a_target_outside_is_held() -> None:
    assert policy_of([1.0], 20, target_percent=20).target_cpu_utilization_percent == 50
    assert "held to 50 to 90 %" in policy_of([1.0], 20, target_percent=99).arithmetic[0]


def test_dips_that_come_back_are_waited_out() -> None:
    busy, calm = [100.0], [10.0]
    assert stabilization_seconds(busy * 5 + calm * 40 + busy * 5, 14, 15) == 600  # type: ignore[arg-type]
    assert stabilization_seconds(busy * 5 + calm * 40, 14, 15) == 300  # type: ignore[arg-type]
    assert stabilization_seconds(busy + calm * 400 + busy, 14, 15) == 1800  # type: ignore[arg-type]


def test_by_hand_it_is_one_or_two_more() -> None:
    assert [replicas_by_hand(demand, 20, 2) for demand in (15.0, 42.0, 56.0, 400.0)] == [3, 3, 4, 4]


@given(DEMANDS, REQUESTS, TARGETS, st.integers(min_value=0, max_value=100))
def test_bounds_are_in_order_whatever_the_demand(
    demand: list[float], request: int, target: int, cut_off_at: int
) -> None:
    policy = policy_of(demand, request, target_percent=target, cut_off_at=cut_off_at)
    assert 2 <= policy.min_replicas <= policy.expected_replicas <= policy.max_replicas
    assert policy.max_replicas > cut_off_at
    assert 50 <= policy.target_cpu_utilization_percent <= 90
    assert 300 <= policy.scale_down_stabilization_seconds <= 1800


@given(DEMANDS, REQUESTS)
def test_the_maximum_carries_the_greatest_demand_under_the_target(demand: list[float], request: int) -> None:
    policy = policy_of(demand, request)
    assert policy.max_replicas * request * 0.70 >= max(demand) * 1.2 * 0.999


@given(DEMANDS, REQUESTS, st.floats(min_value=1, max_value=10))
def test_more_demand_never_means_fewer_replicas(demand: list[float], request: int, factor: float) -> None:
    small, large = policy_of(demand, request), policy_of([value * factor for value in demand], request)
    assert small.min_replicas <= large.min_replicas
    assert small.max_replicas <= large.max_replicas
    assert small.expected_replicas <= large.expected_replicas


@given(DEMANDS, REQUESTS, st.integers(min_value=2, max_value=50))
def test_lowering_keeps_the_order(demand: list[float], request: int, most: int) -> None:
    policy = policy_of(demand, request)
    if most < policy.max_replicas:
        found: Policy = lowered(policy, most, "the nodes take no more")
        assert found.min_replicas <= found.expected_replicas <= found.max_replicas == most
        assert found.arithmetic[-1].endswith("the nodes take no more")
