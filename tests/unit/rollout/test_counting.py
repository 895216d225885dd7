# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what a pod's metrics endpoint answers, true or not, to requests and errors."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import counting, exposition, series
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.exposition import Unreadable, samples
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.series import CONVENTIONS, Count

PODINFO = b"""# HELP http_request_duration_seconds Seconds spent serving HTTP requests.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{method="GET",path="root",status="200",le="0.1"} 90
http_request_duration_seconds_bucket{method="GET",path="root",status="200",le="+Inf"} 92
http_request_duration_seconds_sum{method="GET",path="root",status="200"} 1.5e-2
http_request_duration_seconds_count{method="GET",path="root",status="200"} 92
http_request_duration_seconds_count{method="GET",path="root",status="500"} 8
http_request_duration_seconds_count{method="GET",path="readyz",status="200"} 1000
http_requests_total{status="200"} 1092
go_gc_duration_seconds{quantile="0"} 2.4e-05
process_start_time_seconds 1.7e+09 1395066363000
# EOF
"""


def reading(text: bytes, *ignored: str) -> series.Reading:
    return series.read(samples(text, series.names(CONVENTIONS)), CONVENTIONS, ignored)


def test_probes_are_no_requests_of_users() -> None:
    found = reading(PODINFO, "/readyz", "/metrics")
    assert (found.count.requests, found.count.errors) == (100, 8)
    assert found.count.buckets == {0.1: 90, math.inf: 92}
    assert 'status="500"} 8' in found.error_series[0]
    assert "http_request_duration_seconds_count" in found.convention.query


@pytest.mark.parametrize(
    ("text", "requests", "errors"),
    [
        (b'istio_requests_total{response_code="503"} 3\nhttp_requests_total{code="200"} 9\n', 3, 3),
        (b'response_total{classification="success"} 7\nresponse_total{classification="failure"} 2\n', 9, 2),
        (b'nginx_ingress_controller_requests{status="502"} 1\n', 1, 1),
        (b'traefik_service_request_duration_seconds_count{code="404"} 4\n', 4, 0),
        (b'http_requests_total{code="200"} 5\nhttp_requests_total{code="500"} 1\n', 6, 1),
        (b'http_requests_total{status="5xx"} 2\nhttp_requests_total{status="2XX"} 3\n', 5, 2),
        (b'http_requests_total{code="5XX"} 2\n', 2, 2),
        # A label that is there from the start, and was never counted under.
        (b'http_requests_total{code="200"} 2\nhttp_requests_total{code="unknown"} 0\n', 2, 0),
        # What a mesh's sidecar saw going out is what this pod asked of others.
        (
            b'istio_requests_total{reporter="source",response_code="200"} 900\n'
            b'istio_requests_total{reporter="destination",response_code="500"} 20\n',
            20,
            20,
        ),
        (
            b'response_total{direction="outbound",classification="success"} 900\n'
            b'response_total{direction="inbound",classification="failure"} 2\n',
            2,
            2,
        ),
        (b'istio_requests_total{reporter="source",response_code="200"} 9\nhttp_requests_total{code="200"} 9\n', 0, 0),
        # OpenMetrics: a time with an exponent, and no line feed at its very end.
        (b'a 1 1.520879607789e+09\nhttp_requests_total{code="200"} 3 1.5e9\n# EOF', 3, 0),
        ('# HELP a \u2028\nhttp_requests_total{code="200",path="/\u2028\u0085"} 3\n'.encode(), 3, 0),
        (b'http_server_requests_seconds_count{status="500",uri="/a\\"b"} 2\n', 2, 2),
        (b'http_server_request_duration_seconds_count{http_response_status_code="500"} 1 # {trace_id="x"} 0.1\n', 1, 1),
        # Only probes were answered so far: nobody asked yet, which is not the same as no metrics.
        (b'http_request_duration_seconds_count{path="healthz",status="200"} 5\n', 0, 0),
    ],
)
def test_each_convention(text: bytes, requests: int, errors: int) -> None:
    count = reading(text, "/healthz").count
    assert (count.requests, count.errors) == (requests, errors)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "none of the series"),
        (b"go_goroutines 7\n", "none of the series"),
        (b"<!DOCTYPE html>\n<html>\n", "line 1 is no sample"),
        (b'{"requests": 5}\n', "line 1 is no sample"),
        (b'http_requests_total{code="200"} 5', "middle of a line"),
        (b'http_requests_total{code="200" 5\n', "no sample"),
        (b"http_requests_total{code=200} 5\n", "no sample"),
        (b'http_requests_total{code="200"} five\n', "no sample"),
        (b'http_requests_total{code="200"} 1.2.3\n', "no number"),
        (
            b'http_requests_total{status="success"} 4\nhttp_requests_total{status="error"} 36\n',
            "'success', which is no",
        ),
        (b'http_requests_total{code="500 Internal Server Error"} 1\n', "which is no HTTP status: say with the gate's"),
        (b'http_requests_total{code="500.0"} 1\n', "'500.0', which is no HTTP status"),
        (b'http_requests_total{code="Internal"} 1\n', "'Internal', which is no HTTP status"),
        (b'response_total{classification="200"} 1\n', "'200', which is neither"),
        (b'http_requests_total{code="200"} NaN\n', "is nan"),
        (b'http_requests_total{code="200"} -1\n', "is -1"),
        (b'http_requests_total{code="200"} +Inf\n', "is inf"),
        (b'http_requests_total{code="200"} 5\nhttp_requests_total{code="200"} 6\n', "twice"),
        (b"\xff\xfe\n", "no UTF-8"),
        (b"x 1\n" * (exposition.MOST_BYTES // 4 + 1), "larger than"),
    ],
)
def test_what_is_no_exposition_is_never_a_count(body: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        reading(body)


def test_words_count_where_the_user_says_which_are_errors() -> None:
    found = samples(b'http_requests_total{status="success"} 4\nhttp_requests_total{status="error"} 36\n')
    own = {"total": "http_requests_total", "label": "status"}
    count = series.read(found, [series.given({**own, "errors": "error"})]).count
    assert (count.requests, count.errors) == (40, 36)
    with pytest.raises(Unreadable, match="which is no HTTP status"):
        series.read(found, [series.given(own)])


@given(st.binary(max_size=400))
def test_any_bytes_are_samples_or_unreadable(body: bytes) -> None:
    try:
        samples(body)
    except Unreadable as wrong:
        assert str(wrong)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=5))
