# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The metrics API and the kubelets' summaries, sampled: what they show now, for as long as was asked."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from loopback import Reply, Seen, serving

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import (
    MetricsError,
    NoSource,
    SourceMalformed,
    SourceRefused,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.sampled import (
    Sample,
    SampledUsage,
    from_kubelets,
    from_metrics_api,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import Selection, Window

SHOP = Selection("shop")
WINDOW = Window(60, 60, 15)


class Passing(Clock):
    """A clock that goes on only while somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.at, datetime.UTC)

    def sleep(self, seconds: float) -> None:
        self.at += max(0.0, seconds)


def test_it_looks_every_fifteen_seconds_and_says_how_far_it_is() -> None:
    values = iter([10.0, 20.0, 30.0, 40.0, 50.0])
    said: list[tuple[int, int]] = []
    source = SampledUsage(
        "test", lambda *_: [Sample("a", "app", next(values), 1)], on_progress=lambda *looks: said.append(looks)
    )
    found = source.usage(SHOP, WINDOW, Deadline.after(600, Passing()))
    [usage] = found.containers
    assert usage.cpu_points == [(0, 10), (15, 20), (30, 30), (45, 40), (60, 50)]
    assert (usage.samples, usage.cpu.p50 if usage.cpu else 0, usage.cpu.max if usage.cpu else 0) == (5, 30, 50)
    assert said == [(number, 5) for number in range(1, 6)]


def test_the_deadline_ends_it_with_what_there_is() -> None:
    source = SampledUsage("test", lambda *_: [Sample("a", "app", 1, 1)])
    [usage] = source.usage(SHOP, WINDOW, Deadline.after(20, Passing())).containers
    assert usage.samples == 2


def client_of(url: str) -> Client:
    return Client(Connection(host=url, api_key="t"), timeout_seconds=5, retries=0)


def one_look(answer: Any, *, kubelet: bool, target: Selection = SHOP) -> list[tuple[str, str, float, float]]:
    with serving(answer) as server:
        client = client_of(server.url)
        source = from_kubelets(client) if kubelet else from_metrics_api(client)
        found = source.usage(target, Window(0, 0, 15), Deadline.after(5))
        return [
            (item.pod, item.container, item.cpu.max, item.memory.max)
            for item in found.containers
            if item.cpu and item.memory
        ]


def pod_metrics(_seen: Seen) -> Reply:
    def item(name: str) -> dict[str, Any]:
        return {"metadata": {"name": name}, "containers": [{"name": "app", "usage": {"cpu": "250m", "memory": "64Mi"}}]}

    return Reply({"items": [item("web-1"), item("db-0")]})


def placed(**nodes: str) -> Reply:
    """The pods of the namespace on their nodes."""
    pods = [{"metadata": {"name": name.replace("_", "-")}, "spec": {"nodeName": node}} for name, node in nodes.items()]
    return Reply({"metadata": {"resourceVersion": "1"}, "items": pods})


def summary(seen: Seen) -> Reply:
    if seen.path == "/api/v1/namespaces/shop/pods":
        return placed(web_1="node-1", db_0="node-1", late="")
    assert seen.path == "/api/v1/nodes/node-1/proxy/stats/summary"
    container = {"name": "app", "cpu": {"usageNanoCores": 250_000_000}, "memory": {"workingSetBytes": 64 << 20}}
    pods = [
        {"podRef": {"name": name, "namespace": namespace}, "containers": [container]}
        for name, namespace in (("web-1", "shop"), ("db-0", "shop"), ("other", "bank"))
    ]
    return Reply({"pods": pods})


@pytest.mark.parametrize("kubelet", [False, True])
def test_both_speak_in_millicores_and_bytes(kubelet: bool) -> None:
    answer = summary if kubelet else pod_metrics
    both = one_look(answer, kubelet=kubelet)
    assert both == [("db-0", "app", 250, 64 << 20), ("web-1", "app", 250, 64 << 20)]
    one = one_look(answer, kubelet=kubelet, target=Selection("shop", r"web\-.+"))
    assert [pod for pod, *_rest in one] == ["web-1"]


def test_only_kubelets_that_run_the_pods_are_asked_and_one_that_is_silent_is_no_end() -> None:
    def answer(seen: Seen) -> Reply:
        if seen.path == "/api/v1/namespaces/shop/pods":
            return placed(web_1="node-1", db_0="node-2", web_2="node-3")
        assert "node-3" not in seen.path
        return refused(500, "InternalError") if "node-2" in seen.path else summary(seen)

    assert one_look(answer, kubelet=True, target=Selection("shop", "web-1|db-0"))[-1][0] == "web-1"
    with pytest.raises(SourceRefused, match="the kubelet of node node-2 gave no answer"):
        one_look(answer, kubelet=True, target=Selection("shop", "db-0"))


def test_pods_that_may_not_be_listed_are_no_usage_of_zero() -> None:
    with pytest.raises(SourceRefused, match="on which nodes the pods run is not known"):
        one_look(lambda _seen: refused(403, "Forbidden"), kubelet=True)


def refused(code: int, reason: str) -> Reply:
    return Reply({"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": "no"}, status=code)


@pytest.mark.parametrize(
    ("reply", "error", "sentence"),
    [
        (refused(404, "NotFound"), NoSource, "the metrics API is not there"),
        (refused(403, "Forbidden"), SourceRefused, "the metrics API gave no answer"),
        (Reply(b"[]"), SourceMalformed, "no JSON object"),
        (Reply({"items": [{"metadata": {"name": "web-1"}, "containers": [{}]}]}), SourceMalformed, "no pod's usage"),
        (Reply(b"<html>"), SourceMalformed, "no JSON object"),
    ],
)
def test_no_answer_is_no_usage_of_zero(reply: Reply, error: type[MetricsError], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        one_look(lambda _seen: reply, kubelet=False)
