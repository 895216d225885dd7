# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many clusters' reports on one page: what comes first, what is missing, what changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from findings_made import finding, report
from test_page import Page

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.fleet import Reported, fleet_report
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.fleet_folder import Host, publish_fleet
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.folder import entries
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import publish
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.saying import fleet_lines

MONDAY, NEXT_MONDAY = "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"
CRITICAL = finding("AIH001", "critical", name="orders")


def stored(name: str, folder: Path, *findings: Finding, at: str = MONDAY) -> Host:
    """A host whose run wrote a report."""
    files = publish({**report(*findings, at=at), "cluster": name}, folder, index=False).files
    return Host(name, ["production"], report=files["json"])


def reported(name: str, *findings: Finding) -> Reported:
    return Reported(name, report={**report(*findings), "cluster": name}, page=f"{name}/health.html")


def test_the_worst_comes_first_and_who_is_silent_before_all() -> None:
    clusters = [reported("good"), reported("bad", CRITICAL), reported("middling", finding()), Reported("silent")]
    whole = fleet_report("health", MONDAY, clusters)
    assert [row["host"] for row in whole["clusters"]] == ["silent", "bad", "middling", "good"]
    assert [item["host"] for item in whole["findings"]] == ["bad", "middling"]
    assert whole["summary"]["grade"]["letter"] == "F"
    assert whole["summary"]["failed"] == ["silent"]
    assert (whole["summary"]["clusters"], whole["summary"]["reported"]) == (4, 3)
    assert "1 did not report: silent" in whole["summary"]["grade"]["sentence"]


def test_what_several_clusters_have_is_said_once() -> None:
    clusters = [reported("one", finding()), reported("two", finding(), CRITICAL), reported("three")]
    [common] = fleet_report("health", MONDAY, clusters)["common"]
    assert (common["code"], common["hosts"], common["findings"]) == ("AIH101", ["one", "two"], 2)


def test_hosts_that_share_a_name_are_told_what_to_set() -> None:
    clusters = [Reported(host, report={**report(), "cluster": "kubernetes"}) for host in ("eu", "us")]
    [note] = fleet_report("health", MONDAY, clusters)["notes"]
    assert note.startswith("eu, us all call their cluster kubernetes") and "aiops_cluster_name" in note


def second(folder: Path) -> dict[str, Any]:
    """Two pages a week apart: eu gets worse, us is lost, ap comes back."""
    first = [stored("eu", folder), stored("us", folder), Host("ap", problem="no answer")]
    publish_fleet("health", MONDAY, first, folder)
    later = [
        stored("eu", folder, CRITICAL, at=NEXT_MONDAY),
        Host("us", problem="no answer from https://us.example:6443"),
        stored("ap", folder, at=NEXT_MONDAY),
    ]
    return publish_fleet("health", NEXT_MONDAY, later, folder)


def test_what_changed_between_two_pages(tmp_path: Path) -> None:
    changes = second(tmp_path)["changes"]
    assert (changes["lost"], changes["back"], changes["since"]) == (["us"], ["ap"], MONDAY)
    assert changes["worse"] == [{"host": "eu", "before": "A", "now": "F"}]
    assert [item["name"] for item in changes["new"]] == ["orders"]


def test_what_was_known_last_of_a_silent_cluster(tmp_path: Path) -> None:
    second(tmp_path)
    third = publish_fleet("health", "2026-11-30T00:00:00Z", [Host("us", problem="no answer")], tmp_path)
    last = third["clusters"][0]["last"]
    assert (last["generated_at"], last["letter"]) == (MONDAY, "A")
    assert (tmp_path / last["page"]).is_file()


def test_the_page_links_to_files_that_are_there_and_to_nothing_else(tmp_path: Path) -> None:
    whole = second(tmp_path)
    text = Path(whole["files"]["html"]).read_text()
    page = Page(text)
    links = [target for name, target in page.attributes if name == "href" and target != "data:,"]
    assert {"eu/health-20261123T000000Z.html", "ap/health-20261123T000000Z.html"} <= set(links)
    assert all((tmp_path / target).is_file() for target in links)
    assert "script" not in page.tags
    assert "no answer from https://us.example:6443" in page.text
    assert json.loads(Path(whole["files"]["json"]).read_text())["clusters"] == whole["clusters"]


def test_the_index_leads_to_the_page_of_the_fleet(tmp_path: Path) -> None:
    whole = second(tmp_path)
    paths = [entry["path"] for entry in entries(tmp_path)]
    assert Path(whole["files"]["html"]).name in paths
    assert f'href="{Path(whole["files"]["html"]).name}"' in (tmp_path / "index.html").read_text()


def test_secrets_in_a_failure_stay_out(tmp_path: Path) -> None:
    whole = publish_fleet("health", MONDAY, [Host("eu", problem="PASSWORD=hunter2hunter2 was refused")], tmp_path)
    assert not any("hunter2hunter2" in Path(path).read_text() for path in whole["files"].values())


@pytest.mark.parametrize("broken", ["{", "[]", '{"story": "health"}'])
def test_a_report_that_cannot_be_read_is_none(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "health.json"
    path.write_text(broken)
    whole = publish_fleet("health", MONDAY, [Host("eu", report=str(path))], tmp_path)
    assert whole["summary"]["failed"] == ["eu"]


def test_the_screen_names_every_failure_and_the_worst(tmp_path: Path) -> None:
    lines = [text for text, _colour in fleet_lines(second(tmp_path))]
    assert any("us: no answer from" in line for line in lines)
    assert any(line.startswith("F") and "eu: 1 critical" in line for line in lines)
    assert max(map(len, lines)) <= 80
