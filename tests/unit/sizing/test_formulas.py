# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must hold of every request, limit, point of scaling, confidence and history, whatever was used."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.quantiles import figures
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import Figures, Window
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_bytes, format_millicores
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import scaling_point
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing import limits, rounding, trend
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.confidence import confidence, widened
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.history import history_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.requests import (
    Policy,
    cpu_request,
    memory_request,
)

MIB = 1 << 20
DAY = 86_400.0
CPU = st.floats(0, 200_000, allow_nan=False)
MEMORY = st.floats(0, 2**42, allow_nan=False)
POLICIES = st.builds(Policy, margin_percent=st.integers(30, 300))


def used(p95: float, greatest: float) -> Figures:
    return Figures(p95 / 2, p95, max(p95, greatest), max(p95, greatest))


def test_the_specifications_example() -> None:
    """CPU 200m and memory 150Mi with the 30 % margin."""
    cpu, memory = cpu_request(used(150, 180), Policy()), memory_request(used(115 * MIB, 140 * MIB), Policy())
    assert (format_millicores(cpu.value), format_bytes(memory.value)) == ("200m", "150Mi")
    assert cpu.arithmetic == "p95 150m × 1.30 = 195.0m, rounded up to 200m"
    assert memory.arithmetic == "p95 115.0Mi × 1.30 = 149.5Mi, rounded up to 150Mi"


@given(p95=CPU, greatest=CPU, policy=POLICIES, covers=st.booleans())
def test_cpu_is_requested_above_p95_with_its_margin(p95: float, greatest: float, policy: Policy, covers: bool) -> None:
    value = cpu_request(used(p95, greatest), policy, covers_peak=covers).value
    assert value > Fraction(p95) * Fraction(13, 10)
    assert value >= policy.cpu_floor_millicores
    assert not covers or value >= used(p95, greatest).max


@given(p95=MEMORY, greatest=MEMORY, policy=POLICIES)
def test_memory_is_requested_above_p95_with_its_margin_and_never_under_the_peak(
    p95: float, greatest: float, policy: Policy
) -> None:
    value = memory_request(used(p95, greatest), policy).value
    assert value > Fraction(p95) * Fraction(13, 10)
    assert value >= used(p95, greatest).max
    assert value >= policy.memory_floor_bytes


@given(low=MEMORY, high=MEMORY, peak=MEMORY, margin=st.integers(30, 300), more=st.integers(0, 100))
def test_more_usage_and_more_margin_never_request_less(
    low: float, high: float, peak: float, margin: int, more: int
) -> None:
    low, high = sorted((low, high))
    assert (
        memory_request(used(low, peak), Policy(margin)).value <= memory_request(used(high, peak), Policy(margin)).value
    )
    assert (
        cpu_request(used(low / MIB, 0), Policy(margin)).value <= cpu_request(used(high / MIB, 0), Policy(margin)).value
    )
    assert (
        memory_request(used(low, peak), Policy(margin)).value
        <= memory_request(used(low, peak), Policy(margin + more)).value
    )


@given(amount=CPU)
def test_rounding_goes_up_and_not_far(amount: float) -> None:
    assert amount <= rounding.cpu_at_least(amount) <= rounding.cpu_above(amount) <= max(5, amount * 1.1 + 5)


@pytest.mark.parametrize(
    ("mebibytes", "written"),
    [(1, "5Mi"), (99, "100Mi"), (100, "110Mi"), (149.5, "150Mi"), (1021, "1Gi"), (1030, "1152Mi"), (9000, "9Gi")],
)
def test_amounts_are_those_that_people_write(mebibytes: float, written: str) -> None:
    assert format_bytes(rounding.memory_above(mebibytes * MIB)) == written


def test_a_margin_below_the_least_is_refused() -> None:
    with pytest.raises(ValueError, match="30 percent or more, not 20"):
        Policy(20)


@given(
    limit=st.integers(1, 10**5), before=st.integers(1, 10**5), after=st.integers(1, 10**5), peak=st.integers(0, 10**5)
)
def test_a_limit_is_never_below_its_request_and_memorys_never_below_the_peak(
    limit: int, before: int, after: int, peak: int
) -> None:
    for words in ("keep", "ratio", "memory_equals_request"):
        policy = Policy(limits=words)
        cpu = limits.cpu_limit(limit, before, after, policy, guaranteed=False)
        memory = limits.memory_limit(limit, before, max(after, peak), peak, policy, guaranteed=False)
        assert cpu is not None and cpu >= after
        assert memory is not None and memory >= max(after, peak)
    assert limits.cpu_limit(limit, before, after, Policy(), guaranteed=True) == after
    assert limits.cpu_limit(None, before, after, Policy(limits="ratio"), guaranteed=False) is None


