# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the module's options to its result, against an API server and a Prometheus on the loopback interface."""

from __future__ import annotations

import datetime
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scaling_objects import autoscaler, node, pod, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import PriceFileError
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BadTarget
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import NoSource
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.analysis import UnusableOption, analysed

NOW = 1_795_190_400.0
POD = "web-7d9c-abcd1"
GIVEN: dict[str, Any] = {
    "kind": "",
    "namespace": "shop",
    "name": "deployment/web",
    "way": "auto",
    "window_seconds": 300.0,
    "threshold_percent": 70,
    "present_percent": 80,
    "target_percent": 70,
    "history_days": 0.0,
    "price_file": "",
    "within_seconds": 60.0,
    "record": True,
    "source": "metrics_api",
    "prometheus": None,
}


class SkippingClock(Clock):
    """Waiting takes no time, but the time passes."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(NOW + self.passed, datetime.UTC)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += max(0.0, seconds)


class World:
    """Answers by path; what is missing is 404. `series` is what Prometheus says of CPU, a list of (pod, cores)."""

    def __init__(self) -> None:
        self.lists: dict[str, list[Any]] = {
            "/api/v1/namespaces/shop/pods": [pod()],
            "/api/v1/pods": [pod()],
            "/api/v1/nodes": [node()],
            "/api/v1/services": [],
            "/api/v1/namespaces/shop/resourcequotas": [],
            "/api/v1/namespaces/shop/limitranges": [],
            "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers": [],
        }
        self.objects: dict[str, Any] = {"/apis/apps/v1/namespaces/shop/deployments/web": workload()}
        self.cpu: str | None = "30m"
        self.forbidden: set[str] = set()
        self.series: list[tuple[str, float, int]] = [(POD, 0.03, 1)]
        self.prometheus_answers = ""
        self.gaps = 0

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if path in self.forbidden:
            return 403, {"kind": "Status", "code": 403, "reason": "Forbidden", "message": "it is forbidden"}
        if path.endswith(("/query_range", "/query")):
            return self._prometheus(path, query)
        if path.startswith("/apis/metrics.k8s.io/") and self.cpu is not None:
            usage = {"name": "app", "usage": {"cpu": self.cpu, "memory": "20Mi"}}
            return 200, {"items": [{"metadata": {"name": POD, "namespace": "shop"}, "containers": [usage]}]}
        if path in self.lists:
            return 200, {"kind": "List", "metadata": {"resourceVersion": "1"}, "items": self.lists[path]}
        if path in self.objects:
            return 200, self.objects[path]
        return 404, {"kind": "Status", "code": 404, "reason": "NotFound", "message": f"{path} not found"}

    def _prometheus(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if self.prometheus_answers == "error":
            return 422, {"status": "error", "errorType": "execution", "error": "query processing would load too many"}
        if self.prometheus_answers == "timeout":
            time.sleep(3)
        text = query["query"][0]
        result = []
        for name, cores, copies in self.series:
            labels = {"pod": name, "container": "app", "namespace": "shop"}
            value = copies if text.startswith("count by") else 20 if text.startswith("count_over") else cores
            if path.endswith("/query_range"):
                start, end, step = (float(query[key][0]) for key in ("start", "end", "step"))
                times = [start + step * number for number in range(int((end - start) / step) + 1)]
                result.append({"metric": labels, "values": [[at, str(value)] for at in times[self.gaps :]]})
            else:
                result.append({"metric": labels, "value": [float(query["time"][0]), str(value)]})
        kind = "matrix" if path.endswith("/query_range") else "vector"
        return 200, {"status": "success", "data": {"resultType": kind, "result": result}}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def address(world: World) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            where = urlsplit(self.path)
            code, answer = world.answer(where.path, parse_qs(where.query))
            text = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def analyse(address: str, clock: Clock | None = None, **given: Any) -> dict[str, Any]:
    client = Client(Connection(host=address), retries=0)
    return analysed(client, {**GIVEN, **given}, clock or SkippingClock())


def cause(result: dict[str, Any]) -> dict[str, Any]:
    return dict(result["diagnosis"]["root_cause"])


def test_sampled_for_the_whole_window(address: str) -> None:
    clock = SkippingClock()
    result = analyse(address, clock)
    assert clock.passed >= 300
    assert result["sustained"]["verdict"] == "yes"
    assert result["sustained"]["lowest_percent"] == 150
    [advice] = result["recommendations"]
    assert (advice["remedy"], advice["parameters"]["max_replicas"]) == ("set_hpa", 4)
    assert result["source"] == "metrics API"
    assert set(result["classes"]) >= {"cpu-over-requests", "capacity-short"}


def test_from_prometheus_in_one_window(address: str) -> None:
    result = analyse(address, source="prometheus", prometheus={"url": address})
    assert result["sustained"]["samples"] == result["sustained"]["expected"] == 20
    assert cause(result)["class"] == "cpu-over-requests"


def test_from_prometheus_with_days_of_demand(address: str) -> None:
    result = analyse(address, source="prometheus", prometheus={"url": address}, history_days=7.0)
    assert any("demand over 7.0 days in 2016 samples" in item["text"] for item in result["evidence"])
    assert not any("Only" in note for note in result["notes"])


def test_a_year_of_demand_takes_no_more_points_than_prometheus_gives(address: str, world: World) -> None:
    result = analyse(address, source="prometheus", prometheus={"url": address}, history_days=365.0)
    [samples] = [
        re.search(r"demand over 365.0 days in (\d+) samples", item["text"]) for item in result["evidence"][2:3]
    ]
    assert samples and int(samples.group(1)) < 11_000


def test_scraped_twice_it_counts_once_and_is_said(address: str, world: World) -> None:
    world.series = [(POD, 0.03, 2)]
    result = analyse(address, source="prometheus", prometheus={"url": address})
    assert result["sustained"]["highest_percent"] == 150
    assert any("has each container 2 times (scraped more than once); it is counted once" in n for n in result["notes"])


def test_gaps_are_said_and_too_many_are_no_verdict(address: str, world: World) -> None:
    world.gaps = 3
    few = analyse(address, source="prometheus", prometheus={"url": address})
    assert "3 of 20 samples are missing." in few["notes"]
    world.gaps = 5
    many = analyse(address, source="prometheus", prometheus={"url": address})
    assert cause(many)["class"] == "too-few-samples"
    assert "15 of 20 samples of 5 minutes are there, at least 16 are needed" in cause(many)["summary"]
    assert many["recommendations"][0]["remedy"] == "none"


def test_no_metrics_at_all(address: str, world: World) -> None:
    world.cpu = None
    result = analyse(address)
    assert (result["diagnosis"]["verdict"], cause(result)["class"]) == ("unknown", "no-metrics")
    assert "the metrics API is not there" in cause(result)["summary"]


@pytest.mark.parametrize("cores", [-0.5, 1e300, 1e308])
def test_figures_that_cannot_be_lead_to_nothing(address: str, world: World, cores: float) -> None:
    world.series = [(POD, cores, 1)]
    result = analyse(address, source="prometheus", prometheus={"url": address})
    assert (result["diagnosis"]["verdict"], cause(result)["class"]) == ("unknown", "no-metrics")
    assert re.search(r"container app of pod \S+ used \S+m CPU, which no container can", cause(result)["summary"])
    assert result["recommendations"][0]["remedy"] == "none"
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize("cores", [float("nan"), float("inf")])
def test_figures_that_are_no_numbers_are_none(address: str, world: World, cores: float) -> None:
    world.series = [(POD, cores, 1)]
    result = analyse(address, source="prometheus", prometheus={"url": address})
    assert cause(result)["class"] in ("no-metrics", "too-few-samples")
    assert result["recommendations"][0]["remedy"] == "none"


def test_pods_of_others_with_names_alike_do_not_count(address: str, world: World) -> None:
    """`web-agent-x2k4z` of a DaemonSet looks like a pod of the Deployment `web`."""
    other = pod()
    other["metadata"] |= {"name": "web-agent-x2k4z", "ownerReferences": [{"kind": "DaemonSet", "name": "web-agent"}]}
    world.lists["/api/v1/pods"] = [pod(), other]
    world.series = [(POD, 0.01, 1), ("web-agent-x2k4z", 4.0, 1)]
    result = analyse(address, source="prometheus", prometheus={"url": address})
    assert (result["diagnosis"]["verdict"], result["sustained"]["highest_percent"]) == ("steady", 50)


def test_a_container_without_figures_is_no_good_news(address: str, world: World) -> None:
    two = pod()
    two["spec"]["containers"].append({**two["spec"]["containers"][0], "name": "proxy"})
    world.lists |= {"/api/v1/namespaces/shop/pods": [two], "/api/v1/pods": [two]}
    world.series = [(POD, 0.02, 1)]
    result = analyse(address, source="prometheus", prometheus={"url": address})
    assert (result["diagnosis"]["verdict"], cause(result)["class"]) == ("unknown", "no-metrics")
    assert "has no CPU figures of container proxy" in cause(result)["summary"]
    # What is over the threshold without it is over with it.
    world.series = [(POD, 0.04, 1)]
    assert analyse(address, source="prometheus", prometheus={"url": address})["sustained"]["verdict"] == "yes"


def test_an_error_of_prometheus(address: str, world: World) -> None:
    world.prometheus_answers = "error"
    result = analyse(address, source="prometheus", prometheus={"url": address})
    assert cause(result)["class"] == "no-metrics"
    assert "query processing would load too many" in cause(result)["summary"]


def test_a_prometheus_that_is_too_slow(address: str, world: World) -> None:
    world.prometheus_answers = "timeout"
    clock = Clock()
    given = {"source": "prometheus", "prometheus": {"url": address}, "within_seconds": 1.0}
    result = analyse(address, clock, **given)
    assert cause(result)["class"] == "no-metrics"
    assert "gave no complete answer within" in cause(result)["summary"]


@pytest.mark.parametrize("broken", ["error", "silent"])
def test_where_prometheus_does_not_know_the_metrics_api_is_sampled(address: str, world: World, broken: str) -> None:
    world.prometheus_answers = broken
    world.series = []
    result = analyse(address, source="auto", prometheus={"url": address})
    assert result["source"] == "metrics API"
    assert any("so the metrics API was sampled" in note for note in result["notes"])
    assert cause(result)["class"] == "cpu-over-requests"


def test_neither_prometheus_nor_a_metrics_api(address: str, world: World) -> None:
    world.cpu, world.series = None, []
    result = analyse(address, source="auto", prometheus={"url": address})
    assert cause(result)["class"] == "no-metrics"
    assert "has no figures of its pods" in cause(result)["summary"]
    assert "the metrics API is not there" in cause(result)["summary"]


def test_an_autoscaler_at_its_maximum(address: str, world: World) -> None:
    world.lists["/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"] = [autoscaler(1)]
    result = analyse(address)
    assert cause(result)["class"] == "autoscaler-at-maximum"
    assert any("1 to 1 replicas at 70 % CPU" in item["text"] for item in result["evidence"])


def test_keda_in_charge(address: str, world: World) -> None:
    world.objects["/apis/keda.sh/v1alpha1"] = {
        "resources": [{"name": "scaledobjects", "kind": "ScaledObject", "namespaced": True, "verbs": ["list"]}]
    }
    scaled = {"metadata": {"name": "web"}, "spec": {"scaleTargetRef": {"name": "web"}}}
    world.lists["/apis/keda.sh/v1alpha1/namespaces/shop/scaledobjects"] = [scaled]
    assert cause(analyse(address))["class"] == "keda-in-charge"


def test_nodes_that_may_not_be_read_are_no_room(address: str, world: World) -> None:
    world.forbidden.add("/api/v1/nodes")
    result = analyse(address)
    assert cause(result)["class"] == "capacity-short"
    assert result["recommendations"][0]["remedy"] == "none"
    assert any("what the nodes can take is not known" in item["why"] for item in result["unavailable"])


def test_without_a_target_it_takes_the_hottest(address: str) -> None:
    result = analyse(address, name="")
    assert result["target"]["name"] == "web"
    assert result["candidates"] == [{"kind": "Deployment", "namespace": "shop", "name": "web", "cpu_percent": 150}]


def test_without_a_target_there_may_be_nothing_to_do(address: str, world: World) -> None:
    world.cpu = "1m"
    result = analyse(address, name="")
    assert (result["diagnosis"]["verdict"], result["recommendations"]) == ("steady", [])
    assert "no workload in namespace shop uses more than 70 % of its CPU requests now" in cause(result)["summary"]


def test_without_a_target_and_metrics_nothing_is_called_healthy(address: str, world: World) -> None:
    world.cpu = None
    with pytest.raises(NoSource, match="what uses how much CPU now is not known"):
        analyse(address, name="")


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"name": "deployment/gone"}, BadTarget, "there is no Deployment shop/gone"),
    ({"name": "daemonset/web"}, BadTarget, "cannot be scaled"),
    ({"window_seconds": 5.0}, UnusableOption, "window_seconds must be from 30 to 3600, not 5"),
    ({"threshold_percent": 0}, UnusableOption, "threshold_percent must be from 1 to 1000"),
    ({"present_percent": 101}, UnusableOption, "present_percent must be from 1 to 100"),
    ({"target_percent": 0}, UnusableOption, "target_percent must be from 1 to 100"),
    ({"within_seconds": 0.0}, UnusableOption, "within_seconds must be from 1 to 3600, not 0"),
    ({"history_days": -1.0}, UnusableOption, "history_days must be from 0 to 365"),
    ({"price_file": "/nowhere/prices.json"}, PriceFileError, "price file /nowhere/prices.json cannot be read"),
]


@pytest.mark.parametrize(("given", "error", "sentence"), REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(
    address: str, given: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        analyse(address, **given)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("CPU: 1", "is not JSON"), ("[]", "must hold a map"), ('{"CPU": "a lot", "RAM": 1}', "CPU in price file")],
)
def test_a_wrong_price_file(address: str, tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)
    with pytest.raises(PriceFileError, match=sentence):
        analyse(address, price_file=str(file))
