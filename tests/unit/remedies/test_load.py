# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is watched after a scaling: the autoscaler, CPU against the requests, and requests that failed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscaler_look,
    load,
    monitoring,
    observing,
    served,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.load import Load
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.observing import Metrics
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.served import Served

PODINFO = """
# HELP http_requests_total The total number of HTTP requests.
http_request_duration_seconds_count{method="GET",path="root",status="200"} 90
http_requests_total{status="200"} 90
http_requests_total{status="404"} 5
http_requests_total{status="503"} 5
go_goroutines 9
"""
SPRING = """
http_server_requests_seconds_count{outcome="SERVER_ERROR",status="500",uri="/a b{id}"} 1.0
http_server_requests_seconds_count{outcome="SUCCESS",status="200",uri="/"} 3.0E1
"""
GRPC = 'grpc_server_handled_total{grpc_code="OK"} 8\ngrpc_server_handled_total{grpc_code="Unavailable"} 2\n'


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        (PODINFO, (100.0, 5.0)),
        (SPRING, (31.0, 1.0)),
        (GRPC, (10.0, 2.0)),
        ("go_goroutines 9\n", None),
        ('http_requests_total{path="/"} 7\n', None),
        ('http_requests_total{status="200"} many\n', None),
        ("", None),
    ],
)
def test_counters_of_programs(text: str, counted: tuple[float, float] | None) -> None:
    assert served.counts(text) == counted


def pod(annotations: dict[str, str], ports: list[dict[str, Any]] | None = None, phase: str = "Running") -> Any:
    return {
        "metadata": {"name": "web", "namespace": "shop", "uid": "u", "annotations": annotations},
        "spec": {"containers": [{"name": "app", "ports": ports or []}]},
        "status": {"phase": phase},
    }


SCRAPED = {"prometheus.io/scrape": "true", "prometheus.io/port": "9898"}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (pod(SCRAPED), ("9898", "/metrics")),
        (pod({**SCRAPED, "prometheus.io/path": "stats"}), ("9898", "/stats")),
        (pod({"prometheus.io/scrape": "true"}, [{"containerPort": 80}]), ("80", "/metrics")),
        (pod({}, [{"containerPort": 80}, {"containerPort": 9090, "name": "http-metrics"}]), ("9090", "/metrics")),
        (pod({}, [{"containerPort": 80}]), None),
        (pod({"prometheus.io/port": "9898"}), None),
        (pod(SCRAPED, phase="Pending"), None),
    ],
)
def test_where_a_pod_tells_its_metrics(document: Any, place: tuple[str, str] | None) -> None:
    assert served.place_of(document) == place


def test_a_pod_that_is_new_or_began_anew_counts_from_nothing() -> None:
    before = Served({"old": [100.0, 10.0], "restarted": [500.0, 50.0]})
    now = Served({"old": [150.0, 11.0], "restarted": [20.0, 2.0], "new": [30.0, 0.0]})
    assert served.since(before, now) == (100.0, 3.0)


def of(total: float, failed: float, cpu: int | None = 50, **more: Any) -> Load:
    return Load(cpu, served=Served({"u": [total, failed]}), **more)


WORSE = [
    (of(1000, 0), of(2000, 49), ""),
    (of(1000, 0), of(2000, 50), "5.0 % of 1000 requests failed since the change, 5 % is the bound"),
    (of(1000, 60), of(2000, 120), ""),  # it failed as much before
    (of(1000, 0), of(1010, 10), ""),  # too few requests to tell
    (of(1000, 0), of(1000, 0), ""),
    (None, of(2000, 500), ""),
    (of(1000, 0), Load(50, served=Served({}, "no answer")), ""),
]


@pytest.mark.parametrize(("before", "now", "sentence"), WORSE)
def test_an_error_rate_that_came_with_the_change(before: Load | None, now: Load, sentence: str) -> None:
    assert load.worse(before, now) == sentence


HPA = {"autoscaler": "web", "wanted": 3, "least": 2, "most": 6, "metrics_arrive": True}
UNMET = [
    (of(1, 0, 69, **HPA), 3, []),
    (of(1, 0, 70, **HPA), 3, ["CPU is at 70 % of its requests, not under 70 %"]),
    (of(1, 0, None, **HPA), 3, ["it is not known what share of its requests the CPU in use is"]),
    (of(1, 0, 50, **HPA), 2, ["2 of 3 replicas are ready"]),
    (of(1, 0, 50, **{**HPA, "metrics_arrive": False}), 3, ["no current metrics arrive at HorizontalPodAutoscaler web"]),
    (of(1, 0, 50), 2, ["2 of 3 replicas are ready"]),
]


@pytest.mark.parametrize(("now", "ready", "clauses"), UNMET)
def test_what_is_not_so_yet(now: Load, ready: int, clauses: list[str]) -> None:
    assert load.unmet(now, ready, 3) == clauses


def metrics(loaded: Load | None) -> Metrics:
    return Metrics("", "", 0, 2, 2, 2, 2, 30, 2 << 20, 2, "", [], loaded)


def test_the_line_says_all_of_it_and_plainly_what_there_is_not() -> None:
    line = monitoring.line(metrics(of(200, 1, 64, **HPA)), metrics(of(100, 0)))
    assert line == (
        "2 of 2 ready, 0 restarts, CPU 30m, memory 2Mi, CPU at 64 % of its requests, autoscaler wants 3 (2 to 6), "
        "errors 1.0 % of 100 requests"
    )
    none = dataclasses.replace(of(0, 0), served=Served({}, "no pod of the workload says where"))
    assert "no error rate (no pod of the workload says where)" in monitoring.line(metrics(none))
    assert "no requests, so no error rate" in monitoring.line(metrics(of(5, 0)), metrics(of(5, 0)))
    assert monitoring.line(metrics(None)) == "2 of 2 ready, 0 restarts, CPU 30m, memory 2Mi"


def test_figures_go_through_json() -> None:
    taken = metrics(of(200, 1, 64, **HPA))
    assert observing.from_json(taken.to_json()) == taken
    assert "failed since the change" in monitoring.regression(metrics(of(100, 0)), metrics(of(300, 90)))


def autoscaler(percent: int | None = 60, active: str = "True") -> Any:
    current = [{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": percent}}}]
    conditions = [
        {"type": "ScalingActive", "status": active, "reason": "FailedGetResourceMetric", "message": "no pods"}
    ]
    return {
        "metadata": {"name": "web"},
        "spec": {},
        "status": {
            "currentMetrics": current if percent is not None else None,
            "conditions": conditions if active else [],
            "desiredReplicas": 3,
            "currentReplicas": 2,
        },
    }


@pytest.mark.parametrize(
    ("document", "works", "words"),
    [
        (autoscaler(), True, "CPU is at 60 % of the requests, it wants 3 replicas, there are 2"),
        (autoscaler(None), False, "no current metrics have arrived"),
        (autoscaler(None, ""), False, "no current metrics have arrived"),
        (autoscaler(60, "False"), False, "is not active: FailedGetResourceMetric: no pods"),
        ({"metadata": {"name": "web"}, "spec": {}}, False, "no current metrics have arrived"),
    ],
)
def test_an_autoscaler_works_once_metrics_arrive(document: Any, works: bool, words: str) -> None:
    complete, progress = autoscaler_look.of_autoscaler(document)
    assert complete is works
    assert words in progress
