# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an audit hands out: a screen, a page, JSON for the next audit, figures for Prometheus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from writing import whole_change

from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import exposition as reader
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit import exposition, report, saying
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.audit import Audit, audit
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.catalogue import ROWS
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import publish

AT = "2026-11-30T12:00:00Z"


@pytest.fixture
def made(folder_of_changes: Path) -> Audit:
    """Of four changes, one of them without a validation and one in an emergency."""
    whole_change(Folder(folder_of_changes), 3, without="validated", justification="<b>because</b>", emergency=True)
    return audit(folder_of_changes)


def test_the_screen_says_how_complete_how_fast_and_what_is_wrong(made: Audit) -> None:
    lines = [line for line, _colour in saying.lines(made, "/tmp/page.html", Path("/x/y.prom"))]
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    for words in (
        "Records 4 journals in ",
        "4 sealed",
        f"Ledger 8 lines, the last has the hash {made.ledger_head[7:]}",
        "Complete 75.0 %: 3 of 4 changes of tier 2 and up",
        "Emergency ada alone approved: Raise the memory limit",
        "diagnosis p50 0 s, p95 0 s of 300 s",
        "Breaches 1",
        "high R404 aiops-operations/004-shop-checkout.jsonl:5: change without figures",
        "Metrics /x/y.prom",
    ):
        assert words in text


@pytest.mark.parametrize(("fail_on", "count"), [("critical", 0), ("high", 1), ("medium", 1), ("none", 0)])
def test_the_severity_that_fails_is_a_setting(made: Audit, fail_on: str, count: int) -> None:
    assert len(saying.failing(made, fail_on)) == count


def test_the_page_has_completeness_times_outcomes_and_emergencies(made: Audit, tmp_path: Path) -> None:
    published = publish(report.report(made, "history/prompts", AT), tmp_path / "reports")
    page = Path(published.files["html"]).read_text()
    for words in (
        "Audit of records: history/prompts",
        "3 of 4 changes of tier 2 and up have a complete record: 75.0 %.",
        "Time to diagnosis, decision and repair",
        "Changes by tier and outcome",
        "Repairs over time",
        "1 changes were approved by one person alone.",
        "change without figures before and after",
        "aiops-operations/004-shop-checkout.jsonl:5",
        "&lt;b&gt;because",
    ):
        assert words in page
    assert page.count("<svg") == 3
    seen = json.loads(Path(published.files["json"]).read_text())["ledger"]
    assert seen == {"entries": 8, "head": made.ledger_head, "at": AT}


def test_a_second_audit_compares_with_the_first(made: Audit, tmp_path: Path) -> None:
    publish(report.report(made, "history/prompts", AT), tmp_path / "reports")
    again = publish(report.report(made, "history/prompts", "2026-12-01T12:00:00Z"), tmp_path / "reports")
    assert again.changes.since == AT
    assert len(again.changes.continuing) == 1
    assert "complete records, % over time" in Path(again.files["html"]).read_text()


def test_figures_are_an_exposition_that_can_be_read(made: Audit) -> None:
    text = exposition.render(made, 1_764_500_000.4)
    samples = reader.samples(text.encode(), {f"aiops_records_{name}" for name in NAMES})
    values = {(item.name, *sorted(item.labels.values())): item.value for item in samples}
    assert values[("aiops_records_journals", "sealed")] == 4
    assert values[("aiops_records_breaches", "R404")] == 1
    assert values[("aiops_records_breaches", "R101")] == 0
    assert values[("aiops_records_changes", "3", "done")] == 3
    assert values[("aiops_records_compliance_ratio",)] == 0.75
    assert values[("aiops_records_emergencies",)] == 1
    assert values[("aiops_records_phase_seconds_count", "repair")] == 3
    assert values[("aiops_records_audit_timestamp_seconds",)] == 1_764_500_000


NAMES = (
    *("journals", "breaches", "changes", "compliance_ratio", "emergencies", "phase_seconds_count"),
    "audit_timestamp_seconds",
)


def test_a_label_cannot_end_its_line() -> None:
    assert exposition._escaped('a"b\\c\nd') == 'a\\"b\\\\c\\nd'


def test_the_page_for_the_hand_has_every_code_as_the_catalogue_has_it() -> None:
    text = (Path(__file__).parents[3] / "docs" / "records.md").read_text()
    for code, row in ROWS.items():
        assert f"| `{code}` | {row.title} ({row.severity}) | {row.fix} |" in text
