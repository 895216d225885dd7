# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prometheus' API over real connections: what is sent, what comes back, and a sentence for all that goes wrong."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from loopback import Authority, Reply, Seen, serving

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics import discovery
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import (
    MetricsError,
    NoSource,
    SourceMalformed,
    SourceRefused,
    SourceTimedOut,
    SourceUnreachable,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.http_get import Endpoint
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus import Prometheus, at_address

POD = {"namespace": "shop", "pod": "checkout-1", "container": "app"}


def found(kind: str, *result: Any) -> Reply:
    return Reply({"status": "success", "data": {"resultType": kind, "result": list(result)}})


def refused(kind: str, text: str, status: int = 422) -> Reply:
    return Reply({"status": "error", "errorType": kind, "error": text}, status=status)


def test_an_instant_query_returns_labels_and_values() -> None:
    with serving(lambda _seen: found("vector", {"metric": POD, "value": [1000, "0.25"]})) as server:
        source = at_address(Endpoint(server.url + "/prometheus/"))
        [series] = source.instant_query('up{namespace="shop"}', at=1000)
    assert (dict(series.labels), series.value, source.queries) == (POD, 0.25, 1)
    [seen] = server.seen
    assert seen.path == "/prometheus/api/v1/query"
    assert (seen.query["query"], seen.query["time"]) == ('up{namespace="shop"}', "1000")


def test_a_range_query_leaves_out_what_is_no_number() -> None:
    values = [[0, "1"], [60, "NaN"], [120, "3"], [180, "+Inf"]]
    empty = {"metric": {"pod": "b"}, "values": [[0, "NaN"]]}
    with serving(lambda _seen: found("matrix", {"metric": POD, "values": values}, empty)) as server:
        answer = at_address(Endpoint(server.url)).range_query("up", start=0, end=180, step_seconds=60)
    assert [series.points for series in answer] == [[(0.0, 1.0), (120.0, 3.0)]]
    assert {key: server.seen[0].query[key] for key in ("start", "end", "step")} == {
        "start": "0",
        "end": "180",
        "step": "60",
    }


@pytest.mark.parametrize(
    ("endpoint", "header", "value"),
    [
        ({"bearer_token": "t0ken"}, "Authorization", "Bearer t0ken"),
        (
            {"username": "ann", "password": "s3cret"},
            "Authorization",
            "Basic " + base64.b64encode(b"ann:s3cret").decode(),
        ),
        ({"tenant": "team-a"}, "X-Scope-OrgID", "team-a"),
        ({"headers": {"X-Route": "b"}}, "X-Route", "b"),
    ],
)
def test_who_asks_is_in_the_headers(endpoint: dict[str, Any], header: str, value: str) -> None:
    with serving(lambda _seen: found("vector")) as server:
        made = Endpoint(server.url, **endpoint)
        at_address(made).instant_query("up", at=0)
    assert server.seen[0].headers[header] == value
    assert "t0ken" not in repr(made) and "s3cret" not in repr(made)


def test_tls_with_a_named_ca_and_a_client_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = authority.server_context(authority.issue("server"), ask_client=True)
    client = authority.issue("client")
    with serving(lambda _seen: found("vector"), context) as server:
        trusted = {"ca_cert": str(authority.certificate), "client_key": str(client.key)}
        good = Endpoint(server.url, client_cert=str(client.certificate), **trusted)
        assert at_address(good).instant_query("up", at=0) == []
        with pytest.raises(SourceUnreachable, match="not trusted .* name the CA"):
            at_address(Endpoint(server.url)).instant_query("up", at=0)
        with pytest.raises(NoSource, match="cannot be used"):
            at_address(Endpoint(server.url, ca_cert="/no/such/file")).instant_query("up", at=0)


def test_without_validation_any_certificate_will_do(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with serving(lambda _seen: found("vector"), authority.server_context(authority.issue("server"))) as server:
        assert at_address(Endpoint(server.url, validate_certs=False)).instant_query("up", at=0) == []


@pytest.mark.parametrize(
    ("reply", "error", "sentence"),
    [
        (refused("execution", "query processing would load too many samples"), SourceRefused, "too many samples"),
        (refused("timeout", "query timed out in expression evaluation", 503), SourceTimedOut, "timed out"),
        (Reply(b"<html>no</html>", status=401), SourceRefused, r"does not accept these credentials \(HTTP 401\)"),
        (Reply(b"bad gateway", status=502), SourceRefused, "HTTP 502: bad gateway"),
        (Reply(b"<html>hello</html>"), SourceMalformed, "not Prometheus' API"),
        (Reply({"status": "success", "data": {"resultType": "scalar", "result": [0, "1"]}}), SourceMalformed, "vector"),
        (found("vector", {"metric": POD, "value": "x"}), SourceMalformed, "labels, times and values"),
        (Reply(drop=True), SourceUnreachable, "cannot be reached"),
        (Reply(wait_seconds=2), SourceTimedOut, r"no complete answer within the \d+\.\d s"),
        (Reply({"status": "success"}, drip_seconds=0.05), SourceTimedOut, "no complete answer"),
    ],
)
def test_what_goes_wrong_is_one_sentence(reply: Reply, error: type[MetricsError], sentence: str) -> None:
    with serving(lambda _seen: reply) as server, pytest.raises(error, match=sentence):
        at_address(Endpoint(server.url)).instant_query("up", at=0, deadline=Deadline.after(0.3))


def test_nobody_there() -> None:
    with serving(lambda _seen: found("vector")) as server:
        url = server.url
    with pytest.raises(SourceUnreachable, match="cannot be reached: Connection refused"):
        at_address(Endpoint(url)).instant_query("up", at=0)


@pytest.mark.parametrize("url", ["prometheus:9090", "ftp://prometheus", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(NoSource, match="write it like http://prometheus:9090"):
        at_address(Endpoint(url)).instant_query("up", at=0)


def test_credentials_in_an_address_are_sent_and_not_shown() -> None:
    with serving(lambda _seen: found("vector")) as server:
        at_address(Endpoint(server.url.replace("://", "://ann:s3%20cret@"))).instant_query("up", at=0)
    assert server.seen[0].headers["Authorization"] == "Basic " + base64.b64encode(b"ann:s3 cret").decode()
    assert at_address(Endpoint("http://ann:s3cret@prometheus:9090/x/")).name == "Prometheus http://prometheus:9090/x"


def service(name: str, labels: dict[str, str], *ports: dict[str, Any]) -> dict[str, Any]:
    listed = list(ports) or [{"name": "web", "port": 9090}]
    return {"metadata": {"name": name, "namespace": "monitoring", "labels": labels}, "spec": {"ports": listed}}


def cluster_with(*services: dict[str, Any]) -> Any:
    def answer(seen: Seen) -> Reply:
        if seen.path == "/api/v1/services":
            return Reply({"metadata": {}, "items": list(services)})
        if seen.path.endswith("/proxy/api/v1/query"):
            return found("vector", {"metric": {}, "value": [0, "1"]})
        return Reply({"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"}, status=404)

    return answer


def discovered(*services: dict[str, Any]) -> tuple[Prometheus, list[str]]:
    with serving(cluster_with(*services)) as server:
        client = Client(Connection(host=server.url, api_key="t"), timeout_seconds=5)
        source = discovery.discover(client, Deadline.after(5))
        source.instant_query("up", at=0)
        return source, [seen.path for seen in server.seen]


def test_prometheus_is_found_by_its_services_labels_and_asked_through_the_api_server() -> None:
    source, paths = discovered(
        service("other", {"app": "shop"}),
        service("x-kube-state-metrics", {"app.kubernetes.io/name": "prometheus"}),
        service("prom", {"app.kubernetes.io/name": "prometheus"}),
    )
    assert source.name == "Prometheus (service monitoring/prom)"
    assert paths[-1] == "/api/v1/namespaces/monitoring/services/prom:web/proxy/api/v1/query"


def test_what_sees_all_of_the_history_is_asked_first() -> None:
    source, _paths = discovered(
        service("prom", {"app.kubernetes.io/name": "prometheus"}),
        service("thanos", {"app.kubernetes.io/name": "thanos-query"}, {"name": "grpc", "port": 1}, {"port": 10902}),
    )
    assert "monitoring/thanos" in source.name


def test_no_service_carries_the_labels() -> None:
    with pytest.raises(NoSource, match="no Prometheus was found"):
        discovered(service("web", {"app": "shop"}))


def test_services_that_may_not_be_listed() -> None:
    denied = Reply({"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden"}, status=403)
    with serving(lambda _seen: denied) as server:
        client = Client(Connection(host=server.url, api_key="t"), timeout_seconds=5)
        with pytest.raises(NoSource, match="Services cannot be listed .* give its address"):
            discovery.discover(client, Deadline.after(5))


def test_a_refusal_through_the_api_server_is_said_as_such() -> None:
    with serving(cluster_with(service("prom", {"app": "prometheus"}))) as server:
        client = Client(Connection(host=server.url, api_key="t"), timeout_seconds=5)
        source = discovery.discover(client, Deadline.after(5))
        with pytest.raises(SourceRefused, match="cannot be asked"):
            source.range_query("up", start=0, end=1, step_seconds=1)