@given(
    target=st.integers(1, 100),
    before=st.lists(st.integers(10, 4000), min_size=1, max_size=4),
    after=st.lists(st.integers(10, 4000), min_size=4, max_size=4),
)
def test_the_scaling_point_stays_to_half_a_percent_of_the_request(
    target: int, before: list[int], after: list[int]
) -> None:
    def spec(amounts: list[int]) -> dict[str, Any]:
        containers = [{"name": f"c{n}", "resources": {"requests": {"cpu": f"{a}m"}}} for n, a in enumerate(amounts)]
        return {"containers": containers}

    after = after[: len(before)]
    metric = {"resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": target}}}
    autoscaler = {"metadata": {"name": "web"}, "spec": {"metrics": [metric]}}
    desired, _said = scaling_point.moved(autoscaler, spec(before), spec(after))
    wanted = desired["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"]
    assert wanted >= 1
    assert wanted == 1 or abs(wanted * sum(after) - target * sum(before)) <= sum(after) / 2


@given(days=st.floats(0, 400), coverage=st.floats(0, 1), more=st.floats(0, 100))
def test_more_history_is_more_confidence(days: float, coverage: float, more: float) -> None:
    assert 0 <= confidence(days, coverage) <= confidence(days + more, coverage) <= 0.99
    assert confidence(days, coverage / 2) <= confidence(days, coverage)
    assert widened(100, days + more + 1) <= widened(100, days + 1)


def test_confidence_is_the_inverse_of_vpas_factor() -> None:
    assert (confidence(7, 1), confidence(14, 1), confidence(0, 1)) == (0.88, 0.93, 0.0)
    assert widened(100, 1) == 200


@given(values=st.lists(st.floats(0, 1e12, allow_nan=False), min_size=1, max_size=200))
def test_percentiles_are_in_order_and_within_what_was_seen(values: list[float]) -> None:
    found = figures(values)
    assert min(values) <= found.p50 <= found.p95 * (1 + 1e-12) <= found.p99 * (1 + 1e-12) ** 2
    assert found.p99 <= found.max * (1 + 1e-12) and found.max == max(values)


WINDOW = Window(14 * DAY, 14 * DAY)
STEP = WINDOW.point_seconds


def points(*ranges: tuple[float, float]) -> list[tuple[float, float]]:
    """A value every step in these days."""
    return [
        (moment, 1.0)
        for moment in (STEP * number for number in range(1, int(14 * DAY / STEP) + 1))
        if any(begin * DAY < moment <= end * DAY for begin, end in ranges)
    ]


@pytest.mark.parametrize(
    ("ranges", "days", "coverage", "gaps"),
    [
        ([(0, 14)], 14, 1.0, 0),
        ([(7, 14)], 7, 1.0, 0),
        ([(0, 4), (6, 14)], 14, 12 / 14, 1),
        ([(0, 12)], 14, 12 / 14, 1),
        ([(0, 1), (2, 3), (4, 14)], 14, 12 / 14, 2),
        ([], 0, 0.0, 0),
    ],
)
def test_history_counts_from_the_first_figure_and_knows_its_gaps(
    ranges: list[tuple[float, float]], days: float, coverage: float, gaps: int
) -> None:
    found = history_of(points(*ranges), WINDOW)
    assert found.days == pytest.approx(days, abs=0.1)
    assert found.coverage == pytest.approx(coverage, abs=0.02)
    assert len(found.gaps) == gaps


def wave(number: int) -> float:
    return 100 + 40 * ((number % 12) - 6) / 6


@pytest.mark.parametrize(
    ("values", "leaks"),
    [
        ([100.0 + number for number in range(168)], True),
        ([100.0] * 168, False),
        ([wave(number) for number in range(168)], False),
        ([100.0 + number * 0.05 for number in range(168)], False),
        ([100.0 + number % 24 * 10 for number in range(168)], False),
        ([300.0 - number for number in range(168)], False),
        ([100.0, 200.0], False),
    ],
)
def test_only_what_grows_all_the_time_is_a_leak(values: list[float], leaks: bool) -> None:
    found = trend.growth_a_day([(number * 3600.0, value) for number, value in enumerate(values)])
    assert (found > 0) is leaks
    assert not leaks or found == pytest.approx(24)
