# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Traffic and volumes from recorded series, certificates from their bytes."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from health_objects import NOW, healthy, meta, snapshot
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.aiops.kubernetes.plugins.module_utils.certificate_end import not_after
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import forecast, traffic
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.certificates import end_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.checks import run
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Meta, TlsSecret
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus import Prometheus

POD = {"namespace": "shop", "pod": "web-6f-a"}


def answering(table: dict[str, list[tuple[dict[str, str], float]]]) -> Prometheus:
    """Answers a query that contains a key with that series."""

    def send(path: str, query: Mapping[str, str], deadline: Deadline) -> tuple[int, bytes]:
        found = next((series for part, series in table.items() if part in query["query"]), [])
        result = [{"metric": labels, "value": [0, str(value)]} for labels, value in found]
        return 200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()

    return Prometheus("Prometheus", send)


def test_errors_and_percentiles_are_folded_to_the_service_of_the_pod() -> None:
    prometheus = answering(
        {
            'increase(http_requests_total{status!=""}[3600s]': [(POD, 100.0)],
            'increase(http_requests_total{status=~"5.."}[3600s]': [(POD, 20.0)],
            'increase(http_requests_total{status!=""}[2592000s]': [(POD, 10000.0)],
            'increase(http_requests_total{status=~"5.."}[2592000s]': [(POD, 20.0)],
            "rate(http_request_duration_seconds_bucket": [
                ({**POD, "le": "1"}, 0.0),
                ({**POD, "le": "2"}, 5.0),
                ({**POD, "le": "+Inf"}, 5.0),
            ],
        }
    )
    seen = snapshot(healthy())
    known = traffic.read(prometheus, seen, Deadline.after(5))
    web = known["shop", "web"]
    assert web.error_share == 0.2
    assert web.latency["p50"] == pytest.approx(1.5)
    assert web.budget_used(0.999) == pytest.approx(2.0)
    found = list(traffic.judge(known, seen.settings))
    assert [item.code for item in found] == ["H911", "H912", "H913"]
    assert "http_requests_total, status" in found[0].evidence[0]


def test_a_mesh_speaks_before_the_program() -> None:
    mesh = {"destination_service_namespace": "shop", "destination_service_name": "web"}
    prometheus = answering(
        {
            "istio_requests_total": [(mesh, 50.0)],
            "istio_request_duration": [({**mesh, "le": "1000"}, 1.0), ({**mesh, "le": "+Inf"}, 1.0)],
            "http_requests_total": [(POD, 900.0)],
        }
    )
    web = traffic.read(prometheus, snapshot(healthy()), Deadline.after(5))["shop", "web"]
    assert (web.source, web.requests) == ("Istio", 50.0)
    assert web.latency["p50"] == pytest.approx(0.5)


def test_few_requests_prove_nothing() -> None:
    few = traffic.Traffic("x", requests=19, failed=19, period_requests=19, period_failed=19)
    assert list(traffic.judge({("shop", "web"): few}, snapshot(healthy()).settings)) == []
    assert traffic.Traffic("x").error_share is None


@pytest.mark.parametrize(
    ("used", "expected", "codes"),
    [(50.0, 60.0, []), (90.0, 91.0, ["H503"]), (50.0, 120.0, ["H504"]), (50.0, None, [])],
)
def test_volumes(used: float, expected: float | None, codes: list[str]) -> None:
    fill = forecast.VolumeFill("shop", "data", used, 100.0, expected)
    assert [item.code for item in forecast.judge_volumes([fill], snapshot(healthy()).settings)] == codes


@pytest.mark.parametrize(
    ("used", "expected", "codes"), [(1000.0, 9000.0, ["H925"]), (1000.0, 2000.0, []), (None, 9e9, [])]
)
def test_the_cluster_fills_up(used: float | None, expected: float, codes: list[str]) -> None:
    fill = forecast.ClusterFill((used, None), (expected, None))
    assert [item.code for item in forecast.judge_cluster(fill, snapshot(healthy()))] == codes


def test_a_forecast_demands_history() -> None:
    """Prometheus answers predict_linear from two samples; the query itself asks for more."""
    asked: list[str] = []

    def send(path: str, query: Mapping[str, str], deadline: Deadline) -> tuple[int, bytes]:
        asked.append(query["query"])
        return 200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": []}}).encode()

    seen, prometheus = snapshot(healthy()), Prometheus("Prometheus", send)
    assert forecast.read_volumes(prometheus, seen, Deadline.after(5)) == []
    assert forecast.read_cluster(prometheus, seen, Deadline.after(5)).expected == (None, None)
    demands = [query.partition(" and ")[2] for query in asked if "predict_linear" in query]
    assert demands == [
        "count_over_time((kubelet_volume_stats_used_bytes)[1d:1h]) >= 12)",
        f"count_over_time(({forecast._CPU})[7d:1h]) >= 120",
        f"count_over_time(({forecast._MEMORY})[7d:1h]) >= 120",
    ]


def certificate(end: datetime.datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.example")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(end - datetime.timedelta(days=90))
    return built.not_valid_after(end).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(("days", "codes"), [(-1, ["H821"]), (10, ["H822"]), (40, []), (365 * 40, [])])
def test_certificates(days: int, codes: list[str]) -> None:
    data = {
        "tls.crt": base64.b64encode(certificate(NOW + datetime.timedelta(days=days))).decode(),
        "tls.key": "c2VjcmV0",
    }
    lists: dict[str, Any] = {**healthy(), "TlsSecret": [{"metadata": meta("shop-tls"), "data": data}]}
    seen = snapshot(lists)
    assert "c2VjcmV0" not in repr(seen.of("TlsSecret"))
    assert [item.code for item in run(seen)] == codes


@given(some.binary(max_size=200))
def test_any_bytes_are_a_certificate_or_none(content: bytes) -> None:
    text = base64.b64encode(b"-----BEGIN CERTIFICATE-----" + base64.b64encode(content) + b"-----END CERTIFICATE-----")
    assert end_of(TlsSecret(Meta("x"), {"tls.crt": text.decode()})) is None
    try:
        not_after(content)
    except (ValueError, IndexError):
        return
