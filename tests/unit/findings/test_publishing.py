# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What lies in the folder after a report, and after the next one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from findings_made import finding, report

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.folder import Place, entries, missed
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import publish

MONDAY, NEXT_MONDAY = "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"


def test_two_reports_a_week_apart(tmp_path: Path) -> None:
    publish(report(finding(name="stays"), finding(name="goes"), at=MONDAY), tmp_path)
    second = publish(report(finding(name="stays"), finding(name="comes"), at=NEXT_MONDAY), tmp_path)
    assert [item["name"] for item in second.changes.new] == ["comes"]
    assert [item["name"] for item in second.changes.gone] == ["goes"]
    stored = json.loads(Path(second.files["json"]).read_text())
    assert {item["name"]: item["first_seen"] for item in stored["findings"]} == {"stays": MONDAY, "comes": NEXT_MONDAY}
    assert [entry["generated_at"] for entry in entries(tmp_path)] == [NEXT_MONDAY, MONDAY]
    index = (tmp_path / "index.html").read_text()
    for entry in entries(tmp_path):
        assert f'href="{entry["path"]}"' in index
        assert (tmp_path / entry["path"]).is_file()


def test_a_report_about_one_namespace_is_compared_with_its_like_alone(tmp_path: Path) -> None:
    whole, part = report(finding(name="a"), finding(name="b"), at=MONDAY), report(finding(name="a"), at=MONDAY)
    publish(whole, tmp_path)
    between = publish({**part, "generated_at": "2026-11-18T00:00:00Z", "namespaces": ["shop"]}, tmp_path)
    assert between.changes.since == ""
    after = publish({**whole, "generated_at": NEXT_MONDAY, "namespaces": []}, tmp_path)
    assert (after.changes.since, after.changes.new, len(after.changes.continuing)) == (MONDAY, [], 2)
    assert "namespace shop" in Path(between.files["html"]).read_text()


def test_secrets_stay_out_of_every_form(tmp_path: Path) -> None:
    leak = finding(evidence=("log line: PASSWORD=hunter2hunter2 refused",))
    published = publish(report(leak), tmp_path)
    for form in ("html", "json"):
        assert "hunter2" not in Path(published.files[form]).read_text()
    assert "hunter2" not in json.dumps(published.event)


def test_other_clusters_and_broken_files_are_no_earlier_report(tmp_path: Path) -> None:
    other = {**report(finding(), at=MONDAY), "cluster": "E2E"}
    publish(other, tmp_path)
    place = Place(tmp_path, "health", "e2e")
    (place.own / "health-20261117T000000Z.json").write_text("{")
    assert place.earlier(NEXT_MONDAY) == []
    assert publish(report(finding(), at=NEXT_MONDAY), tmp_path).changes.since == ""


@pytest.mark.parametrize(("at_most_days", "said"), [(8, False), (6, True), (0, False)])
def test_a_missed_run_is_noticed(at_most_days: float, said: bool) -> None:
    sentence = missed([report(at=MONDAY)], NEXT_MONDAY, at_most_days)
    assert ("a scheduled run was missed: the last report is 7.0 days old" in sentence) is said
