# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The health report on the real cluster: every planted fault, nothing on healthy objects, and what it cannot see."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import audit, planting
from support.cluster import Cluster, eventually
from support.health_faults import SETTINGS
from support.planting import Expected, Planted
from support.story import Story

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.look import look
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import settings_of

pytestmark = pytest.mark.xdist_group("health")


def client_of(cluster: Cluster) -> Client:
    return Client(Connection(kubeconfig=cluster.kubeconfig, context=""), run_id="health-test")


def report_on(cluster: Cluster) -> dict[str, Any]:
    return look(client_of(cluster), settings_of(SETTINGS)).to_json()


def keys(report: dict[str, Any]) -> set[Expected]:
    return {(item["code"], item["namespace"], item["name"]) for item in report["findings"]}


@pytest.fixture(scope="module")
def planted(cluster: Cluster) -> Iterator[Planted]:
    made = Planted(cluster, f"health-{uuid.uuid4().hex[:6]}")
    try:
        made = planting.plant(cluster, made.name)
        # Metrics come every 15 seconds, a crash loop needs its first pauses.
        eventually(lambda: made.expected <= keys(report_on(cluster)), 240, 2)
        planting.plant_nodes(made)
        yield made
    finally:
        planting.remove(made)


@pytest.fixture(scope="module")
def reported(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report as the playbook writes it."""
    folder = tmp_path_factory.mktemp("health")
    story = Story(planted.cluster, "", folder / "records")
    reports = str(folder / "reports")
    done = story.run("health_report.yml", reports=reports, health_report_settings=SETTINGS)
    assert done.code == 0, done.output
    assert "Status: done" in done.output
    [written] = Path(reports).glob("*/health-*.json")
    report: dict[str, Any] = json.loads(written.read_text())
    report["record"] = story.record()
    report["page"] = written.with_suffix(".html").read_text()
    report["output"] = done.output
    return report


def test_every_planted_fault_is_found_with_its_code(planted: Planted, reported: dict[str, Any]) -> None:
    # Nodes that send no heartbeat turn Unknown within a minute, which may pass before the playbook looks.
    planting.plant_nodes(planted)
    missing = planted.expected - keys(reported)

    # What starts, ends and is held back in turn can be in another state at one moment.
    def all_seen() -> bool:
        missing.difference_update(keys(report_on(planted.cluster)))
        return not missing

    eventually(all_seen, 30, 1)
    assert len(planted.expected) >= 60
    names = {name for _code, _namespace, name in missing}
    assert not missing, (missing, [item for item in reported["findings"] if item["name"] in names])


def test_nothing_is_found_on_healthy_objects(planted: Planted, reported: dict[str, Any]) -> None:
    told = [item for item in reported["findings"] if item["namespace"] == planted.good]
    assert told == []
    sound = {"web", "kubernetes"}
    told = [item for item in reported["findings"] if item["namespace"] == planted.bad and item["name"] in sound]
    # Other faults stand around it: a second Service with a wrong port, an unbound load balancer.
    assert told == []


def test_every_finding_has_evidence_and_a_fix(reported: dict[str, Any]) -> None:
    for finding in reported["findings"]:
        assert finding["evidence"], finding
        assert finding["why"], finding
        assert finding["fix"]["text"], finding


def test_critical_ones_come_first_and_cap_the_grade(reported: dict[str, Any]) -> None:
    ranks = [finding["rank"] for finding in reported["findings"]]
    assert ranks == sorted(ranks, reverse=True)
    assert reported["findings"][0]["severity"] == "critical"
    assert reported["summary"]["grade"]["letter"] in "DF"


def test_the_worst_pods_carry_their_root_cause(reported: dict[str, Any]) -> None:
    told = [
        text for item in reported["findings"] for text in item["evidence"] if text.startswith("root cause by rules")
    ]
    assert told


def test_page_record_and_screen_say_the_same(reported: dict[str, Any]) -> None:
    first = reported["findings"][0]
    for text in (reported["page"], reported["record"], reported["output"]):
        assert first["code"] in text
        assert first["name"] in text


def test_nothing_was_written(planted: Planted, reported: dict[str, Any]) -> None:
    assert not [event for namespace in planted.namespaces for event in audit.writes(planted.cluster, namespace)]
