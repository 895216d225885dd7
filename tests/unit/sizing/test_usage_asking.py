# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole of usage_analysis_info over real connections: how much it asks, how long it takes, how it says no."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from cluster_objects import OLD, container, deployment, pod, replica_set
from loopback import Reply, Seen, serving

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import PriceFileError
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BadTarget
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import (
    NoSource,
    SourceRefused,
    SourceTimedOut,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.asking import UnusableOption, analysed

MIB = 1 << 20
OPTIONS: dict[str, Any] = {
    "namespace": "shop",
    "source": "auto",
    "sample_minutes": 0.0,
    "history_days": 7.0,
    "minimum_days": 7.0,
    "margin_percent": 30,
    "cpu_floor": "10m",
    "memory_floor": "32Mi",
    "limits": "keep",
    "within_seconds": 60.0,
    "record": True,
}
COLLECTIONS = {
    "pods": "Pod",
    "replicasets": "ReplicaSet",
    "deployments": "Deployment",
    "statefulsets": "StatefulSet",
    "daemonsets": "DaemonSet",
    "horizontalpodautoscalers": "HorizontalPodAutoscaler",
    "nodes": "Node",
    "services": "Service",
}


def api(documents: dict[str, list[Any]]) -> Callable[[Seen], Reply]:
    """An API server that knows these lists, and no VerticalPodAutoscalers."""

    def answer(seen: Seen) -> Reply:
        kind = COLLECTIONS.get(seen.path.rpartition("/")[2])
        if kind is None or seen.path.startswith("/apis/metrics.k8s.io"):
            missing = {"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound", "message": "none"}
            return Reply(missing, status=404)
        return Reply({"metadata": {"resourceVersion": "1"}, "items": documents.get(kind, [])})

    return answer


def shop(workloads: int = 1, replicas: int = 1) -> dict[str, list[Any]]:
    names = [f"web{number}" for number in range(workloads)]
    return {
        "Deployment": [deployment(name, replicas=replicas) for name in names],
        "ReplicaSet": [replica_set(name) for name in names],
        "Pod": [pod(f"{name}-abc-{number:05d}", f"{name}-abc") for name in names for number in range(replicas)],
        "Node": [],
    }


def prometheus(documents: dict[str, list[Any]], copies: int = 1) -> Callable[[Seen], Reply]:
    """Answers every query with a value a pod: 0.15 cores, 115 MiB, for a week."""
    pods = [item["metadata"]["name"] for item in documents["Pod"]]

    def value(query: str) -> float:
        if query.startswith("count by"):
            return copies
        if query.startswith("count_over_time"):
            return 2016
        return 115 * MIB if "memory" in query else 0.15

    def answer(seen: Seen) -> Reply:
        query = seen.query["query"]
        labels = [{"namespace": "shop", "pod": name, "container": "app"} for name in pods]
        number = repr(value(query))
        if seen.path.endswith("query"):
            at = float(seen.query["time"])
            result = [{"metric": item, "value": [at, number]} for item in labels]
            return Reply({"status": "success", "data": {"resultType": "vector", "result": result}})
        start, end, step = (float(seen.query[name]) for name in ("start", "end", "step"))
        points = [[start + step * index, number] for index in range(int((end - start) // step) + 1)]
        result = [{"metric": item, "values": points} for item in labels]
        return Reply({"status": "success", "data": {"resultType": "matrix", "result": result}})

    return answer


def asked(documents: dict[str, list[Any]], answers: Callable[[Seen], Reply] | None = None, **more: Any) -> Any:
    """(the result, how many queries the other side counted)"""
    with serving(api(documents)) as server, serving(answers or prometheus(documents)) as metrics:
        client = Client(Connection(host=server.url, api_key="t"), timeout_seconds=10, retries=0)
        given = {**OPTIONS, "prometheus": {"url": metrics.url}, **more}
        return analysed(client, given), len(metrics.seen)


def test_a_namespace_of_a_thousand_pods_takes_twelve_queries_and_seconds() -> None:
    documents = shop(100, 10)
    # Of the processor, the answering side's included: what else runs on the machine does not count.
    started = time.process_time()
    found, queries = asked(documents)
    took = time.process_time() - started
    assert queries == found["source"]["queries"] <= 12
    assert found["source"]["series"] == 1000
    assert took < 10
    assert len(found["recommendations"]) == 100
    assert found["containers"][0]["recommended"]["requests"] == {"cpu": "200m", "memory": "150Mi"}
    assert found["savings"]["cpu_millicores"] == 100 * 10 * 800
    json.dumps(found)


def test_a_workload_takes_no_more_and_asks_for_its_own_pods_only() -> None:
    documents = shop(2)
    found, queries = asked(documents, name="deployment/web1")
    assert queries == 12
    assert [item["workload"]["name"] for item in found["workloads"]] == ["web1"]
    assert found["target"]["uid"] == "uid-web1"


def test_every_query_is_bounded_to_the_namespace_and_the_pods() -> None:
    documents = shop()
    with serving(api(documents)) as server, serving(prometheus(documents)) as metrics:
        client = Client(Connection(host=server.url, api_key="t"), timeout_seconds=10)
        analysed(client, {**OPTIONS, "prometheus": {"url": metrics.url}, "name": "deploy/web0"})
        queries = [seen.query["query"] for seen in metrics.seen]
    assert all('namespace="shop"' in query and 'pod=~"web0-.+"' in query for query in queries)
    assert len(set(queries)) == 12


def test_scraped_twice_is_counted_once_and_said() -> None:
    documents = shop()
    found, _queries = asked(documents, prometheus(documents, copies=2))
    assert found["containers"][0]["recommended"]["requests"]["cpu"] == "200m"
    assert any("2 times, since it is scraped more than once" in note for note in found["workloads"][0]["notes"])


def empty(seen: Seen) -> Reply:
    kind = "vector" if seen.path.endswith("query") else "matrix"
    return Reply({"status": "success", "data": {"resultType": kind, "result": []}})


def test_no_metrics_at_all_is_a_verdict_of_unknown_and_no_success() -> None:
    found, _queries = asked(shop(), empty)
    assert (found["diagnosis"]["verdict"], found["recommendations"]) == ("unknown", [])
    assert "No metrics at all of container app of Deployment shop/web0" in found["diagnosis"]["root_cause"]["summary"]


@pytest.mark.parametrize(
    ("what", "number", "sentence"),
    [
        ("cpu", "1e300", r"used 1e\+303m CPU, which no container can"),
        ("cpu", "1e308", "used infm CPU, which no container can"),
        ("cpu", "-1", "used -1000m CPU, which no container can"),
        ("memory", "1e18", r"used 1e\+18 bytes of memory, which no container can"),
        ("memory", "-5", "used -5 bytes of memory, which no container can"),
        ("memory", "0", "No memory metrics of container app .* nothing but zeros"),
        ("memory", "NaN", "No memory metrics of container app"),
        ("cpu", "+Inf", "No CPU metrics of container app"),
    ],
)
def test_figures_that_cannot_be_lead_to_nothing(what: str, number: str, sentence: str) -> None:
    documents = shop()

    def absurd(seen: Seen) -> Reply:
        reply = prometheus(documents)(seen)
        if (what == "memory") == ("memory" in seen.query["query"]) and not seen.query["query"].startswith("count"):
            for item in reply.body["data"]["result"]:
                item |= {"value": [item["value"][0], number]} if "value" in item else {}
                item |= {"values": [[at, number] for at, _value in item["values"]]} if "values" in item else {}
        return reply

    found, _queries = asked(documents, absurd)
    assert (found["diagnosis"]["verdict"], found["recommendations"]) == ("unknown", [])
    assert re.search(sentence, found["diagnosis"]["root_cause"]["summary"])
    json.dumps(found, allow_nan=False)


def test_moments_that_nobody_asked_for_are_left_out() -> None:
    documents = shop()

    def elsewhere(seen: Seen) -> Reply:
        reply = prometheus(documents)(seen)
        for item in reply.body["data"]["result"]:
            item |= {"values": [[1e300, "9"], *item["values"], [-1.0, "9"]]} if "values" in item else {}
        return reply

    found, _queries = asked(documents, elsewhere)
    assert found["containers"][0]["history"]["days"] == 7.0
    assert found["containers"][0]["recommended"]["requests"]["cpu"] == "200m"


def refusing(_seen: Seen) -> Reply:
    said = "query processing would load too many samples into memory"
    return Reply({"status": "error", "errorType": "execution", "error": said}, status=422)


def slow(_seen: Seen) -> Reply:
    return Reply({}, wait_seconds=3)


@pytest.mark.parametrize(
    ("source", "options", "error", "sentence"),
    [
        (refusing, {}, SourceRefused, "refused the query .*too many samples"),
        (slow, {"within_seconds": 1.0}, SourceTimedOut, "no complete answer within"),
        (None, {"prometheus": {}}, NoSource, "no Prometheus was found.* source metrics_api with sample_minutes"),
        (None, {"price_file": "/no/prices.json"}, PriceFileError, "cannot be read"),
        (None, {"name": "deployment/none"}, BadTarget, "there is no Deployment shop/none"),
        (None, {"name": "job/once"}, BadTarget, "Job once cannot be sized"),
        (None, {"margin_percent": 10}, UnusableOption, "30 percent or more, not 10"),
        (None, {"cpu_floor": "much"}, UnusableOption, "'much' is not a Kubernetes quantity"),
        (None, {"history_days": -1.0}, UnusableOption, "history_days must be a number of days"),
        (None, {"source": "metrics_api"}, NoSource, "the metrics API is not there"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    source: Callable[[Seen], Reply] | None, options: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        asked(shop(), source, **options)


def test_workloads_that_may_not_be_read_are_no_empty_namespace() -> None:
    def denied(seen: Seen) -> Reply:
        if seen.path.endswith("/pods"):
            body = {
                "kind": "Status",
                "status": "Failure",
                "code": 403,
                "reason": "Forbidden",
                "message": "pods is forbidden",
            }
            return Reply(body, status=403)
        return api(shop())(seen)

    with serving(denied) as server, pytest.raises(ClusterError, match="the workloads cannot be read .Pod: "):
        analysed(Client(Connection(host=server.url, api_key="t")), {**OPTIONS, "prometheus": {"url": "http://x"}})


def test_an_empty_namespace_says_so() -> None:
    found, queries = asked({"Pod": []})
    assert queries == 0
    assert "no Deployment, StatefulSet or DaemonSet to size" in found["diagnosis"]["root_cause"]["summary"]


def test_the_metrics_api_is_sampled_and_is_no_history() -> None:
    documents = shop()
    metrics = {
        "metadata": {"name": "web0-abc-00000"},
        "containers": [{"name": "app", "usage": {"cpu": "150m", "memory": "115Mi"}}],
    }

    def answer(seen: Seen) -> Reply:
        if seen.path.startswith("/apis/metrics.k8s.io"):
            return Reply({"items": [metrics]})
        return api(documents)(seen)

    with serving(answer) as server:
        client = Client(Connection(host=server.url, api_key="t"), timeout_seconds=10)
        given = {**OPTIONS, "prometheus": {}, "sample_minutes": 0.02}
        found = analysed(client, given)
        looked = analysed(client, {**given, "minimum_days": 0.0})
    assert found["source"]["name"] == "metrics API"
    assert "Too little history" in found["diagnosis"]["root_cause"]["summary"]
    assert found["containers"][0]["cpu_millicores"]["p95"] == 150
    assert looked["containers"][0]["recommended"]["requests"] == {"cpu": "200m", "memory": "150Mi"}
    assert looked["containers"][0]["confidence"] < 0.1


def test_the_cluster_has_its_namespaces_asked_one_after_the_other() -> None:
    documents = shop(2)
    documents["Deployment"][1]["metadata"]["namespace"] = "bank"
    found, queries = asked(documents, namespace="")
    assert queries == 24
    assert {item["workload"]["namespace"] for item in found["workloads"]} == {"shop", "bank"}
    assert OLD and container()
