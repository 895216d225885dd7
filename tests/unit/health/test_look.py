# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One look over HTTP: a bounded number of requests, and each permission taken away in turn is said, not skipped."""

from __future__ import annotations

import datetime
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from health_objects import NOW, READYZ, Object, healthy

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import connection_from_params
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import built_in
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import CODES
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.checks import CHECKS
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.look import look
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.reading import LISTS, TEXTS
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import BadSettings, Settings, settings_of


class FixedClock(Clock):
    """The wall clock stands still; durations do not."""

    def now(self) -> datetime.datetime:
        return NOW


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.server.asked.append((parts.path, query, self.headers.get("Accept", "")))
        status, answer = self.server.answer(parts.path, query)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        # A client whose time is up does not wait for the rest.
        with suppress(OSError):
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_given: Any) -> None:
        pass


class Server:
    """Serves the lists of a snapshot; what is in refused gets 403, what is in slow comes late."""

    def __init__(self, lists: dict[str, list[Object]]) -> None:
        self.refused: str = ""
        self.slow: str = ""
        self.unready = False
        self.by_path = {path_of(name): lists[name] for name in LISTS if name != "TlsSecret"}

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        name = name_of(path, query)
        if name == self.refused:
            message = f'{name} is forbidden: User "reader" cannot list it'
            return 403, {"kind": "Status", "code": 403, "reason": "Forbidden", "message": message}
        if name == self.slow:
            time.sleep(5)
        if name == "version":
            return 200, {"gitVersion": "v1.34.4"}
        if name == "readyz":
            failed = READYZ.replace("[+]etcd ok", "[-]etcd failed: reason withheld").encode()
            return (500, failed) if self.unready else (200, READYZ.encode())
        if name == "metrics":
            return 200, b"# TYPE x counter\nx 1\n"
        if name == "TlsSecret":
            return 200, {"kind": "SecretList", "items": []}
        return (
            (200, {"kind": "List", "items": self.by_path[path]}) if path in self.by_path else (404, {"kind": "Status"})
        )


def path_of(name: str) -> str:
    listed = LISTS[name]
    resource = built_in(listed.api_version, listed.kind)
    assert resource is not None
    return resource.path(listed.namespace)


def name_of(path: str, query: dict[str, str]) -> str:
    for name, text in TEXTS.items():
        if path == text:
            return name
    if query.get("fieldSelector") == "type=kubernetes.io/tls":
        return "TlsSecret"
    return next((name for name in LISTS if name != "TlsSecret" and path_of(name) == path), path)


@contextmanager
def serving(server: Server) -> Iterator[tuple[Client, list[tuple[str, dict[str, str], str]]]]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.answer, http.asked = server.answer, []  # type: ignore[attr-defined]
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    try:
        params = {"host": f"http://127.0.0.1:{http.server_address[1]}", "api_key": "t", "validate_certs": False}
        yield Client(connection_from_params(params, {}), retries=0), http.asked  # type: ignore[attr-defined]
    finally:
        http.shutdown()
        http.server_close()


def report_of(server: Server, **given: Any) -> dict[str, Any]:
    with serving(server) as (client, _asked):
        return look(client, Settings(), clock=FixedClock(), **given).to_json()


def test_a_healthy_cluster_has_no_findings_and_says_where_it_looked() -> None:
    server = Server(healthy())
    report = report_of(server)
    assert report["findings"] == []
    assert [item["what"] for item in report["not_assessed"]] == ["latency, error rates, volumes and forecasts"]
    assert len(report["sources"]) == len(LISTS) + len(TEXTS)


def test_the_number_of_requests_does_not_grow_with_the_cluster() -> None:
    small, large = Server(healthy()), Server(healthy())
    large.by_path[path_of("Pod")] = large.by_path[path_of("Pod")] * 500
    with serving(small) as (client, asked):
        look(client, Settings(), clock=FixedClock())
        few = len(asked)
    with serving(large) as (client, asked):
        look(client, Settings(), clock=FixedClock())
        assert len(asked) == few <= len(LISTS) + len(TEXTS) + 1


def test_of_secrets_and_config_maps_only_names_are_asked_for() -> None:
    server = Server(healthy())
    with serving(server) as (client, asked):
        look(client, Settings(), clock=FixedClock())
    for kind in ("Secret", "ConfigMap"):
        plain = [accept for path, query, accept in asked if name_of(path, query) == kind]
        assert plain
        assert all("as=PartialObjectMetadataList" in accept for accept in plain)


NAMES = [*LISTS, *TEXTS]


@pytest.mark.parametrize("name", NAMES)
def test_each_permission_taken_away_is_said_with_the_codes_that_are_unknown(name: str) -> None:
    server = Server(healthy())
    server.refused = name
    report = report_of(server)
    [missing] = [item for item in report["not_assessed"] if "forbidden" in item["why"] and item["codes"] is not None][
        :1
    ]
    assert "cannot list it" in missing["why"]
    assert "grant" in missing["how"] or name.endswith("Metrics")
    wanted = {code for check in CHECKS if name in check.needs for code in check.codes}
    assert set(missing["codes"]) == wanted
    assert wanted <= set(CODES)
    assert name not in {source["what"] for source in report["sources"]}
    if name in ("Pod", "Node", "Deployment", "StatefulSet", "DaemonSet"):
        assert report["summary"]["grade"]["letter"] != "A"
        assert "not everything could be seen" in report["summary"]["grade"]["sentence"]


def test_nothing_readable_is_no_good_grade() -> None:
    server = Server(healthy())
    server.answer = lambda path, query: (403, {"kind": "Status", "code": 403, "message": "no"})  # type: ignore[method-assign]
    report = report_of(server)
    assert report["summary"]["grade"]["letter"] == "-"
    assert report["figures"] == {}
    assert len(report["not_assessed"]) == len(NAMES) + 1


def test_what_is_late_is_said() -> None:
    server = Server(healthy())
    server.slow = "Ingress"
    report = report_of(server, within_seconds=2.5)
    assert any("time" in item["why"] and item["what"].startswith("ingresses") for item in report["not_assessed"])


def test_a_server_that_is_not_ready_says_which_check_failed() -> None:
    server = Server(healthy())
    server.unready = True
    [finding] = report_of(server)["findings"]
    assert (finding["code"], finding["part"]) == ("H901", "etcd")


@pytest.mark.parametrize("given", [{"restart": 3}, {"restarts": "many"}, {"restarts": -1}])
def test_settings_that_cannot_be_used_are_named(given: dict[str, Any]) -> None:
    with pytest.raises(BadSettings, match=next(iter(given))):
        settings_of(given)
