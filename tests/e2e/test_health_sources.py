# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The health report's figures beside Prometheus' own answers, and each permission taken away in turn on a real API."""

from __future__ import annotations

import datetime
import json
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from support import hardened
from support.cluster import Cluster, eventually
from support.load import deploy, under_load

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import connection_from_params
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import built_in
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.checks import codes_without
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.look import look
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.reading import LISTS, TEXTS, what
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import settings_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.http_get import Endpoint

pytestmark = pytest.mark.xdist_group("health")
WINDOW_SECONDS = 120
COUNT, BUCKET = "http_request_duration_seconds_count", "http_request_duration_seconds_bucket"


class At(Clock):
    """A wall clock that stands, a little in the past: what Prometheus has of that moment changes no more."""

    def __init__(self, moment: int) -> None:
        self.moment = moment

    def now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.moment, datetime.UTC)


def asked(cluster: Cluster, query: str, at: float) -> float:
    """Prometheus' own answer; 0 for none."""
    words = urllib.parse.urlencode({"query": query, "time": at})
    with urllib.request.urlopen(f"{cluster.facts['prometheus']}/api/v1/query?{words}", timeout=10) as answer:
        found = json.load(answer)["data"]["result"]
    return float(found[0]["value"][1]) if found else 0.0


def client_of(cluster: Cluster, **more: Any) -> Client:
    return Client(connection_from_params({"kubeconfig": cluster.kubeconfig, **more}, {}), run_id="health-test")


@pytest.fixture(scope="module")
def loaded(cluster: Cluster) -> Iterator[tuple[str, int]]:
    """A namespace whose podinfo answered fast, slowly and with errors, and a moment right after."""
    namespace = f"health-load-{uuid.uuid4().hex[:6]}"
    cluster.kubectl("create", "namespace", namespace)
    try:
        deploy(cluster, namespace)
        place, window = f'namespace="{namespace}"', f"[{WINDOW_SECONDS}s]"
        answered = f'sum(increase({COUNT}{{{place},status="%s"}}{window}))'
        slow = f'sum(increase({COUNT}{{{place}}}{window})) - sum(increase({BUCKET}{{{place},le="1"}}{window}))'
        with ExitStack() as stack:
            for rate, path in ((10, "/version"), (4, "/status/500"), (1, "/delay/2")):
                stack.enter_context(under_load(cluster, namespace, rate, path))

            def counted() -> list[float]:
                return [asked(cluster, query, time.time()) for query in (answered % 200, answered % 500, slow)]

            def enough() -> bool:
                fine, failed, late = counted()
                return fine > 100 and failed > 40 and late > 12

            assert eventually(enough, 180, 2), counted()
            moment = int(time.time())
        yield namespace, moment - 5
    finally:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false", check=False)


@pytest.fixture(scope="module")
def measured(cluster: Cluster, loaded: tuple[str, int]) -> dict[str, Any]:
    settings = settings_of({"traffic_minutes": WINDOW_SECONDS / 60, "budget_days": 1, "settled_seconds": 0})
    endpoint = Endpoint(str(cluster.facts["prometheus"]))
    return look(client_of(cluster), settings, prometheus=endpoint, clock=At(loaded[1])).to_json()


def test_percentiles_errors_and_the_budget_are_prometheus_own(
    cluster: Cluster, loaded: tuple[str, int], measured: dict[str, Any]
) -> None:
    namespace, moment = loaded
    [section] = [item for item in measured["sections"] if item["title"] == "Services"]
    [row] = [row for row in section["table"]["rows"] if row[0] == f"{namespace}/podinfo"]
    told = dict(zip(section["table"]["columns"], row, strict=True))
    place, window = f'namespace="{namespace}"', f"[{WINDOW_SECONDS}s]"
    for share, name in ((0.5, "p50, s"), (0.95, "p95, s"), (0.99, "p99, s")):
        query = f"histogram_quantile({share}, sum by (le) (rate({BUCKET}{{{place}}}{window})))"
        assert told[name] == pytest.approx(asked(cluster, query, moment), rel=1e-6), name
    failed = f'sum(increase({COUNT}{{{place},status=~"5.."}}%s))'
    whole = f"sum(increase({COUNT}{{{place}}}%s))"
    assert told["requests"] == round(asked(cluster, whole % window, moment))
    share = asked(cluster, f"{failed % window} / {whole % window}", moment)
    assert 0.1 < share < 0.5
    assert told["errors"] == f"{share:.2%}"
    used = asked(cluster, f"({failed % '[86400s]'} / {whole % '[86400s]'}) / (1 - 0.999)", moment)
    assert told["error budget used"] == f"{used:.0%}"
    assert told["source"] == "the program (http_request_duration_seconds)"


