# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The decision: a table, and what a simulation says of it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import settings, simulate
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.rule import Look, Rule, decide, wilson

SLOW = Rule(max_latency_seconds=0.5)


def look(requests: int = 0, errors: int = 0, seconds: float = 60, **more: Any) -> Look:
    return Look(requests=requests, errors=errors, seconds=seconds, **{"ready": 3, "expected": 3, **more})


@pytest.mark.parametrize(
    ("seen", "rule", "kind", "why"),
    [
        (look(100, 9), Rule(), "halt", "9 of 100"),
        (look(100, 5), Rule(), "watch", ""),
        (look(100, 6), Rule(), "halt", "over 5 %"),
        (look(19, 19), Rule(), "watch", ""),
        (look(20, 2), Rule(), "watch", ""),
        (look(20, 3), Rule(), "halt", "3 of 20"),
        (look(20, 3, seconds=0), Rule(), "halt", "3 of 20"),
        (look(100, 3), Rule(max_error_rate=0.02), "halt", "over 2 %"),
        (look(trouble="it crashed"), Rule(), "halt", "it crashed"),
        (look(1000, 0, 120, trouble="it crashed"), Rule(), "halt", "it crashed"),
        (look(1000, 0, 120), Rule(), "healthy", "0 of 1000"),
        (look(1000, 0, 119.9), Rule(), "watch", ""),
        (look(1000, 50, 120), Rule(), "healthy", "not over 5 %"),
        (look(0, 0, 120), Rule(), "inconclusive", "only 0 requests"),
        (look(19, 0, 120), Rule(), "inconclusive", "only 19 requests"),
        (look(0, 0, 120), Rule(min_requests=0), "inconclusive", "fewer than 1"),
        (look(20, 2, 120), Rule(), "inconclusive", "prove nothing"),
        (look(1000, 0, 120, ready=2), Rule(), "inconclusive", "2 of 3"),
        (look(1000, 0, 120, unknown="no answer"), Rule(), "inconclusive", "no answer"),
        (look(1000, 0, 0, unknown="no answer"), Rule(watch_seconds=0), "watch", "no answer"),
        (look(100, 0, latency=0.6), SLOW, "halt", "p95 of 100 requests is 0.6 s, over 0.5 s"),
        (look(100, 0, latency=float("inf")), SLOW, "halt", "beyond the last bucket"),
        (look(19, 0, latency=9.0), SLOW, "watch", ""),
        (look(100, 0, 120, latency=0.4), SLOW, "healthy", ""),
        (look(100, 0, 120), SLOW, "inconclusive", "latency is unknown"),
        (look(100, 0, 120, latency=9.0), Rule(), "healthy", ""),
    ],
)
def test_verdicts(seen: Look, rule: Rule, kind: str, why: str) -> None:
    verdict = decide(seen, rule)
    assert verdict.kind == kind, verdict
    assert why in verdict.why


@given(
    requests=st.integers(0, 10_000),
    share=st.floats(0, 1),
    seconds=st.floats(0, 500),
    ready=st.integers(0, 3),
    unknown=st.sampled_from(["", "no answer"]),
)
def test_nothing_is_healthy_without_figures(
    requests: int, share: float, seconds: float, ready: int, unknown: str
) -> None:
    seen = Look(requests, int(requests * share), seconds, ready, 3, None, "", unknown)
    if decide(seen, Rule()).kind == "healthy":
        assert requests >= 20
        assert int(requests * share) / requests <= 0.05
        assert (ready, unknown) == (3, "")
        assert seconds >= 120


@pytest.mark.parametrize(
    ("errors", "requests", "low", "high"), [(0, 0, 0, 1), (0, 20, 0, 0.161), (3, 20, 0.052, 0.360), (20, 20, 0.839, 1)]
)
def test_the_interval(errors: int, requests: int, low: float, high: float) -> None:
    assert wilson(errors, requests) == pytest.approx((low, high), abs=0.001)


@pytest.mark.parametrize(
    ("error_rate", "per_second", "kind", "least"),
    [(0.0, 1.0, "passed", 1.0), (0.01, 1.0, "passed", 0.95), (0.08, 1.0, "halted", 0.9), (0.2, 1.0, "halted", 0.99)],
)
def test_the_simulation(error_rate: float, per_second: float, kind: str, least: float) -> None:
    row = simulate.simulate(error_rate, per_second, 400, Rule(), random.Random(7))
    assert getattr(row, kind) >= least, row
    assert row.halted + row.inconclusive + row.passed == pytest.approx(1)
    assert f"| {error_rate:.0%} | 1 |" in simulate.table([row])


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [
        ({"max_errors": 1}, "no setting max_errors"),
        ({"rule": {}}, "no setting rule"),
        ({"watch_seconds": "soon"}, "must be a number"),
        ({"watch_seconds": -1}, "number from 0"),
        ({"min_requests": 2.5}, "whole number"),
        ({"first_pods": 0}, "from 1 to 100"),
        ({"source": "guess"}, "one of metrics"),
        ({"source": "query"}, "needs query.url"),
        ({"source": "probe"}, "needs probe.path"),
        ({"source": "logs", "logs": {"errors": "("}}, "cannot be used"),
        ({"series": {"total": "x"}}, "takes total and label"),
        ({"series": ["x"]}, "must be a map"),
        ({"max_error_rate": 5}, "shares such as 0.05"),
        ({"look_every_seconds": 0.1}, "at most every 0.5 s"),
        ({"port": 70_000}, "port is from 0 to 65535"),
        ({"source": "probe", "probe": {"path": "/", "port": "http"}}, "probe.port must be a number, not 'http'"),
        ({"source": "probe", "probe": {"path": "/", "port": 70_000}}, "port is from 0 to 65535"),
        ({"source": "probe", "probe": {"path": "/", "per_second": "many"}}, "probe.per_second must be a number"),
        ({"source": "probe", "probe": {"path": "/", "per_second": -1}}, "probe.per_second must be a number from 0"),
        ({"watch_seconds": 200_000}, "held for 86400 s"),
        ({"watch_seconds": 80_000, "ready_within_seconds": 6_400}, "held for 86400 s"),
        ({"source": "query", "query": {"url": "u", "total": "sum(rate(a[1m]))", "errors": "b"}}, "raw counters"),
        ({"source": "query", "query": {"url": "u", "total": "a", "errors": "sum(increase (b[1m]))"}}, "raw counters"),
    ],
)
def test_settings_that_cannot_be_meant(given_settings: dict[str, Any], message: str) -> None:
    with pytest.raises(RemedyError, match=message):
        settings.from_json(given_settings)


def test_settings_keep_their_defaults() -> None:
    made = settings.from_json({"watch_seconds": 5, "source": None, "probe": {"port": "8080", "path": "/"}})
    assert made.rule == Rule(watch_seconds=5)
    assert made.probe == {"port": 8080, "path": "/"}
    assert settings.from_json(made.to_json()) == made