def test_what_is_written_is_read(values: list[float]) -> None:
    text = "".join(f'a_total{{n="{number}"}} {value!r}\n' for number, value in enumerate(values))
    assert [item.value for item in samples(text.encode())] == values


def count(requests: float, errors: float = 0) -> Count:
    return Count(requests, errors)


@pytest.mark.parametrize(
    ("fresh", "readings", "requests", "errors"),
    [
        (True, [count(10, 1)], 10, 1),
        (True, [count(10, 1), count(30, 2)], 30, 2),
        (False, [count(1000, 100)], 0, 0),
        (False, [count(1000, 100), count(1010, 101)], 10, 1),
        # The program started anew: what it shows came since.
        (False, [count(1000, 100), count(1010, 101), count(4, 2)], 14, 3),
        (True, [count(10, 1), count(4, 0), count(9, 5)], 19, 6),
        (True, [count(10, 5), count(12, 1)], 22, 6),
    ],
)
def test_counters_are_subtracted_and_resets_survived(
    fresh: bool, readings: list[Count], requests: int, errors: int
) -> None:
    ledger = counting.Ledger()
    for item in readings:
        ledger.add("pod", item, fresh=fresh)
    total = ledger.total(["pod", "never seen"])
    assert (total.requests, total.errors) == (requests, errors)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.sets(st.integers(0, 19)))
def test_a_new_pod_loses_nothing_by_resets(steps: list[int], resets: set[int]) -> None:
    tally, shown, true = counting.Tally(Count()), 0, 0
    for number, step in enumerate(steps):
        # A reset that shows the same or more cannot be told from progress, so one shows less.
        if number in resets and shown > step:
            shown = 0
        shown, true = shown + step, true + step
        tally.add(Count(shown, 0))
    assert tally.count.requests == true


@pytest.mark.parametrize(
    ("buckets", "share", "seconds"),
    [
        ({}, 0.95, None),
        ({0.1: 0, math.inf: 0}, 0.95, None),
        ({0.1: 100, math.inf: 100}, 0.95, 0.095),
        ({0.1: 50, 1.0: 100, math.inf: 100}, 0.95, 0.91),
        ({0.1: 50, 1.0: 60, math.inf: 100}, 0.95, math.inf),
    ],
)
def test_percentiles(buckets: dict[float, float], share: float, seconds: float | None) -> None:
    found = counting.percentile(buckets, share)
    assert found == (seconds if seconds is None else pytest.approx(seconds))