def test_errors_slowness_and_a_spent_budget_are_findings(loaded: tuple[str, int], measured: dict[str, Any]) -> None:
    found = {item["code"] for item in measured["findings"] if item["namespace"] == loaded[0]}
    assert {"H911", "H912", "H913"} <= found
    assert any(item["where"].endswith(str(9090)) or "http" in item["where"] for item in measured["sources"])


def test_a_prometheus_that_does_not_answer_is_said_with_the_codes_that_are_unknown(cluster: Cluster) -> None:
    report = look(client_of(cluster), settings_of({}), prometheus=Endpoint("http://127.0.0.1:9")).to_json()
    unknown = {code for item in report["not_assessed"] if "127.0.0.1:9" in item["why"] for code in item["codes"]}
    assert unknown >= {"H503", "H504", "H911", "H912", "H913", "H925"}
    assert "Services" not in [item["title"] for item in report["sections"]]


def resource_of(name: str) -> tuple[str, str]:
    """API group and plural that listing takes."""
    if name.endswith("Metrics"):
        return "metrics.k8s.io", {"PodMetrics": "pods", "NodeMetrics": "nodes"}[name]
    listed = LISTS[name]
    known = built_in(listed.api_version, listed.kind)
    assert known is not None
    return known.group, known.plural


RESOURCES = sorted({resource_of(name) for name in LISTS})


@pytest.fixture(scope="module")
def readers(cluster: Cluster) -> Iterator[str]:
    """PREFIX-all may read everything that the report reads; each other one lacks what its name says."""
    prefix = f"health-{uuid.uuid4().hex[:6]}"
    items = []
    # /version and /readyz are everybody's, as Kubernetes comes.
    for missing in ["", *(f"{group}/{name}" for group, name in RESOURCES), TEXTS["metrics"]]:
        rules = [hardened.rule("list", name, group) for group, name in RESOURCES if f"{group}/{name}" != missing]
        rules += [{"verbs": ["get"], "nonResourceURLs": [path]} for path in TEXTS.values() if path != missing]
        name = f"{prefix}-{slug(missing) or 'all'}"
        items += hardened.bound(name, rules, [hardened.user(name)], cluster=True)
    cluster.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    yield prefix
    for item in items:
        cluster.kubectl("delete", item["kind"], item["metadata"]["name"], "--wait=false", check=False)


def slug(missing: str) -> str:
    return missing.strip("/").replace("/", "-").replace(".", "-")


def report_of(cluster: Cluster, user: str) -> dict[str, Any]:
    return look(client_of(cluster, impersonate_user=user), settings_of({"root_causes": 0})).to_json()


def test_read_only_rights_suffice(cluster: Cluster, readers: str) -> None:
    report = report_of(cluster, f"{readers}-all")
    assert not [item for item in report["not_assessed"] if "may not" in item["why"] or "forbidden" in item["why"]]


@pytest.mark.parametrize("resource", RESOURCES, ids="/".join)
def test_a_permission_that_is_missing_is_said(cluster: Cluster, readers: str, resource: tuple[str, str]) -> None:
    report = report_of(cluster, f"{readers}-{slug('/'.join(resource))}")
    said = {item["what"]: item for item in report["not_assessed"]}
    for name in [name for name in LISTS if resource_of(name) == resource]:
        told = said[what(name)]
        assert resource[1] in told["why"], told
        assert told["how"], told
        assert told["codes"] == list(codes_without(name))
        # What is unknown is not found, and no report that lacks it is a good one.
        assert not {item["code"] for item in report["findings"]} & set(told["codes"])


def test_the_servers_own_figures_may_be_refused(cluster: Cluster, readers: str) -> None:
    report = report_of(cluster, f"{readers}-metrics")
    [told] = [item for item in report["not_assessed"] if item["what"] == what("metrics")]
    assert "H810" in told["codes"]
